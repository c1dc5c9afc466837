# ruff: noqa: F821
# mypy: ignore-errors
"""Dynamic truncation to decimal digits (RFC 4226, 5.3) in MicroPython's viper: makes no garbage.

A number of 31 bits is a heap object on a Pico, and so is every step on the way from it to a text.
"""

import micropython


@micropython.viper
def write(digest: ptr8, last: int, text: ptr8, digits: int):
    """Writes to `text` the code of `digest`, whose last byte is at `last`."""
    at = digest[last] & 0x0F
    number = (digest[at] & 0x7F) << 24 | digest[at + 1] << 16 | digest[at + 2] << 8 | digest[at + 3]
    while digits > 0:
        digits -= 1
        rest = number // 10
        text[digits] = 48 + number - 10 * rest
        number = rest
