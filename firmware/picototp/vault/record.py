"""One account as bytes, in format version 1 of the vault (see slot.py). Big-endian.

offset  size  field
0       2     length of what follows
2       1     kind: 1 totp, 2 hotp
3       1     algorithm: 1 SHA1, 2 SHA256, 3 SHA512
4       1     digits
5       3     period in seconds
8       8     counter
16      1     length of the secret, then the secret
...     1     length of the issuer, then the issuer in UTF-8
...     1     length of the name, then the name in UTF-8
"""

import struct

from picototp.vault.account import (
    ALGORITHMS,
    DIGITS,
    ISSUER_MAX_BYTES,
    KINDS,
    NAME_MAX_BYTES,
    PERIOD_MAX_S,
    SECRET_MAX_BYTES,
    Account,
)
from picototp.vault.errors import VaultError

_FIXED = ">BBBBHQ"  # the period is the fourth B and the H: 24 bits
_FIXED_BYTES = 14
LENGTH_BYTES = 2
RECORD_MAX_BYTES = (
    LENGTH_BYTES + _FIXED_BYTES + 3 + SECRET_MAX_BYTES + ISSUER_MAX_BYTES + NAME_MAX_BYTES
)


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
    return struct.pack(">H", len(body)) + body


def has_label(body: memoryview, label: bytes) -> bool:
    """Whether a record body (without its length) ends in this packed label and no other."""
    if len(body) <= _FIXED_BYTES:
        return False
    if body[-1] != label[-1]:  # most names differ there, and a slice is an object on the heap
        return False
    start = _FIXED_BYTES + 1 + body[_FIXED_BYTES]
    return len(body) - start == len(label) and bytes(body[start:]) == label


def unpack_summary(body: memoryview) -> tuple:
    """(issuer, name, kind, algorithm, digits, period_s, counter) of a record body, which never
    makes an object of the secret. Raises VaultError damaged if the bytes are no record."""
    try:
        return _unpack_summary(body)
    except (IndexError, ValueError):  # a length or a number that leads outside, or no UTF-8
        raise VaultError("damaged", "a stored account is unreadable") from None


def _unpack_summary(body: memoryview) -> tuple:
    issuer_at = _FIXED_BYTES + 1 + body[_FIXED_BYTES]
    name_at = issuer_at + 1 + body[issuer_at]
    kind, algorithm, digits, period_high, period_low, counter = struct.unpack_from(_FIXED, body)
    period_s = period_high << 16 | period_low
    if not kind or not algorithm or name_at + 1 + body[name_at] != len(body):
        raise ValueError
    if digits not in DIGITS or not 1 <= period_s <= PERIOD_MAX_S:
        raise ValueError
    return (
        bytes(body[issuer_at + 1 : name_at]).decode(),
        bytes(body[name_at + 1 :]).decode(),
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
    return Account(issuer, name, secret, algorithm, digits, period_s, kind, counter)
