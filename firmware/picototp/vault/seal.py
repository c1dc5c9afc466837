"""Encryption of the accounts, cipher 1 of slot.py: all that is made of the data key.

    cipher key = HMAC-SHA-256(data key, "picototp vault cipher 1")     AES-256 in counter mode
    MAC key    = HMAC-SHA-256(data key, "picototp vault mac 1")        HMAC-SHA-256
    nonce      = HMAC-SHA-256(HMAC-SHA-256(data key, "picototp vault nonce 1"),
                              generation | 16 random bytes)            its first 16 bytes

Each write of a file has a nonce of its own, which is the first counter block. The file's generation
is in it, so that two generations never share one by the random bytes' weakness alone.
"""

from picototp.codes.aes_ctr import AesCtr
from picototp.codes.stream_mac import StreamMac

NONCE_BYTES = 16
_RANDOM_BYTES = 16


class Seal:
    """`mac` authenticates, apply() encrypts and decrypts. `keys.entropy` gives the nonces."""

    def __init__(self, key: bytes | bytearray, keys):
        root = StreamMac(key)
        self._cipher = AesCtr(root.of(b"picototp vault cipher 1"))
        self.mac = StreamMac(root.of(b"picototp vault mac 1"))
        self._nonces = StreamMac(root.of(b"picototp vault nonce 1"))
        self._keys = keys
        root.forget()

    def nonce(self, generation: int) -> bytes:
        """A nonce for one write of a file."""
        random = self._keys.entropy.draw(_RANDOM_BYTES)
        return self._nonces.of(generation.to_bytes(4, "big") + random)[:NONCE_BYTES]

    def apply(self, nonce: bytes, offset: int, data: bytearray | memoryview) -> None:
        """Encrypt or decrypt in place what begins `offset` bytes into the payload."""
        self._cipher.apply(nonce, offset, data)

    def forget(self) -> None:
        """Wipe the keys from our buffers. Do not use the object afterwards."""
        self._cipher.forget()
        self.mac.forget()
        self._nonces.forget()
