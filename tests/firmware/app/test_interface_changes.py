"""The interface by itself, while a PIN is checked, in Find, and when something stops clicks."""

import pytest

from picototp.app.find_page import RUN_AFTER_MS
from picototp.app.gestures import CLICK, DOUBLE_MS, HOLD, PRESS
from picototp.screens.text import SCROLL_PAUSE_MS, SCROLL_STEP_MS
from picototp.screens.values import BLANK, CodeScreen, MenuScreen, PinScreen
from tests.firmware.app.finger_rig import AT_MS, DARK_MS, Token

LATER_MS = AT_MS + 7_000
LONG = "maria.magdalena@example.com"


# --- entering a PIN ----------------------------------------------------------------------------


def entered(locked, digit):
    """The PIN of four of that digit, which is to be checked now."""
    locked.click(AT_MS)
    for number in range(4):
        while locked.screen().symbol != digit:
            locked.it.handle(PRESS, AT_MS + 10)
            locked.it.handle(CLICK, AT_MS + 10)
            locked.it.tick(AT_MS + 10 + 2 * DOUBLE_MS)
        locked.hold(AT_MS + 20 + number)
    assert locked.screen().symbol == "OK"
    locked.hold(AT_MS + 30)
    assert locked.screen().lines == ("Checking...",)
    return locked


def test_the_right_pin_opens_to_the_accounts_and_that_is_to_be_shown(locked):
    entered(locked, "0")
    assert locked.it.tick(AT_MS + 40) is False
    assert locked.it.tick(LATER_MS) is True
    assert isinstance(locked.screen(), CodeScreen)
    assert locked.it.tick(LATER_MS + 1) is False
    assert locked.goes_dark_at(LATER_MS + DARK_MS)
    assert locked.locks_at(LATER_MS + DARK_MS + 5_000)


def test_a_wrong_pin_is_told_as_long_as_it_can_be_read(locked):
    entered(locked, "1")
    assert [locked.it.tick(AT_MS + 40), locked.it.tick(LATER_MS)] == [False, True]
    assert (locked.screen().title, locked.screen().entered) == ("Wrong PIN", 0)
    assert locked.goes_dark_at(LATER_MS + DARK_MS)


@pytest.mark.parametrize("gesture", [CLICK, HOLD])
def test_a_finger_that_was_down_when_it_was_checked_does_nothing(locked, gesture):
    entered(locked, "1")
    locked.it.tick(AT_MS + 40)
    locked.it.handle(PRESS, AT_MS + 50)
    locked.it.tick(AT_MS + 60)
    before = locked.screen()
    locked.it.handle(gesture, AT_MS + 70)
    assert locked.screen() == before
    locked.click(AT_MS + 100)
    assert locked.screen().symbol == "1"  # and it is none of a pair


def test_a_click_before_the_one_that_did_nothing_is_none_of_a_pair(locked):
    entered(locked, "1")
    locked.it.tick(AT_MS + 40)
    locked.click(AT_MS + 50)
    locked.it.handle(PRESS, AT_MS + 60)
    locked.it.tick(AT_MS + 70)
    locked.it.handle(CLICK, AT_MS + 80)
    locked.click(AT_MS + 100)
    assert locked.screen().symbol == "1"


def test_the_dark_wipes_what_was_entered(locked):
    locked.click(AT_MS)
    locked.hold(AT_MS + 10)
    assert locked.screen().entered == 1
    locked.it.darken(AT_MS + 20)
    locked.click(AT_MS + 30)
    assert locked.screen() == PinScreen("Locked", 0, "0", "hold = yes click = next", 2)


def test_waking_with_a_hold_opens_the_menu_of_a_locked_token(locked):
    locked.hold(AT_MS)
    assert isinstance(locked.screen(), MenuScreen)
    locked.vault.locked = False
    locked.it.unlocked(AT_MS + 10)
    assert isinstance(locked.screen(), CodeScreen)


# --- Find --------------------------------------------------------------------------------------


@pytest.fixture
def finding():
    """Find was opened by a hold at AT_MS, and the button is still down."""
    token = Token(*"abcdef")
    token.hold(AT_MS)
    assert isinstance(token.screen(), MenuScreen)
    token.hold(AT_MS)
    token.it.button_down = True
    assert token.screen().title == "Find"
    return token


