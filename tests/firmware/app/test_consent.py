"""Questions on the display: only a hold that begins after the question is a yes."""

from itertools import pairwise

import pytest

from picototp.app.gestures import HOLD_MS
from picototp.app.interface import NO, NOT_SHOWN, TIMED_OUT, YES
from picototp.app.question import ANSWER, LET_GO, LISTENS_AFTER_MS, NOT_YET
from picototp.protocol.frames import CONSENT_TIMEOUT_MS
from picototp.screens.text import name_overflow_px
from picototp.screens.values import BLANK, HOLD_WIDTH_PX, CodeScreen, ConfirmScreen, MenuScreen
from tests.firmware.app.interface_rig import DARK_AFTER_MS, Hands

LINES = ("Example", "alice", "SHA1, 6 digits, 30 s")


@pytest.fixture
def hands():
    return Hands()


def ask(hands):
    hands.interface.ask("Add account?", LINES, hands.now_ms)
    hands.turn()
    return hands


def read(hands):
    """The time until a press counts."""
    hands.wait(LISTENS_AFTER_MS)
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
    read(asked).click()
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
    read(asked).press(HOLD_MS - 100)
    assert asked.interface.answer == NO


def test_the_bar_fills_while_the_button_is_held(asked):
    read(asked).down()
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
    read(hands)
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


def test_the_second_press_of_a_double_click_is_no_answer(hands):
    hands.wake()
    hands.click(pause_ms=100)
    ask(hands)
    hands.click()
    assert hands.interface.answer is None
    assert read(hands).interface.asking


def test_an_answer_by_a_quick_click_does_not_walk_through_the_accounts(hands):
    hands.wake()
    read(ask(hands))
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
    read(hands).hold()
    assert hands.interface.answer == YES
    assert isinstance(hands.screen(), MenuScreen)


def test_a_second_question_starts_anew(asked):
    read(asked).click()
    asked.wait(1000)
    ask(asked)
    assert asked.interface.answer is None
    assert asked.screen().seconds_left == 30
    read(asked).hold()
    assert asked.interface.answer == YES


def test_it_goes_dark_after_silence(asked):
    asked.wait(CONSENT_TIMEOUT_MS + DARK_AFTER_MS + 100)
    assert asked.screen() is BLANK


def test_a_question_changes_no_counter(hands):
    hands.wake()
    hands.pick("counter")
    read(ask(hands)).hold()
    assert hands.interface.answer == YES
    assert hands.stored_counter() == 7
    assert hands.screen().code == b""


# --- which press counts --------------------------------------------------------------------------


@pytest.mark.parametrize("after_ms", [10, 100, 500, LISTENS_AFTER_MS - 10])
@pytest.mark.parametrize("down_ms", [80, HOLD_MS + 100, 3000])
def test_a_press_that_begins_too_early_does_nothing(asked, after_ms, down_ms):
    """Neither yes nor no, nor anything else: it was meant for what had been there."""
    asked.wait(after_ms)
    asked.press(down_ms)
    asked.wait(1000)
    assert asked.interface.answer is None
    assert asked.interface.asking
    read(asked).hold()
    assert asked.interface.answer == YES
    assert asked.screen().name == "alice"


def test_it_counts_from_when_the_question_was_drawn(hands):
    """Not from when it was asked: a picture takes its time, and a slow loop takes more."""
    hands.interface.ask("Add account?", LINES, hands.now_ms)
    for _ in range(300):  # nothing of it has been drawn for 3 s
        for gesture in hands.gestures.update(hands.is_down, hands.now_ms):
            hands.interface.handle(gesture, hands.now_ms)
        hands.now_ms += 10
    ask_ms = hands.now_ms
    hands.turn()  # draws
    hands.wait(LISTENS_AFTER_MS - 20)
    assert hands.now_ms - ask_ms < LISTENS_AFTER_MS
    hands.hold()
    assert hands.interface.answer is None
    hands.hold()
    assert hands.interface.answer == YES


def test_the_display_says_when_it_does_not_listen(hands):
    hands.wake()
    ask(hands)
    assert hands.screen().hint == NOT_YET
    hands.wait(LISTENS_AFTER_MS - 100)
    assert hands.screen().hint == NOT_YET
    hands.down()
    hands.wait(200)
    assert (hands.screen().hint, hands.screen().held_px) == (LET_GO, 0)
    hands.up()
    hands.wait(200)
    assert hands.screen().hint == ANSWER
    hands.down()
    hands.wait(400)
    assert hands.screen().hint == ANSWER
    assert hands.screen().held_px > 0


@pytest.mark.parametrize("end", ["silence", "withdrawn", "display"])
def test_a_finger_on_a_question_that_ends_does_nothing_else(hands, end):
    """A hold that was to be its yes would otherwise show an HOTP code, and use up a counter."""
    hands.wake()
    hands.pick("counter")
    ask(hands)
    hands.wait(CONSENT_TIMEOUT_MS - 500)
    hands.down()
    if end == "withdrawn":
        hands.interface.withdraw_question()
    elif end == "display":
        hands.interface.question_drawn(False, hands.now_ms)
    hands.wait(3000)
    assert hands.interface.answer in (NO, TIMED_OUT, NOT_SHOWN)
    hands.up()
    hands.wait(500)
    assert hands.screen().code == b""
    assert hands.stored_counter() == 7


def test_a_hold_for_an_account_that_is_no_longer_shown_does_nothing(hands):
    """A host changes the list under the finger."""
    hands.wake()
    hands.pick("counter")
    hands.down()
    hands.wait(HOLD_MS - 100)
    hands.interface.accounts_changed(hands.now_ms, 0)
    hands.wait(500)
    hands.up()
    hands.wait(500)
    assert hands.screen().name == "alice"


def test_the_tokens_own_question_has_the_same_rule(hands):
    hands.wake()
    hands.hold()
    while hands.screen().items[hands.screen().selected] != "Erase all":
        hands.click()
    hands.hold()
    assert hands.screen().title == "Erase everything?"
    hands.hold()
    assert hands.interface.asking
    assert len(hands.vault) == 4
    read(hands).hold()
    assert len(hands.vault) == 0
