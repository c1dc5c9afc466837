"""NOR flash: programming clears bits, only erasing a whole sector sets them again.

With a file behind it every operation is written through at once, so killing the process is a power
cut. `cut_after` makes a power cut at a chosen operation, for tests that try every one.
"""

import os
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from os import PathLike

from host_tools.pico.flash_layout import PAGE_SIZE, SECTOR_SIZE


class PowerCut(Exception):
    """The flash has no power: the operation did not happen, or only in part."""


class Tear(Enum):
    """What an operation leaves when the power fails while it goes on. The cells of NOR flash change
    at their own pace, so any part of an erase or of a page may be done."""

    HEAD = "head"  # done up to some byte
    TAIL = "tail"  # done from some byte on
    BITS = "bits"  # done in some of the bits, wherever they are


@dataclass(frozen=True)
class FlashTimes:
    """How long operations take, in nanoseconds."""

    sector_erase_ns: int
    block_erase_ns: int
    page_program_ns: int


# Of a Pico's W25Q16JV (Winbond data sheet, AC electrical characteristics: tSE, tBE2, tPP).
TYPICAL = FlashTimes(45_000_000, 150_000_000, 400_000)
LONGEST = FlashTimes(400_000_000, 2_000_000_000, 3_000_000)


def torn(old: bytes, result: bytes, tear: Tear, chance: random.Random) -> bytes:
    """What a torn operation leaves where `old` was and `result` was to be. The bytes differ from
    both if `old` and `result` differ by enough."""
    if tear is Tear.BITS:
        was, change = (int.from_bytes(data, "little") for data in (old, _xor(old, result)))
        return (was ^ (change & chance.getrandbits(8 * len(old)))).to_bytes(len(old), "little")
    at = chance.randint(1, max(1, len(old) - 1))
    return result[:at] + old[at:] if tear is Tear.HEAD else old[:at] + result[at:]


