# ruff: noqa: F821
# mypy: ignore-errors
"""The two loops of counter mode in MicroPython's viper, which make no garbage; as in ctr_plain.py.

By words where they can: byte by byte, either takes half as long as AES itself. A slice of a file
begins anywhere, and Cortex-M0+ faults on unaligned words, so `mix` joins those of `stream` from
two aligned ones. For little-endian processors.
"""

import micropython


@micropython.viper
def fill(blocks: ptr32, first: ptr8, number: int, count: int):
    """As ctr_plain.fill; `number` + `count` below 2**30, `blocks` at a multiple of 4."""
    index = 0
    before = blocks
    while index < count:
        carry = number + index
        if index and (first[15] + carry) & 0xFF:  # only the last byte is another
            blocks[0] = before[0]
            blocks[1] = before[1]
            blocks[2] = before[2]
            blocks[3] = before[3] + 0x1000000
        else:
            block = ptr8(blocks)
            place = 15
            while place >= 0:
                carry += first[place]
                block[place] = carry & 0xFF
                carry >>= 8
                place -= 1
        before = blocks
        blocks = ptr32(int(blocks) + 16)
        index += 1


@micropython.viper
def mix(data: ptr32, start: int, stream: ptr32, skip: int, count: int):
    """As ctr_plain.mix."""
    # The first three names are registers, so they are what the loops use.
    data = ptr32(int(data) + start)
    stream = ptr32(int(stream) + skip)
    end = int(data) + count
    while int(data) & 3 and int(data) < end:
        ptr8(data)[0] ^= ptr8(stream)[0]
        data = ptr32(int(data) + 1)
        stream = ptr32(int(stream) + 1)
    start = end - 3  # whole words begin before it
    shift = (int(stream) & 3) << 3
    if shift:
        back = 32 - shift
        stream = ptr32(int(stream) & -4)
        word = uint(stream[0])
        while int(data) < start:
            stream = ptr32(int(stream) + 4)
            low = word >> shift
            word = uint(stream[0])
            data[0] ^= low | (word << back)
            data = ptr32(int(data) + 4)
        stream = ptr32(int(stream) + (shift >> 3))
    else:
        while int(data) < start:
            data[0] ^= stream[0]
            data = ptr32(int(data) + 4)
            stream = ptr32(int(stream) + 4)
    while int(data) < end:
        ptr8(data)[0] ^= ptr8(stream)[0]
        data = ptr32(int(data) + 1)
        stream = ptr32(int(stream) + 1)
