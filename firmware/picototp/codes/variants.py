"""Chooses among several implementations of one routine, at import.

The fast ones depend on what the interpreter can compile (viper, inline assembler), and a compiled
`.mpy` may have been made for another processor. So none is believed: each must first get a known
example right. The plain one comes last in the list and runs anywhere.
"""

import gc
import struct
import sys
from array import array

# What a missing module, an emitter the port lacks, and an .mpy for another machine raise.
UNUSABLE = (ImportError, SyntaxError, ValueError, AttributeError)


def names(fast: tuple, *plain: str) -> tuple:
    """Modules to try, best first. The fast ones are source that only MicroPython can compile."""
    return fast + plain if sys.implementation.name == "micropython" else plain


def proven(modules: tuple, is_right):
    """As `first_proven`, but raises RuntimeError if there is none."""
    module = first_proven(modules, is_right)
    if module is None:
        raise RuntimeError(f"no working variant: {modules[-1]}")
    return module


def first_proven(modules: tuple, is_right):
    """The first of `modules` (full dotted names) that can be had and of which `is_right(module)`
    holds, or None."""
    for name in modules:
        try:
            module = __import__(name, None, None, ("",))
            if is_right(module):
                return module
        except UNUSABLE:
            gc.collect()  # what was compiled in vain would be in the way of the next
    return None


def choose(modules: tuple, start: bytes, block: bytes, expected: bytes):
    """As `first_right`, but raises RuntimeError if there is none."""
    return proven(modules, lambda module: is_right(module.compress, start, block, expected))


def first_right(modules: tuple, start: bytes, block: bytes, expected: bytes):
    """The first of `modules` whose `compress` makes `expected` of `start` and `block`, or None.

    `start` and `expected` are states as big-endian bytes; `block` is one whole block.
    """
    return first_proven(modules, lambda module: is_right(module.compress, start, block, expected))


def is_right(compress, start: bytes, block: bytes, expected: bytes) -> bool:
    """Whether `compress` makes `expected` of `start` and `block`, at an odd offset as well."""
    for offset in (0, 1):
        state = words(start)
        compress(state, bytes(offset) + block, offset)
        if to_bytes(state) != expected:
            return False
    return True


def words(data: bytes) -> array:
    """Big-endian bytes, a multiple of 4, as an array of 32-bit words."""
    return array("I", struct.unpack(f">{len(data) // 4}I", data))


def to_bytes(state: array) -> bytes:
    """All words, big-endian."""
    return struct.pack(f">{len(state)}I", *state)
