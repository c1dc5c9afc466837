"""Dynamic truncation to decimal digits (RFC 4226, 5.3) in plain Python."""


def write(digest: bytes, last: int, text: bytearray, digits: int) -> None:
    """Writes to `text` the code of `digest`, whose last byte is at `last`."""
    at = digest[last] & 0x0F
    number = int.from_bytes(bytes(digest[at : at + 4]), "big") & 0x7FFFFFFF
    for index in range(digits - 1, -1, -1):
        text[index] = 48 + number % 10
        number //= 10
