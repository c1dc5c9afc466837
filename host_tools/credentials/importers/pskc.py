"""PSKC containers (RFC 6030), plain, under a pre-shared key, and under a password.

python-pskc reads them.

A pre-shared key is given as hexadecimal text, as another reader and servers print it.
"""

import io
from typing import Any

from host_tools.credentials.importers import ciphers
from host_tools.credentials.importers.document import Document, damaged
from host_tools.credentials.importers.entry import (
    AskPassword,
    Entry,
    Format,
    WrongPassword,
    entry_of,
    shown,
)
from host_tools.credentials.importers.extras import needed
from host_tools.credentials.library_errors import LIBRARY_ERRORS

_MOST_KEY_BYTES = 64
_KINDS = ("hotp", "totp")


def _recognises(document: Document) -> bool:
    return document.looks_like_xml("KeyContainer") or document.looks_like_xml("SecretContainer")


def _read(document: Document, ask: AskPassword) -> list[Entry]:
    document.xml()  # refuses what python-pskc's parser would expand
    pskc = needed("pskc", "PSKC")
    errors = (needed("pskc.exceptions", "PSKC").PSKCError, *LIBRARY_ERRORS)
    try:
        container = pskc.PSKC(io.BytesIO(document.data))
        encrypted = container.encryption.algorithm or container.encryption.is_encrypted
        derived = _is_derived(container.encryption.derivation)
    except errors:
        raise damaged(document.shown) from None
    if encrypted:
        # Whoever answers may stop it all, which is no fault of the password.
        given = ask("PSKC" if derived else "PSKC, its pre-shared key in hex")
        _unlock(container, given, derived, errors)
    return [_entry(key, errors) for key in container.keys]


def _is_derived(derivation: Any) -> bool:
    """Whether the key is made of a password, and not given. UsageProblem if that costs too much."""
    if not derivation.algorithm:
        return False
    count, length = derivation.pbkdf2_iterations, derivation.pbkdf2_key_length
    ciphers.checked(count, ciphers.PBKDF2_MOST_ITERATIONS, "iterations of PBKDF2")
    ciphers.checked(length, _MOST_KEY_BYTES, "length of PBKDF2's key")
    return True


def _unlock(container: Any, given: str, derived: bool, errors: tuple[type[Exception], ...]) -> None:
    encryption = container.encryption
    try:
        if derived:
            encryption.derive_key(ciphers.encoded(given))
        else:
            encryption.key = _pre_shared(given)
        for key in container.keys:
            key.check()
    except errors:
        raise WrongPassword("wrong password or key, or the container is damaged") from None


def _pre_shared(text: str) -> bytes:
    plain = "".join(text.split()).removeprefix("0x")
    try:
        return bytes.fromhex(plain)
    except ValueError:
        return ciphers.encoded(text)


def _entry(key: Any, errors: tuple[type[Exception], ...]) -> Entry:
    names = (key.friendly_name, key.userid, key.serial, key.id)
    name = next((one for one in names if one), "")
    issuer = key.issuer or key.manufacturer or ""
    title = shown(f"{issuer}:{name}".strip(":"))
    problem = _problem(key)
    if problem:
        return Entry(title, problem=problem)
    try:
        moving = {"period": key.time_interval, "counter": key.counter}
        if key.time_offset:
            problem = "its time does not start at 1970, and the token cannot do that"
            return Entry(title, problem=problem)
        secret = key.secret
    except errors:
        return Entry(title, problem="its key cannot be decrypted")
    if not secret:
        return Entry(title, problem="the container has no key for it")
    return entry_of(
        {
            "issuer": issuer,
            "name": name,
            "secret": secret,
            "kind": _kind(key),
            "digits": key.response_length,
            "algorithm": key.algorithm_suite,
            **moving,
        },
        title,
    )


def _kind(key: Any) -> str:
    """hotp or totp by the profile's URN, #totp and :totp alike; else what it says."""
    profile = (key.algorithm or "").lower().replace("#", ":")
    return profile.rpartition(":")[2] or "unknown"


def _problem(key: Any) -> str:
    """Why the token cannot have it; empty if it can."""
    if _kind(key) not in _KINDS:
        return "it is no HOTP or TOTP key, and the token makes no other codes"
    if (key.response_encoding or "DECIMAL").upper() != "DECIMAL" or key.response_check:
        return "its codes are not plain digits, and the token makes no others"
    return ""


FORMAT = Format("PSKC", _recognises, _read)
