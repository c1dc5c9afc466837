"""Password managers: which items count, how they are named, and what opens an export."""

import base64
import hashlib
import hmac

import pytest

from exports import managers
from exports.accounts import cbc, dumped, gcm, zip_of
from host_tools.credentials.credential import Credential
from host_tools.credentials.importers import bitwarden, ciphers, onepassword, proton
from host_tools.credentials.importers.document import Document
from host_tools.credentials.importers.entry import ImportProblem, WrongPassword

SECRET, KEY = "JBSWY3DPEHPK3PXP", b"Hello!\xde\xad\xbe\xef"
OTHER = "GEZDGNBVGY3TQOJQ"
PASSWORD = "p"


def document_of(top):
    return Document(top if isinstance(top, bytes) else dumped(top), "a.file")


def read(form, top, password=None):
    return form.read(document_of(top), lambda _what: password)


def named(found):
    return [(one.credential.issuer, one.credential.name) for one in found]


def refusal(form, top, password=PASSWORD, error=ImportProblem):
    with pytest.raises(error) as caught:
        read(form, top, password)
    return caught.value.message


# --- Bitwarden -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("top", "known"),
    [
        ({"encrypted": False, "items": []}, True),
        ({"encrypted": True, "data": ""}, True),
        ({"encrypted": False}, False),
        ({"encrypted": 0, "items": []}, False),
        ({"items": []}, False),
    ],
)
def test_what_is_an_export_of_bitwarden(top, known):
    assert bitwarden.FORMAT.recognises(document_of(top)) is known


def test_an_export_that_its_account_alone_opens_asks_for_no_password():
    for protected in (False, None, 1):
        top = {"encrypted": True, "passwordProtected": protected, "data": ""}
        with pytest.raises(ImportProblem, match="opens only with the account"):
            bitwarden.FORMAT.read(document_of(top), lambda _what: pytest.fail("asked"))


def sealed(text, kind="2", parts=3):
    key = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), b"salt", 2, 32)
    cipher, mac = (hmac.digest(key, info + b"\x01", "sha256") for info in (b"enc", b"mac"))
    data = cbc(cipher, bytes(16), text)
    whole = (bytes(16), data, hmac.digest(mac, bytes(16) + data, "sha256"), b"more")
    return kind + "." + "|".join(base64.b64encode(one).decode() for one in whole[:parts])


def bitwarden_top(**changes):
    return {
        **{"encrypted": True, "passwordProtected": True, "salt": "salt"},
        **{"kdfType": 0, "kdfIterations": 2},
        "encKeyValidation_DO_NOT_EDIT": sealed(b"any"),
        "data": sealed(dumped({"items": [{"name": "T", "login": {"totp": SECRET}}]})),
        **changes,
    }


def test_an_export_with_a_password():
    (one,) = read(bitwarden.FORMAT, bitwarden_top(), PASSWORD)
    assert one.credential == Credential("T", "T", KEY)
    assert "wrong" in refusal(bitwarden.FORMAT, bitwarden_top(), "other", WrongPassword)


@pytest.mark.parametrize("field", ["encKeyValidation_DO_NOT_EDIT", "data"])
@pytest.mark.parametrize(
    "text", ["", sealed(b"any", kind="1"), sealed(b"any", parts=2), sealed(b"any", parts=4)]
)
def test_texts_in_another_cipher_are_unknown(field, text):
    message = refusal(bitwarden.FORMAT, bitwarden_top(**{field: text}))
    assert "encrypted in an unknown way" in message


@pytest.mark.parametrize("content", [b"{}", b"[]", b'{"items": {}}', b"noise"])
def test_an_export_with_a_password_holds_items(content):
    message = refusal(bitwarden.FORMAT, bitwarden_top(data=sealed(content)))
    assert "other than items" in message


@pytest.mark.parametrize("kind", [2, "0", None])
def test_other_ways_to_make_a_key_are_unknown(kind):
    message = refusal(bitwarden.FORMAT, bitwarden_top(kdfType=kind))
    assert "makes its key in an unknown way" in message


def test_the_most_memory_of_bitwarden(monkeypatch):
    export = managers.bitwarden_argon2()
    monkeypatch.setattr(ciphers, "ARGON2_MOST_KIB", 16 << 10)
    found = read(bitwarden.FORMAT, export.data, export.password)
    assert [one.credential for one in found] == export.credentials
    monkeypatch.setattr(ciphers, "ARGON2_MOST_KIB", (16 << 10) - 1)
    assert "(memory)" in refusal(bitwarden.FORMAT, export.data)


def test_items_with_a_one_time_password_are_read_and_no_others():
    items = [
        {"name": "A", "login": {"username": "u", "totp": SECRET}},
        *({"name": "B", "login": {"totp": " "}}, {"name": "C", "login": None}, "D"),
        {"name": "E", "login": {"totp": SECRET}},
    ]
    found = read(bitwarden.FORMAT, {"encrypted": False, "items": items})
    assert named(found) == [("A", "u"), ("E", "E")]


# --- 1Password -----------------------------------------------------------------------------------


def vault(*items):
    return {"accounts": [{"vaults": [{"items": list(items)}]}]}


def item(title, state=None, designation="username", user="u", totp=SECRET):
    return {
        **({"state": state} if state else {}),
        "overview": {"title": title},
        "details": {
            "loginFields": [
                {"designation": "password", "value": "p"},
                {"designation": designation, "value": user},
                {"designation": designation, "value": "later"},
            ],
            "sections": [
                {"fields": [{"value": {"string": "x"}}, {"value": {"totp": totp}}]},
                {"fields": [{"value": "x"}]},
            ],
        },
    }


