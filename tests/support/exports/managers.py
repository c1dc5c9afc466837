"""Password managers: Bitwarden, 1Password, Proton Authenticator and Pass."""

import hashlib
import hmac
import secrets

from exports.accounts import (
    PASSWORD,
    Export,
    argon2id,
    base64_of,
    cbc,
    csv_of,
    dumped,
    gcm,
    more,
    twelve,
    uri,
    zip_of,
)


def _bitwarden_items(accounts):
    return [
        {
            "type": 1,
            "name": f"item {index}",
            "login": {"username": "somebody", "password": "secret", "totp": uri(one)},
        }
        for index, one in enumerate(accounts)
    ] + [{"type": 1, "name": "no code", "login": {"username": "x", "totp": None}}, {"type": 2}]


def bitwarden():
    accounts = twelve() + more()
    top = {"encrypted": False, "folders": [], "items": _bitwarden_items(accounts)}
    return Export(dumped(top), accounts)


def bitwarden_csv():
    accounts = twelve() + more()
    header = "folder,favorite,type,name,notes,fields,reprompt,login_uri,login_username"
    rows = [(header + ",login_password,login_totp").split(",")]
    for one in accounts:
        rows.append(["", "", "login", one.issuer, "two\nlines", "", "0", "", "u", "p", uri(one)])
    return Export(csv_of(rows), accounts)


def _expanded(key, info):
    """HKDF-Expand (RFC 5869) for one block of SHA-256."""
    return hmac.digest(key, info + b"\x01", "sha256")


def _bitwarden_sealed(argon):
    accounts = twelve() + more()
    salt = base64_of(secrets.token_bytes(16))
    if argon:
        costs = {"kdfType": 1, "kdfIterations": 2, "kdfMemory": 16, "kdfParallelism": 4}
        digest = hashlib.sha256(salt.encode()).digest()
        key = argon2id(PASSWORD, digest, 2, 16 * 1024, 4)
    else:
        costs = {"kdfType": 0, "kdfIterations": 5_000}
        key = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), salt.encode(), 5_000, 32)
    cipher, mac = _expanded(key, b"enc"), _expanded(key, b"mac")

    def sealed(plain):
        iv = secrets.token_bytes(16)
        data = cbc(cipher, iv, plain)
        tag = hmac.digest(mac, iv + data, "sha256")
        return "2." + "|".join(base64_of(part) for part in (iv, data, tag))

    inner = {"encrypted": False, "folders": [], "items": _bitwarden_items(accounts)}
    top = {
        **{"encrypted": True, "passwordProtected": True, "salt": salt, **costs},
        "encKeyValidation_DO_NOT_EDIT": sealed(b"a fresh uuid"),
        "data": sealed(dumped(inner)),
    }
    return Export(dumped(top), accounts, PASSWORD)


def bitwarden_pbkdf2():
    return _bitwarden_sealed(argon=False)


def bitwarden_argon2():
    return _bitwarden_sealed(argon=True)


def proton_authenticator():
    return _proton(encrypted=False)


def proton_encrypted():
    return _proton(encrypted=True)


def _proton(encrypted):
    accounts = twelve() + more()[:2]
    entries = [
        {
            "id": secrets.token_hex(16),
            "content": {"uri": uri(one), "entry_type": "Totp", "name": one.name},
            "note": None,
        }
        for one in accounts
    ]
    plain = dumped({"version": 1, "entries": entries})
    if not encrypted:
        return Export(plain, accounts)
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    key = argon2id(PASSWORD, salt, 2, 19 * 1024, 1)
    sealed, tag = gcm(key, nonce, plain, b"proton.authenticator.export.v1")
    content = base64_of(nonce + sealed + tag)
    top = {"version": 1, "salt": base64_of(salt), "content": content}
    return Export(dumped(top), accounts, PASSWORD)


def proton_pass():
    accounts = twelve() + more()[:2]
    items = [
        {
            "data": {
                "metadata": {"name": one.issuer, "note": ""},
                "type": "login",
                "content": {"itemUsername": one.name, "totpUri": uri(one)},
                "extraFields": [],
            }
        }
        for one in accounts[:-1]
    ]
    last = accounts[-1]
    extra = {"fieldName": "code", "type": "totp", "data": {"totpUri": uri(last)}}
    items.append(
        {"data": {"metadata": {"name": "x"}, "type": "note", "content": {}, "extraFields": [extra]}}
    )
    vaults = {"some id": {"name": "Personal", "items": items}}
    data = dumped({"version": "1.31.5", "encrypted": False, "vaults": vaults})
    return Export(zip_of({"Proton Pass/data.json": data}), accounts)


def onepassword():
    accounts = twelve() + more()[:2]
    items = [
        {
            "state": "active",
            "overview": {"title": f"item {one.issuer}"},
            "details": {
                "loginFields": [{"value": "user", "designation": "username"}],
                "sections": [{"fields": [{"title": "code", "value": {"totp": uri(one)}}]}],
            },
        }
        for one in accounts
    ]
    data = dumped({"accounts": [{"attrs": {}, "vaults": [{"attrs": {}, "items": items}]}]})
    return Export(zip_of({"export.attributes": b"{}", "export.data": data}), accounts)
