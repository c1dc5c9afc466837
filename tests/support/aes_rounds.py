"""The round keys of AES-256 (FIPS 197, 5.2), as whoever reads a computer's memory finds them."""

KEY_BYTES, ROUND_KEYS = 32, 15
_WORDS = 8


def _sbox() -> bytes:
    """Multiplicative inverses, and the affine step (FIPS 197, 5.1.1)."""
    inverse = bytearray(256)
    p = q = 1
    while True:
        p ^= (p << 1 ^ (0x11B if p & 0x80 else 0)) & 0x1FF
        p &= 0xFF
        q ^= q << 1
        q ^= q << 2
        q ^= q << 4
        q &= 0xFF
        if q & 0x80:
            q ^= 0x09
        inverse[p] = q
        if p == 1:
            break
    box = bytearray(256)
    for value in range(256):
        x = inverse[value] if value else 0
        turned = x
        for turn in range(1, 5):
            turned ^= (x << turn | x >> 8 - turn) & 0xFF
        box[value] = turned ^ 0x63
    return bytes(box)


_SBOX = _sbox()


def expanded(key: bytes) -> list[bytes]:
    """The fifteen round keys of a key of 32 bytes, 16 bytes each."""
    words = [key[at : at + 4] for at in range(0, KEY_BYTES, 4)]
    factor = 1
    while len(words) < 4 * ROUND_KEYS:
        word = words[-1]
        if len(words) % _WORDS == 0:
            word = bytes(_SBOX[byte] for byte in word[1:] + word[:1])
            word = bytes((word[0] ^ factor,)) + word[1:]
            factor <<= 1
        elif len(words) % _WORDS == 4:
            word = bytes(_SBOX[byte] for byte in word)
        words.append(bytes(a ^ b for a, b in zip(words[-_WORDS], word, strict=True)))
    return [b"".join(words[at : at + 4]) for at in range(0, len(words), 4)]
