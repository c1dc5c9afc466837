"""Overwrites what is left in memory: an interpreter frees its objects as they are.

Loaded when there is something to overwrite.
"""

import gc
from io import BytesIO

_LARGEST = 65_536
_SMALLEST = 64
_STEP = 4  # to the next size: each one that finds no room looks through all of the heap


def overwrite() -> None:
    """Leave nothing in the free heap, nor in the stack below here. MicroPython clears each block
    that it hands out, so it is enough to take all there are and to let them go."""
    if not hasattr(gc, "mem_free"):
        return  # another Python has no end of memory to take
    try:
        _dig()
    except RuntimeError:  # the interpreter's stack ends here
        pass
    gc.collect()
    gc.disable()  # or each refusal would begin with a collection
    try:
        _take_all()
    finally:
        gc.enable()
    gc.collect()


def _take_all() -> None:
    taken: list | None = None
    size = _LARGEST
    while size >= _SMALLEST:
        try:
            while True:
                # Of that size, and empty: a bytearray would be cleared a second time.
                taken = [taken, BytesIO(size)]
        except MemoryError:
            size //= _STEP
    single: tuple | None = None  # a chain of its own, of what is left between
    try:
        while True:
            single = (single,)  # the smallest block that there is
    except MemoryError:
        pass
    # The collector takes whatever stands on the stack for a pointer, and what this function had
    # there outlives it. So what is large is given back at once, and nothing may lead to all the
    # rest, or the heap would stay full.
    while taken is not None:
        older = taken[0]
        taken[1].close()
        taken[0] = taken[1] = None
        taken = older


def _dig() -> None:
    _dig()