def test_lines_that_run_by_are_to_be_shown_and_keep_it_lit(finding):
    run_ms = AT_MS + RUN_AFTER_MS
    assert finding.it.tick(run_ms - 1) is False
    assert finding.it.tick(run_ms) is True
    assert finding.screen().selected == 1
    assert finding.it.tick(run_ms + 1) is False
    finding.it.button_down = False
    assert finding.it.tick(run_ms + 2) is True
    assert finding.screen().name == "c"
    assert finding.it.tick(run_ms + 3) is False
    assert finding.goes_dark_at(run_ms + 2 + DARK_MS)


def test_it_stays_lit_as_long_as_lines_run_by(finding):
    for now_ms in range(AT_MS, AT_MS + 2 * DARK_MS, 50):
        finding.it.tick(now_ms)
        assert finding.it.lit


def test_letting_go_in_the_dark_shows_nothing(finding):
    """A host locked the token while the lines ran by."""
    finding.it.tick(AT_MS + RUN_AFTER_MS)
    finding.it.darken(AT_MS + RUN_AFTER_MS + 1)
    finding.it.button_down = False
    assert finding.it.tick(AT_MS + RUN_AFTER_MS + 2) is False
    assert finding.screen() is BLANK


# --- clicks that something comes between -------------------------------------------------------


@pytest.mark.parametrize(
    "do",
    [
        lambda token: token.it.darken(AT_MS + 1_110),
        lambda token: token.ask(AT_MS + 1_110),
        lambda token: token.it.notice(("Title", (), ""), AT_MS + 1_110),
        lambda token: token.it.accounts_changed(AT_MS + 1_110),
        lambda token: token.it.show(AT_MS + 1_110, None),
    ],
)
def test_two_clicks_that_something_comes_after_lead_no_further(lit, do):
    lit.click(AT_MS + 1_000)
    lit.click(AT_MS + 1_100)
    do(lit)
    assert lit.it.tick(AT_MS + 1_100 + 5 * DOUBLE_MS) is False
    lit.it.withdraw_question()
    lit.it.darken(AT_MS + 3_000)
    lit.it.show(AT_MS + 4_000, None)
    assert lit.screen().name == "b"


@pytest.mark.parametrize(("clicks", "selected"), [(1, 1), (2, 5), (3, 3)])
def test_in_the_menu_two_clicks_go_back_and_more_go_on(lit, clicks, selected):
    lit.hold(AT_MS + 1_000)
    for number in range(clicks):
        lit.click(AT_MS + 3_000 + 100 * number)
    lit.it.tick(AT_MS + 9_000)
    assert lit.screen().selected == selected


def test_a_click_that_closes_a_page_is_none_of_a_pair(lit):
    lit.hold(AT_MS + 1_000)
    lit.click(AT_MS + 2_000)
    lit.hold(AT_MS + 3_000)
    assert lit.screen().title == "Clock"
    lit.click(AT_MS + 4_000)
    assert lit.screen().selected == 1
    lit.click(AT_MS + 4_100)
    assert lit.screen().selected == 2


def test_a_click_on_what_a_host_has_lit_goes_on(dark):
    dark.it.show(AT_MS, None)
    dark.click(AT_MS + 10)
    assert dark.screen().name == "b"


def test_a_hold_that_ends_in_the_dark_uses_up_no_counter(lit):
    lit.vault.accounts[0].kind = "hotp"
    lit.it.handle(PRESS, AT_MS + 10)
    lit.it.darken(AT_MS + 20)
    lit.it.handle(HOLD, AT_MS + 900)
    assert lit.vault.accounts[0].counter == 0


# --- from the beginning ------------------------------------------------------------------------


def test_a_long_name_stands_still_when_the_display_wakes(dark):
    dark.vault.accounts[0].name = LONG
    for begin_ms in (AT_MS, 2 * AT_MS):
        dark.click(begin_ms)
        at_ms = begin_ms + SCROLL_PAUSE_MS + 10 * SCROLL_STEP_MS
        assert dark.screen(at_ms).scroll_px == 10
        dark.it.darken(at_ms)


def test_nothing_is_on_the_display_at_first(dark):
    assert dark.it.shown is BLANK
    assert dark.it.typist is None
    assert (dark.it.used_ms, dark.it.asked_ms, dark.it.answer) == (0, 0, None)


def test_one_that_locks_with_the_dark_does_so_at_once(pinned):
    pinned.vault.lock_after_s = 0
    pinned.it.tick(0)
    assert pinned.vault.locked
