"""Runs on MicroPython's unix port: what a token finds in its flash after each power cut.

The littlefs is MicroPython's own, as on the chip, and the vault is the firmware's. What they write
is forgotten before the next look.
"""

import binascii
import hashlib
import os

from open_vault import opened
from picototp.board import slots
from picototp.board.storage import Storage
from picototp.vault.account import Account

SECTOR = 4096
ERASED = b"\xff" * SECTOR
ROOT = "/flash"
DATA = ROOT + "/data"
LATER = "added after the cut"
PICO_MPY = 4 << 10 | 3 << 8 | 6  # armv6m, version 6.3


class Flash:
    """A block device (vfs.AbstractBlockDev) of NOR flash: a content that stays as it is, and over
    it what was written since `forget`. `operations` has that in its order: (sector, offset in it,
    what stood there then)."""

    def __init__(self, content):
        self.content = content
        self.operations = []
        self._written = {}

    def forget(self):
        self.operations.clear()
        self._written.clear()

    def put(self, block, offset, data):
        """Have these bytes stand there, until `forget`."""
        if block not in self._written:
            self._written[block] = bytearray(self._sector(block))
        self._written[block][offset : offset + len(data)] = data

    def _sector(self, number):
        if number in self._written:
            return self._written[number]
        return memoryview(self.content)[number * SECTOR : (number + 1) * SECTOR]

    def readblocks(self, block, buffer, offset=0):
        buffer[:] = self._sector(block)[offset : offset + len(buffer)]

    def writeblocks(self, block, buffer, offset=0):
        old = int.from_bytes(self._sector(block)[offset : offset + len(buffer)], "big")
        result = old & int.from_bytes(buffer, "big")  # programming clears bits
        self._operate(block, offset, result.to_bytes(len(buffer), "big"))

    def _operate(self, block, offset, result):
        self.operations.append((block, offset, result))
        self.put(block, offset, result)

    def ioctl(self, operation, argument):
        if operation == 4:
            return len(self.content) // SECTOR
        if operation == 5:
            return SECTOR
        if operation == 6:
            self._operate(argument, 0, ERASED)
        return 0


def mounted(flash, look, *arguments):
    """What `look` finds on the flash."""
    os.mount(os.VfsLfs2(flash, progsize=256), ROOT)
    try:
        return look(*arguments)
    finally:
        os.umount(ROOT)


def after_each_cut(before, steps, look):
    """What `look(flash)` finds before the first step and after each one. What it writes is
    forgotten before the next one."""
    with open(before, "rb") as file:
        flash = Flash(bytearray(file.read()))
    found = []
    with open(steps, "rb") as file:
        while True:
            flash.forget()
            found.append(look(flash))
            header = file.read(6)
            if not header:
                return found
            offset = int.from_bytes(header[:4], "big")
            data = file.read(int.from_bytes(header[4:], "big"))
            flash.content[offset : offset + len(data)] = data


def vaults(before, steps):
    """The accounts after each cut: [[(issuer, name, secret, counter)]]. Each vault must then take
    one more account and hold it after the next start."""
    return after_each_cut(before, steps, lambda flash: mounted(flash, _look_at_vault))


def _look_at_vault():
    held = _accounts()
    vault = opened(Storage(DATA))
    vault.add(Account("", LATER, b"12345"))
    assert _accounts() == held + [("", LATER, b"12345", 0)], "it takes no more accounts"
    return held


def _accounts():
    vault = opened(Storage(DATA))
    if vault.damaged or vault.too_new:
        raise ValueError("the vault is damaged")
    accounts = [vault.account(index) for index in range(len(vault))]
    return [(one.issuer, one.name, bytes(one.secret), one.counter) for one in accounts]


def installations(before, steps, old, kept):
    """What starts after each cut of an installation: the version of a bundle; "old" for files of
    before there were bundles; "" if MicroPython's prompt comes, which it does without a main.py.
    The arguments are {path: SHA-256 in hex}: of those old files (empty if there were none), and of
    what must never change. ValueError if what starts is something else."""

    def look():
        for path in kept:
            if _digest(path) != kept[path]:
                raise ValueError("lost or changed: " + path)
        with open(ROOT + "/later", "wb") as file:
            file.write(b"it can be written, so it can be installed")
        os.remove(ROOT + "/later")
        if not _size("/main.py"):
            return ""
        if old and _digest("/boot.py") == old["/boot.py"]:
            if any(_digest(path) != old[path] for path in old):
                raise ValueError("it starts with files of two installations")
            return "old"
        return _bundle_that_starts()

    return after_each_cut(before, steps, lambda flash: mounted(flash, look))


def _bundle_that_starts():
    os.chdir(ROOT)
    try:
        slot, state = slots.chosen()
        for which in (slot, slots.other(slot)):
            try:
                bundle = slots.Bundle(slots.FILES + which, PICO_MPY)
            except (OSError, slots.Refused):
                continue
            if not bundle.is_right():
                raise ValueError("a bundle with another hash starts")
            if which == slot or state != "=-":
                return bundle.version.decode()
            raise ValueError("a slot was chosen that is not whole")
        raise ValueError("no slot has firmware")
    finally:
        os.chdir("/")


def _size(path):
    try:
        return os.stat(ROOT + path)[6]
    except OSError:
        return 0


def _digest(path):
    try:
        with open(ROOT + path, "rb") as file:
            return binascii.hexlify(hashlib.sha256(file.read()).digest()).decode()
    except OSError:
        return None
