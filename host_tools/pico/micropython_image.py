"""MicroPython images for the Pico (UF2 files): finding one, fetching one, reading one.

UF2 is Microsoft's format for flashing (github.com/microsoft/uf2): blocks of 512 bytes, each with
three magic numbers, an address in flash and up to 476 bytes for it.
"""

import hashlib
import os
import struct
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import platformdirs

from host_tools.errors import ToolError

# The official image that everything here is tested with, and its SHA-256.
PINNED_NAME = "RPI_PICO-20260406-v1.28.0.uf2"
PINNED_SHA256 = "00aedb8431ebea83b470ef909509f16432c5b1b43e8f6eaf015f6f9560bc8152"
PINNED_URL = "https://micropython.org/resources/firmware/" + PINNED_NAME
_LARGEST_DOWNLOAD = 4 << 20
_TIMEOUT_S = 20

FLASH_START = 0x1000_0000
FLASH_SIZE = 2 << 20
# Where the official image for the Pico keeps its file system: MicroPython, ports/rp2/boards.
FILE_SYSTEM_START = 0xA0000
FILE_SYSTEM_SIZE = FLASH_SIZE - FILE_SYSTEM_START
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


def cache_folder() -> Path:
    """Where images are kept: ~/.cache/picototp, or what the system calls that."""
    return Path(platformdirs.user_cache_dir("picototp"))


def cached_image() -> Path | None:
    """The pinned image in the cache, else another RP2040 MicroPython there, else None."""
    pinned = cache_folder() / PINNED_NAME
    if pinned.exists():
        return pinned
    for path in sorted(cache_folder().glob("*.uf2")):
        try:
            read_image(path)
        except ToolError:
            continue  # an image of another chip, say
        return path
    return None


def find_image(chosen: Path | None, say: Callable[[str], None] = lambda line: None) -> Image:
    """`chosen` if given, else an image of the cache, else the pinned one, fetched.

    `say` gets lines for the user. ToolError if there is none, or if it is no image for an RP2040.
    """
    if chosen is not None:
        return read_image(chosen)
    path = cached_image()
    if path is None:
        path = download(say)
    elif path.name == PINNED_NAME:
        _check_hash(path.read_bytes(), str(path), "delete it and start again to fetch it anew")
    else:
        say(f"using {path}, because {PINNED_NAME} is not in the cache")
    return read_image(path)


def download(say: Callable[[str], None] = lambda line: None) -> Path:
    """Fetch the pinned image into the cache, once. ToolError if that cannot be done."""
    target = cache_folder() / PINNED_NAME
    by_hand = f"download {PINNED_URL} elsewhere and give it with --image, or put it into " + str(
        target.parent
    )
    say(f"fetching {PINNED_URL}")
    try:
        with urllib.request.urlopen(PINNED_URL, timeout=_TIMEOUT_S) as answer:
            data = _read_all(answer, int(answer.headers.get("Content-Length") or 0), say)
    except (urllib.error.URLError, OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise ToolError(f"MicroPython cannot be fetched ({reason}); {by_hand}") from error
    _check_hash(data, PINNED_URL, by_hand)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(f".{os.getpid()}.part")
        part.write_bytes(data)
        part.replace(target)
    except OSError as error:
        raise ToolError(f"cannot write {target}: {error.strerror}; {by_hand}") from error
    return target


def _read_all(answer: BinaryIO, size: int, say: Callable[[str], None]) -> bytes:
    data = b""
    quarter = 1
    while chunk := answer.read(1 << 16):
        data += chunk
        if len(data) > _LARGEST_DOWNLOAD:
            raise ValueError("the answer is far larger than an image")
        while size and quarter <= 4 and len(data) * 4 >= size * quarter:
            say(f"  {len(data) // 1024} of {size // 1024} KB")
            quarter += 1
    return data


def _check_hash(data: bytes, where: str, what_to_do: str) -> None:
    if hashlib.sha256(data).hexdigest() != PINNED_SHA256:
        raise ToolError(f"{where} is not the official image (wrong SHA-256); {what_to_do}")


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
