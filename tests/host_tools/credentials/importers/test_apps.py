"""Apps that keep nothing but accounts: what a field may be left out for, and what is refused."""

import base64
import hashlib
import json
import secrets
import struct

import pytest

from exports import apps, more_apps
from exports.accounts import cbc, dumped, gcm
from host_tools.credentials.credential import Credential
from host_tools.credentials.importers import (
    aegis,
    andotp,
    ciphers,
    ente,
    lastpass,
    raivo,
    stratum,
    twofas,
)
from host_tools.credentials.importers.document import Document
from host_tools.credentials.importers.entry import ImportProblem, WrongPassword

SECRET, KEY = "JBSWY3DPEHPK3PXP", b"Hello!\xde\xad\xbe\xef"
PASSWORD = "p"


def read(module, top, password=None):
    data = top if isinstance(top, bytes) else dumped(top)
    return module.FORMAT.read(Document(data, "a.file"), lambda _what: password)


def knows(module, top):
    return module.FORMAT.recognises(Document(top if isinstance(top, bytes) else dumped(top)))


def refusal(module, top, password=PASSWORD, error=ImportProblem):
    with pytest.raises(error) as caught:
        read(module, top, password)
    return caught.value.message


def of_aegis(row):
    return aegis, {"version": 1, "header": {}, "db": {"entries": [row]}}


def of_andotp(row):
    return andotp, [row]


def of_lastpass(row):
    return lastpass, {"accounts": [row]}


def of_raivo(row):
    return raivo, [row]


def of_stratum(row):
    return stratum, {"Authenticators": [row]}


def of_twofas(row):
    return twofas, {"schemaVersion": 4, "services": [row]}


def twofas_row(name="", **otp):
    return {"name": name, "secret": SECRET, "otp": otp}


@pytest.mark.parametrize(
    ("of", "row", "expected"),
    [
        (of_aegis, {"type": "totp", "name": "a", "info": {"secret": SECRET}}, ("", "a")),
        (of_andotp, {"type": "TOTP", "label": "a", "secret": SECRET}, ("", "a")),
        (of_andotp, {"type": "TOTP", "label": "A - b - c", "secret": SECRET}, ("A", "b - c")),
        (of_andotp, {"type": "TOTP", "label": "A:b", "secret": SECRET}, ("", "A:b")),
        (
            of_andotp,
            {"type": "TOTP", "label": "A:b - c", "issuer": "A", "secret": SECRET},
            ("A", "b - c"),
        ),
        (of_lastpass, {"issuerName": "A", "userName": "b", "secret": SECRET}, ("A", "b")),
        (
            of_lastpass,
            {"issuerName": "", "originalIssuerName": "O", "userName": "b", "secret": SECRET},
            ("O", "b"),
        ),
        (
            of_lastpass,
            {
                **{"issuerName": "A", "originalIssuerName": "O"},
                **{"originalUserName": "o", "secret": SECRET},
            },
            ("A", "o"),
        ),
        (of_raivo, {"account": "a", "secret": SECRET}, ("", "a")),
        (of_stratum, {"Type": 2, "Issuer": "A", "Username": "b", "Secret": SECRET}, ("A", "b")),
        (of_twofas, twofas_row("A", account="b"), ("A", "b")),
        (of_twofas, twofas_row("A", issuer="I", account="b", label="x"), ("I", "b")),
        (of_twofas, twofas_row("A", issuer="I", label="I:x"), ("I", "x")),
        (of_twofas, twofas_row("A", label="I:x"), ("A", "I:x")),
        (of_twofas, twofas_row("A", issuer="I"), ("I", "A")),
    ],
)
def test_names_and_what_is_left_out(of, row, expected):
    (one,) = read(*of(row))
    assert one.credential == Credential(*expected, KEY)


