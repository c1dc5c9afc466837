"""Ente Auth's encrypted export; its plain one is a list of otpauth:// URIs.

JSON: {version: 1, kdfParams: {memLimit, opsLimit, salt}, encryptedData, encryptionNonce}. The key
is libsodium's Argon2id (memLimit bytes, opsLimit passes, one lane), the data one message of its
secretstream (XChaCha20-Poly1305), whose header is called the nonce; bytes are in base64.
"""

from typing import Any

from host_tools.credentials.importers import ciphers, otpauth_list
from host_tools.credentials.importers.document import Document
from host_tools.credentials.importers.encodings import from_base64
from host_tools.credentials.importers.entry import AskPassword, Entry, Format, ImportProblem
from host_tools.credentials.importers.extras import needed
from host_tools.credentials.importers.json_rows import child

_VERSION = 1
_NONCE_BYTES = 24


def _recognises(document: Document) -> bool:
    return {"kdfParams", "encryptedData", "encryptionNonce"} <= document.object.keys()


def _read(document: Document, ask: AskPassword) -> list[Entry]:
    top = document.object
    if top.get("version") != _VERSION:
        raise ImportProblem("this Ente export has an unknown version (1 is supported)")
    parameters = child(top, "kdfParams")
    memory = ciphers.checked(
        parameters.get("memLimit"), ciphers.ARGON2_MOST_KIB << 10, "memory of Argon2"
    )
    salt = from_base64(parameters.get("salt"))
    data = from_base64(top["encryptedData"])
    nonce = from_base64(top["encryptionNonce"])
    bindings = needed("nacl.bindings", "Ente Auth, encrypted")
    key = ciphers.argon2id(ask("Ente Auth"), salt, parameters.get("opsLimit"), memory >> 10, 1)
    plain = Document(_opened(bindings, key, nonce, data), document.shown)
    if not plain.text:
        raise ImportProblem("this Ente export holds something other than a list of URIs")
    return otpauth_list.FORMAT.read(plain, ask)


def _opened(bindings: Any, key: bytes, nonce: bytes, data: bytes) -> bytes:
    """What the stream's one message says; a plain XChaCha20-Poly1305 is taken, too."""
    if len(nonce) != _NONCE_BYTES:
        raise ImportProblem("this Ente export is damaged: its nonce is not whole")
    failures = (RuntimeError, ValueError, needed("nacl.exceptions", "Ente Auth").CryptoError)
    state = bindings.crypto_secretstream_xchacha20poly1305_state()
    try:
        bindings.crypto_secretstream_xchacha20poly1305_init_pull(state, nonce, key)
        message, _tag = bindings.crypto_secretstream_xchacha20poly1305_pull(state, data, None)
        return bytes(message)
    except failures:
        pass
    try:
        return bytes(bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(data, None, nonce, key))
    except failures:
        raise ciphers.wrong_password() from None


FORMAT = Format("Ente Auth", _recognises, _read)
