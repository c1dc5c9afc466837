"""Stratum's backup (earlier: Authenticator Pro), plain and in both versions of its encryption.

Plain: {Authenticators: [{Type, Issuer, Username, Secret, Algorithm, Digits, Period, Counter}]}.
Encrypted: "AUTHENTICATORPRO", salt (16), nonce (12), AES-256-GCM under Argon2id (3 passes, 64 MiB,
4 lanes). Before: "AuthenticatorPro", salt (20), iv (16), AES-256-CBC under PBKDF2-HMAC-SHA-1,
64,000 times.
"""

from typing import Any

from host_tools.credentials.importers import ciphers
from host_tools.credentials.importers.document import Document
from host_tools.credentials.importers.entry import (
    AskPassword,
    Entry,
    Format,
    ImportProblem,
    entry_of,
)
from host_tools.credentials.importers.json_rows import number, rows, text

_HEADER, _HEADER_BEFORE = b"AUTHENTICATORPRO", b"AuthenticatorPro"
_KINDS = {1: "hotp", 2: "totp", 3: "motp", 4: "steam", 5: "yandex"}
_ALGORITHMS = {0: "SHA1", 1: "SHA256", 2: "SHA512"}


def _recognises(document: Document) -> bool:
    if document.data.startswith((_HEADER, _HEADER_BEFORE)):
        return True
    return isinstance(document.object.get("Authenticators"), list)


def _read(document: Document, ask: AskPassword) -> list[Entry]:
    data = document.data
    if data.startswith(_HEADER):
        document = Document(_opened(data[len(_HEADER) :], ask("Stratum")))
    elif data.startswith(_HEADER_BEFORE):
        document = Document(_opened_before(data[len(_HEADER) :], ask("Authenticator Pro")))
    if not isinstance(document.object.get("Authenticators"), list):
        raise ImportProblem("this Stratum backup holds something other than authenticators")
    return [_entry(row) for row in rows(document.object, "Authenticators")]


def _opened(data: bytes, password: str) -> bytes:
    salt, nonce, sealed = data[:16], data[16:28], data[28:]
    if not sealed:
        raise ImportProblem("this Stratum backup is cut short; export it again")
    key = ciphers.argon2id(password, salt, passes=3, kib=65536, lanes=4)
    return ciphers.open_gcm(key, nonce, sealed)


def _opened_before(data: bytes, password: str) -> bytes:
    salt, iv, sealed = data[:20], data[20:36], data[36:]
    if not sealed:
        raise ImportProblem("this Authenticator Pro backup is cut short; export it again")
    plain = ciphers.open_cbc(ciphers.pbkdf2(password, salt, 64_000, "SHA1"), iv, sealed)
    # This encryption proves nothing: a wrong password is noticed by what comes out.
    if not Document(plain).object:
        raise ciphers.wrong_password()
    return plain


def _entry(row: Any) -> Entry:
    kind = row.get("Type") if isinstance(row, dict) else None
    algorithm = row.get("Algorithm") if isinstance(row, dict) else None
    return entry_of(
        {
            "issuer": text(row, "Issuer"),
            "name": text(row, "Username"),
            "kind": _KINDS.get(kind, "unknown") if type(kind) is int else "unknown",
            "secret": text(row, "Secret"),
            "algorithm": _ALGORITHMS.get(algorithm or 0, "unknown")
            if algorithm is None or type(algorithm) is int
            else "unknown",
            "digits": number(row, "Digits"),
            "period": number(row, "Period"),
            "counter": number(row, "Counter"),
        }
    )


FORMAT = Format("Stratum", _recognises, _read)
