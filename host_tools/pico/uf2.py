"""UF2, Microsoft's format for flashing (github.com/microsoft/uf2), read and written.

A file is blocks of 512 bytes, each with three magic numbers, an address in flash and up to 476
bytes for it.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from host_tools.errors import ToolError
from host_tools.pico.flash_layout import FLASH_SIZE, FLASH_START

UF2_PAYLOAD = 256  # what the RP2040's boot ROM wants in each block


_BLOCK = struct.Struct("<8I476sI")


_MAGIC = (0x0A324655, 0x9E5D5157, 0x0AB16F30)


_NOT_MAIN_FLASH, _FAMILY_PRESENT = 0x0000_0001, 0x0000_2000


RP2040_FAMILY = 0xE48B_FF56


@dataclass(frozen=True)
class Image:
    """What a UF2 file puts into flash: bytes by their offset from the start of flash."""

    path: Path
    blocks: dict[int, bytes]


def read_image(path: Path) -> Image:
    """The content of a UF2 file; ToolError if it is none, damaged, or not for an RP2040."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ToolError(f"cannot read {path}: {error.strerror}") from error
    if not data or len(data) % _BLOCK.size:
        raise ToolError(f"{path} is not a whole UF2 file; download it again")
    blocks = {}
    for start in range(0, len(data), _BLOCK.size):
        block = _read_block(path, data[start : start + _BLOCK.size])
        if block is not None:
            blocks[block[0]] = block[1]
    if 0 not in blocks:
        raise ToolError(f"{path} holds no program for the start of flash; give a MicroPython image")
    return Image(path, blocks)


def write_uf2(blocks: Mapping[int, bytes]) -> bytes:
    """A UF2 file for an RP2040 of what `read_image` gives: 256 bytes by each offset in flash."""
    count = len(blocks)
    return b"".join(
        _BLOCK.pack(
            *_MAGIC[:2],
            _FAMILY_PRESENT,
            FLASH_START + offset,
            len(blocks[offset]),
            number,
            count,
            RP2040_FAMILY,
            blocks[offset],
            _MAGIC[2],
        )
        for number, offset in enumerate(sorted(blocks))
    )


def _read_block(path: Path, data: bytes) -> tuple[int, bytes] | None:
    """Offset in flash and content of one block; None if it is not for the flash."""
    magic_0, magic_1, flags, address, size, _, _, family, content, magic_2 = _BLOCK.unpack(data)
    if (magic_0, magic_1, magic_2) != _MAGIC or size > len(content):
        raise ToolError(f"{path} is not a UF2 file, or damaged; download it again")
    if flags & _NOT_MAIN_FLASH:
        return None
    if flags & _FAMILY_PRESENT and family != RP2040_FAMILY:
        raise ToolError(
            f"{path} is for another chip (UF2 family 0x{family:08x}); "
            "give the image of the Raspberry Pi Pico with RP2040"
        )
    offset = address - FLASH_START
    if not 0 <= offset <= FLASH_SIZE - size:
        raise ToolError(f"{path} does not fit a Pico's 2 MB of flash; give the image of the Pico")
    return offset, content[:size]