@pytest.mark.parametrize(
    ("of", "row"),
    [
        (of_aegis, {"name": "a", "info": {"secret": SECRET}}),
        (of_aegis, {"type": "yandex", "name": "a", "info": {"secret": SECRET}}),
        (of_andotp, {"label": "a", "secret": SECRET}),
        (of_stratum, {"Issuer": "A", "Secret": SECRET}),
        (of_stratum, {"Type": "2", "Issuer": "A", "Secret": SECRET}),
        (of_stratum, {"Type": True, "Issuer": "A", "Secret": SECRET}),
        (of_stratum, {"Type": 6, "Issuer": "A", "Secret": SECRET}),
        (of_stratum, {"Type": 3, "Issuer": "A", "Secret": SECRET}),
        (of_stratum, {"Type": 5, "Issuer": "A", "Secret": SECRET}),
        (of_stratum, {"Type": 2, "Algorithm": 3, "Issuer": "A", "Secret": SECRET}),
        (of_stratum, {"Type": 2, "Algorithm": "0", "Issuer": "A", "Secret": SECRET}),
        (of_stratum, {"Type": 2, "Algorithm": True, "Issuer": "A", "Secret": SECRET}),
        (of_aegis, "x"),
        (of_andotp, "x"),
        (of_raivo, "x"),
        (of_stratum, "x"),
        (of_twofas, "x"),
    ],
)
def test_what_is_not_known_is_refused_by_itself(of, row):
    (one,) = read(*of(row))
    assert one.credential is None and one.problem


@pytest.mark.parametrize(
    ("number", "algorithm"), [(None, "SHA1"), (0, "SHA1"), (1, "SHA256"), (2, "SHA512")]
)
def test_algorithms_of_stratum(number, algorithm):
    row = {"Type": 2, "Issuer": "A", "Username": "b", "Secret": SECRET, "Algorithm": number}
    assert read(*of_stratum(row))[0].credential == Credential("A", "b", KEY, algorithm)


def test_a_counter_that_comes_as_text_or_as_a_number():
    row = {"account": "a", "secret": SECRET, "kind": "HOTP", "counter": "7"}
    assert read(*of_raivo(row))[0].credential == Credential("", "a", KEY, kind="hotp", counter=7)
    row = twofas_row("A", account="b", tokenType="HOTP", counter=7)
    assert read(*of_twofas(row))[0].credential == Credential("A", "b", KEY, kind="hotp", counter=7)


def test_kinds_of_stratum():
    row = {"Issuer": "A", "Username": "b", "Secret": SECRET, "Counter": 7}
    assert read(*of_stratum({**row, "Type": 1}))[0].credential.counter == 7
    assert read(*of_stratum({**row, "Type": 4}))[0].credential.is_steam


@pytest.mark.parametrize(
    ("module", "top", "known"),
    [
        (aegis, {"version": 1, "header": {}, "db": ""}, True),
        (aegis, {"version": 1, "header": {}, "db": "", "more": 1}, True),
        (aegis, {"version": 1, "header": {}}, False),
        (andotp, [{"secret": 1, "label": 1, "type": 1}], True),
        (andotp, [{"secret": 1, "label": 1}], False),
        (andotp, {"version": 1, "elements": []}, True),
        (andotp, {"elements": []}, False),
        (andotp, {"version": 1, "elements": {}}, False),
        (ente, {"kdfParams": 1, "encryptedData": 1, "encryptionNonce": 1}, True),
        (ente, {"kdfParams": 1, "encryptedData": 1, "encryptionNonce": 1, "version": 1}, True),
        (ente, {"kdfParams": 1, "encryptedData": 1}, False),
        (lastpass, {"accounts": [{"issuerName": 1}]}, True),
        (lastpass, {"accounts": [{"issuerName": 1}, {}]}, False),
        (lastpass, {"accounts": [["issuerName"]]}, False),
        (lastpass, {"accounts": []}, False),
        (lastpass, {"accounts": {"issuerName": 1}}, False),
        (raivo, [{"account": 1, "issuer": 1, "secret": 1, "timer": 1}], True),
        (raivo, [{"account": 1, "issuer": 1, "secret": 1}], False),
        (stratum, {"Authenticators": []}, True),
        (stratum, {"Authenticators": {}}, False),
        (stratum, b"AUTHENTICATORPRO", True),
        (stratum, b"AuthenticatorPro", True),
        (stratum, b"Authenticatorpro", False),
        (twofas, {"schemaVersion": 1, "services": []}, True),
        (twofas, {"schemaVersion": 1, "servicesEncrypted": ""}, True),
        (twofas, {"schemaVersion": 1}, False),
        (twofas, {"services": []}, False),
    ],
)
def test_what_is_known(module, top, known):
    assert knows(module, top) is known


