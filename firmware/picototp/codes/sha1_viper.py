# ruff: noqa: F821
# mypy: ignore-errors
"""The SHA-1 compression function in MicroPython's viper (FIPS 180-4, 6.1.2).

What will be shifted right is first masked to 32 bits, so that it is right where a viper word has
64; a right shift of a uint then brings in zeros on both. The block is read byte by byte: Cortex-M0+
faults on unaligned words, and the byte order is the standard's, not the machine's. Not re-entrant.
"""

from array import array

import micropython

# The 80 words of the message schedule.
_w = array("I", bytes(4 * 80))
# Round constants (4.2.1): as literals they would be objects on a 32-bit machine.
_k = array("I", (0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6))


@micropython.viper
def compress(state: ptr32, block: ptr8, offset: int):
    """Folds the 64 bytes at `offset` of `block` into `state`, an array('I') of 5 words."""
    w = ptr32(_w)
    p = ptr8(int(block) + offset)
    i = 0
    while i < 16:
        w[i] = (p[0] << 24) | (p[1] << 16) | (p[2] << 8) | p[3]
        p = ptr8(int(p) + 4)
        i += 1
    while i < 80:
        x = uint(w[13] ^ w[8] ^ w[2] ^ w[0])
        w[16] = int((x << 1) | (x >> 31))
        w = ptr32(int(w) + 4)
        i += 1

    w = ptr32(_w)
    constants = ptr32(_k)
    mask = (uint(0x3FFFFFFF) << 2) | 3
    a = uint(state[0])
    b = uint(state[1])
    c = uint(state[2])
    d = uint(state[3])
    e = uint(state[4])

    # Five rounds at a time, so that the words change places by name and need not be moved.
    k = uint(constants[0])
    end = int(w) + 4 * 20
    while int(w) < end:
        e = (e + ((a << 5) | (a >> 27)) + (d ^ (b & (c ^ d))) + k + uint(w[0])) & mask
        b = (b << 30) | (b >> 2)
        d = (d + ((e << 5) | (e >> 27)) + (c ^ (a & (b ^ c))) + k + uint(w[1])) & mask
        a = (a << 30) | (a >> 2)
        c = (c + ((d << 5) | (d >> 27)) + (b ^ (e & (a ^ b))) + k + uint(w[2])) & mask
        e = (e << 30) | (e >> 2)
        b = (b + ((c << 5) | (c >> 27)) + (a ^ (d & (e ^ a))) + k + uint(w[3])) & mask
        d = (d << 30) | (d >> 2)
        a = (a + ((b << 5) | (b >> 27)) + (e ^ (c & (d ^ e))) + k + uint(w[4])) & mask
        c = (c << 30) | (c >> 2)
        w = ptr32(int(w) + 20)

    k = uint(constants[1])
    end = int(w) + 4 * 20
    while int(w) < end:
        e = (e + ((a << 5) | (a >> 27)) + (b ^ c ^ d) + k + uint(w[0])) & mask
        b = (b << 30) | (b >> 2)
        d = (d + ((e << 5) | (e >> 27)) + (a ^ b ^ c) + k + uint(w[1])) & mask
        a = (a << 30) | (a >> 2)
        c = (c + ((d << 5) | (d >> 27)) + (e ^ a ^ b) + k + uint(w[2])) & mask
        e = (e << 30) | (e >> 2)
        b = (b + ((c << 5) | (c >> 27)) + (d ^ e ^ a) + k + uint(w[3])) & mask
        d = (d << 30) | (d >> 2)
        a = (a + ((b << 5) | (b >> 27)) + (c ^ d ^ e) + k + uint(w[4])) & mask
        c = (c << 30) | (c >> 2)
        w = ptr32(int(w) + 20)

    k = uint(constants[2])
    end = int(w) + 4 * 20
    while int(w) < end:
        e = (e + ((a << 5) | (a >> 27)) + ((b & c) | (d & (b | c))) + k + uint(w[0])) & mask
        b = (b << 30) | (b >> 2)
        d = (d + ((e << 5) | (e >> 27)) + ((a & b) | (c & (a | b))) + k + uint(w[1])) & mask
        a = (a << 30) | (a >> 2)
        c = (c + ((d << 5) | (d >> 27)) + ((e & a) | (b & (e | a))) + k + uint(w[2])) & mask
        e = (e << 30) | (e >> 2)
        b = (b + ((c << 5) | (c >> 27)) + ((d & e) | (a & (d | e))) + k + uint(w[3])) & mask
        d = (d << 30) | (d >> 2)
        a = (a + ((b << 5) | (b >> 27)) + ((c & d) | (e & (c | d))) + k + uint(w[4])) & mask
        c = (c << 30) | (c >> 2)
        w = ptr32(int(w) + 20)

    k = uint(constants[3])
    end = int(w) + 4 * 20
    while int(w) < end:
        e = (e + ((a << 5) | (a >> 27)) + (b ^ c ^ d) + k + uint(w[0])) & mask
        b = (b << 30) | (b >> 2)
        d = (d + ((e << 5) | (e >> 27)) + (a ^ b ^ c) + k + uint(w[1])) & mask
        a = (a << 30) | (a >> 2)
        c = (c + ((d << 5) | (d >> 27)) + (e ^ a ^ b) + k + uint(w[2])) & mask
        e = (e << 30) | (e >> 2)
        b = (b + ((c << 5) | (c >> 27)) + (d ^ e ^ a) + k + uint(w[3])) & mask
        d = (d << 30) | (d >> 2)
        a = (a + ((b << 5) | (b >> 27)) + (c ^ d ^ e) + k + uint(w[4])) & mask
        c = (c << 30) | (c >> 2)
        w = ptr32(int(w) + 20)

    state[0] = int(uint(state[0]) + a)
    state[1] = int(uint(state[1]) + b)
    state[2] = int(uint(state[2]) + c)
    state[3] = int(uint(state[3]) + d)
    state[4] = int(uint(state[4]) + e)
