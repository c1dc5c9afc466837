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


@given(st.text(max_size=20))
def test_a_tidied_name_is_one_that_new_accounts_may_have(name):
    kept = tidied(name)
    assert checked(kept, kept or "x")[0] == kept
