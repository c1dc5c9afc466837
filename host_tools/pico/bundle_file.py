"""The firmware as a file in which MicroPython finds its modules. picototp/board/slots.py reads it.

    offset  size  field
    0       8     magic "PicoTOTP"
    8       1     format: 1
    9       1     version of the .mpy files in it; 0: it holds sources
    10      2     their flags, which name a processor if there is machine code; a reserved zero
    12      4     length of the whole file
    16      4     CRC-32 of everything but this field
    20      2     number of entries
    22      18    version of the firmware, in ASCII, filled up with zeros
    40      8     for each entry: CRC-32 of its path, and the offset of its content, which ends
                  where the next one begins; a folder has none
            8     zero, and the offset of the digest
            ...   the contents
            32    SHA-256 of everything before but the CRC-32

Numbers are little-endian. Modules that are loaded at the start lie in the order in which they are.
"""

import hashlib
import struct
from binascii import crc32
from collections.abc import Mapping
from pathlib import PurePosixPath

from host_tools.errors import ToolError
from picototp.board import slots

Files = Mapping[str, bytes]  # by absolute path in the bundle


def pack(files: Files, version: str) -> bytes:
    """A bundle of these files, which lie in it in their order."""
    folders = {str(folder) for path in files for folder in PurePosixPath(path).parents} - {"/"}
    contents = [(path, b"") for path in sorted(folders)] + [*files.items()]
    at = slots.HEAD_BYTES + (len(contents) + 1) * slots.ENTRY_BYTES
    index = b""
    for path, content in contents:
        index += struct.pack("<II", crc32(path.encode()), at)
        at += len(content)
    index += struct.pack("<II", 0, at)
    _check_findable(index, [path for path, _ in contents])
    mpy_version, flags = _machine(files)
    name = version.encode("ascii")
    rest = struct.pack("<H18s", len(contents), name) + index
    rest += b"".join(content for _, content in contents)
    head = (slots.MAGIC, slots.FORMAT, mpy_version, flags, at + slots.DIGEST_BYTES)
    begins = struct.pack("<8sBBHI", *head)
    ends = hashlib.sha256(begins + rest).digest()
    return begins + struct.pack("<I", crc32(begins + rest + ends)) + rest + ends


def is_ours(head: bytes) -> bool:
    """Whether it is the head of a bundle of this format."""
    return len(head) == slots.HEAD_BYTES and head[:9] == slots.MAGIC + bytes((slots.FORMAT,))


def version(head: bytes) -> str:
    """The version of the firmware in a bundle."""
    return head[22 : slots.HEAD_BYTES].rstrip(b"\0").decode("ascii", "replace")


def digest(content: bytes) -> bytes:
    """The SHA-256 that belongs at the end of a bundle."""
    rest = content[slots.CRC_FROM : -slots.DIGEST_BYTES]
    return hashlib.sha256(content[: slots.CRC_FROM - 4] + rest).digest()


def _check_findable(index: bytes, paths: list[str]) -> None:
    """Whoever looks a path up by its CRC must find it, and at first sight."""
    for number, path in enumerate(paths):
        if index.find(struct.pack("<I", crc32(path.encode()))) != number * slots.ENTRY_BYTES:
            raise ToolError(f"{path} cannot be told from another file by its CRC-32; rename it")


def _machine(files: Files) -> tuple[int, int]:
    """Version of the .mpy files, and the flags of those with machine code; zeros without any."""
    heads = [data[1:3] for path, data in files.items() if path.endswith(".mpy")]
    with_code = [head[1] for head in heads if head[1] >> 2]
    return (heads[0][0] if heads else 0), (with_code[0] if with_code else 0)
