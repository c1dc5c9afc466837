"""KeePass: what a key may cost, where the trash begins, each way to keep a one-time password."""

import base64
import hashlib
import io
import os
from urllib.parse import quote

import pykeepass
import pytest
from Cryptodome.Cipher import AES

from exports import keepass as exports
from host_tools.credentials.credential import Credential
from host_tools.credentials.importers import ciphers, keepass
from host_tools.credentials.importers.document import Document
from host_tools.credentials.importers.entry import ImportProblem, WrongPassword
from host_tools.credentials.importers.keepass_fields import otp_entries
from host_tools.errors import UsageProblem

PASSWORD = "p"
SECRET, KEY = "JBSWY3DPEHPK3PXP", b"Hello!\xde\xad\xbe\xef"
MEMORY_KIB, PASSES, LANES, ROUNDS = 64, 2, 2, 5


class AskedError(Exception):
    """The cost was taken: a password is asked for."""


def asked(_what):
    raise AskedError


def written(database):
    out = io.BytesIO()
    database.save(out)
    return out.getvalue()


def parameters_of(database):
    return database.kdbx.header.value.dynamic_header.kdf_parameters.data.dict


@pytest.fixture(scope="module")
def argon2(tmp_path_factory):
    """An empty database whose key is made by Argon2, at a low cost."""
    path = os.path.join(tmp_path_factory.mktemp("keepass"), "new.kdbx")
    database = pykeepass.create_database(path, password=PASSWORD)
    for name, value in (("I", PASSES), ("M", MEMORY_KIB << 10), ("P", LANES)):
        parameters_of(database)[name].value = value
    return written(database)


def opened(data):
    return pykeepass.PyKeePass(io.BytesIO(data), password=PASSWORD)


@pytest.fixture(scope="module")
def rounds_of_aes(argon2):
    """One of the same version whose key is made by rounds of AES."""
    database = opened(argon2)
    database.add_entry(database.root_group, "T", "u", "p", otp=SECRET)
    parameters = parameters_of(database)
    items = dict(parameters)
    parameters.clear()
    for name, item in items.items():  # in their order: an item says whether it is the last
        if name == "I":
            name = item.key = "R"
            item.value = ROUNDS
        if name == "$UUID":
            item.value = pykeepass.kdbx_parsing.kdf_uuids["aeskdf"]
        parameters[name] = item
    return written(database)


def is_taken(data):
    """Whether the cost is taken; else the refusal."""
    try:
        keepass.DATABASE.read(Document(data, "a.file"), asked)
    except AskedError:
        return True
    except ImportProblem as problem:
        return problem.message
    return False


@pytest.mark.parametrize(
    ("limit", "fits", "says"),
    [
        ("ARGON2_MOST_LANES", LANES, "(lanes of Argon2)"),
        ("ARGON2_MOST_KIB", MEMORY_KIB, "(memory of Argon2)"),
        ("ARGON2_MOST_WORK", MEMORY_KIB * PASSES, "(passes and memory of Argon2)"),
    ],
)
def test_the_largest_costs_of_argon2(monkeypatch, argon2, limit, fits, says):
    monkeypatch.setattr(ciphers, limit, fits)
    assert is_taken(argon2) is True
    monkeypatch.setattr(ciphers, limit, fits - 1)
    assert says in is_taken(argon2)


def test_passes_of_argon2_have_a_limit_of_their_own(monkeypatch, argon2):
    monkeypatch.setattr(ciphers, "ARGON2_MOST_WORK", PASSES - 1)
    assert "(passes of Argon2)" in is_taken(argon2)


def test_the_most_rounds_of_aes(monkeypatch, rounds_of_aes):
    for data, rounds in ((rounds_of_aes, ROUNDS), (exports.keepass_database_3().data, 3_000)):
        monkeypatch.setattr(keepass, "_MOST_ROUNDS", rounds)
        assert is_taken(data) is True
        monkeypatch.setattr(keepass, "_MOST_ROUNDS", rounds - 1)
        assert "(rounds of AES)" in is_taken(data)


def test_a_database_of_version_4_whose_key_is_made_by_rounds_of_aes(rounds_of_aes):
    (one,) = keepass.DATABASE.read(Document(rounds_of_aes), lambda _what: PASSWORD)
    assert one.credential == Credential("T", "u", KEY)


