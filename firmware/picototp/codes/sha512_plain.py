"""The SHA-512 compression function in plain Python (FIPS 180-4, 6.4.2)."""

from picototp.codes.sha512_constants import ROUND

_MASK = 0xFFFFFFFFFFFFFFFF


def _rotr(x: int, n: int) -> int:
    return (x >> n) | (x << (64 - n))


def _schedule(block: bytes, offset: int) -> list:
    w = [int.from_bytes(block[at : at + 8], "big") for at in range(offset, offset + 128, 8)]
    for t in range(16, 80):
        x = w[t - 15]
        y = w[t - 2]
        s0 = _rotr(x, 1) ^ _rotr(x, 8) ^ (x >> 7)
        s1 = _rotr(y, 19) ^ _rotr(y, 61) ^ (y >> 6)
        w.append((w[t - 16] + s0 + w[t - 7] + s1) & _MASK)
    return w


def compress(state, block: bytes, offset: int) -> None:
    """Folds the 128 bytes at `offset` of `block` into `state`, an array('I') of 16 words.

    Each of the eight 64-bit words of the standard is two of them, the high half first.
    """
    old = [(state[i] << 32) | state[i + 1] for i in range(0, 16, 2)]
    a, b, c, d, e, f, g, h = old
    for t, word in enumerate(_schedule(block, offset)):
        k = int.from_bytes(ROUND[8 * t : 8 * t + 8], "little")
        s1 = (_rotr(e, 14) ^ _rotr(e, 18) ^ _rotr(e, 41)) & _MASK
        t1 = h + s1 + (g ^ (e & (f ^ g))) + k + word
        s0 = (_rotr(a, 28) ^ _rotr(a, 34) ^ _rotr(a, 39)) & _MASK
        t2 = s0 + ((a & b) | (c & (a | b)))
        a, b, c, d, e, f, g, h = (t1 + t2) & _MASK, a, b, c, (d + t1) & _MASK, e, f, g
    for index, word in enumerate((a, b, c, d, e, f, g, h)):
        word = (word + old[index]) & _MASK
        state[2 * index] = word >> 32
        state[2 * index + 1] = word & 0xFFFFFFFF
