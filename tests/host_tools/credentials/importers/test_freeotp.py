"""FreeOTP: its three formats, what each calls a name, and what its backup may be encrypted with."""

import hashlib
import json

import pytest

from exports.accounts import dumped, gcm
from exports.more_apps import java_map
from host_tools.credentials.credential import Credential
from host_tools.credentials.importers.document import Document
from host_tools.credentials.importers.entry import ImportProblem, WrongPassword
from host_tools.credentials.importers.freeotp import FORMAT

KEY = bytes(range(120, 140))
TOKEN = {"issuerExt": "ACME", "label": "alice", "secret": [one - 256 * (one > 127) for one in KEY]}
COUNTING = {**TOKEN, "type": "HOTP", "counter": 8}
PASSWORD, MASTER, NONCE = "p", bytes(range(32)), bytes(range(200, 212))


def read(data, password=None):
    return FORMAT.read(Document(data, "a.file"), lambda _what: password)


def plain(*tokens):
    return read(dumped({"tokens": tokens, "tokenOrder": []}))


def preferences(**texts):
    strings = "".join(
        f'<string name="{name}">{text.replace("<", "&lt;")}</string>'
        for name, text in texts.items()
    )
    return f"<?xml version='1.0'?><map>{strings}</map>".encode()


@pytest.mark.parametrize(
    ("data", "known"),
    [
        (java_map({}), True),
        (b"<map><string name='x'>issuerExt</string></map>", True),
        (b"<map><string name='tokenOrder'/></map>", True),
        (b"<map><string name='x'/></map>", False),
        (b"tokenOrder issuerExt", False),
        (dumped({"tokens": [TOKEN]}), True),
        (dumped({"tokens": [{}], "tokenOrder": []}), True),
        (dumped({"tokens": [TOKEN, {}]}), False),
        (dumped({"tokens": [TOKEN, ["issuerExt"]]}), False),
        (dumped({"tokens": {}, "tokenOrder": []}), False),
        (dumped({"tokenOrder": []}), False),
    ],
)
def test_what_is_known(data, known):
    assert FORMAT.recognises(Document(data)) is known


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ({}, ("ACME", "alice")),
        ({"issuerInt": "I", "issuerAlt": "", "labelAlt": ""}, ("ACME", "alice")),
        ({"issuerInt": "I", "issuerExt": ""}, ("I", "alice")),
        ({"issuerInt": "I", "issuerAlt": "A", "labelAlt": "L"}, ("A", "L")),
    ],
)
def test_names_that_the_user_gave_come_first(names, expected):
    (one,) = plain({**TOKEN, **names})
    assert (one.credential.issuer, one.credential.name) == expected


def test_the_next_counter_follows_the_one_that_was_used_last():
    (counting,) = plain(COUNTING)
    assert counting.credential == Credential("ACME", "alice", KEY, kind="hotp", counter=9)
    (one,) = read(preferences(tokenOrder="[]", a=json.dumps(COUNTING)))
    assert one.credential == counting.credential
    (text,) = plain({**COUNTING, "counter": "8"})
    assert text.credential.counter == 8
    (missing,) = plain({**TOKEN, "type": "HOTP"})
    assert "needs a counter" in missing.problem


def test_what_is_no_token_is_refused_by_itself():
    bad, good = plain({**TOKEN, "secret": "AB"}, {**TOKEN, "algo": "SHA256"})
    assert (bad.title, bad.problem) == ("ACME:alice", "the key is not a list of bytes")
    assert good.credential == Credential("ACME", "alice", KEY, "SHA256")
    assert [one.problem for one in plain(None, [])] == ["the key is not a list of bytes"] * 2
    for text in ("[]", "x", "[" * 100_000):
        (one,) = read(preferences(a=text))
        assert one.problem == "the key is not a list of bytes"


# --- the backup of FreeOTP 2 ---------------------------------------------------------------------


def signed(data):
    return [byte - 256 if byte > 127 else byte for byte in data]


