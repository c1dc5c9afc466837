"""Proton Authenticator's export, plain or with a password, and Proton Pass's.

Authenticator, plain: {version: 1, entries: [{content: {uri, entry_type, name}}]}. With a password:
{version: 1, salt, content}: AES-256-GCM (nonce first; a fixed associated text) under Argon2id (2
passes, 19 MiB, one lane). Pass: {vaults: {ID: {items: [{data: {type, metadata, content: {totpUri},
extraFields}}]}}}, alone or as data.json in an archive; an encrypted one is OpenPGP (data.pgp).
"""

from typing import Any

from host_tools.credentials.importers import ciphers
from host_tools.credentials.importers.document import Document
from host_tools.credentials.importers.encodings import from_base64
from host_tools.credentials.importers.entry import AskPassword, Entry, Format, ImportProblem
from host_tools.credentials.importers.json_rows import child, rows, text
from host_tools.credentials.importers.totp_field import totp_entry

_VERSION = 1
_ASSOCIATED = b"proton.authenticator.export.v1"
_PASSES, _KIB, _LANES = 2, 19 * 1024, 1
_NONCE_BYTES = 12
_TRASHED = 2


def _recognises(document: Document) -> bool:
    top = document.object
    if {"version", "salt", "content"} <= top.keys():
        return isinstance(top["content"], str)
    entries = top.get("entries")
    return "version" in top and isinstance(entries, list) and "db" not in top


def _read(document: Document, ask: AskPassword) -> list[Entry]:
    top = document.object
    if top.get("version") != _VERSION:
        raise ImportProblem("this Proton export has an unknown version (1 is supported)")
    if "content" in top:
        top = _opened(top, ask("Proton Authenticator"))
    return [_entry(row) for row in rows(top, "entries")]


def _opened(top: dict[str, Any], password: str) -> dict[str, Any]:
    salt, sealed = from_base64(top["salt"]), from_base64(top["content"])
    key = ciphers.argon2id(password, salt, _PASSES, _KIB, _LANES)
    data = ciphers.open_gcm(key, sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _ASSOCIATED)
    opened = Document(data).object
    if opened.get("version") != _VERSION:
        raise ImportProblem(
            "the content of this Proton export has an unknown version (1 is supported)"
        )
    return opened


def _entry(row: Any) -> Entry:
    content = child(row, "content")
    # A user may have changed the name that the URI came with.
    name = text(content, "name")
    return totp_entry(text(content, "uri"), "", name)


def _recognises_pass(document: Document) -> bool:
    if any(name.endswith(("Proton Pass/data.json", "data.pgp")) for name in document.members):
        return True
    vaults = document.object.get("vaults")
    return isinstance(vaults, dict)


def _read_pass(document: Document, _ask: AskPassword) -> list[Entry]:
    if any(name.endswith("data.pgp") for name in document.members):
        raise ImportProblem(
            "this Proton Pass export is encrypted with OpenPGP: decrypt data.pgp with"
            " gpg --decrypt, and import what it gives"
        )
    for name in document.members:
        if name.endswith("Proton Pass/data.json"):
            document = document.member(name)
    vaults = child(document.object, "vaults")
    return [
        found for vault in vaults.values() for row in rows(vault, "items") for found in _of(row)
    ]


def _of(item: Any) -> list[Entry]:
    """The one-time passwords of an item: its own, and those in fields that the user added."""
    if isinstance(item, dict) and item.get("state") == _TRASHED:
        return []
    data = child(item, "data")
    title = text(child(data, "metadata"), "name")
    content = child(data, "content")
    user = text(content, "itemUsername") or text(content, "username") or text(content, "itemEmail")
    found = []
    if text(content, "totpUri"):
        found.append(totp_entry(text(content, "totpUri"), title, user))
    for extra in rows(data, "extraFields"):
        uri = text(child(extra, "data"), "totpUri")
        if uri:
            found.append(totp_entry(uri, title, text(extra, "fieldName") or user))
    return found


AUTHENTICATOR = Format("Proton Authenticator", _recognises, _read)
PASS = Format("Proton Pass", _recognises_pass, _read_pass)
