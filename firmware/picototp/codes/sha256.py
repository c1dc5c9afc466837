"""SHA-256 (FIPS 180-4, 6.2): in assembler where that works, else the interpreter's own, in C.

Either has the shape that picototp.codes.midstates needs.
"""

import gc
import hashlib

from picototp.codes import midstates, variants
from picototp.codes.block_hash import BlockHash

_START = (
    b"\x6a\x09\xe6\x67\xbb\x67\xae\x85\x3c\x6e\xf3\x72\xa5\x4f\xf5\x3a"
    b"\x51\x0e\x52\x7f\x9b\x05\x68\x8c\x1f\x83\xd9\xab\x5b\xe0\xcd\x19"
)

gc.collect()  # what is compiled now needs pieces of the heap that lie close together

# Proof: FIPS 180-2, B.1, "abc".
_best = variants.first_right(
    variants.names(("picototp.codes.sha256_thumb",)),
    _START,
    b"abc\x80" + bytes(59) + b"\x18",
    b"\xba\x78\x16\xbf\x8f\x01\xcf\xea\x41\x41\x40\xde\x5d\xae\x22\x23"
    b"\xb0\x03\x61\xa3\x96\x17\x7a\x9c\xb4\x10\xff\x61\xf2\x00\x15\xad",
)


class OverHashlib:
    """Its midstate is the block itself: MicroPython's hash cannot be copied, nor its state read."""

    block_size = 64
    digest_size = 32
    midstate_size = 64
    resumed = staticmethod(hashlib.sha256)

    @staticmethod
    def of(data: bytes) -> bytes:
        """The digest of all data."""
        return hashlib.sha256(data).digest()

    @staticmethod
    def midstate(block: bytes) -> bytes:
        """The block."""
        return block


def over(compress):
    """Incremental SHA-256 with that compression function: `update(data)`, `digest()`, `copy()`."""

    class OverStates(BlockHash):
        block_size = 64
        digest_size = 32
        midstate_size = 32
        _START = bytes(variants.words(_START))
        _compress = staticmethod(compress)

    return OverStates


Sha256 = over(_best.compress) if _best else OverHashlib

# Proof: PBKDF2-HMAC-SHA-256, recomputed with hashlib.
chain = midstates.choose(
    _best,
    Sha256,
    b"\x12\x0f\xb6\xcf\xfc\xf8\xb3\x2c\x43\xe7\x22\x52\x56\xc4\xf8\x37"
    b"\xa8\x65\x48\xc9\x2c\xcc\x35\x48\x08\x05\x98\x7c\xb7\x0b\xe1\x7b",
    b"\xae\x4d\x0c\x95\xaf\x6b\x46\xd3\x2d\x0a\xdf\xf9\x28\xf0\x6d\xd0"
    b"\x2a\x30\x3f\x8e\xf3\xc2\x51\xdf\xd6\xe2\xd8\x5a\x95\x47\x4c\x43",
)
