"""Names on this computer: the normal form, what is refused, and what a display shows for them."""

import contextlib
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host_tools.credentials.names import checked, in_ascii, tidied
from host_tools.errors import UsageProblem
from picototp.vault.account import ASCII_MAX_BYTES
from picototp.vault.names import ascii_fault


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [("e\u0301", "é"), ("и\u0306", "й"), ("\u212bngström", "Ångström"), ("\uac00", "\uac00")],
)
def test_names_are_kept_in_the_normal_form(given_name, kept):
    assert checked(given_name, given_name) == (kept, kept)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("bob ", "white space at position 4"),
        (" bob", "white space at position 1"),
        ("b  ob", "white space at position 3"),
        ("b\u200bob", "an invisible character (U+200B) at position 2"),
        ("b\u200dob", "an invisible character (U+200D) at position 2"),
        ("\u202ebob", "an invisible character (U+202E) at position 1"),
        ("bo\u00adb", "an invisible character (U+00AD) at position 3"),
        ("bob\u0007", "a control character (U+0007) at position 4"),
        ("bob\u0378", "an unassigned character (U+0378) at position 4"),
        ("bob\ue000", "an unassigned or private character (U+E000) at position 4"),
        ("x" * 65, "64 UTF-8 bytes"),
        ("", "UTF-8 bytes"),
    ],
)
def test_what_no_name_may_be_is_refused_with_its_position(name, says):
    with pytest.raises(UsageProblem) as caught:
        checked("Example", name)
    assert says in caught.value.message and "\n" not in caught.value.message
    if name:
        with pytest.raises(UsageProblem, match=r"the issuer (has|must)"):
            checked(name, "bob")


def test_every_unassigned_character_is_refused():
    taken = []
    for code in range(sys.maxunicode + 1):
        if unicodedata.category(chr(code)) == "Cn":
            with contextlib.suppress(UsageProblem):
                checked("", f"a{chr(code)}")
                taken.append(hex(code))
    assert taken == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("bob", ""),
        ("Łódź", "Lodz"),
        ("銀行", "YinXing"),
        ("שלום", "slvm"),
        ("🏦 Bank", ":bank: Bank"),
    ],
)
def test_names_beyond_ascii_have_an_ascii_form(name, shown):
    assert in_ascii(name) == shown


@given(st.text(max_size=64))
def test_an_ascii_form_is_always_one_that_the_token_takes(name):
    assert ascii_fault(in_ascii(name)) == "" and len(in_ascii(name)) <= ASCII_MAX_BYTES


ACCENTS_AND_MORE = st.text("eqxÂ0 \0\u200b\u0300\u0301\u0307\u0323\u0344\u0378", max_size=8)


@given(st.text(max_size=20) | ACCENTS_AND_MORE)
def test_a_tidied_name_is_one_that_new_accounts_may_have(name):
    kept = tidied(name)
    assert checked(kept, kept or "x")[0] == kept


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        *(("a b", "a b"), ("Zürich", "Zürich"), ("e\u0301", "é"), ("", "")),
        *(
            (" a ", "a"),
            ("a  b", "a b"),
            ("a\tb", "a b"),
            ("a\nb", "a b"),
            ("a\u3000\u3000b", "a b"),
        ),
        *(("a\0b", "ab"), ("a\u200bb", "ab"), ("a\u0378b", "ab"), ("a\ue000b", "ab")),
        *(("\u200b", ""), (" \0 ", "")),
        *(("\u0300", "\u0300"), ("\u0301 \0", "\u0301")),
        *(("\0q\u0307", "q\u0307"), ("\0x\u0307", "ẋ"), ("e\u200b\u0301", "é")),
    ],
)
def test_what_is_left_of_an_old_name(name, kept):
    assert tidied(name) == kept


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("é" * ASCII_MAX_BYTES, "e" * ASCII_MAX_BYTES),
        ("é" * (ASCII_MAX_BYTES + 1), "e" * ASCII_MAX_BYTES),
        ("é" * (ASCII_MAX_BYTES - 1) + " é", "e" * (ASCII_MAX_BYTES - 1)),
        ("é" * (ASCII_MAX_BYTES - 2) + " é", "e" * (ASCII_MAX_BYTES - 2) + " e"),
        ("é\nb\0", "e b"),
    ],
)
def test_an_ascii_form_has_room_for_so_much_and_ends_in_no_space(name, shown):
    assert in_ascii(name) == shown


@pytest.mark.parametrize("name", ["é" * 32, "x" * 64])
def test_the_longest_name(name):
    assert checked(name, name) == (name, name) and checked("", name) == ("", name)
    with pytest.raises(UsageProblem, match="64 UTF-8 bytes"):
        checked("", name + "x")
