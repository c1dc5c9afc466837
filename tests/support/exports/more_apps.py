"""FreeOTP, Ente Auth and Stratum."""

import hashlib
import json
import secrets
import struct

import nacl.bindings
import nacl.pwhash

from exports.accounts import (
    ALGORITHMS,
    PASSWORD,
    Export,
    argon2id,
    base32,
    base64_of,
    cbc,
    dumped,
    gcm,
    more,
    twelve,
    uri,
)


def _signed(data):
    return [byte - 256 if byte > 127 else byte for byte in data]


def _freeotp_token(one, counter):
    return {
        "algo": one.algorithm,
        "counter": counter,
        "digits": one.digits,
        "issuerExt": one.issuer,
        "issuerInt": one.issuer,
        "label": one.name,
        "period": one.period_s,
        "type": one.kind.upper(),
    }


def freeotp_plus():
    """It keeps the counter that was used last."""
    accounts = twelve() + more()
    tokens = [
        {**_freeotp_token(one, max(0, one.counter - 1)), "secret": _signed(one.secret)}
        for one in accounts
    ]
    order = [f"{one.issuer}:{one.name}" for one in accounts]
    return Export(dumped({"tokenOrder": order, "tokens": tokens}), accounts)


def _java_text(text):
    data = text.encode()
    return b"\x74" + struct.pack(">H", len(data)) + data


def java_map(texts):
    """A HashMap of texts, as Java's ObjectOutputStream writes it."""
    name = b"java.util.HashMap"
    head = b"\xac\xed\x00\x05\x73\x72" + struct.pack(">H", len(name)) + name
    head += bytes.fromhex("0507dac1c31660d1") + b"\x03" + struct.pack(">H", 2)
    head += b"F" + struct.pack(">H", 10) + b"loadFactor" + b"I" + struct.pack(">H", 9)
    head += b"threshold" + b"\x78\x70" + struct.pack(">fI", 0.75, 24)
    head += b"\x77\x08" + struct.pack(">II", 32, len(texts))
    return head + b"".join(_java_text(k) + _java_text(v) for k, v in texts.items()) + b"\x78"


def freeotp_backup():
    """FreeOTP 2's externalBackup.xml, which is no XML."""
    accounts = twelve() + more()
    salt, master = secrets.token_bytes(32), secrets.token_bytes(32)
    key = hashlib.pbkdf2_hmac("sha512", PASSWORD.encode(), salt, 1_000, 32)

    def sealed(wrapping, plain, token):
        nonce = secrets.token_bytes(12)
        data, tag = gcm(wrapping, nonce, plain, token.encode())
        return {
            "mCipher": "AES/GCM/NoPadding",
            "mCipherText": _signed(data + tag),
            "mParameters": _signed(b"\x30\x11\x04\x0c" + nonce + b"\x02\x01\x10"),
            "mToken": token,
        }

    texts = {
        "masterKey": json.dumps(
            {
                "mAlgorithm": "PBKDF2withHmacSHA512",
                "mEncryptedKey": sealed(key, master, "AES"),
                "mIterations": 1_000,
                "mSalt": _signed(salt),
            }
        )
    }
    for one in accounts:
        uuid = secrets.token_hex(16)
        texts[uuid] = json.dumps({"key": json.dumps(sealed(master, one.secret, "HmacSHA1"))})
        texts[uuid + "-token"] = json.dumps(_freeotp_token(one, one.counter))
    return Export(java_map(texts), accounts, PASSWORD)


def ente():
    """Plain: URIs with what the app itself needs behind them."""
    accounts = twelve() + more()
    display = json.dumps({"pinned": False, "tags": []})
    return Export("\n".join(uri(one, codeDisplay=display) for one in accounts).encode(), accounts)


def ente_encrypted():
    accounts = twelve() + more()
    salt = secrets.token_bytes(16)
    memory, passes = 16 << 20, 2
    key = nacl.pwhash.argon2id.kdf(32, PASSWORD.encode(), salt, opslimit=passes, memlimit=memory)
    state = nacl.bindings.crypto_secretstream_xchacha20poly1305_state()
    header = nacl.bindings.crypto_secretstream_xchacha20poly1305_init_push(state, key)
    plain = "\n".join(uri(one) for one in accounts).encode()
    final = nacl.bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL
    sealed = nacl.bindings.crypto_secretstream_xchacha20poly1305_push(state, plain, None, final)
    top = {
        "version": 1,
        "kdfParams": {"memLimit": memory, "opsLimit": passes, "salt": base64_of(salt)},
        "encryptedData": base64_of(sealed),
        "encryptionNonce": base64_of(header),
    }
    return Export(dumped(top), accounts, PASSWORD)


def _stratum(accounts):
    rows = [
        {
            "Type": {"hotp": 1, "totp": 2}[one.kind],
            "Icon": None,
            "Issuer": one.issuer,
            "Username": one.name,
            "Secret": base32(one.secret),
            "Pin": None,
            "Algorithm": ALGORITHMS.index(one.algorithm),
            "Digits": one.digits,
            "Period": one.period_s,
            "Counter": one.counter,
            "CopyCount": 0,
            "Ranking": index,
        }
        for index, one in enumerate(accounts)
    ]
    return dumped({"Authenticators": rows, "Categories": [], "CustomIcons": []})


def stratum():
    accounts = twelve() + more()
    return Export(_stratum(accounts), accounts)


def stratum_encrypted():
    accounts = twelve() + more()
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    key = argon2id(PASSWORD, salt, 3, 65536, 4)
    sealed, tag = gcm(key, nonce, _stratum(accounts))
    return Export(b"AUTHENTICATORPRO" + salt + nonce + sealed + tag, accounts, PASSWORD)


def stratum_encrypted_before():
    accounts = twelve() + more()
    salt, iv = secrets.token_bytes(20), secrets.token_bytes(16)
    key = hashlib.pbkdf2_hmac("sha1", PASSWORD.encode(), salt, 64_000, 32)
    sealed = cbc(key, iv, _stratum(accounts))
    return Export(b"AuthenticatorPro" + salt + iv + sealed, accounts, PASSWORD)
