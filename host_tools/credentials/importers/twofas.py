"""2FAS Authenticator's backup (.2fas), schemas 1 to 4, plain or with a password.

JSON: {schemaVersion, services, servicesEncrypted}. Encrypted services are three texts in base64
with colons between: AES-256-GCM of the list, salt, nonce; the key is PBKDF2-HMAC-SHA-256 of the
password, 10,000 times. A service: {name, secret, otp: {account, issuer, digits, period, algorithm,
counter, tokenType}}; schema 1 leaves all but the names out where they are usual.
"""

from typing import Any

from host_tools.credentials.importers import ciphers
from host_tools.credentials.importers.document import Document
from host_tools.credentials.importers.encodings import from_base64
from host_tools.credentials.importers.entry import (
    AskPassword,
    Entry,
    Format,
    ImportProblem,
    entry_of,
)
from host_tools.credentials.importers.json_rows import child, number, rows, text
from host_tools.credentials.otpauth import split_label

_NEWEST_SCHEMA = 4
_ITERATIONS = 10_000


def _recognises(document: Document) -> bool:
    top = document.object
    return "schemaVersion" in top and bool({"services", "servicesEncrypted"} & top.keys())


def _read(document: Document, ask: AskPassword) -> list[Entry]:
    top = document.object
    schema = top["schemaVersion"]
    if type(schema) is not int or not 1 <= schema <= _NEWEST_SCHEMA:
        raise ImportProblem("this 2FAS backup has an unknown schema (1 to 4 are supported)")
    services = rows(top, "services")
    if text(top, "servicesEncrypted"):
        services = _opened(text(top, "servicesEncrypted"), ask("2FAS"))
    return [_entry(row) for row in services]


def _opened(sealed: str, password: str) -> list[Any]:
    parts = [from_base64(part) for part in sealed.split(":")]
    if len(parts) != 3:
        raise ImportProblem("this 2FAS backup is damaged: its encrypted part is not whole")
    data, salt, nonce = parts
    key = ciphers.pbkdf2(password, salt, _ITERATIONS, "SHA256")
    services = Document(ciphers.open_gcm(key, nonce, data)).json
    if not isinstance(services, list):
        raise ImportProblem("this 2FAS backup holds something other than a list of services")
    return services


def _entry(row: Any) -> Entry:
    otp = child(row, "otp")
    service = text(row, "name")
    issuer = text(otp, "issuer") or service
    # `account` is what the user sees and may have changed, `label` what the QR code said.
    account = text(otp, "account") or split_label(text(otp, "label"), issuer)
    return entry_of(
        {
            "issuer": issuer,
            "name": account or service,
            "kind": text(otp, "tokenType") or "totp",
            "secret": text(row, "secret"),
            "algorithm": text(otp, "algorithm"),
            "digits": number(otp, "digits"),
            "period": number(otp, "period"),
            "counter": number(otp, "counter"),
        }
    )


FORMAT = Format("2FAS", _recognises, _read)
