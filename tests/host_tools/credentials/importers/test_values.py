"""Values out of exports: numbers, bytes and titles of every kind, and what is none."""

import base64
import json

import pytest

from host_tools.credentials.credential import Credential
from host_tools.credentials.importers import csv_table
from host_tools.credentials.importers.csv_table import FORMAT as CSV
from host_tools.credentials.importers.document import Document
from host_tools.credentials.importers.encodings import from_base64, from_hex
from host_tools.credentials.importers.entry import Entry, ImportProblem, entry, entry_of, shown
from host_tools.credentials.importers.json_rows import child, number, rows, signed_bytes, text
from host_tools.credentials.importers.totp_field import fields_entry, totp_entry
from host_tools.errors import UsageProblem

SECRET, KEY = "JBSWY3DPEHPK3PXP", b"Hello!\xde\xad\xbe\xef"
NO_ROWS = [None, 1, "x", [], ["key"]]


@pytest.mark.parametrize(
    ("value", "taken"),
    [(None, None), (6, 6), (0, 0), (-1, -1), ("6", "6"), ("", ""), (30.0, 30), (1e300, int(1e300))]
    + [(30.5, "none"), (True, "none"), (False, "none"), ([], "none"), ({}, "none")]
    + [(json.loads("NaN"), "none"), (json.loads("Infinity"), "none")],
)
def test_numbers(value, taken):
    found = number({"key": value}, "key")
    assert found == taken and type(found) is type(taken)


def test_values_of_the_type_that_is_wanted_or_none():
    row = {"text": " a b ", "object": {"a": 1}, "list": [1], "none": None}
    assert [text(row, key) for key in (*row, "missing")] == ["a b", "", "", "", ""]
    assert [child(row, key) for key in (*row, "missing")] == [{}, {"a": 1}, {}, {}, {}]
    assert [rows(row, key) for key in (*row, "missing")] == [[], [], [1], [], []]
    assert number(row, "missing") is None


@pytest.mark.parametrize("row", NO_ROWS)
def test_what_is_no_row_has_no_values(row):
    assert (text(row, "key"), number(row, "key")) == ("", None)
    assert (child(row, "key"), rows(row, "key")) == ({}, [])


def test_bytes_as_java_writes_them():
    assert signed_bytes([-128, -1, 0, 1, 127, 128, 255]) == bytes([128, 255, 0, 1, 127, 128, 255])
    assert signed_bytes([]) == b""


@pytest.mark.parametrize(
    "values", [None, "AB", b"AB", {}, [-129], [256], [1, 2.0], [True], ["1"], [None]]
)
def test_what_is_no_list_of_bytes_is_refused(values):
    with pytest.raises(UsageProblem, match="not a list of bytes"):
        signed_bytes(values)


@pytest.mark.parametrize("data", [b"", b"\xfb", b"\xfb\xff", b"\xfb\xff\xfe", b"\xfb\xff\xfe\xfd"])
def test_base64_of_either_alphabet_with_and_without_its_end(data):
    plain = base64.b64encode(data).decode()
    for spelling in (plain, plain.replace("+", "-").replace("/", "_")):
        for value in (spelling, spelling.rstrip("="), spelling.rstrip("=") + "\n", spelling + "="):
            assert from_base64(value) == data
    assert from_base64(" \n".join(plain)) == data


@pytest.mark.parametrize("value", ["A", "AAAAA", "*", "é", None, 1, b"AA==", ["AA=="]])
def test_what_is_no_base64_is_damage(value):
    with pytest.raises(ImportProblem, match="base64"):
        from_base64(value)


def test_hex():
    assert from_hex("00fF 10") == b"\x00\xff\x10"
    assert from_hex(None) == from_hex(16) == from_hex("") == b""
    for value in ("0", "0g", "é"):
        with pytest.raises(ImportProblem, match="hex"):
            from_hex(value)


# --- entries -------------------------------------------------------------------------------------


def test_a_title_is_one_line_of_eighty_characters():
    assert shown("é" * 80) == "é" * 80
    assert shown("é" * 81) == "é" * 79 + "…"
    assert shown(" a\x1b[2J\n b\u202e ") == "a [2J b"
    assert len(shown("a " * 100)) == 80


def test_an_entry_has_its_title_or_the_names_of_its_credential():
    one = Credential("ACME", "alice", KEY)
    assert entry("t\n", lambda: one) == Entry("t", one)
    assert entry("", lambda: one) == Entry("ACME:alice", one)
    assert entry("", lambda: Credential("", "alice", KEY)).title == "alice"


