"""What is overwritten of the heap. The whole SRAM, after every way to lock: tests/chip."""

import gc
from pathlib import Path

import pytest

from picototp.board import memory


@pytest.fixture
def probe(micropython):
    micropython.add_path(Path(__file__).parent)
    return micropython


def test_nothing_that_was_let_go_is_left(probe):
    before, after, free, free_then, collects = probe.call("memory_probe", "marks")
    assert before > 0, "what is searched for is there before"
    assert after == 0
    assert free_then > free - 1024 and collects


def test_another_python_is_left_alone():
    """It has no end of memory to take."""
    assert not hasattr(gc, "mem_free")
    memory.overwrite()
