"""The accounts that all exports hold, and what their writers share.

The cryptography is PyCryptodome, argon2-cffi, libsodium and hashlib, where the readers have
`cryptography`. Secrets, salts and nonces are drawn afresh each time.
"""

import base64
import csv
import io
import json
import secrets
import zipfile
from dataclasses import dataclass
from urllib.parse import quote

import argon2
from Cryptodome.Cipher import AES

from host_tools.credentials.credential import Credential

PASSWORD = "correct horse – batterie"
_NAMES = (
    *(("GitHub", "alice"), ("Google", "alice@example.com"), ("Zürich Bank", "jörg")),
    *(("AT&T", "+41 79 123"), ("Example", "a:b"), ("Example", "bob")),
    *(("日本", "太郎"), ("Amazon", "bob+shop@example.org"), ("ACME Co", "o'neil")),
    *(("127.0.0.1", "root"), ("Microsoft", "x"), ("Proton", "carol")),
)
ALGORITHMS = ("SHA1", "SHA256", "SHA512")


@dataclass(frozen=True)
class Export:
    """One file: what is in it, what its password is, and what it should give."""

    data: bytes
    credentials: list[Credential]
    password: str | None = None


def twelve(algorithms=ALGORITHMS, digits=(6, 8)):
    """Twelve accounts with fresh secrets, of kinds that every app can keep."""
    return [
        Credential(
            issuer,
            name,
            secrets.token_bytes((10, 20, 32)[index % 3]),
            algorithms[index % len(algorithms)],
            digits[index // 3 % len(digits)],
        )
        for index, (issuer, name) in enumerate(_NAMES)
    ]


def more():
    """Accounts that only some apps can keep: other periods, seven digits, counters."""
    return [
        Credential("Slow", "one", secrets.token_bytes(20), "SHA1", 7, 60),
        Credential("Quick", "two", secrets.token_bytes(64), "SHA512", 8, 15),
        Credential("Counting", "three", secrets.token_bytes(20), "SHA1", 6, kind="hotp", counter=9),
    ]


def base32(secret):
    return base64.b32encode(secret).decode().rstrip("=")


def base64_of(data):
    return base64.b64encode(data).decode()


def uri(one, **changes):
    """A URI, written here and not by the reader's own module."""
    label = quote(f"{one.issuer}:{one.name}" if one.issuer else one.name, safe="@+")
    parameters = {
        "secret": base32(one.secret),
        "issuer": one.issuer,
        "algorithm": one.algorithm,
        "digits": one.digits,
        **({"period": one.period_s} if one.kind == "totp" else {"counter": one.counter}),
        **changes,
    }
    query = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in parameters.items())
    return f"otpauth://{one.kind}/{label}?{query}"


def gcm(key, nonce, plain, associated=b""):
    """(ciphertext, tag) by PyCryptodome."""
    cipher = AES.new(key, AES.MODE_GCM, nonce=nonce)
    cipher.update(associated)
    return cipher.encrypt_and_digest(plain)


def cbc(key, iv, plain):
    padding = 16 - len(plain) % 16
    return AES.new(key, AES.MODE_CBC, iv=iv).encrypt(plain + bytes([padding]) * padding)


def argon2id(password, salt, passes, kib, lanes):
    kind = argon2.low_level.Type.ID
    return argon2.low_level.hash_secret_raw(password.encode(), salt, passes, kib, lanes, 32, kind)


def dumped(value):
    return json.dumps(value, ensure_ascii=False).encode()


def csv_of(rows):
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def zip_of(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()
