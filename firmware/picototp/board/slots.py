"""Which firmware starts, and where MicroPython finds it: two slots hold a bundle each.

    firmware.a, firmware.b   all modules in one file; host_tools/pico/bundle_file.py writes it
    firmware.use             the chosen slot, what is known of it, and what became of the other

Beside boot.py and not in a bundle, because it outlives both. Names of files are relative: boot.py
begins in the folder that has them.
"""

import os
import struct
import sys
from binascii import crc32
from hashlib import sha256
from io import BytesIO

# The head of a bundle: magic, format, version and flags of its .mpy files (0: it has sources),
# length of the whole, CRC-32 of all but itself, number of modules, version of the firmware.
HEAD = "<8sBBHIIH18s"
HEAD_BYTES = 40
CRC_FROM = 20
MAGIC = b"PicoTOTP"
FORMAT = 1
ENTRY_BYTES = 8  # CRC-32 of a path, and where its content begins; a folder has none
DIGEST_BYTES = 32  # at the end: the SHA-256 of all before it

FILES = "firmware."  # and the slot
USE = "firmware.use"
MOUNTED = "/f"  # short: the path of each module takes room in memory
# The second character of `firmware.use`: it has run well, or how many starts it was on trial.
PROVEN, NEW, TRIED = "=", "0", "2"
# And the third: nothing to tell, or why the other slot was left.
FINE, GIVEN_UP, DAMAGED = "-", "!", "?"

_FOLDER = (0x4000, 0, 0, 0, 0, 0, 0, 0, 0, 0)
_FILE = (0x8000, 0, 0, 0, 0, 0, 0, 0, 0, 0)
_PIECE_BYTES = 4096
_SMALL_PIECE_BYTES = (
    512  # of which there is one in any heap: long after a start it is full of holes
)
_ENOENT = 2

running = None  # the Bundle that is mounted
slot = "a"  # where that is
state = PROVEN + FINE  # what is known of it


class Refused(Exception):
    """A bundle that must not run; the argument says why."""


class Bundle:
    """A bundle that was found whole, as a read-only file system for `os.mount`.

    Refused for one that must not run here, OSError if there is none. `mpy` is what
    sys.implementation._mpy tells of this interpreter.
    """

    def __init__(self, name: str, mpy: int):
        self._path = name
        self._found = ("", -1)  # the last one that was found, and where
        self._file = open(name, "rb")  # noqa: SIM115  open for as long as it runs
        try:
            self._check(mpy)
        except Refused:
            self._file.close()
            raise

    def _check(self, mpy: int) -> None:
        """Find out all that is needed of it. Refused."""
        head = self._file.read(HEAD_BYTES)
        if len(head) < HEAD_BYTES or head[:8] != MAGIC:
            raise Refused("no bundle")
        fields = struct.unpack(HEAD, head)
        form, version, flags, length, crc, count = fields[1:7]
        if form != FORMAT:
            raise Refused("another format")
        if version and not runs(version, flags, mpy):
            raise Refused("for another chip")
        self.version = head[-18:].rstrip(b"\0")
        self._length = length
        self._is_compiled = version != 0
        self._index = self._file.read((count + 1) * ENTRY_BYTES)
        piece = bytearray(_PIECE_BYTES)
        view = memoryview(piece)
        self._file.seek(CRC_FROM)
        left = length - CRC_FROM
        found = crc32(head[: CRC_FROM - 4])
        while left > 0:
            got = self._file.readinto(view[: min(left, _PIECE_BYTES)])
            if not got:
                break
            found = crc32(view[:got], found)
            left -= got
        if left or self._file.read(1):
            raise Refused("another length")
        if found != crc:
            raise Refused("damaged")
        self._check_index(length, count)

    def _check_index(self, length: int, count: int) -> None:
        """Whether the contents lie one behind the other, between the index and the digest."""
        if len(self._index) == (count + 1) * ENTRY_BYTES:
            offsets = struct.unpack("<" + "4xI" * (count + 1), self._index)
            in_order = sorted(offsets) == list(offsets)
            ends = HEAD_BYTES + len(self._index), length - DIGEST_BYTES
            if in_order and (offsets[0], offsets[-1]) == ends:
                return
        raise Refused("its index is wrong")

    def digest(self) -> bytes:
        """The SHA-256 that it says it has."""
        self._file.seek(-DIGEST_BYTES, 2)
        return self._file.read()

    def is_right(self) -> bool:
        """Whether that is its SHA-256; takes 0.15 s."""
        found = sha256()
        self._file.seek(0)
        found.update(self._file.read(CRC_FROM - 4))
        self._file.seek(CRC_FROM)
        left = self._length - CRC_FROM - DIGEST_BYTES
        piece = memoryview(bytearray(_SMALL_PIECE_BYTES))
        while left > 0:
            got = self._file.readinto(piece[: min(left, _SMALL_PIECE_BYTES)])
            if not got:
                return False
            found.update(piece[:got])
            left -= got
        return found.digest() == self._file.read()

    # --- what MicroPython asks of a file system (vfs.AbstractFileSystem) -----------------------

    def mount(self, readonly: bool, mkfs: bool) -> None:
        """There is nothing to do."""

    def umount(self) -> None:
        """There is nothing to do."""

    def chdir(self, path: str) -> None:
        """There is nothing to do."""

    def stat(self, path: str) -> tuple:
        """A folder or a file; its size is not told.

        For a module MicroPython asks for a folder, for a .py and for a .mpy, 300 times in a start.
        So what has no ending and is no folder seems to be a file: MicroPython goes on then as if it
        were missing, and no exception is made.
        """
        is_source = path.endswith(".py")
        if is_source and self._is_compiled:
            raise OSError(_ENOENT)
        at = self._find(path)
        if is_source or path.endswith(".mpy"):
            if at < 0:
                raise OSError(_ENOENT)
            self._found = (path, at)
            return _FILE
        return _FILE if at < 0 else _FOLDER

    def open(self, path: str, mode: str):
        """A copy in memory, which is quick, or a file of its own where there is no room for that:
        MicroPython reads a module to its end and no further, and closes what it read from."""
        found, at = self._found  # MicroPython has just asked for it
        if found != path:
            at = self._find(path)
        if at < 0:
            raise OSError(_ENOENT)
        begins, ends = struct.unpack_from("<I4xI", self._index, at + 4)
        self._file.seek(begins)
        try:
            return BytesIO(self._file.read(ends - begins))
        except MemoryError:
            file = open(self._path, "rb")  # noqa: SIM115  MicroPython closes it
            file.seek(begins)
            return file

    def _find(self, path: str) -> int:
        """Where it is in the index; negative if it is not."""
        return self._index.find(crc32(path.encode()).to_bytes(4, "little"))


