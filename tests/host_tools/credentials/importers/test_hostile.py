"""Files that are damaged or made to hurt: one line of error that shows nothing of them, in bounded
time and memory."""

import base64
import hashlib
import io
import json
import struct
import sys
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports import ENCRYPTED, EXPORTS, PASSWORD
from host_tools.credentials.importers import document, extras, formats
from host_tools.credentials.importers.document import Document
from host_tools.errors import ToolError, UsageProblem

# One of each format, small and quick; made once, because they are spoilt many times.
SEEDS = {name: made() for name, made in EXPORTS.items()}
SLOW = {"keepass_database", "stratum_encrypted", "stratum_encrypted_before", "proton_encrypted"}


def read(data, password=PASSWORD):
    return formats.read_all([Document(data, "a.file")], lambda _what: password)


def refusal(data, password=PASSWORD):
    with pytest.raises(ToolError) as caught:
        read(data, password)
    message = caught.value.message
    assert "\n" not in message and len(message) < 300 and PASSWORD not in message
    return message


def changed(name, **changes):
    """The JSON of an export with some of its top fields changed."""
    return json.dumps({**json.loads(SEEDS[name].data), **changes}).encode()


def deep(levels):
    return b'{"version": 1, "entries": ' + b"[" * levels + b"]" * levels + b"}"


@pytest.mark.parametrize("levels", [101, 5_000, 200_000])
def test_deep_json(levels):
    refusal(deep(levels))


def test_a_number_too_long_for_python():
    refusal(b'{"schemaVersion": ' + b"9" * 10_000 + b', "services": []}')


def test_an_empty_file():
    assert "empty" in refusal(b"")
    assert "empty" in refusal(b" \r\n")


@pytest.mark.parametrize(
    "data",
    [
        b"hello",
        b"{}",
        b"[]",
        b"[1, 2]",
        b'{"version": 1}',
        b"<html></html>",
        b"SQLite format 3\0" + bytes(range(128, 256)),
        b"%PDF-1.7\n" + bytes(range(128, 256)),
        b"\xff\xfe" + "text".encode("utf-16-le"),
        b"name,password\nx,y\n",
        b"\x1f\x8b" + bytes(range(128, 200)),
    ],
)
def test_a_file_of_another_kind_asks_for_no_password(data):
    def ask(_what):
        pytest.fail("asked for a password")

    with pytest.raises(ToolError):
        formats.read_all([Document(data, "a.file")], ask)


def test_a_file_too_large(monkeypatch):
    monkeypatch.setattr(document, "FILE_MAX_BYTES", 1000)
    with pytest.raises(UsageProblem, match="larger than"):
        Document(bytes(1001), "a.file")


def bomb(name, megabytes):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(name, "w") as one:
        one.write(b"[")
        for _ in range(megabytes):
            one.write(b" " * (1 << 20))
        one.write(b"]")
    return out.getvalue()


@pytest.mark.parametrize("name", ["export.data", "Proton Pass/data.json", "raivo-otp-export.json"])
def test_a_zip_bomb(name, monkeypatch):
    monkeypatch.setattr(document, "MEMBER_MAX_BYTES", 3 << 20)
    assert "unpacks to more than 3 MB" in refusal(bomb(name, 4))


def test_an_archive_that_claims_a_gigabyte():
    data = bytearray(bomb("export.data", 1))
    at = data.find(b"PK\x01\x02") + 24  # the uncompressed size in the central directory
    data[at : at + 4] = struct.pack("<I", 1 << 30)
    refusal(bytes(data))


@pytest.mark.parametrize("name", ["proton_pass", "onepassword", "raivo_zip"])
def test_an_archive_cut_short(name):
    data = SEEDS[name].data
    for length in (10, len(data) // 2, len(data) - 1):
        refusal(data[:length])


ENTITIES = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>',
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    '<?xml version="1.0"?><!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
)
ROOTS = ("<KeePassFile>{}</KeePassFile>", '<KeyContainer Version="1.0">{}</KeyContainer>')


