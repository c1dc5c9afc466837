"""Runs on MicroPython: what board/memory.py leaves in the heap."""

import gc

from picototp.board import memory

_MARK = b"a secret that was let go"
_HOLES = 300


def _fill() -> list:
    """Lets go of many pieces with the mark in them, between others that stay."""
    kept = []
    for number in range(_HOLES):
        kept.append(bytearray(16 * (number % 5 + 1)))
        bytearray(_MARK * (number % 7 + 1))
    bytearray(_MARK * 400)
    return kept


def marks() -> tuple:
    """How many pieces of the free heap hold the mark before and after, bytes free before and after,
    and whether the collector works as before."""
    import uctypes

    kept = _fill()
    gc.collect()
    free = gc.mem_free()
    before = _seen(uctypes, kept)
    memory.overwrite()
    after = _seen(uctypes, kept)
    if any(any(one) for one in kept):
        raise ValueError("what is in use was overwritten")
    gc.collect()
    return before, after, free, gc.mem_free(), gc.isenabled()


def _seen(uctypes, kept) -> int:
    """How often the mark stands between the pieces that stay, but for the constant itself."""
    places = [uctypes.addressof(one) for one in kept]
    start = min(places)
    view = uctypes.bytearray_at(start, max(places) - start)
    count, at = 0, view.find(_MARK)
    while at >= 0:
        count += at != uctypes.addressof(_MARK) - start
        at = view.find(_MARK, at + 1)
    return count
