"""Bitwarden's exports, and those of Bitwarden Authenticator: JSON, CSV, JSON with a password.

Plain: {encrypted: false, items: [{name, login: {username, totp}}]}. With a password: {encrypted:
true, passwordProtected: true, salt, kdfType: 0 PBKDF2-SHA-256 or 1 Argon2id, kdfIterations,
kdfMemory (MiB), kdfParallelism, encKeyValidation_DO_NOT_EDIT, data}. The salt is the text itself;
Argon2id takes its SHA-256. HKDF makes two keys of the result, and texts are "2.iv|data|mac":
AES-256-CBC, then HMAC-SHA-256 over iv and data. An export that only the account itself can open
(passwordProtected: false) cannot be read by anything else.
"""

import hashlib
import hmac
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from host_tools.credentials.importers import ciphers
from host_tools.credentials.importers.document import Document
from host_tools.credentials.importers.encodings import from_base64
from host_tools.credentials.importers.entry import AskPassword, Entry, Format, ImportProblem
from host_tools.credentials.importers.json_rows import child, rows, text
from host_tools.credentials.importers.totp_field import totp_entry

_PBKDF2, _ARGON2ID = 0, 1
_CBC_WITH_MAC = "2"


def _recognises(document: Document) -> bool:
    top = document.object
    return type(top.get("encrypted")) is bool and bool({"items", "data"} & top.keys())


def _read(document: Document, ask: AskPassword) -> list[Entry]:
    top = document.object
    if top["encrypted"]:
        if top.get("passwordProtected") is not True:
            raise ImportProblem(
                "this Bitwarden export opens only with the account that made it; export it again"
                " as .json (encrypted) with a password of its own"
            )
        top = _opened(top, ask("Bitwarden"))
    found = []
    for item in rows(top, "items"):
        login = child(item, "login")
        if text(login, "totp"):
            found.append(
                totp_entry(text(login, "totp"), text(item, "name"), text(login, "username"))
            )
    return found


def _opened(top: dict[str, Any], password: str) -> dict[str, Any]:
    key = _key(top, password)
    stretched = [HKDFExpand(hashes.SHA256(), 32, info).derive(key) for info in (b"enc", b"mac")]
    _decrypted(text(top, "encKeyValidation_DO_NOT_EDIT"), *stretched)
    opened = Document(_decrypted(text(top, "data"), *stretched)).object
    if not isinstance(opened.get("items"), list):
        raise ImportProblem("this Bitwarden export holds something other than items")
    return opened


def _key(top: dict[str, Any], password: str) -> bytes:
    salt = text(top, "salt").encode()
    if top.get("kdfType") == _PBKDF2:
        return ciphers.pbkdf2(password, salt, top.get("kdfIterations"), "SHA256")
    if top.get("kdfType") == _ARGON2ID:
        mib = ciphers.checked(top.get("kdfMemory"), ciphers.ARGON2_MOST_KIB >> 10, "memory")
        lanes, passes = top.get("kdfParallelism"), top.get("kdfIterations")
        return ciphers.argon2id(password, hashlib.sha256(salt).digest(), passes, mib << 10, lanes)
    raise ImportProblem("this Bitwarden export makes its key in an unknown way")


def _decrypted(sealed: str, key: bytes, mac_key: bytes) -> bytes:
    kind, _, rest = sealed.partition(".")
    parts = rest.split("|")
    if kind != _CBC_WITH_MAC or len(parts) != 3:
        raise ImportProblem("this Bitwarden export is encrypted in an unknown way")
    iv, data, mac = (from_base64(part) for part in parts)
    if not hmac.compare_digest(hmac.digest(mac_key, iv + data, "sha256"), mac):
        raise ciphers.wrong_password()
    return ciphers.open_cbc(key, iv, data)


FORMAT = Format("Bitwarden", _recognises, _read)
