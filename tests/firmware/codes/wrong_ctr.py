"""Loops of counter mode whose counter does not carry: they must never be chosen."""


def fill(blocks, first, number, count):
    for index in range(count):
        blocks[16 * index : 16 * index + 16] = first[:15] + bytes(((first[15] + number) & 0xFF,))


def mix(data, start, stream, skip, count):
    for index in range(count):
        data[start + index] ^= stream[skip + index]
