"""The hash algorithms a code can be made with, and their sizes (FIPS 180-4, figure 1).

The names are the ones of `otpauth://` URIs. They are stored and sent, so they never change.
"""

SHA1 = "SHA1"
SHA256 = "SHA256"
SHA512 = "SHA512"

ALL = (SHA1, SHA256, SHA512)

_SIZES = {SHA1: (20, 64), SHA256: (32, 64), SHA512: (64, 128)}


def _sizes(algorithm: str) -> tuple:
    sizes = _SIZES.get(algorithm)
    if sizes is None:
        raise ValueError("unknown algorithm")
    return sizes


def digest_size(algorithm: str) -> int:
    """Bytes in a digest. Raises ValueError for an unknown algorithm."""
    return _sizes(algorithm)[0]


def block_size(algorithm: str) -> int:
    """Bytes in a block, which is what HMAC pads the key to. Raises ValueError if unknown."""
    return _sizes(algorithm)[1]
