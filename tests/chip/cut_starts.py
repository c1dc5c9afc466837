"""The chip as it starts after power cuts: after a fair sample of them, which the seed chooses, and
with PICOTOTP_CHIP=all after each.

Most operations of an installation fill sectors that nothing in the file system leads to yet. A cut
there leaves, wherever a start looks, what the cut before left, and both start alike, which
test_cut_starts.py shows on the chip. So the first of such cuts stands for all of them.
"""

import os
import random
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from flash_log import SEED, FlashLog, lasting
from flash_tree import sector, sectors_read
from host_tools.pico.uf2 import Image
from host_tools.simulator.board import VirtualBoard
from host_tools.simulator.virtual_token import VirtualToken
from tests.chip.chip_bench import ALL

T = TypeVar("T")


def after_cuts(
    logs: Mapping[str, FlashLog], sample: int, image: Image, look: Callable[[VirtualToken], T]
) -> Iterator[tuple[str, int, T]]:
    """What `look` found on the chip when it had started after a power cut: the command, the number
    of the cut in it, and that. So many of all cuts, or all, in their order.

    The chips run in processes of their own: as many as this computer has processors.
    """
    processors = os.cpu_count() or 1
    running: deque[tuple[str, int, Future[T]]] = deque()
    with ThreadPoolExecutor(processors) as pool:
        for command, cut, content in _cuts(logs, sample):
            running.append((command, cut, pool.submit(_start, content, image, look)))
            if len(running) > processors:
                yield _found(*running.popleft())
        while running:
            yield _found(*running.popleft())


def check_order(found: Mapping[str, list[T]], states: Mapping[str, list[T]]) -> None:
    """What was found after the cuts of each command are its states, one after the other: all of
    them, or with a sample some."""
    for command, those in found.items():
        left = iter(states[command])
        assert all(any(state == one for state in left) for one in lasting(those)), command
    assert not ALL or all(lasting(found[command]) == states[command] for command in states)


def telling_cuts(log: FlashLog) -> Iterator[int]:
    """The numbers of the cuts after which a start may find anything else than after the cut
    before."""
    before: dict[int, bytes] = {}
    for cut, content in enumerate(log.contents()):
        if not before or any(sector(content, number) != data for number, data in before.items()):
            before = sectors_read(content)
            yield cut


def _cuts(logs: Mapping[str, FlashLog], sample: int) -> Iterator[tuple[str, int, bytes]]:
    cuts = [(command, cut) for command, log in logs.items() for cut in telling_cuts(log)]
    wanted = set(cuts if ALL else random.Random(SEED).sample(cuts, sample))
    count = sum(log.cuts for log in logs.values())
    print(f"PICOTOTP_TEST_SEED={SEED}: {len(wanted)} of {len(cuts)} cuts that tell, {count} in all")
    for command, log in logs.items():
        for cut, content in enumerate(log.contents()):
            if (command, cut) in wanted:
                yield command, cut, content


def _found(command: str, cut: int, start: Future[T]) -> tuple[str, int, T]:
    try:
        found = start.result()
        print(f"{command}: it has started after cut {cut}", flush=True)
        return command, cut, found
    except Exception as error:
        error.add_note(f"{command}: after cut {cut}")
        raise


def _start(content: bytes, image: Image, look: Callable[[VirtualToken], T]) -> T:
    with tempfile.TemporaryDirectory(prefix="picototp-cut-") as folder:
        (Path(folder) / "flash.bin").write_bytes(content)
        with VirtualToken(VirtualBoard(Path(folder)), image=image) as token:
            return look(token)
