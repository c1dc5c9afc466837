"""KeePass and KeePassXC."""

import gzip
import hashlib
import os
import secrets
import struct
import tempfile

import pykeepass
from Cryptodome.Cipher import AES

from exports.accounts import PASSWORD, Export, base32, base64_of, cbc, csv_of, more, twelve, uri


def keepassxc_csv():
    accounts = twelve() + more()
    header = ["Group", "Title", "Username", "Password", "URL", "Notes", "TOTP", "Icon"]
    rows = [["Root", one.issuer, "user", "p", "", "", uri(one), "0"] for one in accounts]
    return Export(csv_of([header, *rows, ["Root", "none", "", "", "", "", "", "0"]]), accounts)


def _keepass_texts(one, way):
    """The texts of an entry, as one of the programs and plugins keeps a one-time password."""
    digits, period = str(one.digits), str(one.period_s)
    dashed = one.algorithm.replace("SHA", "HMAC-SHA-")
    if way == "tray" and one.algorithm == "SHA1":
        return {"TOTP Seed": base32(one.secret), "TOTP Settings": f"{period};{digits}"}
    if way == "keeotp":
        value = f"key={base32(one.secret)}&step={period}&size={digits}"
        return {"otp": f"{value}&otpHashMode={one.algorithm.title()}"}
    if way == "keepass":
        return {
            "TimeOtp-Secret-Base32": base32(one.secret),
            **{"TimeOtp-Length": digits, "TimeOtp-Period": period, "TimeOtp-Algorithm": dashed},
        }
    if way == "keepass hex":
        return {
            "TimeOtp-Secret-Hex": one.secret.hex(),
            **{"TimeOtp-Length": digits, "TimeOtp-Period": period, "TimeOtp-Algorithm": dashed},
        }
    return {"otp": uri(one)}


_WAYS = ("uri", "tray", "keeotp", "keepass", "keepass hex")


def keepass_xml():
    accounts = twelve() + more()[:2]
    entries = ""
    for index, one in enumerate(accounts):
        texts = {"Title": one.issuer, "UserName": one.name, "Password": "p"}
        texts |= _keepass_texts(one, _WAYS[index % len(_WAYS)])
        strings = "".join(
            f"<String><Key>{_xml(key)}</Key><Value>{_xml(value)}</Value></String>"
            for key, value in texts.items()
        )
        earlier = (
            "<History><Entry><String><Key>otp</Key><Value>old</Value></String></Entry></History>"
        )
        entries += (
            f"<Entry><UUID>{base64_of(secrets.token_bytes(16))}</UUID>{strings}{earlier}</Entry>"
        )
    document = (
        '<?xml version="1.0" encoding="utf-8" standalone="yes"?><KeePassFile><Meta>'
        "<RecycleBinUUID>QkJCQkJCQkJCQkJCQkJCQg==</RecycleBinUUID></Meta><Root><Group>"
        f"<UUID>QUFBQUFBQUFBQUFBQUFBQQ==</UUID><Name>Root</Name>{entries}<Group><UUID>QkJCQkJCQkJCQkJCQkJCQg==</UUID>"
        "<Entry><String><Key>otp</Key><Value>binned</Value></String></Entry></Group>"
        "</Group></Root></KeePassFile>"
    )
    return Export(document.encode(), accounts)


def keepass_database_3():
    """KDBX 3.1, written by hand after its description; its key by rounds of AES."""
    plain = keepass_xml()
    seeds = [secrets.token_bytes(32) for _ in range(4)]
    master, transform, stream_key, start = seeds
    rounds, iv = 3_000, secrets.token_bytes(16)
    head = b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5" + struct.pack("<HH", 1, 3)
    for number, value in (
        (2, bytes.fromhex("31c1f2e6bf714350be5805216afc5aff")),
        (3, struct.pack("<I", 1)),
        *((4, master), (5, transform), (6, struct.pack("<Q", rounds)), (7, iv)),
        *((8, stream_key), (9, start), (10, struct.pack("<I", 2)), (0, b"\r\n\r\n")),
    ):
        head += struct.pack("<BH", number, len(value)) + value
    key = hashlib.sha256(hashlib.sha256(PASSWORD.encode()).digest()).digest()
    for _ in range(rounds):
        key = AES.new(transform, AES.MODE_ECB).encrypt(key)
    final = hashlib.sha256(master + hashlib.sha256(key).digest()).digest()
    content = gzip.compress(plain.data)
    block = struct.pack("<I", 0) + hashlib.sha256(content).digest()
    block += struct.pack("<I", len(content)) + content
    block += struct.pack("<I", 1) + bytes(32) + struct.pack("<I", 0)
    return Export(head + cbc(final, iv, start + block), plain.credentials, PASSWORD)


def _xml(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


def keepass_database():
    """KDBX 4, made by pykeepass; its key by Argon2."""
    accounts = twelve() + more()[:2]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "new.kdbx")
        database = pykeepass.create_database(path, password=PASSWORD)
        for index, one in enumerate(accounts):
            entry = database.add_entry(database.root_group, one.issuer, one.name, f"p{index}")
            texts = _keepass_texts(one, _WAYS[index % len(_WAYS)])
            for key, value in texts.items():
                if key == "otp":
                    entry.otp = value
                else:
                    entry.set_custom_property(key, value, protect=True)
        binned = database.add_entry(database.root_group, "binned", "x", "p", otp="JBSWY3DP")
        database.trash_entry(binned)
        costs = database.kdbx.header.value.dynamic_header.kdf_parameters.data.dict
        costs["I"].value, costs["M"].value = 2, 1 << 20
        database.save()
        with open(path, "rb") as file:
            return Export(file.read(), accounts, PASSWORD)
