"""andOTP's backup: plain JSON, and two encrypted formats without any mark of their own.

Plain: a list of {secret, issuer, label, digits, type, algorithm, period, counter}; cotp writes the
same rows under "elements". New: iterations (4 bytes, big-endian), salt (12), nonce (12), and
AES-256-GCM under PBKDF2-HMAC-SHA-1 of the password. Old: nonce (12) and AES-256-GCM under SHA-256
of the password.
"""

import hashlib
from typing import Any

from host_tools.credentials.importers import ciphers
from host_tools.credentials.importers.document import Document
from host_tools.credentials.importers.entry import (
    AskPassword,
    Entry,
    Format,
    ImportProblem,
    WrongPassword,
    entry_of,
)
from host_tools.credentials.importers.json_rows import number, rows, text
from host_tools.credentials.otpauth import split_label

_SALT_BYTES, _NONCE_BYTES, _TAG_BYTES = 12, 12, 16
# Files of other kinds, for which no password is asked.
_KNOWN_BEGINNINGS = (
    *(b"PK\x03\x04", b"SQLite format 3", b"%PDF", b"\x1f\x8b", b"\x7fELF", b"7z\xbc\xaf", b"Rar!"),
    *(b"bplist", b"\xff\xfe", b"\xfe\xff", b"\xd0\xcf\x11\xe0", b"ID3", b"\x00\x00\x00\x18ftyp"),
)
_MOST_ITERATIONS = 5_000_000


def _recognises(document: Document) -> bool:
    if document.array_of("secret", "label", "type"):
        return True
    elements = document.object.get("elements")
    return isinstance(elements, list) and "version" in document.object


def _read(document: Document, _ask: AskPassword) -> list[Entry]:
    if isinstance(document.json, list):
        return [_entry(row) for row in document.json]
    return [_entry(row) for row in rows(document.object, "elements")]


def _may_be_sealed(document: Document) -> bool:
    """Nothing tells such a file from noise, so this is asked when no other format fits."""
    data = document.data
    noise = len(data) > _NONCE_BYTES + _TAG_BYTES and not document.text.strip()
    other = data.startswith(_KNOWN_BEGINNINGS) or document.is_text_of_another_kind
    return noise and not other


def _read_sealed(document: Document, ask: AskPassword) -> list[Entry]:
    password = ask("andOTP, if this is a backup of it")
    data = document.data
    plain = _opened_new(data, password) or _opened_old(data, password)
    if plain is None:
        raise WrongPassword("wrong password, or this is not a known export")
    opened = Document(plain)
    if not isinstance(opened.json, list):
        raise ImportProblem("this andOTP backup holds something other than a list of accounts")
    return [_entry(row) for row in opened.json]


def _opened_new(data: bytes, password: str) -> bytes | None:
    iterations = int.from_bytes(data[:4])
    if not 1 <= iterations <= _MOST_ITERATIONS:
        return None
    salt, rest = data[4 : 4 + _SALT_BYTES], data[4 + _SALT_BYTES :]
    key = ciphers.pbkdf2(password, salt, iterations, "SHA1")
    return _opened(key, rest)


def _opened_old(data: bytes, password: str) -> bytes | None:
    return _opened(hashlib.sha256(ciphers.encoded(password)).digest(), data)


def _opened(key: bytes, data: bytes) -> bytes | None:
    try:
        return ciphers.open_gcm(key, data[:_NONCE_BYTES], data[_NONCE_BYTES:])
    except WrongPassword:
        return None


def _entry(row: Any) -> Entry:
    issuer = text(row, "issuer")
    label = text(row, "label")
    # Versions before 0.6.3 had no issuer, and wrote it into the label.
    if not issuer and " - " in label:
        issuer, _, label = label.partition(" - ")
    return entry_of(
        {
            "issuer": issuer,
            "name": split_label(label, issuer),
            "kind": text(row, "type") or "unknown",
            "secret": text(row, "secret"),
            "algorithm": text(row, "algorithm"),
            "digits": number(row, "digits"),
            "period": number(row, "period"),
            "counter": number(row, "counter"),
        }
    )


FORMAT = Format("andOTP", _recognises, _read)
SEALED = Format("andOTP, encrypted", _may_be_sealed, _read_sealed)