def test_an_entry_that_cannot_be_made_has_the_reason():
    def fails():
        raise UsageProblem("a reason")

    assert entry("t", fails) == Entry("t", None, "a reason")


@pytest.mark.parametrize(
    ("fields", "title"),
    [
        ({"issuer": "ACME", "name": "alice"}, "ACME:alice"),
        ({"issuer": "", "name": "alice"}, "alice"),
        ({"issuer": "ACME", "name": None}, "ACME"),
        ({}, "an account without a name"),
    ],
)
def test_fields_that_are_refused_have_a_title(fields, title):
    assert entry_of(fields).title == title and entry_of(fields).problem
    assert entry_of(fields, "given").title == "given"


# --- fields of password managers -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (SECRET, ("Item", "user")),
        (f" '{SECRET}' ", ("Item", "user")),
        (f"otpauth://totp/ACME:alice?secret={SECRET}", ("ACME", "alice")),
        (f"otpauth://totp/?secret={SECRET}", ("Item", "user")),
        (f"otpauth://totp/?secret={SECRET}&issuer=ACME", ("ACME", "user")),
        (f"otpauth://totp/alice?secret={SECRET}", ("Item", "alice")),
    ],
)
def test_the_item_says_what_its_field_does_not(value, expected):
    one = totp_entry(value, "Item", "user").credential
    assert (one.issuer, one.name, one.secret) == (*expected, KEY)


def test_an_item_without_a_user_is_named_after_itself():
    one = fields_entry(lambda: {"secret": SECRET}, "Item")
    assert (one.credential.issuer, one.credential.name, one.title) == ("Item", "Item", "Item")
    one = fields_entry(lambda: {"secret": SECRET}, "", "user")
    assert (one.credential.issuer, one.credential.name, one.title) == ("", "user", "user")


def test_an_item_that_is_called_steam_is_steams():
    assert totp_entry(SECRET, "Steam", "user").credential.is_steam
    assert not totp_entry(SECRET, "Item", "steam").credential.is_steam


def test_a_link_in_a_field_is_named():
    assert "Microsoft" in totp_entry("phonefactor:x", "Item").problem


# --- tables --------------------------------------------------------------------------------------


def table(text):
    return Document(text.encode(), "a.file")


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("title,totp", True),
        ("\ufeffTitle , TOTP \n", True),
        ("'x','y'\n", False),
        ("totp", False),
        ("title,other", False),
        ("", False),
        ("x\ntitle,totp", False),
        ("a,b\r\n", False),
    ],
)
def test_a_table_has_a_column_of_that_name_and_another(text, known):
    assert CSV.recognises(table(text)) is known


def test_a_field_of_a_header_that_is_too_long_is_no_table():
    assert not CSV.recognises(table('"' + "x" * 200_000 + '",totp\n'))


def test_the_first_name_that_is_known_counts_and_rows_may_be_short():
    head = "email,issuer,totp,user,name,login_totp\n"
    lines = (f"e,i,x,u, n ,{SECRET}", "e,i,x,u,n, ", "e,i,x", f"e,i,x,,,{SECRET}")
    one, nameless = CSV.read(table(head + "\n".join(lines)), None)
    assert one.credential == Credential("n", "u", KEY)
    assert "no name" in nameless.problem


def test_a_table_with_the_column_alone_at_the_end_of_its_rows():
    found = CSV.read(table(f"totp,title\n{SECRET}\n{SECRET},T\n"), None)
    assert found[0].problem and found[1].credential == Credential("T", "T", KEY)


def test_the_longest_field_of_a_table(monkeypatch):
    before = csv_table.csv.field_size_limit()
    monkeypatch.setattr(csv_table, "_MOST_FIELD", 20)
    assert len(CSV.read(table(f"totp,notes\n{SECRET},{'x' * 20}\n"), None)) == 1
    with pytest.raises(UsageProblem, match=r"a\.file is damaged"):
        CSV.read(table(f"totp,notes\n{SECRET},{'x' * 21}\n"), None)
    assert csv_table.csv.field_size_limit() == before


def test_a_table_with_a_quote_that_does_not_close_is_damage():
    with pytest.raises(UsageProblem, match=r"a\.file is damaged"):
        CSV.read(table(f'totp,title\n{SECRET},"T\n'), None)
