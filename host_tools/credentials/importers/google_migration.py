"""Google Authenticator's export: otpauth-migration://offline?data=..., shown as QR codes.

`data` is base64 of a protobuf message (proto3). Its fields, and those of an account (1):

    1  accounts, repeated     2  version     3  batch size     4  batch index     5  batch id

    1  key, bytes             2  name        3  issuer         4  algorithm: 1 SHA-1, 2 SHA-256,
    5  digits: 1 six, 2 eight 6  type: 1 HOTP, 2 TOTP          3 SHA-512, 4 MD5
    7  counter

Ten accounts at most go into one code; a larger export is a batch of several, of the same id.
"""

import itertools
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote

from host_tools.credentials.credential import Fields
from host_tools.credentials.importers.encodings import from_base64
from host_tools.credentials.importers.entry import Entry, entry_of, shown
from host_tools.credentials.otpauth import split_label
from host_tools.errors import UsageProblem

SCHEME = "otpauth-migration:"
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_ALGORITHMS = {0: "SHA1", 1: "SHA1", 2: "SHA256", 3: "SHA512", 4: "MD5"}
_DIGITS = {0: 6, 1: 6, 2: 8}
_KINDS = {0: "totp", 1: "hotp", 2: "totp"}
_MOST_CODES = 1000


class _Message(dict[int, list[int | bytes]]):
    """A protobuf message: the values of each field, in their order."""

    def number(self, field: int) -> int:
        value = self.get(field, [0])[-1]
        return value if isinstance(value, int) else -1

    def text(self, field: int) -> str:
        try:
            return self.data(field).decode()
        except UnicodeDecodeError:
            raise _damaged() from None

    def data(self, field: int) -> bytes:
        value = self.get(field, [b""])[-1]
        return value if isinstance(value, bytes) else b""


class _Code(NamedTuple):
    batch: int
    size: int
    place: int
    accounts: tuple[bytes, ...]


def entries(uris: list[str]) -> list[Entry]:
    """The accounts of all these codes, once each; codes of a batch that are missing are named."""
    found: list[Entry] = []
    codes: dict[_Code, None] = {}  # by content: other apps give all their batches one number
    for uri in uris:
        try:
            code = _code(uri)
        except UsageProblem as problem:
            found.append(Entry("a QR code of Google Authenticator", problem=problem.message))
            continue
        codes[code] = None
    for code in sorted(codes, key=lambda one: (one.batch, one.place)):
        found += [_entry(account) for account in code.accounts]
    return found + _gaps(list(codes))


def _gaps(codes: list[_Code]) -> list[Entry]:
    places = {(code.batch, code.size, code.place) for code in codes}
    batches = dict.fromkeys((code.batch, code.size) for code in codes)
    return [
        Entry(
            f"QR code {place + 1} of {size} from Google Authenticator",
            problem="it is missing: give pictures of all codes of the export together",
        )
        for batch, size in batches
        for place in range(size)
        if (batch, size, place) not in places
    ]


def _code(uri: str) -> _Code:
    query = uri.partition("?")[2]
    values = [part[5:] for part in query.split("&") if part.lower().startswith("data=")]
    if len(values) != 1:
        raise _damaged()
    # A + that was not percent-encoded has become a space on some ways.
    message = _message(from_base64(unquote(values[0]).replace(" ", "+")))
    accounts = message.get(1, [])
    size = max(1, message.number(3))
    place = message.number(4)
    sound = size <= _MOST_CODES and 0 <= place < size
    if not sound or not all(isinstance(account, bytes) for account in accounts):
        raise _damaged()
    return _Code(
        message.number(5), size, place, tuple(one for one in accounts if isinstance(one, bytes))
    )


def _entry(account: bytes) -> Entry:
    try:
        message = _message(account)
        issuer, name = message.text(3).strip(), message.text(2).strip()
        if not issuer and ":" in name:
            issuer, _, name = name.partition(":")
        fields: Fields = {
            "issuer": issuer.strip(),
            "name": split_label(name, issuer.strip()),
            "secret": message.data(1),
            # What this version does not know is passed on, to be refused by name.
            "algorithm": _ALGORITHMS.get(message.number(4), "unknown"),
            "digits": _DIGITS.get(message.number(5), "unknown"),
            "kind": _KINDS.get(message.number(6), "unknown"),
            "counter": message.number(7),
        }
    except UsageProblem as problem:
        return Entry("an account of Google Authenticator", problem=problem.message)
    return entry_of(fields, shown(f"{issuer}:{name}".strip(":")))


def _message(data: bytes) -> _Message:
    """The fields of a message in protobuf's wire format. UsageProblem if it is damaged."""
    message = _Message()
    at = iter(data)
    for key in iter(lambda: _varint(at, end_is_fine=True), None):
        kind = key & 7
        if kind == _VARINT:
            value: int | bytes = _varint(at) or 0
        elif kind == _BYTES:
            value = _taken(at, _varint(at) or 0)
        elif kind in (_FIXED64, _FIXED32):
            value = _taken(at, 8 if kind == _FIXED64 else 4)
        else:
            raise _damaged()
        message.setdefault(key >> 3, []).append(value)
    return message


def _varint(at: Iterator[int], end_is_fine: bool = False) -> int | None:
    value = 0
    for shift in range(0, 70, 7):
        byte = next(at, None)
        if byte is None:
            if end_is_fine and shift == 0:
                return None
            raise _damaged()
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value
    raise _damaged()


def _taken(at: Iterator[int], length: int) -> bytes:
    if length > 1 << 20:
        raise _damaged()
    data = bytes(itertools.islice(at, length))
    if len(data) != length:
        raise _damaged()
    return data


def _damaged() -> UsageProblem:
    return UsageProblem(
        "this export of several accounts (of Google Authenticator) is damaged; scan it again"
    )