@pytest.mark.parametrize("schema", [0, 5, True, "4", 4.0, None])
def test_schemas_of_2fas(schema):
    assert "unknown schema" in refusal(twofas, {"schemaVersion": schema, "services": []})
    for known in (1, 2, 3, 4):
        assert read(twofas, {"schemaVersion": known, "services": []}) == []


@pytest.mark.parametrize("parts", ["AA==:AA==", "AA==:AA==:AA==:AA=="])
def test_what_2fas_encrypts_has_three_parts(parts):
    top = {"schemaVersion": 4, "services": [], "servicesEncrypted": parts}
    assert "not whole" in refusal(twofas, top)


def test_what_2fas_encrypts_is_a_list():
    nonce = bytes(12)
    key = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), b"salt", 10_000, 32)
    data = b"".join(gcm(key, nonce, b"{}"))
    parts = ":".join(base64.b64encode(one).decode() for one in (data, b"salt", nonce))
    top = {"schemaVersion": 4, "servicesEncrypted": parts}
    assert "something other than a list" in refusal(twofas, top)
    assert "wrong password" in refusal(twofas, top, "other", WrongPassword)


# --- Aegis ---------------------------------------------------------------------------------------


def test_the_slots_of_aegis_are_tried_up_to_the_last(monkeypatch):
    export = apps.aegis_encrypted(n=2)
    vault = json.loads(export.data)
    slot = vault["header"]["slots"][1]
    others = [{**slot, "key": "00" * 32}, {**slot, "salt": "00"}, {**slot, "type": 3}, "slot", {}]
    vault["header"]["slots"] = [*others, slot]
    monkeypatch.setattr(aegis, "_MOST_SLOTS", 3)
    assert [one.credential for one in read(aegis, vault, export.password)] == export.credentials
    monkeypatch.setattr(aegis, "_MOST_SLOTS", 2)
    assert "wrong password" in refusal(aegis, vault, export.password, WrongPassword)


def test_aegis_without_a_slot_for_a_password_is_told():
    vault = json.loads(apps.aegis_encrypted(n=2).data)
    vault["header"]["slots"] = vault["header"]["slots"][:1]
    assert "fingerprint only" in refusal(aegis, vault)


@pytest.mark.parametrize("db", [{}, [], {"entries": {}}, None])
def test_aegis_without_entries_is_damaged(db):
    top = {"version": 1, "header": {}, "db": db}
    assert "no list of entries" in refusal(aegis, top)


# --- andOTP --------------------------------------------------------------------------------------


def sealed_andotp(plain, rounds=2):
    salt, nonce = b"\xf0" * 12, b"\xf1" * 12
    key = hashlib.pbkdf2_hmac("sha1", PASSWORD.encode(), salt, rounds, 32)
    return struct.pack(">I", rounds) + salt + nonce + b"".join(gcm(key, nonce, plain))


def open_andotp(data, password=PASSWORD):
    return andotp.SEALED.read(Document(data), lambda _what: password)


def test_the_iterations_of_andotp(monkeypatch):
    monkeypatch.setattr(andotp, "_MOST_ITERATIONS", 3)
    row = dumped([{"type": "TOTP", "label": "a", "secret": SECRET}])
    for rounds in (1, 3):
        (one,) = open_andotp(sealed_andotp(row, rounds))
        assert one.credential == Credential("", "a", KEY)
    for data in (sealed_andotp(row, 4), bytes(4) + sealed_andotp(row)[4:]):
        with pytest.raises(WrongPassword, match="not a known export"):
            open_andotp(data)


def test_what_andotp_encrypts_is_a_list():
    with pytest.raises(ImportProblem, match="other than a list"):
        open_andotp(sealed_andotp(b"{}"))
    assert open_andotp(sealed_andotp(b"[]")) == []
    with pytest.raises(WrongPassword, match="not a known export"):
        open_andotp(sealed_andotp(b"[]"), "other")


