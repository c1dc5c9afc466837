"""ChaCha20-Poly1305 straight from RFC 8439, slowly: it judges what the tools encrypt."""

import struct

_MOST = 0xFFFFFFFF


def _quarter(state, a, b, c, d):
    """Section 2.1."""
    for first, second, third, bits in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
        state[first] = (state[first] + state[second]) & _MOST
        mixed = state[third] ^ state[first]
        state[third] = (mixed << bits | mixed >> (32 - bits)) & _MOST


def _block(key, counter, nonce):
    """Section 2.3."""
    start = struct.unpack("<16I", b"expand 32-byte k" + key + struct.pack("<I", counter) + nonce)
    state = list(start)
    for _ in range(10):
        for column in range(4):
            _quarter(state, column, column + 4, column + 8, column + 12)
        for column in range(4):
            _quarter(
                state, column, 4 + (column + 1) % 4, 8 + (column + 2) % 4, 12 + (column + 3) % 4
            )
    return struct.pack("<16I", *[(a + b) & _MOST for a, b in zip(state, start, strict=True)])


def _tag(key, message):
    """Section 2.5, Poly1305."""
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    total = 0
    for at in range(0, len(message), 16):
        block = int.from_bytes(message[at : at + 16] + b"\x01", "little")
        total = (total + block) * r % ((1 << 130) - 5)
    return (total + int.from_bytes(key[16:], "little") & (1 << 128) - 1).to_bytes(16, "little")


def _padded(data):
    return data + bytes(-len(data) % 16)


def decrypt(key, nonce, data, associated):
    """Section 2.8: the plaintext of `data`, which ends in its tag; ValueError if that is wrong."""
    ciphertext, tag = data[:-16], data[-16:]
    lengths = struct.pack("<QQ", len(associated), len(ciphertext))
    message = _padded(associated) + _padded(ciphertext) + lengths
    if _tag(_block(key, 0, nonce)[:32], message) != tag:
        raise ValueError("the tag is wrong")
    stream = b"".join(
        _block(key, 1 + number, nonce) for number in range((len(ciphertext) + 63) // 64)
    )
    return bytes(a ^ b for a, b in zip(ciphertext, stream, strict=False))
