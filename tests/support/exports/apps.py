"""Apps that keep nothing but accounts: Aegis, 2FAS, andOTP, LastPass Authenticator, Raivo."""

import base64
import hashlib
import io
import secrets
import struct

import pyzipper

from exports.accounts import PASSWORD, Export, base32, base64_of, dumped, gcm, more, twelve


def _aegis_db(accounts):
    return {
        "version": 3,
        "groups": [],
        "entries": [
            {
                "type": one.kind,
                "uuid": secrets.token_hex(16),
                "name": one.name,
                "issuer": one.issuer,
                "note": "",
                "icon": None,
                "info": {
                    "secret": base32(one.secret),
                    "algo": one.algorithm,
                    "digits": one.digits,
                    **(
                        {"period": one.period_s} if one.kind == "totp" else {"counter": one.counter}
                    ),
                },
            }
            for one in accounts
        ],
    }


def aegis():
    accounts = twelve() + more()
    header = {"slots": None, "params": None}
    return Export(dumped({"version": 1, "header": header, "db": _aegis_db(accounts)}), accounts)


def aegis_encrypted(n=1 << 10):
    accounts = twelve() + more()
    key, salt = secrets.token_bytes(32), secrets.token_bytes(32)
    wrapping = hashlib.scrypt(PASSWORD.encode(), salt=salt, n=n, r=8, p=1, dklen=32)
    nonces = [secrets.token_bytes(12), secrets.token_bytes(12)]
    wrapped, key_tag = gcm(wrapping, nonces[0], key)
    sealed, tag = gcm(key, nonces[1], dumped(_aegis_db(accounts)))
    slot = {
        "type": 1,
        "uuid": secrets.token_hex(16),
        "key": wrapped.hex(),
        "key_params": {"nonce": nonces[0].hex(), "tag": key_tag.hex()},
        **{"n": n, "r": 8, "p": 1, "salt": salt.hex(), "repaired": True, "is_backup": False},
    }
    fingerprint = {"type": 2, "uuid": "", "key": "00", "key_params": {"nonce": "00", "tag": "00"}}
    header = {
        "slots": [fingerprint, slot],
        "params": {"nonce": nonces[1].hex(), "tag": tag.hex()},
    }
    vault = {"version": 1, "header": header, "db": base64_of(sealed)}
    return Export(dumped(vault), accounts, PASSWORD)


def _twofas_services(accounts):
    return [
        {
            "name": one.issuer,
            "secret": base32(one.secret),
            "updatedAt": 1700000000000,
            "otp": {
                "label": f"{one.issuer}:{one.name}",
                "account": one.name,
                "issuer": one.issuer,
                "digits": one.digits,
                "algorithm": one.algorithm,
                "tokenType": one.kind.upper(),
                "source": "Manual",
                **({"period": one.period_s} if one.kind == "totp" else {"counter": one.counter}),
            },
            "order": {"position": index},
        }
        for index, one in enumerate(accounts)
    ]


def twofas(schema=4):
    accounts = twelve() + more()
    top = {"services": _twofas_services(accounts), "groups": [], "schemaVersion": schema}
    return Export(dumped(top), accounts)


def twofas_schema_1():
    """The first schema knows usual codes only, and says nothing about them."""
    accounts = twelve(algorithms=("SHA1",), digits=(6,))
    services = [
        {
            "name": one.issuer,
            "secret": base32(one.secret),
            "otp": {"account": one.name, "label": f"{one.issuer}:{one.name}"},
            "type": "Unknown",
        }
        for one in accounts
    ]
    return Export(dumped({"schemaVersion": 1, "services": services}), accounts)


def twofas_encrypted():
    accounts = twelve() + more()
    salt, nonce = secrets.token_bytes(256), secrets.token_bytes(12)
    key = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), salt, 10_000, 32)
    sealed, tag = gcm(key, nonce, dumped(_twofas_services(accounts)))
    parts = ":".join(base64_of(part) for part in (sealed + tag, salt, nonce))
    top = {"services": [], "schemaVersion": 4, "servicesEncrypted": parts, "reference": "x"}
    return Export(dumped(top), accounts, PASSWORD)


def _andotp_rows(accounts):
    return [
        {
            "secret": base64.b32encode(one.secret).decode(),
            "issuer": one.issuer,
            "label": one.name,
            "digits": one.digits,
            "type": one.kind.upper(),
            "algorithm": one.algorithm,
            "thumbnail": "Default",
            "last_used": 0,
            "used_frequency": 0,
            "tags": [],
            **({"period": one.period_s} if one.kind == "totp" else {"counter": one.counter}),
        }
        for one in accounts
    ]


def andotp():
    accounts = twelve() + more()
    return Export(dumped(_andotp_rows(accounts)), accounts)


def andotp_encrypted():
    accounts = twelve() + more()
    rounds, salt, nonce = 1_500, secrets.token_bytes(12), secrets.token_bytes(12)
    key = hashlib.pbkdf2_hmac("sha1", PASSWORD.encode(), salt, rounds, 32)
    sealed, tag = gcm(key, nonce, dumped(_andotp_rows(accounts)))
    return Export(struct.pack(">I", rounds) + salt + nonce + sealed + tag, accounts, PASSWORD)


def andotp_encrypted_before():
    accounts = twelve() + more()
    # A first byte as of random data that is no bearable number of rounds.
    nonce = b"\xf3" + secrets.token_bytes(11)
    key = hashlib.sha256(PASSWORD.encode()).digest()
    sealed, tag = gcm(key, nonce, dumped(_andotp_rows(accounts)))
    return Export(nonce + sealed + tag, accounts, PASSWORD)


def lastpass():
    accounts = twelve() + more()[:2]
    rows = [
        {
            "accountID": secrets.token_hex(16),
            "issuerName": one.issuer,
            "originalIssuerName": one.issuer,
            "userName": one.name,
            "originalUserName": "as it came",
            "secret": base32(one.secret),
            "timeStep": one.period_s,
            "digits": one.digits,
            "algorithm": one.algorithm,
            "pushNotification": False,
        }
        for one in accounts
    ]
    top = {"deviceId": "", "deviceSecret": "", "version": 3, "accounts": rows, "folders": []}
    return Export(dumped(top), accounts)


def _raivo_rows(accounts):
    rows = [
        {
            "pinned": "false",
            "issuer": one.issuer,
            "account": one.name,
            "secret": base32(one.secret),
            "algorithm": one.algorithm,
            "digits": str(one.digits),
            "timer": str(one.period_s),
            "kind": one.kind.upper(),
            "counter": str(one.counter),
        }
        for one in accounts
    ]
    return dumped(rows)


def raivo():
    accounts = twelve() + more()
    return Export(_raivo_rows(accounts), accounts)


def raivo_zip():
    accounts = twelve() + more()
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(PASSWORD.encode())
        archive.writestr("raivo-otp-export.json", _raivo_rows(accounts))
    return Export(out.getvalue(), accounts, PASSWORD)
