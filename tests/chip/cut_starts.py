"""The chip as it starts after power cuts, in as many processes as this computer has processors."""

import os
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from flash_log import FlashLog
from flash_tree import files_in
from host_tools.pico.uf2 import Image
from host_tools.simulator.board import VirtualBoard
from host_tools.simulator.virtual_token import VirtualToken

T = TypeVar("T")

_image: Image  # of a process's chips


def after_each_cut(
    log: FlashLog, image: Image, look: Callable[[VirtualToken], T], other_files: bool = False
) -> Iterator[tuple[int, T]]:
    """The number of each cut, and what `look`, a function of a module, found on the chip that had
    started after it. With `other_files`, only where the files are not the same as after the cut
    before."""
    processors = os.cpu_count() or 1
    running: deque[tuple[int, Future[T]]] = deque()
    with ProcessPoolExecutor(processors, get_context("spawn"), _begin, (image,)) as pool:
        for cut, content in _cuts(log, other_files):
            running.append((cut, pool.submit(_start, content, look)))
            if len(running) > processors:
                yield _found(*running.popleft())
        while running:
            yield _found(*running.popleft())


def _cuts(log: FlashLog, other_files: bool) -> Iterator[tuple[int, bytes]]:
    files = None
    for cut, content in enumerate(log.contents()):
        if other_files:
            before, files = files, files_in(content)
            if files == before:
                continue
        yield cut, content


def _found(cut: int, start: Future[T]) -> tuple[int, T]:
    try:
        return cut, start.result()
    except Exception as error:
        error.add_note(f"after cut {cut}")
        raise


def _begin(image: Image) -> None:
    global _image
    _image = image


def _start(content: bytes, look: Callable[[VirtualToken], T]) -> T:
    with tempfile.TemporaryDirectory(prefix="picototp-cut-") as folder:
        (Path(folder) / "flash.bin").write_bytes(content)
        with VirtualToken(VirtualBoard(Path(folder)), image=_image) as token:
            return look(token)
