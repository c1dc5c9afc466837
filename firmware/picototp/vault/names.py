"""What may be an account's issuer or name, and how such a name is told from others like it.

Names are in Unicode normal form C, so that what looks the same is the same. Refused, with their
position: control, invisible, unassigned and private characters, and white space that cannot be seen
(at an end, or two in a row). The token has no room for Unicode's tables: it refuses what a short
table tells, and a sequence of a letter that its font has and an accent that belongs into it. Other
sequences that are not in the normal form, and unassigned characters, are the host's to refuse. The
font has none of them, so the display shows that the name is not what it shows (screens/text.py).

The host uses this module too.
"""

import hashlib

HASH_DIGITS = 4


def fault(text: str) -> str:
    """What is wrong with a name, with the position from 1; "" if nothing is."""
    data = text.encode("utf-8", "surrogatepass")  # MicroPython passes them anyway
    position = at = 0
    before, was_space = b"", True  # white space at the start is like more of it
    # Over bytes: to walk along a str, MicroPython would keep each different character forever.
    while at < len(data):
        position += 1
        begin = at
        at += 1
        while at < len(data) and data[at] & 0xC0 == 0x80:
            at += 1
        char = data[begin:at]
        what, is_space = _look_at(before, char)
        if is_space and was_space:
            what = "more white space" if begin else "white space"
        if what:
            return f"{what} at position {position}"
        before, was_space = char, is_space
    return f"white space at position {position}" if data and was_space else ""


def _look_at(before: bytes, char: bytes) -> tuple:
    """(what is wrong with a character behind another, whether it is white space)."""
    if len(char) == 1:
        is_control = char < b" " or char == b"\x7f"
        return f"a control character (U+{char[0]:04X})" if is_control else "", char == b" "
    from picototp.vault import name_tables  # takes 3 KB of the heap, and most names are ASCII

    what = name_tables.fault_of(char)
    if not what and name_tables.composes(before, char):
        what = "an accent apart from its letter"
    return what, name_tables.is_space(char)


def ascii_fault(text: str) -> str:
    """What is wrong with what the display is to show in place of a name; "" if nothing is."""
    data = text.encode("utf-8", "surrogatepass")
    return "a character beyond ASCII" if len(data) != len(text) else fault(text)


def name_hash(issuer: str, name: str) -> str:
    """The hexadecimal digits by which people compare a name that the display cannot show: the first
    of the SHA-256 of "picototp name 1", issuer and name in UTF-8, each behind a zero byte."""
    data = b"\0".join((b"picototp name 1", issuer.encode(), name.encode()))
    return hashlib.sha256(data).digest()[: HASH_DIGITS // 2].hex()
