"""What test_flash_cleaner.py runs inside MicroPython: a vault on a real littlefs, its PINs, and the
cleaning of its flash, with power cuts."""

import os

import vfs
from vault_probe import BLOCK_BYTES, FOLDER, MOUNT, Device, contents, mount, typical

import open_vault
from picototp.board.storage import Storage
from picototp.vault.account import Account

# More than littlefs looks at in one go (256), as on a Pico.
BLOCKS = 280
BALLAST_BLOCKS = 200  # the firmware
PLAIN = "vault.0"


class Recorder(Storage):
    """Remembers a piece of each key and each list of accounts that was ever written."""

    written: list = []

    def open_write(self, name):
        file = super().open_write(name)
        return _Recorded(file, self.written) if name[:4] in ("key.", "vaul") else file


class _Recorded:
    def __init__(self, file, written):
        self._file = file
        self._written = written
        self._data = b""

    def write(self, data):
        self._data = (self._data + bytes(data))[:200]
        return self._file.write(data)

    def close(self):
        self._file.close()
        self._written += pieces(self._data)


def pieces(data):
    """What makes one version of a file known: keys and salts; nonces and ciphertext."""
    if data[:4] == b"PTKY":
        found = [data[16:32], data[32:64], data[64:96]]
    else:
        found = [data[24:40], data[88:120]]
    return [piece for piece in found if any(piece)]


class CountingDevice(Device):
    """Counts its erases."""

    erases = 0

    def ioctl(self, operation, block):
        self.erases += operation == 6
        return super().ioctl(operation, block)


class Token:
    """A vault in flash of its own, which loses power and gets it back."""

    def __init__(self, plain):
        Recorder.written = []
        self.device = CountingDevice(BLOCKS, image)
        for block in range(BLOCKS):
            self.device.ioctl(6, block)
        mount(self.device, True)
        zeros = bytes(BLOCK_BYTES)
        for number in range(4):
            with open(f"{MOUNT}/firmware{number}", "wb") as file:
                for _ in range(BALLAST_BLOCKS // 4):
                    file.write(zeros)
        os.mkdir(FOLDER)
        if plain is not None:
            with open(FOLDER + "/" + PLAIN, "wb") as file:
                file.write(plain)
        self.clock = open_vault.HandClock()
        self.open()

    def open(self):
        self.storage = Recorder(FOLDER)
        self.vault = open_vault.opened(self.storage, self.clock)
        self.keys = self.vault.keys

    def restart(self):
        self.device.operations_left = None
        vfs.umount(MOUNT)
        mount(self.device, False)
        self.open()


token = None
image = bytearray(BLOCKS * BLOCK_BYTES)  # made once: it is a large part of the heap


def begin(plain=None):
    """A new token, perhaps with a file of older firmware."""
    global token
    if token is not None:
        vfs.umount(MOUNT)
    token = Token(plain)


def add(first, end):
    for number in range(first, end):
        token.vault.add(typical(number))


def limit(wrong_pins):
    token.keys.set_limit(wrong_pins)


def remove(index):
    token.vault.remove(index)


def replace(secret):
    label = token.vault.label(1)
    token.vault.add(Account(*label, secret), True)


def set_pin(pin):
    change = token.vault.changing_pin(None if pin is None else bytearray(pin))
    while not change.step(100_000):
        pass


def enter(pin):
    """Whether it was right."""
    token.clock.us += 3_600_000_000
    attempt = token.keys.unlocking(bytearray(pin))
    while not attempt.step(100_000):
        pass
    if attempt.ok:
        token.vault.unlock()
    return attempt.ok


def lock():
    token.vault.lock()


def wipe():
    token.vault.wipe()


def put(name):
    """A file of somebody else in the same folder."""
    Storage(FOLDER).open_write(name).close()


def discard(name):
    Storage(FOLDER).remove(name)


def restart():
    token.restart()


def clean(most=100_000):
    """How many steps of cleaning were done, at most so many."""
    for number in range(most):
        if not token.storage.clean():
            return number + 1
    return most


def erases_in_a_step():
    """The largest number of erased blocks in one step of cleaning, to its end."""
    most, goes_on = 0, True
    while goes_on:
        before = token.device.erases
        goes_on = token.storage.clean()
        most = max(most, token.device.erases - before)
    return most


def state():
    """[still to be cleaned, destroyed, damaged, accounts, names of files, free blocks]."""
    vault = token.vault
    known = [] if vault.locked else contents(vault)
    names = sorted(os.listdir(FOLDER))
    unclean, destroyed = token.storage.unclean, token.keys.destroyed
    return [unclean, destroyed, vault.damaged, known, names, os.statvfs(MOUNT)[3]]


def cut_while_cleaning(operation):
    """Have the power fail at that erase or program; whether the cleaning ended before."""
    token.device.operations_left = operation
    clean()
    ended = token.device.operations_left >= 0
    token.restart()
    return ended


def fill_flash(texts):
    """Files of some blocks with these texts, and no block free."""
    for number, text in enumerate(texts):
        with open(f"{MOUNT}/large{number}", "wb") as file:
            file.write(text * (3 * BLOCK_BYTES // len(text)))
        try:
            with open(f"{MOUNT}/between{number}", "wb") as file:
                if number == len(texts) - 1:
                    while True:
                        file.write(bytes(BLOCK_BYTES))
                        file.flush()
                file.write(bytes(7 * BLOCK_BYTES))
        except OSError:
            pass  # full


def free_and_clean(number):
    """Remove one of these files after littlefs looked for free blocks, and clean."""
    token.restart()
    try:
        with open(MOUNT + "/one more", "wb") as file:
            file.write(bytes(2 * BLOCK_BYTES))
    except OSError:
        pass  # full
    os.remove(f"{MOUNT}/large{number}")
    token.storage.mark_unclean()
    clean()


def operations():
    """Erases and programs so far."""
    return token.device.operations


def save(path):
    """Put the flash into a file; returns what was ever written and is in no file any more."""
    with open(path, "wb") as file:
        file.write(token.device.image)
    current = []
    for name in os.listdir(FOLDER):
        with open(FOLDER + "/" + name, "rb") as file:
            current += pieces(file.read(200))
    return [piece for piece in Recorder.written if piece not in current]
