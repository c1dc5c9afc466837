"""Steam's codes: TOTP with SHA-1 and 30 s, written as five characters of an alphabet of its own.

The number that RFC 4226 makes decimal is written here with 26 digits, the lowest one first. Loaded
with the first account that has such codes.
"""

CHARACTERS = 5
ALPHABET = b"23456789BCDFGHJKMNPQRTVWXY"


def write(digest: bytes, last: int, text: bytearray, count: int) -> None:
    """Writes to `text` the code of `digest`, whose last byte is at `last`."""
    at = digest[last] & 0x0F
    number = int.from_bytes(bytes(digest[at : at + 4]), "big") & 0x7FFFFFFF
    for index in range(count):
        text[index] = ALPHABET[number % 26]
        number //= 26
