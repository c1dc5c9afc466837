"""UF2, Microsoft's format for flashing (github.com/microsoft/uf2), read and written.

A file is blocks of 512 bytes, each with three magic numbers, an address in flash and up to 476
bytes for it.
"""

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from host_tools.errors import ToolError
from host_tools.pico.boards import (
    ABSOLUTE_FAMILY,
    BOARDS,
    PICO,
    RP2040_FAMILY,
    Board,
    of_family,
)
from host_tools.pico.flash_layout import FLASH_START

__all__ = ["RP2040_FAMILY", "UF2_PAYLOAD", "Image", "read_image", "write_uf2"]

UF2_PAYLOAD = 256  # what the boot ROMs of RP2040 and RP2350 want in each block


_BLOCK = struct.Struct("<8I476sI")


_MAGIC = (0x0A324655, 0x9E5D5157, 0x0AB16F30)


_NOT_MAIN_FLASH, _FAMILY_PRESENT = 0x0000_0001, 0x0000_2000


@dataclass(frozen=True)
class Image:
    """What a UF2 file puts into flash: bytes by their offset from the start of flash.

    `first` are whole blocks of the file that belong before all others and into no flash.
    """

    path: Path
    blocks: dict[int, bytes]
    first: list[bytes] = field(default_factory=list)


def read_image(path: Path, board: Board = PICO) -> Image:
    """The content of a UF2 file; ToolError if it is none, damaged, or not for this board."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ToolError(f"cannot read {path}: {error.strerror}") from error
    if not data or len(data) % _BLOCK.size:
        raise ToolError(f"{path} is not a whole UF2 file; download it again")
    blocks, first = {}, []
    for start in range(0, len(data), _BLOCK.size):
        whole = data[start : start + _BLOCK.size]
        if _is_absolute(whole) and board.uf2_family != RP2040_FAMILY:
            first.append(whole)
            continue
        block = _read_block(path, whole, board)
        if block is not None:
            blocks[block[0]] = block[1]
    if 0 not in blocks:
        raise ToolError(f"{path} holds no program for the start of flash; give a MicroPython image")
    image = Image(path, blocks, first)
    _check_board(image, board)
    return image


def _is_absolute(block: bytes) -> bool:
    fields = _BLOCK.unpack(block)
    return bool(fields[2] & _FAMILY_PRESENT) and fields[7] == ABSOLUTE_FAMILY


def _check_board(image: Image, board: Board) -> None:
    """ToolError if the program calls itself the MicroPython of another of our boards."""
    program = b"".join(image.blocks[offset] for offset in sorted(image.blocks))
    for other in BOARDS.values():
        if other is not board and other.machine.encode() in program:
            raise ToolError(
                f"{image.path} is for a {other.title}; say so with --board {other.name}, or give "
                f"{board.image_name}"
            )


def write_uf2(
    blocks: Mapping[int, bytes], board: Board = PICO, first: Iterable[bytes] = ()
) -> bytes:
    """A UF2 file for a board of what `read_image` gives: 256 bytes by each offset in flash."""
    count = len(blocks)
    return b"".join(first) + b"".join(
        _BLOCK.pack(
            *_MAGIC[:2],
            _FAMILY_PRESENT,
            FLASH_START + offset,
            len(blocks[offset]),
            number,
            count,
            board.uf2_family,
            blocks[offset],
            _MAGIC[2],
        )
        for number, offset in enumerate(sorted(blocks))
    )


def _read_block(path: Path, data: bytes, board: Board) -> tuple[int, bytes] | None:
    """Offset in flash and content of one block; None if it is not for the flash."""
    magic_0, magic_1, flags, address, size, _, _, family, content, magic_2 = _BLOCK.unpack(data)
    if (magic_0, magic_1, magic_2) != _MAGIC or size > len(content):
        raise ToolError(f"{path} is not a UF2 file, or damaged; download it again")
    if flags & _NOT_MAIN_FLASH:
        return None
    if flags & _FAMILY_PRESENT and family != board.uf2_family:
        names = " or ".join(f"--board {other.name}" for other in of_family(family))
        raise ToolError(
            f"{path} is for another chip (UF2 family 0x{family:08x}); give the image of the "
            f"{board.title} with {board.chip}" + (f", or {names}" if names else "")
        )
    offset = address - FLASH_START
    if not 0 <= offset <= board.flash_size - size:
        raise ToolError(
            f"{path} does not fit the {board.flash_size >> 20} MB of flash of a {board.title}; "
            f"give {board.image_name}"
        )
    return offset, content[:size]