class Flash:
    """`sectors` sectors of 4,096 bytes, in a file at `path` or in memory only.

    `operations` counts what was completed: each erase of a sector and each program of a page of 256
    bytes. `on_operation` is told of each before it happens: where, and what will then stand there.
    `times` is how long they take, for an engine that lets time pass for them.
    A new or short file is filled up with erased bytes; ValueError if it is too long.
    """

    def __init__(self, path: str | PathLike[str] | None, sectors: int):
        self.operations = 0
        self.times = TYPICAL
        self.on_operation: Callable[[int, bytes], None] = _nobody_listens
        self._lock = threading.RLock()
        self._content = bytearray(b"\xff" * (sectors * SECTOR_SIZE))
        self._countdown: int | None = None
        self._tear: Tear | None = None
        self._chance = random.Random()
        self._powered = True
        self._file: int | None = None
        if path is not None:
            self._open(path)

    def _open(self, path: str | PathLike[str]) -> None:
        with open(path, "a+b") as stream:  # creates it, and empties nothing
            stream.seek(0)
            stored = stream.read()
        if len(stored) > self.size:
            raise ValueError(f"{os.fspath(path)} is larger than the flash of {self.size} bytes")
        self._content[: len(stored)] = stored
        self._file = os.open(path, os.O_RDWR)
        self._write_through(len(stored), self.size - len(stored))

    def close(self) -> None:
        """Closes the file and cuts the flash's power."""
        with self._lock:
            self._powered = False
            if self._file is not None:
                os.close(self._file)
                self._file = None

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self._content)

    @property
    def powered(self) -> bool:
        """Whether it has power: not after a power cut, until `power_on`."""
        return self._powered

    @property
    def sectors(self) -> int:
        """Sectors of SECTOR_SIZE bytes."""
        return self.size // SECTOR_SIZE

    @property
    def blank(self) -> bool:
        """Whether nothing was ever stored, or all of it was erased."""
        with self._lock:
            return not self._content.strip(b"\xff")

    def fill(self, content: bytes) -> None:
        """Content for the whole flash, as a programmer for chips would put it there. ValueError if
        it has another size."""
        if len(content) != self.size:
            raise ValueError(f"{len(content)} bytes do not fill a flash of {self.size} bytes")
        with self._lock:
            self._check(0, self.size)
            self._content[:] = content
            self._write_through(0, self.size)

    def read(self, offset: int, count: int) -> bytes:
        """`count` bytes; ValueError outside the flash, PowerCut without power."""
        with self._lock:
            self._check(offset, count)
            return bytes(self._content[offset : offset + count])

    def program(self, offset: int, data: bytes) -> None:
        """Clears the bits that are 0 in `data`; an operation for each page of 256 bytes.

        Data that cross a page's end must start on a page (the chip itself would wrap around);
        ValueError if not, or outside the flash. PowerCut without power.
        """
        with self._lock:
            self._check(offset, len(data))
            if offset % PAGE_SIZE and offset % PAGE_SIZE + len(data) > PAGE_SIZE:
                raise ValueError(f"program at 0x{offset:x} crosses the end of its page")
            for start in range(0, len(data), PAGE_SIZE):
                page = data[start : start + PAGE_SIZE]
                old = self._content[offset + start : offset + start + len(page)]
                self._operate(offset + start, _and(old, page))

    def erase(self, sector: int) -> None:
        """Sets all bits of a sector; ValueError if there is no such sector, PowerCut as above."""
        with self._lock:
            self._check(sector * SECTOR_SIZE, SECTOR_SIZE)
            self._operate(sector * SECTOR_SIZE, b"\xff" * SECTOR_SIZE)

    def cut_after(self, n_operations: int, tear: Tear | None = None, seed: int = 0) -> None:
        """Lets the power fail at the n-th coming erase or page program, 1 being the very next.

        That one does not happen, or with a `tear` only a part of it does, which `seed` chooses. It
        raises PowerCut, and so does everything until `power_on`.
        """
        if n_operations < 1:
            raise ValueError("the first operation is number 1")
        with self._lock:
            self._countdown = n_operations
            self._tear = tear
            self._chance = random.Random(seed)

    def power_off(self) -> None:
        """Cuts the power now, between two operations."""
        with self._lock:
            self._powered = False

    def power_on(self) -> None:
        """Power is back, and no cut is planned any more."""
        with self._lock:
            self._powered = True
            self._countdown = None

    def _check(self, offset: int, count: int) -> None:
        if not self._powered:
            raise PowerCut("the flash has no power")
        if offset < 0 or count < 0 or offset + count > self.size:
            raise ValueError(f"{count} bytes at 0x{offset:x} are not inside the flash")

    def _operate(self, offset: int, result: bytes) -> None:
        """Puts down the result of one operation, unless the power fails now."""
        self.on_operation(offset, result)
        if self._countdown is not None:
            self._countdown -= 1
            if self._countdown == 0:
                self._powered = False
                if self._tear is not None:
                    old = bytes(self._content[offset : offset + len(result)])
                    self._put(offset, torn(old, result, self._tear, self._chance))
                raise PowerCut("power cut during a flash operation")
        self._put(offset, result)
        self.operations += 1

    def _put(self, offset: int, data: bytes) -> None:
        self._content[offset : offset + len(data)] = data
        self._write_through(offset, len(data))

    def _write_through(self, offset: int, count: int) -> None:
        if self._file is None:
            return
        view = memoryview(self._content)[offset : offset + count]
        while view:
            written = os.pwrite(self._file, view, offset)
            view, offset = view[written:], offset + written


def _nobody_listens(offset: int, result: bytes) -> None:
    """Does nothing: the default for `on_operation`."""


def _xor(old: bytes, new: bytes) -> bytes:
    value = int.from_bytes(old, "little") ^ int.from_bytes(new, "little")
    return value.to_bytes(len(old), "little")


def _and(old: bytearray, new: bytes) -> bytes:
    value = int.from_bytes(old, "little") & int.from_bytes(new, "little")
    return value.to_bytes(len(old), "little")
