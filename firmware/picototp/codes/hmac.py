"""HMAC (RFC 2104) over SHA-1, SHA-256 and SHA-512.

mac = Mac("SHA1")          allocates; what follows does not, as far as the hash does not
mac.keyed(key, 7)          the HMAC of a counter, which is what one-time codes need ...
mac.result                 ... and where it is until the next one: 20, 32 or 64 bytes
mac.set_key(key)           remembers what depends on the key alone, which is half the work
mac.hash(message)          the HMAC of any message with that key
"""

from struct import pack_into

from picototp.codes import sha1
from picototp.codes.midstates import KEYED, ONCE, PREPARE

# The names are the ones of `otpauth://` URIs. They are stored and sent, so they never change.
SHA1 = "SHA1"
SHA256 = "SHA256"
SHA512 = "SHA512"
ALGORITHMS = (SHA1, SHA256, SHA512)


class Mac:
    """HMACs of one kind, with any number of keys, one after the other.

    `states` and `chain` are described in picototp.codes.midstates, `message` is a block for it that
    has a counter in its first 8 bytes. `last` is the place of the last byte of `result`.
    """

    def __init__(self, algorithm: str) -> None:
        """Raises ValueError for an unknown algorithm."""
        self._hash, self.chain = load(algorithm)
        size = self._hash.digest_size
        block_size = self._hash.block_size
        at = 2 * self._hash.midstate_size
        self.states = bytearray(at + 2 * size)
        self.result = memoryview(self.states)[at : at + size]
        self.last = size - 1
        self._block_size = block_size
        # Two blocks: zeros where keys come, and a counter as the message after the key's block.
        length = (8 * (block_size + 8)).to_bytes(2, "big")
        self._at_rest = bytes(block_size + 8) + b"\x80" + bytes(block_size - 11) + length
        self._blocks = bytearray(self._at_rest)
        self.message = memoryview(self._blocks)[block_size:]

    def keyed(self, key: bytes, counter: int) -> None:
        """The HMAC of a counter of 64 bits, big-endian. Neither keeps a key nor leaves one."""
        blocks = self._blocks
        size = len(key)  # once: a built-in name takes a Pico long to find
        if size > self._block_size:
            key = self._hash.of(key)
            size = self._hash.digest_size
        blocks[:size] = key
        pack_into(">Q", self.message, 0, counter)
        self.chain(self.states, blocks, KEYED)
        blocks[:] = self._at_rest

    def set_key(self, key: bytes | bytearray) -> None:
        """A key longer than the hash's block is hashed first (RFC 2104, 2)."""
        if len(key) > self._block_size:
            key = self._hash.of(key)
        self._blocks[: len(key)] = key
        self.chain(self.states, self._blocks, PREPARE)
        self._blocks[:] = self._at_rest

    def forget(self) -> None:
        """Leave nothing of the key, nor of the last result."""
        self.states[:] = bytes(len(self.states))

    def hash(self, message: bytes) -> None:
        """The HMAC of a message of any length, with the key that was set."""
        size = len(message)
        block_size = self._block_size
        if size < block_size - block_size // 8:
            block = bytearray(block_size)
            block[:size] = message
            block[size] = 0x80
            block[block_size - 2 :] = (8 * (block_size + size)).to_bytes(2, "big")
            self.chain(self.states, block, ONCE)
            return
        midstate_size = self._hash.midstate_size
        for at in (0, midstate_size):
            hashed = self._hash.resumed(bytes(self.states[at : at + midstate_size]))
            hashed.update(message)
            message = hashed.digest()
        self.result[:] = message


def hmac(algorithm: str, key: bytes, message: bytes) -> bytes:
    """The whole digest. Raises ValueError for an unknown algorithm."""
    mac = Mac(algorithm)
    mac.set_key(key)
    mac.hash(message)
    return bytes(mac.result)


def load(algorithm: str) -> tuple:
    """The hash class and its chain. Raises ValueError for an unknown algorithm.

    The first time it imports them, which takes a Pico some 25 ms for SHA-256 or SHA-512, and 2 to 3
    KB of heap that most tokens never need: so whoever cannot wait later asks beforehand.
    """
    if algorithm == SHA1:
        return sha1.Sha1, sha1.chain
    if algorithm == SHA256:
        from picototp.codes import sha256

        return sha256.Sha256, sha256.chain
    if algorithm == SHA512:
        from picototp.codes import sha512

        return sha512.Sha512, sha512.chain
    raise ValueError("unknown algorithm")
