"""HOTP on the display: a counter is saved before its code is shown, and never burnt by browsing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from picototp.app.question import LISTENS_AFTER_MS
from picototp.screens.values import (
    CodeScreen,
    ConfirmScreen,
    MenuScreen,
    MessageScreen,
)
from tests.firmware.app.interface_rig import DARK_AFTER_MS, Hands, account, hotp_judge


@pytest.fixture
def at_counter(awake):
    awake.pick("counter")
    return awake


def test_hotp_shows_nothing_until_a_hold(at_counter):
    screen = at_counter.screen()
    assert (screen.code, screen.next_code, screen.bar_px) == (b"", b"", -1)
    assert "hold" in screen.clock_line
    at_counter.hold()
    screen = at_counter.screen()
    assert screen.code == hotp_judge(7)
    assert screen.clock_line == "counter 7"
    assert at_counter.stored_counter() == 8


def test_the_counter_is_saved_when_the_code_comes_up(at_counter):
    at_counter.down()
    while not at_counter.screen().code:
        assert at_counter.stored_counter() == 7
        at_counter.wait(10)
    assert at_counter.stored_counter() == 8


def test_a_shown_hotp_code_stays_and_a_hold_is_the_menu_then(at_counter):
    at_counter.hold()
    at_counter.wait(5000)
    assert at_counter.screen().code == hotp_judge(7)
    at_counter.hold()
    assert isinstance(at_counter.screen(), MenuScreen)
    assert at_counter.stored_counter() == 8


def test_going_away_forgets_the_code_and_the_next_hold_shows_the_next(at_counter):
    at_counter.hold()
    at_counter.click()
    at_counter.double()
    assert at_counter.screen().name == "counter"
    assert at_counter.screen().code == b""
    at_counter.hold()
    assert at_counter.screen().code == hotp_judge(8)


def test_the_dark_forgets_the_code(at_counter):
    at_counter.hold()
    at_counter.wait(DARK_AFTER_MS)
    assert at_counter.wake().code == b""
    assert at_counter.stored_counter() == 8


@settings(max_examples=30)
@given(st.lists(st.sampled_from(["click", "double", "hold", "pause", "dark"]), max_size=15))
def test_every_counter_is_shown_at_most_once_and_none_is_lost(way):
    hands = Hands((account("counter", kind="hotp", counter=7), account("alice")))
    shown = []
    for gesture in way:
        if gesture == "dark":
            hands.wait(DARK_AFTER_MS + 100)
        elif gesture == "pause":
            hands.wait(2000)
        else:
            getattr(hands, gesture)()
        screen = hands.screen()
        if isinstance(screen, ConfirmScreen):  # the menu can erase everything: no
            hands.wait(LISTENS_AFTER_MS)
            hands.click()
            continue
        code = screen.code if isinstance(screen, CodeScreen) and screen.name == "counter" else b""
        if code and code not in shown:
            shown.append(code)
    assert shown == [hotp_judge(7 + number) for number in range(len(shown))]
    assert hands.stored_counter() == 7 + len(shown)


def test_a_counter_that_cannot_be_saved_shows_no_code(at_counter):
    at_counter.storage.broken = True
    at_counter.hold()
    screen = at_counter.screen()
    assert isinstance(screen, MessageScreen)
    assert screen.title == "No code"
    assert "flash" in " ".join(screen.lines)
    at_counter.storage.broken = False
    at_counter.click(100)
    assert at_counter.screen().name == "counter"
    assert at_counter.screen().code == b""
    assert at_counter.stored_counter() == 7
    at_counter.click()  # quick after the click that closed the message
    assert at_counter.screen().name == "carol"


def test_a_counter_that_is_used_up():
    hands = Hands((account("counter", kind="hotp", counter=2**64 - 2),))
    hands.wake()
    hands.hold()
    assert hands.screen().code == hotp_judge(2**64 - 2)
    hands.wait(DARK_AFTER_MS)
    hands.wake()
    hands.hold()
    screen = hands.screen()
    assert screen.title == "No code"
    assert " ".join(screen.lines) == "the counter of this account is used up"
