"""NIST's own messages and digests, from the CAVP:
https://csrc.nist.gov/projects/cryptographic-algorithm-validation-program
"""

from collections.abc import Iterator
from pathlib import Path

import cryptography_vectors

_CAVP = Path(cryptography_vectors.__file__).parent / "hashes"
_FOLDERS = {"sha1": "SHA1/SHA1", "sha256": "SHA2/SHA256", "sha512": "SHA2/SHA512"}


def cavp(name: str, kind: str) -> list[tuple[str, str]]:
    """The entries of a hash's "ShortMsg", "LongMsg" or "Monte" file, key and value, in order."""
    lines = (_CAVP / f"{_FOLDERS[name]}{kind}.rsp").read_text().splitlines()
    pairs = [line.partition(" = ") for line in lines if line and line[0] not in "#["]
    return [(key, value) for key, _, value in pairs]


def cavp_messages(name: str, kind: str) -> Iterator[tuple[bytes, bytes]]:
    """Its messages and their digests."""
    entries = cavp(name, kind)
    for (_, bits), (_, text), (_, digest) in zip(*[iter(entries)] * 3, strict=True):
        yield bytes.fromhex(text)[: int(bits) // 8], bytes.fromhex(digest)
