"""How somebody could find bytes in what a token sent, or in its flash."""

import base64
import hmac
import json
import re
from functools import lru_cache


@lru_cache(maxsize=10_000)
def forms(data: bytes) -> frozenset[bytes]:
    """The bytes raw, as text in a program or in JSON, in hexadecimal, as numbers, and in base32 and
    base64 at any place of something longer; in lower case."""
    text = data.decode("utf-8", "replace")
    found = {
        data,
        repr(text)[1:-1].encode(),
        json.dumps(text)[1:-1].encode(),
        data.hex().encode(),
        data.hex(" ").encode(),
        ", ".join(map(str, data)).encode(),
    }
    for encode, group, bits in (
        (base64.b32encode, 5, 5),
        (base64.b64encode, 3, 6),
        (base64.urlsafe_b64encode, 3, 6),
    ):
        for before in range(group):
            # Only the characters that depend on nothing but the data.
            first, end = -(-before * 8 // bits), (before + len(data)) * 8 // bits
            found.add(encode(bytes(before) + data)[first:end])
    return frozenset(form.lower() for form in found)


def leaked(said: bytes, values) -> list[bytes]:
    """Those of the values (bytes) of which some form stands in what was said."""
    said = said.lower()
    return [value for value in values if any(form in said for form in forms(value))]


def made_of(key: bytes) -> set[bytes]:
    """A data key, and what is made of it (seal.py)."""
    names = (b"picototp vault cipher 1", b"picototp vault mac 1", b"picototp vault nonce 1")
    return {key, *(hmac.digest(key, name, "sha256") for name in names)}


def key_record(flash: bytes) -> list[bytes]:
    """What the newest record of the key in a flash holds: salt, key (open or wrapped), tag; nothing
    if there is none."""
    places = [found.start() for found in re.finditer(rb"PTKY\x01", flash)]
    if not places:
        return []
    newest = max(places, key=lambda at: flash[at + 8 : at + 12])
    record = flash[newest : newest + 100]
    return [part for part in (record[16:32], record[32:64], record[64:96]) if any(part)]
