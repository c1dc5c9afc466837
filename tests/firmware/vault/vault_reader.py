"""Reads the vault's files by the description in slot.py, seal.py and key_record.py, with Python's
own hashes and OpenSSL's AES, and none of the firmware's code."""

import hashlib
import hmac
import struct
import zlib

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

KEY_FILES = ("key.0", "key.1")
VAULT_FILES = ("vault.0", "vault.1")


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def decrypted(key, nonce, data):
    cipher_key = mac(key, b"picototp vault cipher 1")
    return Cipher(algorithms.AES(cipher_key), modes.CTR(nonce)).decryptor().update(data)


def read_vault(data, key=None):
    """(generation, flags, accounts) of a vault file; `key` is the data key."""
    magic, version, cipher, flags, zero, generation, size, count, zero2, crc = struct.unpack_from(
        ">4sBBBBIIHHI", data
    )
    assert (magic, zero, zero2) == (b"PTVL", 0, 0)
    assert (version, cipher) == ((2, 1) if key else (1, 0))
    assert crc == zlib.crc32(data[:20])
    assert len(data) == 88 + size + 32
    payload = data[88:-32]
    if key:
        assert data[40:88] == bytes(48)
        assert data[-32:] == mac(mac(key, b"picototp vault mac 1"), data[:-32])
        payload = decrypted(key, data[24:40], payload)
    else:
        assert data[24:88] == bytes(64)
        assert data[-32:] == hashlib.sha256(data[:-32]).digest()
    accounts, at = [], 0
    for _ in range(count):
        (length,) = struct.unpack_from(">H", payload, at)
        accounts.append(read_record(payload[at + 2 : at + 2 + length]))
        at += 2 + length
    assert at == size
    return generation, flags, accounts


def read_record(body):
    kind, algorithm, digits, period_s, counter = (
        body[0], body[1], body[2], int.from_bytes(body[3:6], "big"), body[6:14],
    )  # fmt: skip
    texts, at = [], 14
    while at < len(body):
        texts.append(body[at + 1 : at + 1 + body[at]])
        at += 1 + body[at]
    secret, issuer, name, *shown = texts
    assert len(shown) in (0, 2)
    issuer_ascii, name_ascii = shown or (b"", b"")
    return (
        issuer.decode(),
        name.decode(),
        secret,
        {1: "SHA1", 2: "SHA256", 3: "SHA512"}[algorithm],
        digits,
        period_s,
        {1: "totp", 2: "hotp"}[kind],
        int.from_bytes(counter, "big"),
        issuer_ascii.decode("ascii"),
        name_ascii.decode("ascii"),
    )


def read_key(data, pin=None):
    """The data key of a key file, or the name of the state that has none."""
    magic, version, state, limit, lock_code, generation, rounds = struct.unpack_from(
        ">4sBBBBII", data
    )
    assert (magic, version, len(data)) == (b"PTKY", 1, 100)
    assert lock_code < 180 or lock_code == 255
    assert zlib.crc32(data[:96]) == int.from_bytes(data[96:], "big")
    assert limit == 0 or 5 <= limit <= 20
    assert generation
    salt, kept, tag = data[16:32], data[32:64], data[64:96]
    if state != 1:
        assert (rounds, salt, tag) == (0, bytes(16), bytes(32))
        if state == 0:
            return kept
        assert kept == bytes(32)
        return {2: "destroyed", 3: "wiping"}[state]
    assert rounds >= 20_000
    assert pin is not None
    stretched = hashlib.pbkdf2_hmac("sha1", pin, salt, rounds, 20)
    assert tag == mac(mac(stretched, b"picototp key check 1"), data[:64])
    pad = mac(stretched, b"picototp key wrap 1")
    return bytes(one ^ other for one, other in zip(kept, pad, strict=True))


def is_open(data):
    return len(data) == 100 and data[5] == 0


def open_keys(files):
    """The data keys that lie open in these files."""
    records = [files[name] for name in KEY_FILES if name in files]
    return {read_key(data) for data in records if is_open(data)}


def remains(files, text, keys=()):
    """Whether anything in the files, decrypted with these keys and those lying open, has a text.
    Files that were cut or spoilt are looked at too."""
    if any(text in data for data in files.values()):
        return True
    return any(
        text in decrypted(key, files[name][24:40], files[name][88:])
        for key in open_keys(files) | set(keys)
        for name in VAULT_FILES
        if len(files.get(name, b"")) > 88
    )
