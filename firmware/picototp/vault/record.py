"""One account as bytes, in format version 1 of the vault (see slot.py). Big-endian.

offset  size  field
0       2     length of what follows
2       1     kind: 1 totp, 2 hotp
3       1     algorithm: 1 SHA1, 2 SHA256, 3 SHA512
4       1     digits; 5: Steam's characters
5       3     period in seconds
8       8     counter
16      1     length of the secret, then the secret
...     1     length of the issuer, then the issuer in UTF-8
...     1     length of the name, then the name in UTF-8
or, behind that, of an account whose names the display cannot show:
...     1     length of what it shows for the issuer, then that in ASCII; may be 0
...     1     length of what it shows for the name, then that in ASCII; may be 0

A file with such a record, or with Steam's, says so in its head (slot.py), because earlier firmware
cannot read it.
"""

import struct

from picototp.vault.account import (
    ALGORITHMS,
    ASCII_MAX_BYTES,
    DIGITS,
    ISSUER_MAX_BYTES,
    KINDS,
    NAME_MAX_BYTES,
    PERIOD_MAX_S,
    SECRET_MAX_BYTES,
    STEAM_CHARACTERS,
    Account,
)
from picototp.vault.errors import VaultError

_FIXED = ">BBBBHQ"  # the period is the fourth B and the H: 24 bits
_FIXED_BYTES = 14
LENGTH_BYTES = 2
RECORD_MAX_BYTES = (
    LENGTH_BYTES + _FIXED_BYTES + 5
    + SECRET_MAX_BYTES + ISSUER_MAX_BYTES + NAME_MAX_BYTES + 2 * ASCII_MAX_BYTES
)  # fmt: skip


def fits_label(issuer: str, name: str) -> bool:
    """Whether pack_label can take them: a request may ask for any."""
    return len(issuer.encode()) <= ISSUER_MAX_BYTES and len(name.encode()) <= NAME_MAX_BYTES


def pack_label(issuer: str, name: str) -> bytes:
    """The last part of a record: both labels, each behind its length."""
    issuer_utf8 = issuer.encode()
    name_utf8 = name.encode()
    return b"".join((bytes((len(issuer_utf8),)), issuer_utf8, bytes((len(name_utf8),)), name_utf8))


def pack_record(account: Account) -> bytes:
    """A checked account as a whole record, length included."""
    fixed = struct.pack(
        _FIXED,
        KINDS.index(account.kind) + 1,
        ALGORITHMS.index(account.algorithm) + 1,
        account.digits,
        account.period_s >> 16,
        account.period_s & 0xFFFF,
        account.counter,
    )
    body = b"".join(
        (
            fixed,
            bytes((len(account.secret),)),
            account.secret,
            pack_label(account.issuer, account.name),
        )
    )
    if account.issuer_ascii or account.name_ascii:
        body += pack_label(account.issuer_ascii, account.name_ascii)
    return struct.pack(">H", len(body)) + body


def has_label(body: memoryview, label: bytes) -> bool:
    """Whether a record body (without its length) has this packed label and no other."""
    if len(body) <= _FIXED_BYTES:
        return False
    start = _FIXED_BYTES + 1 + body[_FIXED_BYTES]
    end = start + len(label)
    # Most names differ in length or at the end, and a slice is an object on the heap.
    return len(body) >= end and body[end - 1] == label[-1] and bytes(body[start:end]) == label


def names_in(body: memoryview) -> bytes:
    """The packed names of a record body, its label first; empty if there are none."""
    return (
        b"" if len(body) <= _FIXED_BYTES else bytes(body[_FIXED_BYTES + 1 + body[_FIXED_BYTES] :])
    )


def is_plain(names: bytes) -> bool:
    """Whether packed names are ASCII, and shown so that everybody sees where the issuer ends: two
    such are unlike, or the same."""
    return not names or (max(names) < 0x80 and b": " not in names)


