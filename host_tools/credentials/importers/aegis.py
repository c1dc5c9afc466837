"""Aegis Authenticator's vault file, plain or encrypted.

JSON: {version, header: {slots, params}, db}. Plain: `db` is the vault and `slots` null. Encrypted:
`db` is base64 of AES-256-GCM (nonce and tag, in hex, in params); its key is wrapped the same way in
each slot, with a key that a slot of type 1 makes from the password by scrypt (n, r, p, salt).
"""

from typing import Any

from host_tools.credentials.importers import ciphers
from host_tools.credentials.importers.document import Document
from host_tools.credentials.importers.encodings import from_base64, from_hex
from host_tools.credentials.importers.entry import (
    AskPassword,
    Entry,
    Format,
    ImportProblem,
    WrongPassword,
    entry_of,
)
from host_tools.credentials.importers.json_rows import child, number, rows, text

_PASSWORD_SLOT = 1
_MOST_SLOTS = 20  # each costs a scrypt


def _recognises(document: Document) -> bool:
    return {"version", "header", "db"} <= document.object.keys()


def _read(document: Document, ask: AskPassword) -> list[Entry]:
    vault = document.object
    db = vault["db"]
    if isinstance(db, str):
        db = _opened(vault, db, ask("Aegis")).object
    if not isinstance(db, dict) or not isinstance(db.get("entries"), list):
        raise ImportProblem("this Aegis vault has no list of entries: it is damaged")
    return [_entry(row) for row in rows(db, "entries")]


def _opened(vault: dict[str, Any], db: str, password: str) -> Document:
    header = child(vault, "header")
    key = _master_key(rows(header, "slots"), password)
    nonce, tag = _parameters(header, "params")
    return Document(ciphers.open_gcm(key, nonce, from_base64(db) + tag))


def _master_key(slots: list[Any], password: str) -> bytes:
    with_password = [
        slot for slot in slots if isinstance(slot, dict) and slot.get("type") == _PASSWORD_SLOT
    ]
    if not with_password:
        raise ImportProblem(
            "this Aegis vault opens by fingerprint only; export it again with a password"
        )
    for slot in with_password[:_MOST_SLOTS]:
        salt = from_hex(slot.get("salt"))
        key = ciphers.scrypt(password, salt, slot.get("n"), slot.get("r"), slot.get("p"))
        nonce, tag = _parameters(slot, "key_params")
        try:
            return ciphers.open_gcm(key, nonce, from_hex(slot.get("key")) + tag)
        except WrongPassword:
            continue
    raise ciphers.wrong_password()


def _parameters(row: dict[str, Any], name: str) -> tuple[bytes, bytes]:
    """(nonce, tag) of AES-GCM."""
    values = child(row, name)
    return from_hex(values.get("nonce")), from_hex(values.get("tag"))


def _entry(row: Any) -> Entry:
    info = child(row, "info")
    return entry_of(
        {
            "issuer": text(row, "issuer"),
            "name": text(row, "name"),
            "kind": text(row, "type") or "unknown",
            "secret": text(info, "secret"),
            "algorithm": text(info, "algo"),
            "digits": number(info, "digits"),
            "period": number(info, "period"),
            "counter": number(info, "counter"),
        }
    )


FORMAT = Format("Aegis", _recognises, _read)
