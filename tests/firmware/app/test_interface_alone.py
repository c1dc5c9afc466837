"""The interface by itself, to the millisecond: dark, lock, questions, and whose the button is."""

import pytest

from picototp.app.code_page import REST_MS
from picototp.app.gestures import CLICK, DOUBLE_MS, HOLD, PRESS
from picototp.app.interface import (
    PIN_PAUSE_MS,
)
from picototp.app.question import LISTENS_AFTER_MS
from picototp.screens.values import BLANK, CodeScreen, MenuScreen, PinScreen
from tests.firmware.app.finger_rig import AT_MS, DARK_MS, Typist

LATER_MS = AT_MS + 7_000

# --- the dark ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "do",
    [
        lambda token: token.it.handle(PRESS, LATER_MS),
        lambda token: token.it.handle(CLICK, LATER_MS),
        lambda token: token.hold(LATER_MS),
        lambda token: token.it.notice(("Title", (), ""), LATER_MS),
        lambda token: token.it.progress(("Title", (), ""), LATER_MS, True),
        lambda token: token.it.show(LATER_MS, 2),
    ],
)
def test_it_goes_dark_so_long_after_whatever_lit_it(lit, do):
    do(lit)
    assert lit.it.lit
    assert lit.goes_dark_at(LATER_MS + DARK_MS)
    assert lit.screen() is BLANK


@pytest.mark.parametrize(
    "do",
    [
        lambda token: token.it.progress(("Title", (), ""), LATER_MS, False),
        lambda token: token.it.accounts_changed(LATER_MS, 1),
        lambda token: token.it.unlocked(LATER_MS),
        lambda token: token.it.end_progress(),
    ],
)
def test_what_a_host_does_unasked_keeps_it_lit_no_longer(lit, do):
    do(lit)
    assert lit.goes_dark_at(AT_MS + DARK_MS)


def test_after_a_question_there_is_time_as_after_a_press(lit):
    lit.ask(LATER_MS)
    lit.it.withdraw_question()
    assert lit.goes_dark_at(LATER_MS + DARK_MS)


def test_in_the_dark_the_settings_are_saved_by_how_long_it_has_been(dark):
    dark.it.tick(70)
    assert dark.settings.saved == [(70, 70)]
    dark.click(AT_MS)
    dark.it.tick(AT_MS + 1)
    dark.it.darken(AT_MS + 2)
    dark.it.tick(AT_MS + 5)
    assert dark.settings.saved[1:] == [(3, AT_MS + 5)]
    assert dark.settings.noted == [0]


def test_the_dark_forgets_what_was_shown(lit):
    lit.screen()
    lit.it.notice(("Title", (), ""), AT_MS)
    lit.hold(AT_MS + 10)
    lit.hold(AT_MS + 20)
    assert isinstance(lit.screen(), MenuScreen)
    lit.it.darken(AT_MS + 30)
    assert lit.it._code_page._account is None
    lit.click(AT_MS + 60_000)
    assert isinstance(lit.screen(), CodeScreen)


def test_a_notice_does_not_outlive_the_dark(lit):
    lit.it.notice(("Title", (), ""), AT_MS)
    lit.it.darken(AT_MS + 1)
    lit.click(AT_MS + 10)
    assert isinstance(lit.screen(), CodeScreen)


@pytest.mark.parametrize("gesture", [CLICK, HOLD])
def test_a_finger_that_was_down_when_it_went_dark_does_nothing(lit, gesture):
    lit.it.handle(PRESS, AT_MS + 1_000)
    lit.it.darken(AT_MS + 1_010)
    lit.it.show(AT_MS + 1_020, None)
    lit.it.handle(gesture, AT_MS + 1_030)
    assert lit.screen().name == "a"


def test_each_waking_moves_the_picture(dark):
    shifts = []
    for number in range(1, 8):
        dark.click(AT_MS * number)
        dark.click(AT_MS * number + 1)
        shifts.append(dark.screen().shift_px)
        dark.it.darken(AT_MS * number + 2)
    assert shifts == [1, 2, 0, 1, 2, 0, 1]


# --- clicks ------------------------------------------------------------------------------------


