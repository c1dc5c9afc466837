"""The bytes of a record: its labels, and which names it takes drawing to tell from others."""

import pytest

from picototp.vault.account import STEAM_CHARACTERS, Account
from picototp.vault.record import (
    fits_label,
    has_ascii,
    has_label,
    is_plain,
    is_steam,
    names_in,
    pack_label,
    pack_record,
    unlike,
    unpack_names,
)
from tests.firmware.vault.vault_cases import refusal

FIXED = bytes(14)  # what stands before the secret
SECRET = b"secret"


def body_of(issuer, name, *shown):
    account = Account(issuer, name, SECRET)
    if shown:
        account.issuer_ascii, account.name_ascii = shown
    return memoryview(pack_record(account))[2:]


def body_with(names):
    """A body with any bytes where the names stand."""
    return memoryview(FIXED + bytes((len(SECRET),)) + SECRET + names)


@pytest.mark.parametrize(
    ("issuer", "name", "fits"),
    [
        ("x" * 64, "x" * 64, True),
        ("é" * 32, "é" * 32, True),
        ("x" * 65, "x", False),
        ("x", "x" * 65, False),
        ("é" * 33, "x", False),
        ("", "é" * 33, False),
    ],
)
def test_a_label_fits_up_to_its_limits_in_utf8(issuer, name, fits):
    assert fits_label(issuer, name) is fits


@pytest.mark.parametrize("length", range(len(FIXED) + 1))
def test_a_body_that_ends_before_its_secret_has_no_names(length):
    body = memoryview(FIXED)[:length]
    assert not has_label(body, pack_label("", "a"))
    assert names_in(body) == b""
    assert unlike(body, pack_label("", "a"))


def test_the_names_are_what_follows_the_secret():
    assert names_in(body_of("A", "bob")) == b"\x01A\x03bob"
    assert names_in(body_of("A", "鍵", "", "Jian")) == pack_label("A", "鍵") + b"\0\x04Jian"
    assert names_in(body_with(b"")) == b""


def test_a_body_has_its_own_label_and_no_other():
    body = body_of("A", "bob")
    assert has_label(body, pack_label("A", "bob"))
    for other in (("A", "bib"), ("B", "bob"), ("A", "bo"), ("A", "bobb"), ("Ab", "ob")):
        assert not has_label(body, pack_label(*other))
    assert has_label(body_of("A", "鍵", "", "Jian"), pack_label("A", "鍵"))


def test_names_are_read_whole_or_called_damaged():
    for label, shown in ((("A", "bob"), ("", "")), (("", "鍵"), ("", "Jian"))):
        body = body_of(*label, *(shown if any(shown) else ()))
        assert unpack_names(body) == label + shown
        for length in range(len(body)):
            if length != len(body) - len(pack_label(*shown)):  # what is shown may be missing
                assert refusal(unpack_names, body[:length]) == "damaged"


@pytest.mark.parametrize(
    ("names", "plain"),
    [
        (b"", True),
        (pack_label("A", "bob"), True),
        (pack_label("", "\x7f"), True),
        (b"\0\x01\x80", False),
        (pack_label("", "é"), False),
        (pack_label("a", "b: c"), False),
        (pack_label("a: b", "é"), False),
        (pack_label("a:", "b c"), True),
    ],
)
def test_plain_names_are_ascii_without_what_looks_like_their_border(names, plain):
    assert is_plain(names) is plain


BORDER, ASCII = pack_label("a", "b: c"), pack_label("", "bob")


@pytest.mark.parametrize(
    ("names", "label", "told"),
    [
        (pack_label("", "bib"), ASCII, True),  # each ASCII character has a glyph of its own
        (pack_label("", "bob"), pack_label("", "bоb"), False),  # the Cyrillic one looks like it
        (pack_label("", "bоb"), ASCII, False),
        (pack_label("", "bоbo"), ASCII, True),  # more of them
        (pack_label("", "é"), pack_label("", "鍵"), False),  # one of two bytes, one of three
        (pack_label("", "é"), pack_label("", "ab"), True),
        (BORDER, pack_label("x", "y"), False),
        (pack_label("x", "y"), BORDER, False),
        (BORDER, BORDER, False),
        (pack_label("ab", "鍵") + pack_label("", "Jian"), pack_label("cd", "é"), False),
        (pack_label("ab", "鍵") + pack_label("", "Jian"), pack_label("cd", "ée"), True),
        (pack_label("é" * 3, "鍵" * 9) + pack_label("E", "J"), pack_label("éaa", "a" * 9), False),
        # No name, and no UTF-8: what nobody writes.
        (pack_label("é", ""), pack_label("e", ""), False),
        (b"\x02\xc3\xa9", pack_label("e", ""), True),
        (b"\0", pack_label("", ""), True),
        (b"\0\x01\x80", pack_label("", ""), False),
        (pack_label("", ""), b"\0\x01\x80", False),
    ],
)
def test_names_are_told_without_drawing_only_if_they_cannot_look_alike(names, label, told):
    assert unlike(body_with(names), label) is told


@pytest.mark.parametrize(
    ("changes", "steam", "names"),
    [
        ({}, False, False),
        ({"digits": 6, "algorithm": "SHA256", "period_s": 5 << 16 | 5}, False, False),
        ({"digits": STEAM_CHARACTERS}, True, False),
        ({"issuer_ascii": "x"}, False, True),
        ({"name_ascii": "x"}, False, True),
        ({"digits": STEAM_CHARACTERS, "issuer_ascii": "x", "name_ascii": "y"}, True, True),
    ],
)
def test_a_record_says_what_earlier_firmware_cannot_read(changes, steam, names):
    account = Account("A", "bob", SECRET)
    for field, value in changes.items():
        setattr(account, field, value)
    record = pack_record(account)
    assert (is_steam(record), has_ascii(record)) == (steam, names)
    assert not is_steam(bytes((0, STEAM_CHARACTERS, *record[2:4], 6, *record[5:])))
