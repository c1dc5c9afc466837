"""AES-256 in counter mode (NIST SP 800-38A, 6.5), from any byte on, in place.

cipher = AesCtr(key)
cipher.apply(nonce, 100, data)   what stands 100 bytes into the message; twice gives it back

Over the interpreter's AES in C, which offers single blocks: `cryptolib` on MicroPython. Counter
mode authenticates nothing, and two messages under one nonce give each other away: see
vault/seal.py.
"""

from cryptolib import aes

from picototp.codes import variants

KEY_BYTES = 32
BLOCK_BYTES = 16
NONCE_BYTES = 16
_ECB = 1
_BATCH = 65  # as many blocks at a time as what the vault copies at once lies in

_FAST = ("picototp.codes.ctr_viper",)
_PLAIN = "picototp.codes.ctr_plain"


def is_right(loops) -> bool:
    """Whether `fill` carries across all bytes, and `mix` stays in its range, wherever that and the
    stream lie."""
    first = bytes(7) + b"\xff" * 8 + b"\xfe"
    blocks = bytearray(66)
    loops.fill(blocks, first, 1, 3)
    wrapped = bytes(6) + b"\1" + bytes(8)
    right = bytes(blocks) == first[:15] + b"\xff" + wrapped + b"\0" + wrapped + b"\1" + bytes(18)
    for skip in range(4):
        data = bytearray(16)
        loops.mix(data, 1, bytes(range(20)), skip, 14)
        right = right and bytes(data) == b"\0" + bytes(range(skip, skip + 14)) + b"\0"
    return right


_loops = variants.proven(variants.names(_FAST, _PLAIN), is_right)


class AesCtr:
    """One key. Nothing is allocated for a block, and little for a call."""

    def __init__(self, key: bytes | bytearray) -> None:
        """Raises ValueError if the key is not of 32 bytes."""
        if len(key) != KEY_BYTES:
            raise ValueError("key of 32 bytes expected")
        self._encrypt = aes(key, _ECB).encrypt
        self._stream = bytearray(_BATCH * BLOCK_BYTES)
        self._view = memoryview(self._stream)

    def apply(self, nonce: bytes, offset: int, data: bytearray | memoryview) -> None:
        """Encrypt or decrypt in place what begins `offset` bytes into the message.

        `nonce`, 16 bytes, is the first counter block.
        """
        stream = self._stream
        end = len(data)
        done = 0
        while done < end:
            number, skip = divmod(offset + done, BLOCK_BYTES)
            blocks = min(_BATCH, -(-(skip + end - done) // BLOCK_BYTES))
            _loops.fill(stream, nonce, number, blocks)
            part = self._view[: BLOCK_BYTES * blocks]
            self._encrypt(part, part)
            count = min(BLOCK_BYTES * blocks - skip, end - done)
            _loops.mix(data, done, stream, skip, count)
            done += count

    def forget(self) -> None:
        """Wipe the key stream. The key itself is the interpreter's, and goes with
        the object."""
        self._stream[:] = bytes(len(self._stream))