def test_the_press_that_wakes_goes_nowhere_and_begins_no_pair(dark):
    dark.click(AT_MS)
    assert dark.screen().name == "a"
    dark.click(AT_MS + 100)
    assert dark.screen().name == "b"
    assert dark.it.tick(AT_MS + 100 + DOUBLE_MS + 1) is False
    assert dark.screen().name == "b"


def test_two_clicks_go_back_once_the_pause_tells_and_that_is_to_be_shown(lit):
    lit.click(AT_MS + 1_000)
    lit.click(AT_MS + 1_100)
    assert lit.screen().name == "b"
    assert lit.it.tick(AT_MS + 1_100 + DOUBLE_MS) is False
    assert lit.it.tick(AT_MS + 1_100 + DOUBLE_MS + 1) is True
    assert lit.screen().name == "d"
    assert lit.it.tick(AT_MS + 1_100 + DOUBLE_MS + 2) is False


def test_accounts_that_passed_by_come_to_rest_once_and_that_is_to_be_shown(lit):
    for number in range(3):
        lit.click(AT_MS + 1_000 + 100 * number)
    assert (lit.screen().name, lit.screen().code) == ("d", b"")
    assert lit.it.tick(AT_MS + 1_200 + REST_MS - 1) is False
    assert lit.it.tick(AT_MS + 1_200 + REST_MS) is True
    assert lit.screen().code
    assert lit.it.tick(AT_MS + 1_200 + REST_MS + 1) is False


@pytest.mark.parametrize(
    "between",
    [
        lambda token: token.it.show(AT_MS + 1_010, 0),
        lambda token: token.it.accounts_changed(AT_MS + 1_010, 0),
    ],
)
def test_a_pair_does_not_go_through_two_lists(lit, between):
    lit.click(AT_MS + 1_000)
    between(lit)
    lit.click(AT_MS + 1_100)
    lit.it.tick(AT_MS + 5_000)
    assert lit.screen().name == "b"


@pytest.mark.parametrize("ends", ["notice", "question"])
def test_a_click_that_answers_is_none_of_a_pair(lit, ends):
    lit.click(AT_MS + 1_000)
    if ends == "notice":
        lit.it.notice(("Title", ("line",), "hint"), AT_MS + 1_010)
        assert lit.screen() == ("Title", ("line",), "hint", 1)
    else:
        lit.ask(AT_MS + 1_010 - LISTENS_AFTER_MS)
    lit.click(AT_MS + 1_100)
    assert (lit.screen().name, lit.it.asking) == ("b", False)
    lit.click(AT_MS + 1_200)
    lit.it.tick(AT_MS + 5_000)
    assert lit.screen().name == "c"


# --- when it locks -----------------------------------------------------------------------------


@pytest.mark.parametrize("after_s", [0, 1, 5, 60])
def test_it_locks_so_long_after_the_dark(pinned, after_s):
    pinned.vault.lock_after_s = after_s
    pinned.click(AT_MS)
    assert pinned.locks_at(AT_MS + DARK_MS + after_s * 1000)
    assert not pinned.it.lit


def test_it_locks_from_power_up_on(pinned):
    assert pinned.locks_at(5_000)


@pytest.mark.parametrize(
    ("has_pin", "after_s", "was_locked"), [(False, 5, False), (True, None, False)]
)
def test_what_never_locks(pinned, has_pin, after_s, was_locked):
    pinned.vault.has_pin, pinned.vault.lock_after_s = has_pin, after_s
    pinned.click(AT_MS)
    pinned.it.tick(100 * AT_MS)
    assert pinned.vault.locked is was_locked


def test_unlocked_in_the_dark_it_counts_from_then_but_leaves_the_time_to_use_it(locked):
    for after_s, until_ms in ((0, DARK_MS), (9, DARK_MS), (15, 15_000)):
        locked.vault.locked, locked.vault.lock_after_s = False, after_s
        locked.it.unlocked(AT_MS * (after_s + 1))
        assert locked.locks_at(AT_MS * (after_s + 1) + until_ms)


