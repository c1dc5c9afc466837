"""What our own hashes share: cutting into blocks, and the padding (FIPS 180-4, 5.1)."""

from array import array

from picototp.codes import variants


class BlockHash:
    """An incremental hash whose digest is its whole state. A subclass sets the constants below.

    `_compress(state, block, offset)` folds the block at `offset` of the bytes-like `block` into
    `state`, an array('I') of 32-bit words, most significant first.
    """

    block_size = 0
    digest_size = 0
    midstate_size = 0  # of a state as bytes
    _START = b""  # the state before the first block, in the machine's order like every midstate

    @staticmethod
    def _compress(state: array, block: "bytes | bytearray", offset: int) -> None:
        raise NotImplementedError

    def __init__(self, data: bytes = b"") -> None:
        self._state = array("I", self._START)
        self._tail = bytearray(self.block_size)  # bytes that do not fill a block yet
        self._length = 0  # bytes hashed so far, those in the tail included
        if data:
            self.update(data)

    @classmethod
    def of(cls, data: bytes) -> bytes:
        """The digest of all data."""
        return cls(data).digest()

    @classmethod
    def midstate(cls, block: bytes) -> bytes:
        """The state after one block."""
        state = array("I", cls._START)
        cls._compress(state, block, 0)
        return bytes(state)

    @classmethod
    def resumed(cls, midstate: bytes):
        """A hash that has had the block of that midstate."""
        hashed = cls()
        hashed._state = array("I", midstate)
        hashed._length = cls.block_size
        return hashed

    def update(self, data: bytes) -> None:
        """Adds any bytes-like object of single bytes."""
        size = self.block_size
        filled = self._length % size
        end = len(data)
        self._length += end
        at = 0
        if filled:
            at = min(size - filled, end)
            self._tail[filled : filled + at] = memoryview(data)[:at]
            if filled + at < size:
                return
            self._compress(self._state, self._tail, 0)
        while at + size <= end:
            self._compress(self._state, data, at)  # in place: no slice, no garbage
            at += size
        if at < end:
            self._tail[: end - at] = memoryview(data)[at:]

    def digest(self) -> bytes:
        """The digest of all bytes added so far. More may be added afterwards."""
        size = self.block_size
        filled = self._length % size
        state = array("I", bytes(self._state))
        last = bytearray(size)
        last[:filled] = memoryview(self._tail)[:filled]
        last[filled] = 0x80
        # The bit count takes an eighth of a block; 8 bytes of it can ever be non-zero here.
        if filled >= size - size // 8:
            self._compress(state, last, 0)
            last = bytearray(size)
        last[size - 8 :] = (self._length * 8).to_bytes(8, "big")
        self._compress(state, last, 0)
        return variants.to_bytes(state)

    def copy(self):
        """An independent hash in the same state."""
        other = self.resumed(bytes(self._state))
        other._tail[:] = self._tail
        other._length = self._length
        return other
