# ruff: noqa: F821
# mypy: ignore-errors
"""The two loops of counter mode in MicroPython's viper, which make no garbage; as in ctr_plain.py.

Byte by byte, because a slice of a file begins anywhere and Cortex-M0+ faults on unaligned words.
"""

import micropython


@micropython.viper
def fill(blocks: ptr8, first: ptr8, number: int, count: int):
    """As ctr_plain.fill; `number` + `count` below 2**30."""
    index = 0
    while index < count:
        at = 16 * index
        carry = number + index
        place = 15
        while place >= 0:
            carry += first[place]
            blocks[at + place] = carry & 0xFF
            carry >>= 8
            place -= 1
        index += 1


@micropython.viper
def mix(data: ptr8, start: int, stream: ptr8, skip: int, count: int):
    """As ctr_plain.mix."""
    index = 0
    while index < count:
        data[start + index] = data[start + index] ^ stream[skip + index]
        index += 1
