"""SHA-256: the interpreter's own, in C, in the shape that picototp.codes.midstates needs."""

import hashlib

from picototp.codes import midstates


class Sha256:
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


chain = midstates.chain_over(Sha256)
