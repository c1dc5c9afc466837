"""The chip as it starts after power cuts: after a fair sample of them, which the seed chooses, and
with PICOTOTP_CHIP=all after each.
"""

import os
import random
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from flash_log import FlashLog
from flash_tree import files_in
from host_tools.pico.uf2 import Image
from host_tools.simulator.board import VirtualBoard
from host_tools.simulator.virtual_token import VirtualToken
from tests.chip.chip_bench import ALL

T = TypeVar("T")
SAMPLE = 1  # starts of each command


def after_cuts(
    log: FlashLog, image: Image, look: Callable[[VirtualToken], T], other_files: bool = False
) -> Iterator[tuple[int, T]]:
    """The numbers of cuts, in their order, and what `look` found on the chip that had started after
    each. With `other_files`, only where the files are not the same as after the cut before.

    The chips run in processes of their own: as many as this computer has processors.
    """
    processors = os.cpu_count() or 1
    running: deque[tuple[int, Future[T]]] = deque()
    with ThreadPoolExecutor(processors) as pool:
        for cut, content in _cuts(log, other_files):
            running.append((cut, pool.submit(_start, content, image, look)))
            if len(running) > processors:
                yield _found(*running.popleft())
        while running:
            yield _found(*running.popleft())


def in_order(found: list[T], states: list[T]) -> bool:
    """Whether those that were found are states that follow each other so: all, or with a sample
    some of them."""
    left = iter(states)
    is_part = all(any(state == one for state in left) for one in found)
    return is_part and (not ALL or found == states)


def _cuts(log: FlashLog, other_files: bool) -> Iterator[tuple[int, bytes]]:
    chance = random.Random(log.seed)
    wanted = set(range(log.cuts) if ALL else chance.sample(range(log.cuts), SAMPLE))
    print(f"PICOTOTP_TEST_SEED={log.seed}: {len(wanted)} of {log.cuts} cuts")
    files = None
    for cut, content in enumerate(log.contents()):
        if ALL and other_files:
            before, files = files, files_in(content)
            if files == before:
                continue
        if cut in wanted:
            yield cut, content


def _found(cut: int, start: Future[T]) -> tuple[int, T]:
    try:
        return cut, start.result()
    except Exception as error:
        error.add_note(f"after cut {cut}")
        raise


def _start(content: bytes, image: Image, look: Callable[[VirtualToken], T]) -> T:
    with tempfile.TemporaryDirectory(prefix="picototp-cut-") as folder:
        (Path(folder) / "flash.bin").write_bytes(content)
        with VirtualToken(VirtualBoard(Path(folder)), image=image) as token:
            return look(token)