def test_noise_may_be_a_backup_of_andotp_if_it_is_long_enough():
    assert andotp.SEALED.recognises(Document(b"\xff" * 29))
    assert not andotp.SEALED.recognises(Document(b"\xff" * 28))
    assert not andotp.SEALED.recognises(Document(b"a" * 29))
    assert not andotp.SEALED.recognises(Document(b"a" * 26 + b"\xff" * 3))
    assert andotp.SEALED.recognises(Document(b" " * 29))


@pytest.mark.parametrize("start", andotp._KNOWN_BEGINNINGS)
def test_other_files_are_none(start):
    assert not andotp.SEALED.recognises(Document(start + b"\xff" * 40))
    assert andotp.SEALED.recognises(Document(b"\xff" * 40 + start))


def test_rows_of_cotp():
    row = {"type": "TOTP", "label": "a", "secret": SECRET}
    assert read(andotp, {"version": 1, "elements": [row]}) == read(andotp, [row])


# --- Stratum and Authenticator Pro ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "length", "says"),
    [
        (b"AUTHENTICATORPRO", 28, "this Stratum"),
        (b"AuthenticatorPro", 36, "this Authenticator Pro"),
    ],
)
def test_a_backup_without_anything_encrypted_is_cut_short(monkeypatch, head, length, says):
    # Whatever the key is, what follows does not open.
    monkeypatch.setattr(ciphers, "argon2id", lambda *_, **__: bytes(32))
    monkeypatch.setattr(ciphers, "pbkdf2", lambda *_, **__: bytes(32))
    for short in (0, length - 1, length):
        message = refusal(stratum, head + bytes(short))
        assert message.startswith(says) and "cut short" in message
    message = refusal(stratum, head + bytes(length + 1), error=WrongPassword)
    assert "wrong password" in message


def test_text_that_is_no_object_is_a_wrong_password_of_authenticator_pro(monkeypatch):
    monkeypatch.setattr(ciphers, "pbkdf2", lambda *_, **__: bytes(32))
    iv = secrets.token_bytes(16)

    def backup(plain):
        return b"AuthenticatorPro" + bytes(20) + iv + cbc(bytes(32), iv, plain)

    for plain in (b"noise", b"[]", b"{}"):
        assert "wrong password" in refusal(stratum, backup(plain), error=WrongPassword)
    assert "other than authenticators" in refusal(stratum, backup(b'{"a": 1}'))
    assert read(stratum, backup(b'{"Authenticators": []}'), PASSWORD) == []


# --- Ente and Raivo ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ente_export():
    return more_apps.ente_encrypted()


@pytest.mark.parametrize("version", [0, 2, None, "1"])
def test_versions_of_ente(ente_export, version):
    top = {**json.loads(ente_export.data), "version": version}
    assert "unknown version" in refusal(ente, top)


def test_the_most_memory_of_ente(monkeypatch, ente_export):
    monkeypatch.setattr(ciphers, "ARGON2_MOST_KIB", 16 << 10)
    found = read(ente, ente_export.data, ente_export.password)
    assert [one.credential for one in found] == ente_export.credentials
    monkeypatch.setattr(ciphers, "ARGON2_MOST_KIB", (16 << 10) - 1)
    assert "memory of Argon2" in refusal(ente, ente_export.data)
    monkeypatch.setattr(ciphers, "ARGON2_MOST_KIB", 16 << 10)
    top = json.loads(ente_export.data)
    top["kdfParams"]["memLimit"] += 1  # less than a KiB more
    assert "memory of Argon2" in refusal(ente, top)
    monkeypatch.setattr(ente, "_opened", lambda *_: b"\xff")
    assert "other than a list" in refusal(ente, ente_export.data)


@pytest.mark.parametrize("length", [0, 23, 25])
def test_the_nonce_of_ente_is_whole(monkeypatch, ente_export, length):
    monkeypatch.setattr(ciphers, "argon2id", lambda *_, **__: bytes(32))
    nonce = base64.b64encode(bytes(length)).decode()
    top = {**json.loads(ente_export.data), "encryptionNonce": nonce}
    assert "nonce is not whole" in refusal(ente, top)
    whole = {**top, "encryptionNonce": base64.b64encode(bytes(24)).decode()}
    assert "wrong password" in refusal(ente, whole, error=WrongPassword)


def test_raivo_holds_a_list():
    assert "other than a list" in refusal(raivo, {})
    assert read(raivo, []) == []