@pytest.mark.parametrize("head", ENTITIES)
@pytest.mark.parametrize("root", [*ROOTS, "<map><string name='tokenOrder'>{}</string></map>"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_entities(head, root, encoding):
    body = "" if "SYSTEM" in head and "dtd" in head else "&a;"
    if encoding == "utf-16":
        head = head.replace('"1.0"?', '"1.0" encoding="utf-16"?')
    assert "entities" in refusal((head + root.format(body)).encode(encoding))


@pytest.mark.parametrize("root", ROOTS)
def test_damaged_xml(root):
    for body in ("<", "<a>", "&x;", "\0"):
        refusal(root.format(body).encode())


def test_deep_xml():
    refusal(b"<KeePassFile>" + b"<Group>" * 50_000 + b"</Group>" * 50_000 + b"</KeePassFile>")


# --- costs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "costs",
    [
        {"n": 1 << 30, "r": 8, "p": 1},
        {"n": 1 << 15, "r": 1 << 20, "p": 1},
        {"n": 1 << 15, "r": 8, "p": 1 << 20},
        {"n": 1000, "r": 8, "p": 1},
        {"n": 0, "r": 8, "p": 1},
        {"n": -2, "r": 8, "p": 1},
        {"n": "1024", "r": 8, "p": 1},
        {"n": True, "r": 8, "p": 1},
    ],
)
def test_scrypt_that_would_eat_the_machine(costs):
    vault = json.loads(SEEDS["aegis_encrypted"].data)
    vault["header"]["slots"][1].update(costs)
    assert "scrypt" in refusal(json.dumps(vault).encode())


@pytest.mark.parametrize(
    "costs",
    [
        {"kdfMemory": 1 << 20},
        {"kdfIterations": 1 << 30},
        {"kdfParallelism": 1 << 20},
        {"kdfMemory": 0},
        {"kdfIterations": None},
        {"kdfMemory": 1024, "kdfIterations": 1000},
    ],
)
def test_argon2_of_bitwarden(costs):
    assert "refused" in refusal(changed("bitwarden_argon2", **costs))


@pytest.mark.parametrize("field", ["encKeyValidation_DO_NOT_EDIT", "data"])
@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_flipped_bit_of_bitwarden(field, part):
    """Of the nonce it changes the beginning of the text alone, and its padding stays right: only
    the tag tells it."""
    kind, _, sealed = json.loads(SEEDS["bitwarden_pbkdf2"].data)[field].partition(".")
    parts = [bytearray(base64.b64decode(one)) for one in sealed.split("|")]
    parts[part][0] ^= 1
    text = "|".join(base64.b64encode(one).decode() for one in parts)
    assert "password" in refusal(changed("bitwarden_pbkdf2", **{field: f"{kind}.{text}"}))


@pytest.mark.parametrize("iterations", [1 << 31, 0, -1, "many", None, 1.5])
def test_pbkdf2_of_bitwarden(iterations):
    assert "PBKDF2" in refusal(changed("bitwarden_pbkdf2", kdfIterations=iterations))


@pytest.mark.parametrize(
    "costs", [{"memLimit": 1 << 40}, {"opsLimit": 1 << 30}, {"memLimit": "x"}, {"opsLimit": 0}]
)
def test_argon2_of_ente(costs):
    top = json.loads(SEEDS["ente_encrypted"].data)
    top["kdfParams"].update(costs)
    assert "Argon2" in refusal(json.dumps(top).encode())


def test_pbkdf2_of_pskc():
    data = SEEDS["pskc_password"].data
    many = data.replace(b">1000<", b">4000000000<")
    assert many != data
    assert "PBKDF2" in refusal(many)
    long = data.replace(b"KeyLength>16<", b"KeyLength>1600000000<")
    assert long != data
    assert "PBKDF2" in refusal(long)


def test_rounds_of_keepass_3():
    data = SEEDS["keepass_database_3"].data
    at = data.find(struct.pack("<BHQ", 6, 8, 3_000))
    assert at > 0
    hostile = data[: at + 3] + struct.pack("<Q", 1 << 60) + data[at + 11 :]
    assert "rounds of AES" in refusal(hostile)


@pytest.mark.parametrize(("key", "value"), [(b"M", 1 << 40), (b"I", 1 << 40)])
def test_argon2_of_keepass_4(key, value):
    data = SEEDS["keepass_database"].data
    at = data.find(b"\x05\x01\0\0\0" + key + b"\x08\0\0\0") + 10
    assert at > 10
    end = next(n for n in range(at, len(data)) if sha256(data[:n]) == data[n : n + 32])
    header = data[:at] + struct.pack("<Q", value) + data[at + 8 : end]
    assert "Argon2" in refusal(header + sha256(header) + data[end + 32 :])


def sha256(data):
    return hashlib.sha256(data).digest()


# --- anything ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SEEDS)
def test_cut_short(name):
    data = SEEDS[name].data
    password = SEEDS[name].password or PASSWORD
    for length in (1, 9, len(data) // 3, len(data) - 1):
        try:
            found = read(data[:length], password)
        except ToolError as error:
            assert "\n" not in error.message
        else:  # a list may lose its end, and says so or has fewer
            assert len(found) <= len(SEEDS[name].credentials)


@pytest.mark.parametrize("name", sorted(SEEDS.keys() - SLOW))
def test_spoilt_anywhere(name):
    seed = SEEDS[name]
    secrets = [base64.b32encode(one.secret).decode().rstrip("=") for one in seed.credentials]

    @settings(max_examples=15)
    @given(st.lists(st.tuples(st.integers(0, len(seed.data) - 1), st.integers(0, 255)), max_size=5))
    def run(spots):
        data = bytearray(seed.data)
        for at, byte in spots:
            data[at] = byte
        try:
            entries = read(bytes(data), seed.password or PASSWORD)
        except ToolError as error:
            said = error.message
        else:
            said = " ".join(entry.problem for entry in entries)
        assert "\n" not in said
        assert not any(secret in said for secret in secrets)

    run()


ARCHIVES = sorted(name for name, seed in SEEDS.items() if seed.data.startswith(b"PK\3\4"))


@pytest.mark.parametrize("name", ARCHIVES)
def test_an_archive_with_any_byte_spoilt(name):
    seed = SEEDS[name]
    values = (0xFF,) if seed.password else (0, 1, 0x41, 0x7F, 0xFF)  # a password takes its time
    for at in range(len(seed.data)):
        for byte in values:
            data = seed.data[:at] + bytes([byte]) + seed.data[at + 1 :]
            try:
                read(data, seed.password or PASSWORD)
            except ToolError as error:
                assert "\n" not in error.message


def test_an_archive_that_ends_within_the_salt_of_its_encrypted_file():
    """Found by fuzzing: the reader of archives does not expect that."""
    seed = SEEDS["raivo_zip"].data
    header = seed[: 30 + sum(struct.unpack_from("<HH", seed, 26))]
    for rest in range(16):
        data = bytearray(seed)
        data[-2:] = struct.pack("<H", len(header) + rest)  # the comment, behind everything
        at = seed.find(b"PK\1\2") + 42  # where the file's own header is
        data[at : at + 4] = struct.pack("<I", len(seed))
        refusal(bytes(data) + header + bytes(rest))


def test_an_archive_packed_in_a_way_that_nobody_knows():
    data = bytearray(SEEDS["raivo_zip"].data)
    extra = data.rfind(b"AE")  # of AES: the way it was packed follows its strength
    data[extra + 3 : extra + 5] = struct.pack("<H", 77)
    assert "password" not in refusal(bytes(data))


@pytest.mark.parametrize(
    "value", [None, 1, "x", [], {}, [None], [[]], [{}], ["x"], {"a": []}, True]
)
def test_values_of_other_types(value):
    """Each top field of each JSON, and each field of its first row, replaced by something else."""
    for seed in SEEDS.values():
        try:
            top = json.loads(seed.data)
        except ValueError:
            continue
        for spoilt in _spoilt(top, value):
            try:
                read(json.dumps(spoilt).encode(), seed.password or PASSWORD)
            except ToolError as error:
                assert "\n" not in error.message


def _spoilt(top, value):
    if isinstance(top, list):
        yield [value, *top[1:2]]
        for key in top[0]:
            yield [{**top[0], key: value}]
        return
    for key, present in top.items():
        yield {**top, key: value}
        if isinstance(present, list) and present and isinstance(present[0], dict):
            for inner in present[0]:
                yield {**top, key: [{**present[0], inner: value}]}


def test_a_missing_library_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pykeepass", None)
    monkeypatch.setitem(sys.modules, "nacl.bindings", None)
    monkeypatch.setitem(sys.modules, "pyzipper", None)
    for name, package in (
        ("keepass_database", "pykeepass"),
        ("ente_encrypted", "nacl"),
        ("raivo_zip", "pyzipper"),
    ):
        message = refusal(SEEDS[name].data)
        assert package in message and f"picototp[{extras.EXTRA}]" in message


def test_a_wrong_password_is_not_shown():
    for name in ENCRYPTED:
        if name not in SLOW:
            assert "wrong" not in refusal(SEEDS[name].data, "Tr0ub4dor").replace(
                "wrong password", ""
            )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "latin-1"])
@pytest.mark.parametrize("name", ["uri_list", "bitwarden_csv", "andotp"])
def test_encodings(name, encoding):
    text = SEEDS[name].data.decode()
    if encoding == "latin-1":
        assert "UTF-8" in refusal(text.encode("latin-1", "replace") + b"\n# caf\xe9\n")
        return
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    entries = read(mark + text.encode(encoding))
    assert [entry.credential for entry in entries] == SEEDS[name].credentials
