"""HMAC (RFC 2104) over SHA-1, SHA-256 and SHA-512."""

import hashlib

from picototp.codes import algorithms
from picototp.codes.sha1 import Sha1
from picototp.codes.sha512 import Sha512

# hashlib's SHA-256 is built in everywhere; its SHA-512 is not.
_HASHES = {
    algorithms.SHA1: Sha1,
    algorithms.SHA256: hashlib.sha256,
    algorithms.SHA512: Sha512,
}


def hmac(algorithm: str, key: bytes, message: bytes) -> bytes:
    """The whole digest. A key longer than the hash's block is hashed first (RFC 2104, 2).

    Raises ValueError for an unknown algorithm.
    """
    size = algorithms.block_size(algorithm)
    new = _HASHES[algorithm]
    if len(key) > size:
        key = new(key).digest()
    # XOR as one large integer each: a loop over the bytes takes a Pico milliseconds.
    padded = int.from_bytes(key + bytes(size - len(key)), "big")
    inner = new((padded ^ int.from_bytes(b"\x36" * size, "big")).to_bytes(size, "big"))
    inner.update(message)
    outer = new((padded ^ int.from_bytes(b"\x5c" * size, "big")).to_bytes(size, "big"))
    outer.update(inner.digest())
    return outer.digest()
