"""Which names are refused, judged by Python's own Unicode tables, here and on MicroPython."""

import hashlib
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from picototp.screens.text import is_exact
from picototp.vault.name_tables import fault_of
from picototp.vault.names import ascii_fault, fault, name_hash

# Characters that are drawn as nothing, but for those of category Cf, which Python knows.
IGNORED = [0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x180E), 0x180F, 0x2065, 0x3164]
IGNORED += [*range(0xFE00, 0xFE10), 0xFFA0, *range(0xFFF0, 0xFFF9), *range(0xE0000, 0xE1000)]
SPACES = [code for code in range(0x110000) if unicodedata.category(chr(code)) == "Zs"]


def characters(*categories):
    return [code for code in range(0x110000) if unicodedata.category(chr(code)) in categories]


@pytest.mark.parametrize("category", ["Cc", "Cf", "Cs", "Co", "Zl", "Zp"])
def test_no_name_may_have_such_a_character_and_the_position_is_told(category):
    for code in characters(category):
        found = fault(f"ab{chr(code)}c")
        assert found.endswith("at position 3"), hex(code)
        assert f"U+{code:04X}" in found


def test_no_name_may_have_what_is_drawn_as_nothing():
    assert [hex(code) for code in IGNORED if not fault(f"a{chr(code)}b")] == []


def test_unassigned_planes_and_noncharacters_are_refused():
    for code in (0xFDD0, 0xFFFE, 0x1FFFF, 0x40000, 0xE1000, 0xF0000, 0x10FFFF):
        assert fault(f"a{chr(code)}b").startswith("an unassigned"), hex(code)


def test_every_letter_mark_number_sign_and_symbol_may_be_in_a_name():
    """But for those that are no normal form, or drawn as nothing."""
    allowed = "Ll Lu Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So"
    refused = {code for code in characters(*allowed.split()) if fault(f"a{chr(code)}b")}
    for code in refused - set(IGNORED) - {0x2800}:  # U+2800: a Braille pattern without dots
        text = f"a{chr(code)}b"
        assert unicodedata.normalize("NFC", text) != text, hex(code)


@pytest.mark.parametrize("code", SPACES)
def test_white_space_at_an_end_or_doubled_is_refused(code):
    space = chr(code)
    for text, position in ((f"{space}ab", 1), (f"ab{space}", 3), (f"a{space} b", 3), (space, 1)):
        assert fault(text).endswith(f"white space at position {position}") or "spelling" in fault(
            text
        )
    assert fault("a b") == ""


def test_white_space_that_is_no_space_is_not_shown_exactly():
    for code in SPACES[1:]:
        assert not is_exact(f"a{chr(code)}b")


def test_a_letter_of_the_fonts_with_an_accent_apart_is_refused():
    letters = [chr(code) for code in range(0x21, 0x530) if is_exact(chr(code))]
    pairs = 0
    for mark in map(chr, range(0x300, 0x34F)):
        for letter in letters:
            one = unicodedata.normalize("NFC", letter + mark)
            if (
                len(one) == 1
                and unicodedata.decomposition(one) == f"{ord(letter):04X} {ord(mark):04X}"
            ):
                assert fault(f"x{letter}{mark}").endswith("at position 3"), one
                pairs += 1
            elif one == letter + mark:
                assert fault(f"x{letter}{mark}") == "", ascii(one)
    assert pairs > 500
    assert fault("e\u0301") == "an accent apart from its letter at position 2"
    assert fault("\u0301") == fault("\u0301e") == "", "no letter that it belongs to"


@given(st.text(max_size=40))
def test_what_is_no_normal_form_is_refused_or_not_shown_exactly(text):
    """So it never looks like a name in the normal form without a mark."""
    if unicodedata.normalize("NFC", text) != text:
        assert fault(text) or not is_exact(text)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_an_unassigned_character_is_never_shown_exactly(text):
    if any(unicodedata.category(char) == "Cn" for char in text):
        assert not is_exact(text)


@pytest.mark.parametrize(
    "text", ["", "alice@example.com", "Zoë", "Банк", "銀行", "🏦 Bank", "ẹ́", "A B"]
)
def test_usual_names_are_taken(text):
    assert fault(text) == ""


def test_what_stands_for_a_name_is_ascii():
    assert ascii_fault("Yin Xing") == ascii_fault("") == ""
    printable = "".join(map(chr, range(0x21, 0x7F)))
    assert ascii_fault(printable) == fault(printable) == ""
    for text in ("é", " a", "a ", "a  b", "a\x07", "\x7f"):
        assert ascii_fault(text)
    assert ascii_fault("\x7f") == "a control character (U+007F) at position 1"
    assert ascii_fault("a\x80") == ascii_fault("é") == "a character beyond ASCII"


def test_no_accent_is_apart_from_what_is_no_letter():
    for mark in map(chr, range(0x300, 0x34F)):
        if not fault_of(mark.encode()):
            for before in ("a ", "x\u0300", "1", "鍵"):
                assert fault(f"{before}{mark}b") == "", ascii(mark)


def test_the_hash_is_the_documented_one():
    expected = hashlib.sha256("picototp name 1\0Bücher\0Zoë".encode()).hexdigest()[:4]
    assert name_hash("Bücher", "Zoë") == expected
    assert len({name_hash("ab", "c"), name_hash("a", "bc"), name_hash("", "abc")}) == 3


SAMPLES = [
    "bob",
    "bob ",
    "b  b",
    "e\u0301",
    "é",
    "a\u200bb",
    "Банк",
    "и\u0306",
    "鍵",
    "\ue000",
    "x\u00a0y",
]


def test_micropython_says_the_same(micropython):
    for text in SAMPLES:
        assert micropython.call("picototp.vault.names", "fault", text) == fault(text)
        assert micropython.call("picototp.screens.text", "is_exact", text) == is_exact(text)
        assert micropython.call("picototp.vault.names", "name_hash", text, text) == name_hash(
            text, text
        )
