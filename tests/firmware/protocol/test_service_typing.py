"""The request `typing`."""

import pytest

from every_request import TYPING
from tests.firmware.protocol.service_rig import error_of, make_token
from usb_stand_in import TypingToken


def test_on_needs_a_yes_and_restarts(token):
    asked = token.request("typing", on=True, **TYPING)
    assert asked["wait"] == "button"
    assert token.screen.title == "Type codes?"
    assert any("enter" in line for line in token.screen.lines)
    assert any("1.6 s" in line for line in token.screen.lines)
    assert not token.restart_wanted
    token.hold()
    assert token.answered()["ok"] is True
    assert token.kept_typing == ("enter", "keep", "none") and token.restart_wanted == "typing"


def test_off_needs_a_yes_too(token):
    token.request("typing", on=False)
    assert token.screen.title == "Stop typing codes?"
    assert token.screen.lines[:2] == ("The USB keyboard", "is switched off.")
    token.hold()
    answer = token.answered()
    assert answer["ok"] is True
    assert token.kept_typing is None and token.restart_wanted == "typing"


def test_a_no_changes_nothing(token):
    token.request("typing", on=True, **TYPING)
    token.click()
    assert error_of(token.answered()) == "refused"
    assert not token.restart_wanted and not hasattr(token, "kept_typing")


def test_flash_that_fails(token, monkeypatch):
    def fails(setting):
        raise OSError(28)

    monkeypatch.setattr(token, "set_typing", fails)
    answer = token.confirmed("typing", on=True, **TYPING)
    assert error_of(answer) == "storage"


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"on": 1, **TYPING},
        {"on": True},
        {"on": True, **TYPING, "end": "space"},
        {"on": True, **TYPING, "num_lock": True},
        {"on": True, **TYPING, "layout": "dvorak"},
    ],
)
def test_what_it_does_not_take(token, fields):
    assert error_of(token.request("typing", **fields)) == "bad-request"


def test_status_tells():
    assert make_token().request("status")["typing"] is None
    token = TypingToken(end="tab")
    token.hello()
    told = token.request("status")["typing"]
    assert told == {"end": "tab", "num_lock": "keep", "layout": "none"}
