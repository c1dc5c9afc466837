"""HMAC-SHA-256 (RFC 2104) of what comes piece by piece, or is hashed by the caller.

mac = StreamMac(key)
hashed = mac.begin()       a hash: give it the message by hashed.update(...)
tag = mac.finish(hashed)   32 bytes
equal(tag, other)          in a time that does not tell how much of a guess was right

Over the interpreter's own SHA-256, and smaller than picototp.codes.hmac, which is made for speed
over short messages: a start that finds no PIN needs nothing else.
"""

import hashlib

KEY_BYTES = 32
TAG_BYTES = 32
_BLOCK_BYTES = 64


class StreamMac:
    """One key, any number of messages."""

    def __init__(self, key: bytes | bytearray) -> None:
        """A key of at most 64 bytes; ValueError if it is longer. Only its pads are kept."""
        if len(key) > _BLOCK_BYTES:
            raise ValueError("key too long")
        self._inner = _padded(key, 0x36)
        self._outer = _padded(key, 0x5C)

    def begin(self):
        """A hash that has absorbed the key; update it with the message."""
        return hashlib.sha256(self._inner)

    def finish(self, hashed) -> bytes:
        """The tag of what `begin()` gave and the caller has updated."""
        outer = hashlib.sha256(self._outer)
        outer.update(hashed.digest())
        return outer.digest()

    def of(self, message: bytes | bytearray | memoryview) -> bytes:
        """The tag of a whole message."""
        hashed = self.begin()
        hashed.update(message)
        return self.finish(hashed)

    def forget(self) -> None:
        """Wipe the key. Do not use the object afterwards."""
        for pad in (self._inner, self._outer):
            for index in range(_BLOCK_BYTES):
                pad[index] = 0


def _padded(key: bytes | bytearray, pad: int) -> bytearray:
    block = bytearray(_BLOCK_BYTES)
    block[: len(key)] = key
    for index in range(_BLOCK_BYTES):
        block[index] ^= pad
    return block


def equal(one: bytes | bytearray | memoryview, other: bytes | bytearray | memoryview) -> bool:
    """Whether two tags are the same, looking at every byte whatever the others were.

    Lengths are no secret: tags of different lengths differ at once.
    """
    if len(one) != len(other):
        return False
    differing = 0
    for index in range(len(one)):
        differing |= one[index] ^ other[index]
    return not differing