def test_items_of_1password():
    items = [
        item("A"),
        item("B", state="archived"),
        *(item("C", state="trashed"), item("D", state="deleted")),
        {"item": item("E", designation="mail")},
        item("F", totp=""),
    ]
    data = dumped(vault(*items))
    expected = [("A", "u"), ("B", "u"), ("E", "E")]
    assert named(read(onepassword.FORMAT, data)) == expected
    assert named(read(onepassword.FORMAT, zip_of({"export.data": data}))) == expected


@pytest.mark.parametrize(
    ("top", "known"),
    [
        (vault(), True),
        ({"accounts": [{}, {"vaults": [1]}]}, True),
        ({"accounts": [{"vaults": []}]}, False),
        ({"accounts": {"vaults": [1]}}, False),
        ({"accounts": []}, False),
        (zip_of({"export.data": b""}), True),
        (zip_of({"folder/export.data": b""}), False),
    ],
)
def test_what_is_an_archive_of_1password(top, known):
    assert onepassword.FORMAT.recognises(document_of(top)) is known


# --- Proton --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("top", "known"),
    [
        ({"version": 1, "salt": "", "content": ""}, True),
        ({"version": 1, "salt": "", "content": "", "more": 1}, True),
        ({"version": 1, "salt": "", "content": {}, "entries": []}, False),
        ({"version": 1, "content": ""}, False),
        ({"version": 1, "entries": []}, True),
        ({"version": 1, "entries": {}}, False),
        ({"entries": []}, False),
        ({"version": 1, "entries": [], "db": 1}, False),
    ],
)
def test_what_is_an_export_of_proton_authenticator(top, known):
    assert proton.AUTHENTICATOR.recognises(document_of(top)) is known


@pytest.mark.parametrize("version", [0, 2, None, "1"])
def test_versions_of_proton_authenticator(monkeypatch, version):
    top = {"version": version, "entries": []}
    assert "has an unknown version" in refusal(proton.AUTHENTICATOR, top)
    monkeypatch.setattr(ciphers, "argon2id", lambda *_: bytes(32))
    inside = b"".join(gcm(bytes(32), bytes(12), dumped(top), proton._ASSOCIATED))
    content = base64.b64encode(bytes(12) + inside).decode()
    sealed_top = {"version": 1, "salt": "", "content": content}
    assert "content of this Proton" in refusal(proton.AUTHENTICATOR, sealed_top)


def test_a_name_that_the_user_gave_does_not_replace_that_of_the_uri():
    uri = f"otpauth://totp/A:a?secret={SECRET}"
    entries = [{"content": {"uri": uri, "name": "n"}}, {"content": {"uri": SECRET, "name": "n"}}]
    found = read(proton.AUTHENTICATOR, {"version": 1, "entries": entries})
    assert named(found) == [("A", "a"), ("", "n")]


def proton_item(content=None, extra=(), **more):
    data = {"metadata": {"name": "T"}, "content": content or {}, "extraFields": list(extra)}
    return {"data": data, **more}


def extra_field(secret, name=""):
    return {"fieldName": name, "data": {"totpUri": secret}}


@pytest.mark.parametrize(
    ("content", "user"),
    [
        ({"itemUsername": "a", "username": "b", "itemEmail": "c"}, "a"),
        ({"itemUsername": "", "username": "b", "itemEmail": "c"}, "b"),
        ({"itemEmail": "c"}, "c"),
        ({}, "T"),
    ],
)
def test_the_user_of_an_item_of_proton_pass(content, user):
    items = [proton_item({**content, "totpUri": SECRET}, [extra_field(OTHER)])]
    top = {"vaults": {"1": {"items": items}}}
    assert named(read(proton.PASS, top)) == [("T", user)] * 2


def test_items_of_proton_pass():
    items = [
        proton_item(state=1, extra=[extra_field(SECRET, "f"), extra_field(""), {}, "x"]),
        *(proton_item({"totpUri": SECRET}, state=2), proton_item({"totpUri": ""}), "x"),
    ]
    vaults = {"1": {"items": items}, "2": {"items": [proton_item({"totpUri": SECRET})]}, "3": 4}
    expected = [("T", "f"), ("T", "T")]
    assert named(read(proton.PASS, {"vaults": vaults})) == expected
    archive = {"other": b"", "x/Proton Pass/data.json": dumped({"vaults": vaults}), "z": b""}
    assert named(read(proton.PASS, zip_of(archive))) == expected


def test_an_archive_of_proton_pass_in_openpgp_is_named():
    for name in ("data.pgp", "Proton Pass/data.pgp"):
        archive = zip_of({"other": b"", name: b""})
        assert proton.PASS.recognises(document_of(archive))
        assert "gpg --decrypt" in refusal(proton.PASS, archive)


@pytest.mark.parametrize(
    ("top", "known"),
    [
        ({"vaults": {}}, True),
        ({"vaults": []}, False),
        ({}, False),
        (zip_of({"Proton Pass/data.json": b""}), True),
        (zip_of({"data.json": b""}), False),
    ],
)
def test_what_is_an_export_of_proton_pass(top, known):
    assert proton.PASS.recognises(document_of(top)) is known