def test_unlocked_while_lit_it_counts_from_the_dark_that_comes(locked):
    locked.it.show(AT_MS, None)
    locked.vault.locked = False
    locked.it.unlocked(LATER_MS)
    assert isinstance(locked.screen(), CodeScreen)
    assert locked.locks_at(LATER_MS + DARK_MS + 5_000)


def test_what_a_host_shows_puts_off_no_lock(pinned):
    pinned.click(AT_MS)
    pinned.it.show(AT_MS + DARK_MS + 4_000, 1)
    assert pinned.locks_at(AT_MS + DARK_MS + 5_000)
    assert not pinned.it.lit


def test_a_lock_waits_for_the_question_that_is_there(pinned):
    pinned.click(AT_MS)
    pinned.ask(AT_MS + DARK_MS + 4_000)
    pinned.it.tick(AT_MS + DARK_MS + 6_000)
    assert pinned.it.lit and not pinned.vault.locked
    pinned.it.withdraw_question()
    pinned.it.tick(AT_MS + DARK_MS + 6_001)
    assert not pinned.it.lit and pinned.vault.locked


def test_a_token_that_is_locked_goes_dark_only_by_the_display(locked):
    locked.click(AT_MS)
    assert isinstance(locked.screen(), PinScreen)
    assert locked.goes_dark_at(AT_MS + DARK_MS)


# --- whose the button is -----------------------------------------------------------------------


@pytest.mark.parametrize("after_ms", [0, PIN_PAUSE_MS - 1, PIN_PAUSE_MS])
def test_a_finger_on_a_locked_token_is_at_the_pin_for_a_while(locked, after_ms):
    locked.click(AT_MS)
    assert locked.it.in_use(AT_MS + after_ms) is (after_ms < PIN_PAUSE_MS)


def test_also_in_the_first_milliseconds_after_power_up(locked):
    locked.click(1)
    assert locked.it.in_use(2) is True


@pytest.mark.parametrize("state", ["nobody pressed", "open", "dark", "menu"])
def test_who_is_at_no_pin(locked, state):
    if state == "nobody pressed":
        locked.it.show(100, None)
    else:
        locked.click(AT_MS)
    if state == "open":
        locked.vault.locked = False
    elif state == "dark":
        locked.it.darken(AT_MS)
    elif state == "menu":
        locked.it.open_menu()
    assert locked.it.in_use(200 if state == "nobody pressed" else AT_MS + 10) is False


@pytest.mark.parametrize("what", ["button", "question", "typist", "digit"])
def test_who_is_at_something_else(locked, what):
    locked.vault.locked = what == "digit"
    if what == "button":
        locked.it.button_down = True
    elif what == "question":
        locked.ask(AT_MS)
    elif what == "typist":
        locked.it.typist = Typist(active=True)
    else:
        locked.click(AT_MS)
        locked.hold(AT_MS + 10)
        assert locked.screen().entered == 1
    assert locked.it.in_use(AT_MS + 2 * PIN_PAUSE_MS) is True


def test_a_press_for_a_question_is_no_use_for_something_else(lit):
    assert lit.it.used_ms == AT_MS
    lit.ask(AT_MS + 10)
    lit.click(AT_MS + 20)
    assert lit.it.used_ms == AT_MS
    lit.it.withdraw_question()
    lit.click(AT_MS + 30)
    assert lit.it.used_ms == AT_MS + 30


@pytest.mark.parametrize("offers", [True, False])
def test_a_hold_types_or_opens_the_menu(lit, offers):
    lit.it.typist = Typist(offers=offers)
    lit.hold(AT_MS + 10)
    assert lit.it.typist.told == ["press", ("offer", AT_MS + 10)]
    screen = lit.screen()
    assert isinstance(screen, tuple if offers else MenuScreen)
    assert (screen[0] == "on") is offers


def test_a_hold_from_the_dark_types_nothing(dark):
    dark.it.typist = Typist(offers=True)
    dark.hold(AT_MS)
    assert dark.it.typist.told == ["press"]
    assert isinstance(dark.screen(), MenuScreen)


@pytest.mark.parametrize("types", [True, False])
def test_what_is_typed_is_to_be_shown(lit, types):
    lit.it.typist = Typist(types=types)
    assert lit.it.tick(AT_MS + 1) is types
