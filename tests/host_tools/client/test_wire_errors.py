"""What is made of an error that a token, or a stranger, answers with."""

import pytest

from host_tools.client.wire_errors import TokenError
from host_tools.errors import ToolError

UNNAMED = "the token reports an error that it does not name"


def of(**error):
    return TokenError.of({"ok": False, "error": error})


def test_what_it_says_and_what_it_becomes():
    error = of(code="wrong-pin", message="that is not the PIN", tries_left=3, wait_s=8)
    assert isinstance(error, ToolError)
    assert error.message == str(error) == "that is not the PIN"
    assert (error.code, error.exit_code) == ("wrong-pin", 4)
    assert error.data == {"tries_left": 3, "wait_s": 8}


@pytest.mark.parametrize("code", ["no-such", "", None, 1, ["busy"], {"a": 1}])
def test_a_code_that_is_not_known(code):
    error = of(code=code, message="odd")
    assert (error.code, error.exit_code, error.message) == ("unknown", 1, "odd")


@pytest.mark.parametrize("message", ["", None, 1, ["x"]])
def test_an_error_without_a_message(message):
    assert of(code="busy", message=message).message == UNNAMED


@pytest.mark.parametrize("error", [None, "busy", [], 5])
def test_an_error_that_is_none(error):
    found = TokenError.of({"ok": False, "error": error})
    assert (found.code, found.message, found.data) == ("unknown", UNNAMED, {})


def test_a_message_is_cut_at_three_hundred_characters():
    assert of(code="busy", message="x" * 300).message == "x" * 300
    assert of(code="busy", message="x" * 301).message == "x" * 300


def test_numbers_beside_it_are_whole_and_within_what_is_exact():
    good = {"a": 0, "b": 1, "c": 2**53 - 1}
    bad = {"d": -1, "e": 2**53, "f": True, "g": False, "h": 1.0, "i": "1", "j": None}
    assert of(code="busy", message="x", **good, **bad).data == good


def test_where_a_computer_knows_more_its_advice_is_said():
    assert "picototp provision unlock" in of(code="locked", message="enter the PIN").message
    assert "picototp provision wipe" in of(code="destroyed", message="no").message
    assert TokenError("refused", "no").data == {}