@pytest.mark.parametrize("rounds", [1, 19, 20, 21, 40, 41])
def test_rounds_of_aes_are_those_of_another_library(monkeypatch, rounds):
    monkeypatch.setattr(keepass, "_ROUNDS_AT_ONCE", 20)
    seed = bytes(range(32))
    expected = hashlib.sha256(hashlib.sha256(PASSWORD.encode()).digest()).digest()
    for _ in range(rounds):
        expected = AES.new(seed, AES.MODE_ECB).encrypt(expected)
    assert keepass._aes_key(PASSWORD, seed, rounds) == hashlib.sha256(expected).digest()


def test_a_seed_that_is_not_whole_is_damage():
    with pytest.raises(ImportProblem, match="seed is not whole"):
        keepass._aes_key(PASSWORD, bytes(31), 1)


def test_what_does_not_open_a_database(argon2):
    for password, error in (("wrong", WrongPassword), ("\udcff", ImportProblem)):
        with pytest.raises(error, match=r"wrong password|is not text"):
            keepass.DATABASE.read(Document(argon2), lambda _what, it=password: it)
    with pytest.raises(UsageProblem, match=r"a\.file is damaged"):
        is_taken(argon2[: len(argon2) // 9])
    earlier = argon2[:4] + b"\x65" + argon2[5:]
    assert "KeePass 1" in is_taken(earlier)


def test_what_lies_anywhere_in_the_trash_is_not_read(argon2):
    database = opened(argon2)
    group = database.add_group(database.root_group, "group")
    inner = database.add_group(database.add_group(group, "middle"), "inner")
    for name, where in (("kept", group), ("binned", inner), ("root", database.root_group)):
        database.add_entry(where, name, "u", "p", otp=SECRET)
    database.trash_group(database.find_groups(name="middle", first=True))
    found = keepass.DATABASE.read(Document(written(database)), lambda _what: PASSWORD)
    assert sorted(one.credential.issuer for one in found) == ["kept", "root"]


def test_only_texts_of_an_entry_count_and_its_own_ones_come_first(argon2):
    database = opened(argon2)
    one = database.add_entry(database.root_group, "T", "u", "p")
    one.set_custom_property("TOTP Seed", SECRET)
    one.set_custom_property("other", "x")
    (found,) = keepass.DATABASE.read(Document(written(database)), lambda _what: PASSWORD)
    assert found.credential == Credential("T", "u", KEY)


# --- XML -----------------------------------------------------------------------------------------


def entry(title):
    texts = {"Title": title, "UserName": "u", "otp": SECRET}
    return "".join(
        ["<Entry>"]
        + [f"<String><Key>{k}</Key><Value>{v}</Value></String>" for k, v in texts.items()]
        + ["<String><Key>empty</Key></String><String><Value>x</Value></String></Entry>"]
    )


def group(uuid, *content):
    return f"<Group><UUID>{base64.b64encode(bytes([uuid]) * 16).decode()}</UUID>" + (
        "".join(content) + "</Group>"
    )


def titles(content, bin_uuid=None):
    uuid = base64.b64encode(bytes([bin_uuid or 0]) * 16).decode()
    meta = "" if bin_uuid is None else f"<Meta><RecycleBinUUID>{uuid}</RecycleBinUUID></Meta>"
    text = f"<KeePassFile>{meta}<Root>{content}</Root></KeePassFile>"
    found = keepass.XML.read(Document(text.encode()), None)
    assert all(one.credential.secret == KEY for one in found)
    return [one.credential.issuer for one in found]


def test_groups_are_read_in_the_order_of_the_file():
    inner = group(3, entry("c")), group(4, entry("d"))
    content = group(1, group(2, entry("b"), *inner), group(5, entry("e")), entry("a"))
    assert titles(content + group(6, entry("f"))) == ["a", "b", "c", "d", "e", "f"]


def test_the_bin_of_the_xml_is_not_read():
    content = group(1, entry("a"), group(2, entry("b"), group(3, entry("c"))))
    assert titles(content, bin_uuid=2) == ["a"]
    assert titles(content, bin_uuid=9) == titles(content) == ["a", "b", "c"]


def test_zeros_as_the_bin_mean_that_there_is_none():
    assert titles(group(0, entry("a")), bin_uuid=0) == ["a"]
    assert titles("<Group>" + entry("a") + "</Group>") == ["a"]


# --- the ways ------------------------------------------------------------------------------------


def only(texts):
    (one,) = otp_entries({"Title": "T", "UserName": "u", **texts})
    return one


def plain(**changes):
    return Credential("T", "u", KEY, **changes)


HEX, BASE64 = KEY.hex(), base64.b64encode(KEY).decode()


@pytest.mark.parametrize(
    ("texts", "changes"),
    [
        ({"otp": f" {SECRET} "}, {}),
        ({"otp": f"key={SECRET}"}, {}),
        ({"otp": f"KEY={SECRET}&step=60&size=8&otpHashMode=Sha256"}, None),
        ({"otp": f" Key= {SECRET} & size = 7 "}, {"digits": 7}),
        ({"otp": f"key={HEX}&encoding=Hex"}, {}),
        ({"otp": f"key={quote(BASE64, safe='')}&encoding=base64"}, {}),
        ({"otp": "key=Hello%21&encoding=UTF8"}, {"secret": b"Hello!"}),
        ({"otp": f"key={SECRET}&type=Hotp&counter=5"}, {"kind": "hotp", "counter": 5}),
        ({"otp": f"key={SECRET}&type="}, {}),
        ({"otp": f"key={SECRET}&otpHashMode=SHA512"}, {"algorithm": "SHA512"}),
        ({"TOTP Seed": SECRET}, {}),
        ({"TOTP Seed": SECRET, "TOTP Settings": ""}, {}),
        ({"TOTP Seed": SECRET, "TOTP Settings": " 60 "}, {"period_s": 60}),
        ({"TOTP Seed": SECRET, "TOTP Settings": "60; 8 "}, {"period_s": 60, "digits": 8}),
        ({"TOTP Seed": SECRET, "TOTP Settings": "60;8;x"}, {"period_s": 60, "digits": 8}),
        ({"TOTP Seed": SECRET, "TOTP Settings": "30;s"}, {"digits": 5}),
        ({"TimeOtp-Secret": "Hello!"}, {"secret": b"Hello!"}),
        ({"TimeOtp-Secret-Hex": HEX}, {}),
        ({"TimeOtp-Secret-Base32": SECRET}, {}),
        ({"TimeOtp-Secret-Base64": BASE64[:4] + "\n" + BASE64[4:]}, {}),
        ({"TimeOtp-Secret-Hex": HEX, "TimeOtp-Secret-Base32": ""}, {}),
        (
            {
                "TimeOtp-Secret-Hex": HEX,
                **{"TimeOtp-Length": "8", "TimeOtp-Period": "60"},
                "TimeOtp-Algorithm": "HMAC-SHA-256",
            },
            None,
        ),
        ({"HmacOtp-Secret-Hex": HEX}, {"kind": "hotp", "counter": 0}),
        ({"HmacOtp-Secret-Hex": HEX, "HmacOtp-Counter": "9"}, {"kind": "hotp", "counter": 9}),
    ],
)
def test_each_way_gives_what_it_says(texts, changes):
    if changes is None:
        changes = {"algorithm": "SHA256", "digits": 8, "period_s": 60}
    assert only(texts).credential == Credential(**{**vars(plain()), **changes})


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        ({"otp": "key=1&encoding=base32"}, "not base32"),
        ({"otp": "key=0g&encoding=HEX"}, "not hex"),
        ({"otp": "key=*&encoding=base64"}, "not base64"),
        ({"otp": "key=A&encoding=ascii85"}, "unknown way"),
        ({"otp": f"key={SECRET}&otpHashMode=md5"}, "algorithm"),
        ({"TOTP Seed": SECRET, "TOTP Settings": "x;6"}, "period"),
        ({"TOTP Seed": SECRET, "TOTP Settings": "30;X"}, "digits"),
        ({"TimeOtp-Secret-Hex": HEX, "TimeOtp-Secret": "x"}, "several keys"),
        ({"TimeOtp-SecretX": "x"}, "several keys"),
    ],
)
def test_what_a_way_cannot_mean_is_refused(texts, says):
    assert says in only(texts).problem


@pytest.mark.parametrize("texts", [{}, {"otp": " "}, {"TOTP Seed": " "}, {"TimeOtp-Secret": ""}])
def test_an_entry_without_a_one_time_password_has_none(texts):
    assert otp_entries({"Title": "T", **texts}) == []


def test_a_uri_may_have_a_key_in_it():
    uri = f"otpauth://totp/T:u?secret={SECRET}&image=key=x"
    assert only({"otp": uri}).credential == plain()


def test_what_differs_is_kept_and_so_is_every_refusal():
    texts = {"Title": "T", "otp": SECRET, "TOTP Seed": SECRET, "TOTP Settings": "60"}
    assert [one.credential.period_s for one in otp_entries(texts)] == [30, 60]
    refused = otp_entries({"Title": "T", "otp": "1", "TOTP Seed": "1", "TimeOtp-Secret-Hex": "x"})
    assert len(refused) == 3 and all(one.problem for one in refused)
