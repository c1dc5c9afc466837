"""Chooses among several implementations of one compression function, at import.

The fast ones depend on what the interpreter can compile (viper, inline assembler), and a compiled
`.mpy` may have been made for another processor. So none is believed: each must first turn a known
block into a known state. The plain one comes last in the list and runs anywhere.
"""

import struct
import sys
from array import array

# What a missing module, an emitter the port lacks, and an .mpy for another machine raise.
UNUSABLE = (ImportError, SyntaxError, ValueError, AttributeError)


def names(fast: tuple, plain: str) -> tuple:
    """Modules to try, best first. The fast ones are source that only MicroPython can compile."""
    if sys.implementation.name == "micropython":
        return fast + (plain,)
    return (plain,)


def choose(modules: tuple, start: bytes, block: bytes, expected: bytes):
    """Returns the first of `modules` (full dotted names) whose `compress` gets it right.

    `start` and `expected` are states as big-endian bytes; `block` is one whole block.
    Raises RuntimeError if none is right.
    """
    for name in modules:
        try:
            module = __import__(name, None, None, ("compress",))
            compress = module.compress
        except UNUSABLE:
            continue
        if is_right(compress, start, block, expected):
            return module
    raise RuntimeError("no working hash")


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