def unlike(body: memoryview, label: bytes) -> bool:
    """Whether the names of a record body cannot look like those of a packed label: quickly, and
    False if it takes drawing them to tell. For a label that is shown exactly: others are marked."""
    raw = names_in(body)
    if not raw or len(raw) < raw[0] + 2:
        return True  # no record, and so no name
    if b": " in raw or b": " in label:
        return False  # where the issuer ends may not be seen
    if max(raw) < 0x80 and max(label) < 0x80:
        return True
    # No glyphs side by side are drawn as others, of any number.
    end = raw[0] + 2 + raw[raw[0] + 1]
    return _characters(raw[:end]) != _characters(label)


def _characters(text: bytes) -> int:
    """How many there are in UTF-8, and a number all the same where it is not UTF-8."""
    return sum(byte & 0xC0 != 0x80 for byte in text)


def has_ascii(record: bytes) -> bool:
    """Whether a whole record has what earlier firmware cannot read."""
    body = memoryview(record)[LENGTH_BYTES:]
    return _text_starts(body)[2] != len(body)


def is_steam(record: bytes) -> bool:
    """Whether a whole record has codes that earlier firmware cannot make."""
    return record[LENGTH_BYTES + 2] == STEAM_CHARACTERS


def _text_starts(body: memoryview) -> tuple:
    """Where issuer, name and what follows them begin. ValueError or IndexError if the bytes are no
    record."""
    issuer_at = _FIXED_BYTES + 1 + body[_FIXED_BYTES]
    name_at = issuer_at + 1 + body[issuer_at]
    end = name_at + 1 + body[name_at]
    if end != len(body):
        name_ascii_at = end + 1 + body[end]
        if name_ascii_at + 1 + body[name_ascii_at] != len(body):
            raise ValueError
    return issuer_at, name_at, end


def _text_at(body: memoryview, start: int) -> str:
    return bytes(body[start + 1 : start + 1 + body[start]]).decode()


def unpack_names(body: memoryview) -> tuple:
    """(issuer, name, what the display shows for the issuer, and for the name; "" if it needs
    nothing) of a record body. Raises VaultError damaged if the bytes are no record."""
    try:
        issuer_at, name_at, end = _text_starts(body)
        shown = ("", "")
        if end != len(body):
            shown = (_text_at(body, end), _text_at(body, end + 1 + body[end]))
        return (_text_at(body, issuer_at), _text_at(body, name_at)) + shown
    except (IndexError, ValueError):
        raise _damaged() from None


def unpack_summary(body: memoryview) -> tuple:
    """(issuer, name, kind, algorithm, digits, period_s, counter) of a record body, which never
    makes an object of the secret. Raises VaultError damaged if the bytes are no record."""
    try:
        return _unpack_summary(body)
    except (IndexError, ValueError):  # a length or a number that leads outside, or no UTF-8
        raise _damaged() from None


def _damaged() -> VaultError:
    return VaultError("damaged", "a stored account is unreadable")


def _unpack_summary(body: memoryview) -> tuple:
    issuer_at, name_at, _ = _text_starts(body)
    kind, algorithm, digits, period_high, period_low, counter = struct.unpack_from(_FIXED, body)
    period_s = period_high << 16 | period_low
    if not kind or not algorithm:
        raise ValueError
    if (digits not in DIGITS and digits != STEAM_CHARACTERS) or not 1 <= period_s <= PERIOD_MAX_S:
        raise ValueError
    return (
        _text_at(body, issuer_at),
        _text_at(body, name_at),
        KINDS[kind - 1],
        ALGORITHMS[algorithm - 1],
        digits,
        period_s,
        counter,
    )


def unpack_account(body: memoryview) -> Account:
    """The account of a record body. Raises VaultError damaged if the bytes are no record."""
    issuer, name, kind, algorithm, digits, period_s, counter = unpack_summary(body)
    secret = bytes(body[_FIXED_BYTES + 1 : _FIXED_BYTES + 1 + body[_FIXED_BYTES]])
    ascii_label = unpack_names(body)[2:]
    return Account(issuer, name, secret, algorithm, digits, period_s, kind, counter, *ascii_label)
