"""What test_vault_micropython.py runs inside MicroPython: the vault on a real littlefs."""

import gc
import os

import vfs

import open_vault
from picototp.board.storage import Storage
from picototp.vault import entropy, names  # noqa: F401  else the first change loads them
from picototp.vault.account import Account
from picototp.vault.errors import VaultError

BLOCK_BYTES = 4096
MOUNT = "/flash"
FOLDER = MOUNT + "/data"


class Device:
    """Flash as littlefs sees it, in a file (so that it takes no heap) or in a bytearray.

    With `operations_left`, the power fails at that erase or program; a program that is cut
    has written the first half.
    """

    def __init__(self, blocks, image=None, file=None):
        self.blocks = blocks
        self.image = image
        self.file = file
        self.operations = 0
        self.operations_left = None

    def _count(self):
        if self.operations_left is not None:
            if self.operations_left <= 0:
                return False
            self.operations_left -= 1
        self.operations += 1
        return True

    def readblocks(self, block, buffer, offset=0):
        at = block * BLOCK_BYTES + offset
        if self.file:
            self.file.seek(at)
            self.file.readinto(buffer)
        else:
            buffer[:] = self.image[at : at + len(buffer)]

    def writeblocks(self, block, buffer, offset=0):
        alive = self._count()
        if alive or self.operations_left == 0:
            at = block * BLOCK_BYTES + offset
            data = buffer if alive else memoryview(buffer)[: len(buffer) // 2]
            if self.file:
                self.file.seek(at)
                self.file.write(data)
            else:
                self.image[at : at + len(data)] = data
        if not alive:
            self.operations_left = -1
            return -5  # EIO
        return 0

    def ioctl(self, operation, block):
        if operation == 4:
            return self.blocks
        if operation == 5:
            return BLOCK_BYTES
        if operation == 6:
            if not self._count():
                self.operations_left = -1
                return -5  # EIO
            at = block * BLOCK_BYTES
            if not self.file:
                self.image[at : at + BLOCK_BYTES] = b"\xff" * BLOCK_BYTES
        return 0


def mount(device, is_new):
    if is_new:
        vfs.VfsLfs2.mkfs(device, readsize=32, progsize=256)
    vfs.mount(vfs.VfsLfs2(device, readsize=32, progsize=256), MOUNT)


def opened():
    return open_vault.opened(Storage(FOLDER))


def contents(vault):
    return [vault.summary(index) + (vault.account(index).secret,) for index in range(len(vault))]


def typical(number):
    return Account("Example Company", "somebody%03d@example.com" % number, b"%020d" % number)  # noqa: UP031


def copy_out(origin, destination):
    with open(origin, "rb") as source, open(destination, "wb") as copy:
        while True:
            chunk = source.read(256)
            if not chunk:
                return
            copy.write(chunk)


def run_full(image_path, count, out_folder):
    """Fill a vault of a Pico's size, use every operation on it, and return what was measured."""
    gc.collect()
    with open(image_path, "w+b") as file:
        for _ in range(352):
            file.write(b"\xff" * BLOCK_BYTES)
        device = Device(352, file=file)
        mount(device, True)
        gc.collect()
        before = gc.mem_alloc()
        vault = opened()
        gc.collect()
        empty_bytes = gc.mem_alloc() - before
        for number in range(count):
            vault.add(typical(number))
        free_blocks = os.statvfs(MOUNT)[3]
        gc.collect()
        full_bytes = gc.mem_alloc() - before
        device.operations = 0
        vault.move(0, count - 1)
        operations = device.operations
        vault.move(count - 1, 0)
        vault.rename(1, "Other", "name")
        vault.remove(2)
        vault.add(Account("H", "otp", b"x" * 20, kind="hotp", counter=2**63))
        counters = [vault.advance_counter(count - 1), vault.advance_counter(count - 1)]
        vault.add(Account("Other", "name", b"replaced"), True)
        file_bytes = os.stat(FOLDER + "/vault.0")[6]
        again = opened()
        result = {
            "count": len(again),
            "found": again.find("H", "otp"),
            "counters": counters,
            "replaced": again.account(1).secret,
            "shortest": again.shortest_period_s(),
            "slots": again.slots(),
            "empty_bytes": empty_bytes,
            "full_bytes": full_bytes,
            "file_bytes": file_bytes,
            "operations": operations,
            "free_blocks": free_blocks,
        }
        for name in ("vault.0", "vault.1", "key.0", "key.1"):
            copy_out(FOLDER + "/" + name, out_folder + "/" + name)
        vfs.umount(MOUNT)
    return result


def change_several(vault):
    from picototp.vault.batch import Batches  # late, as the token does

    Batches(vault).begin_additions(13)
    for number in range(70, 82):
        Batches(vault).append_account(typical(number), False)
    Batches(vault).append_account(Account("Example Company", "x", b"new"), True)
    Batches(vault).finish(vault.batch.count)
    Batches(vault).commit()


def remove_several(vault):
    from picototp.vault.batch import Batches

    Batches(vault).begin_removals(12)
    for index in range(23, -1, -2):
        Batches(vault).append_removal(index)
    Batches(vault).finish(vault.batch.count)
    Batches(vault).commit()


OPERATIONS = {
    "change several": change_several,
    "remove several": remove_several,
    "add": lambda vault: vault.add(typical(9)),
    "replace": lambda vault: vault.add(Account("Example Company", "x", b"new"), True),
    "remove": lambda vault: vault.remove(1),
    "advance": lambda vault: vault.advance_counter(2),
    "wipe": lambda vault: vault.wipe(),
}


def cut_at_every_flash_operation(name):
    """Return how many cuts there were and what was found after them other than old or new."""
    blocks = 16
    device = Device(blocks, bytearray(b"\xff" * (blocks * BLOCK_BYTES)))
    mount(device, True)
    vault = opened()
    vault.add(typical(0))
    vault.add(Account("Example Company", "x", b"old"))
    vault.add(Account("H", "otp", b"x" * 20, kind="hotp"))
    for number in range(20, 60):  # littlefs keeps small files in the directory: be larger
        vault.add(typical(number))
    old = contents(vault)
    vfs.umount(MOUNT)
    image = bytes(device.image)
    new = None
    wrong = []
    states = []
    cut = 0
    while new is None:
        device.image[:] = image
        device.operations_left = None
        mount(device, False)
        vault = opened()
        device.operations_left = cut
        try:
            OPERATIONS[name](vault)
        except (VaultError, OSError):
            vault = None
        is_whole = device.operations_left >= 0
        device.operations_left = None
        vfs.umount(MOUNT)
        mount(device, False)
        vault = opened()
        found = contents(vault)
        if vault.damaged:
            wrong.append((cut, "damaged"))
        if contents(opened()) != found:
            wrong.append((cut, "unstable"))
        states.append(found)
        vfs.umount(MOUNT)
        if is_whole:
            new = found
        cut += 1
    for number, found in enumerate(states):
        if found != old and found != new:
            wrong.append((number, found))
    return cut - 1, wrong, old != new


def read_files(folder):
    """All accounts of the vault in a folder of the PC."""
    vault = open_vault.opened(Storage(folder))
    return [contents(vault), vault.damaged, vault.generation]
