"""The SHA-1 compression function in plain Python (FIPS 180-4, 6.1.2)."""

_MASK = 0xFFFFFFFF


def _schedule(block: bytes, offset: int) -> list:
    w = [int.from_bytes(block[at : at + 4], "big") for at in range(offset, offset + 64, 4)]
    for t in range(16, 80):
        x = w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16]
        w.append(((x << 1) | (x >> 31)) & _MASK)
    return w


def compress(state, block: bytes, offset: int) -> None:
    """Folds the 64 bytes at `offset` of `block` into `state`, an array('I') of 5 words."""
    a, b, c, d, e = state
    for t, word in enumerate(_schedule(block, offset)):
        if t < 20:
            f = (d ^ (b & (c ^ d))) + 0x5A827999
        elif t < 40:
            f = (b ^ c ^ d) + 0x6ED9EBA1
        elif t < 60:
            f = ((b & c) | (d & (b | c))) + 0x8F1BBCDC
        else:
            f = (b ^ c ^ d) + 0xCA62C1D6
        new = (((a << 5) | (a >> 27)) + f + e + word) & _MASK
        a, b, c, d, e = new, a, ((b << 30) | (b >> 2)) & _MASK, c, d
    for index, word in enumerate((a, b, c, d, e)):
        state[index] = (state[index] + word) & _MASK
