"""No text that comes in costs heap for good: to MicroPython, a character that a str was walked
along for, indexed at, or made with chr is a name that it keeps until it restarts."""

from pathlib import Path

import pytest

from tests.firmware import heap_probe

# Cuneiform to kana, in four bytes each, and CJK in three.
RANGES = ((0x4E00, 0x9C20), (0x12000, 0x14000))
KEPT_AT_MOST = 1024  # bytes; each character for good would be 100 KB and more


@pytest.mark.parametrize("what", sorted(heap_probe.DOES))
def test_texts_leave_nothing_behind(micropython, what):
    micropython.add_path(Path(__file__).parent)
    for first, end in RANGES:
        assert micropython.call("heap_probe", "kept", what, first, end) < KEPT_AT_MOST
