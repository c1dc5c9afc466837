"""FreeOTP+'s JSON, FreeOTP's old preferences in XML, and the backup of FreeOTP 2.

A token: {algo, counter, digits, issuerExt, issuerInt, label, period, secret (a list of signed
bytes), type}. FreeOTP 2's externalBackup.xml is no XML but a serialised Java HashMap of texts:
"masterKey" holds PBKDF2's parameters and the master key under AES-GCM, and of each token "ID" its
key under the master key, "ID-token" the rest.
"""

import json
from typing import Any

from host_tools.credentials.importers import ciphers, java_map
from host_tools.credentials.importers.document import Document
from host_tools.credentials.importers.entry import (
    AskPassword,
    Entry,
    Format,
    ImportProblem,
    entry_of,
    shown,
)
from host_tools.credentials.importers.json_rows import child, number, rows, signed_bytes, text
from host_tools.errors import UsageProblem

_KDFS = {"PBKDF2withHmacSHA1": "SHA1", "PBKDF2withHmacSHA512": "SHA512"}
_CIPHER = "AES/GCM/NoPadding"
_OCTET_STRING = 4
_MASTER, _REST = "masterKey", "-token"


def _recognises(document: Document) -> bool:
    if document.data.startswith(java_map.MAGIC):
        return True
    if document.looks_like_xml("<map"):
        return "issuerExt" in document.text or "tokenOrder" in document.text
    tokens = document.object.get("tokens")
    return isinstance(tokens, list) and (
        "tokenOrder" in document.object
        or all(isinstance(token, dict) and "issuerExt" in token for token in tokens)
    )


def _read(document: Document, ask: AskPassword) -> list[Entry]:
    if document.data.startswith(java_map.MAGIC):
        return _read_backup(document, ask)
    if document.json is None:
        return [_entry(_with_next_counter(_object(token))) for token in _preferences(document)]
    return [_entry(_with_next_counter(token)) for token in rows(document.object, "tokens")]


def _preferences(document: Document) -> list[str]:
    """The texts of the tokens in Android's preferences, as XML."""
    found = [(one.get("name", ""), one.text or "") for one in document.xml().iter("string")]
    return [token for name, token in found if name != "tokenOrder"]


def _read_backup(document: Document, ask: AskPassword) -> list[Entry]:
    texts = java_map.read(document.data)
    master = _object(texts.get(_MASTER, ""))
    algorithm = _KDFS.get(text(master, "mAlgorithm"))
    if algorithm is None:
        raise ImportProblem("this FreeOTP backup has a master key of an unknown kind, or none")
    salt = signed_bytes(master.get("mSalt"))
    password = ask("FreeOTP")
    key = ciphers.pbkdf2(password, salt, master.get("mIterations"), algorithm)
    master_key = _unwrapped(child(master, "mEncryptedKey"), key)
    return [
        _token(_object(value), _object(texts.get(name + _REST, "")), master_key)
        for name, value in texts.items()
        if name != _MASTER and not name.endswith(_REST)
    ]


def _token(sealed: dict[str, Any], rest: dict[str, Any], master_key: bytes) -> Entry:
    try:
        secret = _unwrapped(_object(text(sealed, "key")), master_key)
    except UsageProblem as problem:
        return Entry(shown(text(rest, "label")), problem=problem.message)
    return _entry({**rest, "secret": list(secret)})


def _unwrapped(sealed: dict[str, Any], key: bytes) -> bytes:
    if text(sealed, "mCipher") != _CIPHER:
        raise ImportProblem("this FreeOTP backup is encrypted in an unknown way")
    nonce = _nonce(signed_bytes(sealed.get("mParameters")))
    data = signed_bytes(sealed.get("mCipherText"))
    return ciphers.open_gcm(key, nonce, data, text(sealed, "mToken").encode())


def _nonce(parameters: bytes) -> bytes:
    """The nonce out of Java's parameters of AES-GCM, in DER: an octet string, mostly in a
    sequence."""
    at = 2 if parameters[:1] == b"\x30" else 0
    if parameters[at : at + 1] != bytes([_OCTET_STRING]) or len(parameters) < at + 2:
        raise ImportProblem("this FreeOTP backup is encrypted in an unknown way")
    return parameters[at + 2 : at + 2 + parameters[at + 1]]


def _object(source: str) -> dict[str, Any]:
    try:
        value = json.loads(source)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _entry(token: Any) -> Entry:
    issuer = text(token, "issuerAlt") or text(token, "issuerExt") or text(token, "issuerInt")
    name = text(token, "labelAlt") or text(token, "label")
    try:
        secret = signed_bytes(token.get("secret") if isinstance(token, dict) else None)
    except UsageProblem as problem:
        return Entry(shown(f"{issuer}:{name}".strip(":")), problem=problem.message)
    return entry_of(
        {
            "issuer": issuer,
            "name": name,
            "kind": text(token, "type") or "totp",
            "secret": secret,
            "algorithm": text(token, "algo"),
            "digits": number(token, "digits"),
            "period": number(token, "period"),
            "counter": number(token, "counter"),
        }
    )


def _with_next_counter(token: Any) -> Any:
    """FreeOTP 1 and FreeOTP+ keep the counter that they used last, FreeOTP 2 the next one."""
    last = number(token, "counter")
    return {**token, "counter": last + 1} if type(last) is int else token


FORMAT = Format("FreeOTP", _recognises, _read)
