"""SHA-1 (FIPS 180-4, 6.1), with the fastest compression function that works here."""

from picototp.codes import midstates, variants
from picototp.codes.block_hash import BlockHash

_START = b"\x67\x45\x23\x01\xef\xcd\xab\x89\x98\xba\xdc\xfe\x10\x32\x54\x76\xc3\xd2\xe1\xf0"

# Best first. Proof: FIPS 180-2, A.1, "abc".
_best = variants.choose(
    variants.names(
        ("picototp.codes.sha1_thumb", "picototp.codes.sha1_viper"), "picototp.codes.sha1_plain"
    ),
    _START,
    b"abc\x80" + bytes(59) + b"\x18",
    b"\xa9\x99\x3e\x36\x47\x06\x81\x6a\xba\x3e\x25\x71\x78\x50\xc2\x6c\x9c\xd0\xd8\x9d",
)
compress = _best.compress


class Sha1(BlockHash):
    """Incremental SHA-1: `update(data)`, `digest()` -> 20 bytes, `copy()`."""

    block_size = 64
    digest_size = 20
    midstate_size = 20
    _START = bytes(variants.words(_START))
    _compress = staticmethod(compress)


# Proof: RFC 6070, the first two.
chain = midstates.choose(
    _best,
    Sha1,
    b"\x0c\x60\xc8\x0f\x96\x1f\x0e\x71\xf3\xa9\xb5\x24\xaf\x60\x12\x06\x2f\xe0\x37\xa6",
    b"\xea\x6c\x01\x4d\xc7\x2d\x6f\x8c\xcd\x1e\xd9\x2a\xce\x1d\x41\xf0\xd8\xde\x89\x57",
)