def sealed(key, text, nonce=NONCE, parameters=None, cipher="AES/GCM/NoPadding", token="T"):
    data = b"".join(gcm(key, nonce, text, token.encode()))
    if parameters is None:
        parameters = b"\x04" + bytes([len(nonce)]) + nonce
    return {
        **{"mCipher": cipher, "mCipherText": signed(data), "mToken": token},
        "mParameters": signed(parameters),
    }


def master(kdf="PBKDF2withHmacSHA1", iterations=2, **details):
    hashed = "sha512" if kdf.endswith("512") else "sha1"
    key = hashlib.pbkdf2_hmac(hashed, PASSWORD.encode(), b"salt", iterations, 32)
    return json.dumps(
        {
            **{"mAlgorithm": kdf, "mIterations": iterations, "mSalt": signed(b"salt")},
            "mEncryptedKey": sealed(key, MASTER, **details),
        }
    )


def backup(first=None, **details):
    """A backup of one token, which is encrypted with such details."""
    rest = {name: what for name, what in COUNTING.items() if name != "secret"}
    texts = {
        "masterKey": master() if first is None else first,
        "1": json.dumps({"key": json.dumps(sealed(MASTER, KEY, **details))}),
        "1-token": json.dumps(rest),
    }
    return java_map(texts)


COUNTED = Credential("ACME", "alice", KEY, kind="hotp", counter=8)


@pytest.mark.parametrize("kdf", ["PBKDF2withHmacSHA1", "PBKDF2withHmacSHA512"])
def test_a_backup_keeps_the_next_counter(kdf):
    (one,) = read(backup(master(kdf)), PASSWORD)
    assert one.credential == COUNTED
    with pytest.raises(WrongPassword):
        read(backup(master(kdf)), "other")


@pytest.mark.parametrize(
    "parameters",
    [
        b"\x04\x0c" + NONCE,
        b"\x04\x0c" + NONCE + b"\x02\x01\x10",
        b"\x30\x0e\x04\x0c" + NONCE,
        b"\x30\x11\x04\x0c" + NONCE + b"\x02\x01\x10",
    ],
)
def test_where_a_nonce_may_be(parameters):
    (one,) = read(backup(parameters=parameters), PASSWORD)
    assert one.credential == COUNTED
    (one,) = read(backup(master(parameters=parameters)), PASSWORD)
    assert one.credential == COUNTED


def test_a_nonce_of_another_length():
    (one,) = read(backup(nonce=bytes(16)), PASSWORD)
    assert one.credential == COUNTED


@pytest.mark.parametrize(
    "parameters", [b"", b"\x04", b"\x05\x0c" + NONCE, b"\x30", b"\x30\x0e\x04", b"\x30\x0e\x05\x00"]
)
def test_parameters_without_a_nonce_are_unknown(parameters):
    (one,) = read(backup(parameters=parameters), PASSWORD)
    assert "encrypted in an unknown way" in one.problem and one.title == "alice"


@pytest.mark.parametrize("parameters", [b"\x04\x00", b"\x30\x02\x04\x00", b"\x04\x0b" + NONCE])
def test_a_nonce_that_is_too_short_opens_nothing(parameters):
    (one,) = read(backup(parameters=parameters), PASSWORD)
    assert "wrong password" in one.problem
    with pytest.raises(WrongPassword):
        read(backup(master(parameters=parameters)), PASSWORD)


def test_another_cipher_is_unknown():
    (one,) = read(backup(cipher="AES/CBC"), PASSWORD)
    assert "encrypted in an unknown way" in one.problem
    with pytest.raises(ImportProblem, match="encrypted in an unknown way"):
        read(backup(master(cipher="AES/CBC")), PASSWORD)


@pytest.mark.parametrize("first", [master("PBKDF2withHmacMD5"), "{}", "[]", ""])
def test_a_master_key_of_another_kind_asks_for_no_password(first):
    def ask(_what):
        pytest.fail("asked for a password")

    with pytest.raises(ImportProblem, match="unknown kind, or none"):
        FORMAT.read(Document(backup(first)), ask)


def test_a_token_without_the_rest_of_it_is_refused():
    key = json.dumps({"key": json.dumps(sealed(MASTER, KEY))})
    (one,) = read(java_map({"masterKey": master(), "1": key}), PASSWORD)
    assert "no name" in one.problem
