"""SHA-512 (FIPS 180-4, 6.4), with the fastest compression function that works here.

Without viper an RP2040 would need near a second for one code, 64-bit integers being heap objects.
"""

from picototp.codes import midstates, variants
from picototp.codes.block_hash import BlockHash
from picototp.codes.sha512_constants import START

_PACKAGE = "picototp.codes."

# Best first; an assembler one would be put before viper. Proof: FIPS 180-2, C.1, "abc".
compress = variants.choose(
    variants.names((_PACKAGE + "sha512_viper",), _PACKAGE + "sha512_plain"),
    START,
    b"abc\x80" + bytes(123) + b"\x18",
    b"\xdd\xaf\x35\xa1\x93\x61\x7a\xba\xcc\x41\x73\x49\xae\x20\x41\x31"
    b"\x12\xe6\xfa\x4e\x89\xa9\x7e\xa2\x0a\x9e\xee\xe6\x4b\x55\xd3\x9a"
    b"\x21\x92\x99\x2a\x27\x4f\xc1\xa8\x36\xba\x3c\x23\xa3\xfe\xeb\xbd"
    b"\x45\x4d\x44\x23\x64\x3c\xe8\x0e\x2a\x9a\xc9\x4f\xa5\x4c\xa4\x9f",
).compress


class Sha512(BlockHash):
    """Incremental SHA-512: `update(data)`, `digest()` -> 64 bytes, `copy()`."""

    block_size = 128
    digest_size = 64
    midstate_size = 64
    _START = bytes(variants.words(START))
    _compress = staticmethod(compress)


chain = midstates.chain_over(Sha512)
