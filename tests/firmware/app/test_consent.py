"""Questions on the display: only a hold that begins after the question is a yes."""

from itertools import pairwise

import pytest

from picototp.app.gestures import HOLD_MS
from picototp.app.interface import DARK_AFTER_MS, NO, TIMED_OUT, YES
from picototp.protocol.frames import CONSENT_TIMEOUT_MS
from picototp.screens.text import name_overflow_px
from picototp.screens.values import BLANK, HOLD_WIDTH_PX, CodeScreen, ConfirmScreen, MenuScreen
from tests.firmware.app.interface_rig import Hands

LINES = ("Example", "alice", "SHA1, 6 digits, 30 s")


@pytest.fixture
def hands():
    return Hands()


def ask(hands):
    hands.interface.ask("Add account?", LINES, hands.now_ms)
    return hands


@pytest.fixture
def asked(hands):
    return ask(hands)


def test_a_question_wakes_the_display(asked):
    screen = asked.screen()
    assert isinstance(screen, ConfirmScreen)
    assert (screen.title, screen.lines) == ("Add account?", LINES)
    assert (screen.seconds_left, screen.held_px) == (30, 0)
    assert asked.interface.answer is None
    assert asked.interface.animating(asked.now_ms)


@pytest.mark.parametrize("name", ["maria.magdalena+backup@example.com", "W@" * 32, "i" * 64])
def test_a_long_name_can_be_read_whole_before_answering(hands, name):
    lines = (f"{'M' * 64}: {name}", "to", name)
    hands.interface.ask("Rename account?", lines, hands.now_ms)
    seen = [[], [], []]
    for _ in range(CONSENT_TIMEOUT_MS // 60 - 1):
        for moved, px in zip(seen, hands.screen().scrolls_px, strict=True):
            moved.append(px)
        hands.wait(60)
    assert set(seen[1]) == {0}
    for line, moved in zip(lines[::2], seen[::2], strict=True):
        overflow_px = name_overflow_px(line)
        assert moved[:20] == [0] * 20  # time to begin with the beginning
        jumps = [b - a for a, b in pairwise(moved) if b > a]
        assert max(jumps) <= 5  # a letter in each picture at most
        assert sum(b < a for a, b in pairwise(moved)) >= 1  # it came around, once or more
        assert overflow_px - 5 <= max(moved) < overflow_px


def test_a_hold_is_yes(asked):
    asked.wait(1000)
    asked.down()
    asked.wait(HOLD_MS - 10)
    assert asked.interface.answer is None
    asked.wait(20)
    assert asked.interface.answer == YES
    asked.up()
    asked.wait(100)
    assert isinstance(asked.screen(), CodeScreen)
    assert asked.interface.lit


def test_a_click_is_no(asked):
    asked.click()
    assert asked.interface.answer == NO
    assert isinstance(asked.screen(), CodeScreen)


def test_silence_is_no(asked):
    asked.wait(CONSENT_TIMEOUT_MS - 10)
    assert asked.interface.answer is None
    assert asked.screen().seconds_left == 1
    asked.wait(20)
    assert asked.interface.answer == TIMED_OUT
    assert not isinstance(asked.screen(), ConfirmScreen)


def test_the_display_stays_lit_as_long_as_the_question_is_open(hands):
    hands.wake()
    hands.wait(DARK_AFTER_MS - 5000)
    ask(hands)
    hands.wait(CONSENT_TIMEOUT_MS - 100)
    assert isinstance(hands.screen(), ConfirmScreen)


def test_a_long_click_that_is_too_short_is_no(asked):
    asked.press(HOLD_MS - 100)
    assert asked.interface.answer == NO


def test_the_bar_fills_while_the_button_is_held(asked):
    asked.wait(500)
    asked.down()
    seen = []
    while asked.interface.answer is None:
        seen.append(asked.screen().held_px)
        asked.wait(10)
    assert seen == sorted(seen)
    assert seen[0] == 0
    assert HOLD_WIDTH_PX * 0.9 < seen[-1] <= HOLD_WIDTH_PX


@pytest.mark.parametrize("before_ms", [10, 400, 790])
def test_a_press_from_before_the_question_answers_nothing(hands, before_ms):
    hands.wake()
    hands.down()
    hands.wait(before_ms)
    ask(hands)
    assert hands.screen().held_px == 0
    hands.wait(3000)
    assert hands.interface.answer is None
    assert hands.screen().held_px == 0
    hands.up()
    hands.wait(500)
    assert hands.interface.answer is None
    hands.hold()
    assert hands.interface.answer == YES


def test_the_release_of_a_press_from_before_is_no_click(hands):
    hands.wake()
    hands.down()
    hands.wait(100)
    ask(hands)
    hands.wait(100)
    hands.up()
    hands.wait(100)
    assert hands.interface.answer is None
    hands.click()
    assert hands.interface.answer == NO


def test_the_press_that_wakes_just_before_the_question_answers_nothing(hands):
    hands.down()
    hands.wait(50)
    ask(hands)
    hands.wait(2000)
    hands.up()
    hands.wait(100)
    assert hands.interface.answer is None


def test_a_double_click_whose_second_press_is_the_answer(hands):
    hands.wake()
    hands.click(pause_ms=100)
    ask(hands)
    hands.click()
    assert hands.interface.answer == NO


def test_an_answer_by_a_quick_click_does_not_walk_through_the_accounts(hands):
    hands.wake()
    ask(hands)
    hands.click(pause_ms=100)
    hands.click()
    assert hands.screen().name == "bob"


def test_withdrawn(asked):
    asked.interface.withdraw_question()
    assert asked.interface.answer == NO
    assert not isinstance(asked.screen(), ConfirmScreen)
    asked.interface.withdraw_question()


def test_a_question_in_the_menu_leaves_the_menu_open(hands):
    hands.wake()
    hands.hold()
    ask(hands)
    assert isinstance(hands.screen(), ConfirmScreen)
    hands.hold()
    assert hands.interface.answer == YES
    assert isinstance(hands.screen(), MenuScreen)


def test_a_second_question_starts_anew(asked):
    asked.click()
    asked.wait(1000)
    ask(asked)
    assert asked.interface.answer is None
    assert asked.screen().seconds_left == 30
    asked.hold()
    assert asked.interface.answer == YES


def test_it_goes_dark_after_silence(asked):
    asked.wait(CONSENT_TIMEOUT_MS + DARK_AFTER_MS + 100)
    assert asked.screen() is BLANK


def test_a_question_changes_no_counter(hands):
    hands.wake()
    hands.pick("counter")
    ask(hands)
    hands.hold()
    assert hands.interface.answer == YES
    assert hands.stored_counter() == 7
    assert hands.screen().code == b""