def runs(version: int, flags: int, mpy: int) -> bool:
    """Whether .mpy files of that version and with these flags run where sys.implementation._mpy is
    `mpy`: an ARM takes what is for a lesser one (MicroPython, py/persistentcode.h)."""
    code, chip = flags >> 2 & 15, mpy >> 10 & 15
    if version != mpy & 0xFF:
        return False
    return not code or (flags & 3 == mpy >> 8 & 3 and (code == chip or 4 <= code <= chip <= 8))


# --- which one runs -----------------------------------------------------------------------------


def start() -> bool:
    """Mount the chosen firmware, or the other one if that is no good, and count the start of one
    on trial; whether one is mounted. Raises OSError if flash fails."""
    global state
    was, state = chosen()
    if state[0] == TRIED and _mount(other(was)):
        choose(slot, PROVEN + GIVEN_UP)
    elif not _mount(was):
        if not _mount(other(was)):
            return False
        choose(slot, PROVEN + DAMAGED)
    sys.path[:] = (MOUNTED,)  # nothing else is to be imported
    if on_trial() and state[0] < TRIED:
        choose(slot, chr(ord(state[0]) + 1) + state[1])
    return True


def on_trial() -> bool:
    """Whether the firmware that runs has yet to show that it does."""
    return running is not None and state[0] != PROVEN


def uncount() -> None:
    """This start is no trial. Raises OSError."""
    if on_trial():
        choose(slot, NEW + state[1])


def restart_on_trial() -> None:
    """Start again, if that can lead to the firmware before."""
    if on_trial():
        import machine

        machine.reset()


def choose(which: str, what: str) -> None:
    """Have that slot run from the next start on. Raises OSError."""
    global state
    with open(USE + ".new", "wb") as file:
        file.write((which + what).encode())
    os.rename(USE + ".new", USE)  # at once, or not at all
    if which == slot:
        state = what


def chosen() -> tuple:
    """The slot that is chosen, and what is known of it: slot A, if nothing says otherwise."""
    try:
        with open(USE, "rb") as file:
            text = file.read(3)
    except OSError:
        text = b""
    return parsed(text) or ("a", PROVEN + FINE)


def parsed(text: bytes) -> tuple | None:
    """Slot and state of a `firmware.use`; None if it is damaged."""
    if len(text) == 3 and text[0] in b"ab" and text[1] in b"=012" and text[2] in b"-!?":
        words = text.decode()
        return words[0], words[1:]
    return None


def other(which: str) -> str:
    """The slot that is not this one."""
    return "b" if which == "a" else "a"


def other_version() -> str | None:
    """The version of the firmware in the other slot; None if there is none."""
    try:
        with open(FILES + other(slot), "rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError:
        return None
    return head[-18:].rstrip(b"\0").decode() if head[:8] == MAGIC else None


def _mount(which: str) -> bool:
    """Whether the bundle of a slot is whole, and is mounted now."""
    global running, slot
    try:
        running = Bundle(FILES + which, getattr(sys.implementation, "_mpy", 0))
    except (OSError, Refused):
        return False
    slot = which
    os.mount(running, MOUNTED)
    return True
