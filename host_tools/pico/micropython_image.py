"""MicroPython images for the Pico: finding one, fetching one, keeping it in the cache folder.

uf2.py reads what is in such a file.
"""

import hashlib
import os
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import platformdirs

from host_tools.errors import ToolError
from host_tools.pico.boards import PICO, Board
from host_tools.pico.uf2 import Image, read_image

# The official image that everything here is tested with, and its SHA-256.
PINNED_NAME = PICO.image_name
PINNED_SHA256 = "00aedb8431ebea83b470ef909509f16432c5b1b43e8f6eaf015f6f9560bc8152"
PINNED_URL = PICO.image_url
_LARGEST_DOWNLOAD = 4 << 20
_TIMEOUT_S = 20


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


def find_image(
    chosen: Path | None,
    say: Callable[[str], None] = lambda line: None,
    board: Board = PICO,
    only_official: bool = False,
) -> Image:
    """`chosen` if given, else an image of the cache, else the pinned one, fetched.

    `say` gets lines for the user. `only_official`, for what goes onto a board: from the cache only
    the pinned image, because anything may be there. ToolError if there is none, or if it is not for
    this board. Only the Pico's is fetched: of the others nobody here has seen the official file, to
    know it again.
    """
    if chosen is not None:
        return read_image(chosen, board)
    if board is not PICO:
        if only_official:
            raise _none_for(board, "give it with --image")
        return read_image(_cached_for(board), board)
    pinned = cache_folder() / PINNED_NAME
    path = cached_image() if not only_official else pinned if pinned.exists() else None
    if path is None:
        path = download(say)
    elif path.name == PINNED_NAME:
        _check_hash(path.read_bytes(), str(path), "delete it and try again to download it")
    else:
        say(f"using {path}, because {PINNED_NAME} is not in the cache")
    return read_image(path)


def _cached_for(board: Board) -> Path:
    """The newest official image of a board in the cache; ToolError if there is none."""
    found = sorted(cache_folder().glob(f"{board.micropython}-*.uf2"))
    if not found:
        where = f"give it with --image, or put it into {cache_folder()}"
        raise _none_for(board, where)
    return found[-1]


def _none_for(board: Board, advice: str) -> ToolError:
    return ToolError(
        f"there is no MicroPython for a {board.title} here; download {board.image_url} and {advice}"
    )


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
