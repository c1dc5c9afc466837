"""Questions, notices and changes at the interface by itself, to the millisecond."""

import pytest

from picototp.app.gestures import CLICK, HOLD, PRESS
from picototp.app.interface import NO, NOT_SHOWN, TIMED_OUT, YES
from picototp.app.question import ANSWER, LET_GO, LISTENS_AFTER_MS
from picototp.protocol.frames import CONSENT_TIMEOUT_MS
from picototp.screens.values import BLANK, CodeScreen, ConfirmScreen, MenuScreen
from picototp.vault.errors import VaultError
from picototp.vault.settings import NOBODY
from tests.firmware.app.finger_rig import AT_MS, Typist

READ_MS = AT_MS + LISTENS_AFTER_MS
NOTICE = ("Title", ("line",), "hint")


@pytest.fixture
def asked(lit):
    lit.ask(AT_MS)
    return lit


# --- questions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("act", "answer"), [("click", NO), ("hold", YES)])
def test_an_answer_counts_from_a_second_on(asked, act, answer):
    getattr(asked, act)(READ_MS - 1)
    assert (asked.it.asking, asked.it.answer) == (True, None)
    getattr(asked, act)(READ_MS)
    assert (asked.it.asking, asked.it.answer) == (False, answer)
    assert isinstance(asked.screen(), CodeScreen)


def test_silence_ends_it_after_half_a_minute(asked):
    asked.it.tick(AT_MS + CONSENT_TIMEOUT_MS - 1)
    assert (asked.it.asking, asked.it.answer) == (True, None)
    asked.it.tick(AT_MS + CONSENT_TIMEOUT_MS)
    assert (asked.it.asking, asked.it.answer) == (False, TIMED_OUT)


def test_a_display_that_fails_ends_it(lit):
    lit.it.ask("Sure?", (), AT_MS)
    lit.it.question_drawn(False, AT_MS)
    assert (lit.it.asking, lit.it.answer) == (False, NOT_SHOWN)
    lit.it.question_drawn(False, AT_MS)


def test_it_listens_from_when_it_was_drawn_first(lit):
    lit.it.ask("Sure?", (), AT_MS)
    lit.it.question_drawn(True, AT_MS + 500)
    lit.it.question_drawn(True, AT_MS + 900)
    lit.click(READ_MS + 499)
    assert lit.it.asking
    lit.click(READ_MS + 500)
    assert not lit.it.asking


@pytest.mark.parametrize(
    ("end", "answer"),
    [
        (lambda token: token.it.withdraw_question(), NO),
        (lambda token: token.it.question_drawn(False, READ_MS), NOT_SHOWN),
        (lambda token: token.it.tick(AT_MS + CONSENT_TIMEOUT_MS), TIMED_OUT),
    ],
)
@pytest.mark.parametrize("gesture", [CLICK, HOLD])
def test_a_finger_that_was_down_for_it_is_down_for_nothing(asked, end, answer, gesture):
    asked.it.handle(PRESS, READ_MS)
    end(asked)
    asked.it.handle(gesture, AT_MS + CONSENT_TIMEOUT_MS)
    assert asked.it.answer == answer
    assert asked.screen().name == "a"


def test_a_finger_that_was_down_before_it_came_is_not_down_for_it(lit):
    lit.it.handle(PRESS, AT_MS)
    assert lit.it.meant
    lit.ask(AT_MS + 10)
    assert not lit.it.meant
    assert lit.screen(READ_MS + 100, 500).hint == LET_GO
    lit.it.handle(HOLD, READ_MS + 100)
    assert lit.it.asking
    lit.it.handle(PRESS, READ_MS + 200)
    assert lit.screen(READ_MS + 700, 500).hint == ANSWER
    assert lit.screen(READ_MS + 700, 500).held_px > 0


def test_the_next_one_has_no_answer_yet_and_all_of_the_time(asked):
    assert asked.it.asked_ms == AT_MS
    asked.click(READ_MS)
    assert asked.it.asked_ms == 0
    asked.ask(READ_MS + 100)
    assert (asked.it.answer, asked.it.asked_ms) == (None, READ_MS + 100)
    assert asked.screen(READ_MS + 100).seconds_left == 30


def test_it_wakes_the_display_and_the_next_press_is_for_it(dark):
    dark.ask(AT_MS)
    assert dark.it.lit
    assert isinstance(dark.screen(), ConfirmScreen)
    dark.click(READ_MS)
    assert dark.it.answer == NO


def test_a_press_that_woke_just_before_it_came_is_no_answer_and_leaves_nothing(dark):
    dark.it.handle(PRESS, AT_MS)
    dark.ask(AT_MS + 10)
    dark.it.handle(CLICK, AT_MS + 20)
    assert dark.it.asking
    dark.click(READ_MS + 10)
    assert dark.it.answer == NO


def test_the_own_question_is_done_after_a_yes_alone(lit):
    done = []
    lit.it.ask_back("Erase?", ("all",), AT_MS, done.append)
    lit.it.question_drawn(True, AT_MS)
    assert (lit.screen().title, lit.screen().lines) == ("Erase?", ("all",))
    lit.click(READ_MS)
    assert done == []
    lit.it.ask_back("Erase?", ("all",), AT_MS, done.append)
    lit.it.question_drawn(True, AT_MS)
    lit.hold(READ_MS + 10)
    assert done == [READ_MS + 10]


def test_pages_are_turned_by_clicks_and_answered_on_the_last(lit):
    class Pages:
        count = 1

        def lines(self, page):
            return (f"page {page}",)

    lit.it.ask("Sure?", ("first",), AT_MS, Pages())
    lit.it.question_drawn(True, AT_MS)
    lit.hold(AT_MS + 10)
    assert lit.screen(AT_MS + 10).lines == ("first",)
    lit.click(AT_MS + 20)
    assert (lit.screen(AT_MS + 20).lines, lit.it.asked_ms) == (("page 0",), AT_MS + 20)
    lit.it.question_drawn(True, AT_MS + 30)
    lit.click(READ_MS + 30)
    assert (lit.it.asking, lit.it.answer) == (False, NO)


def test_a_yes_waits_for_no_look_at_the_vault(lit):
    """It is checked while the question is there, and only then."""
    lit.it.prepare()
    assert (lit.vault.checked, len(lit.vault.asked)) == (0, 1)
    lit.ask(AT_MS)
    lit.it.prepare()
    assert lit.vault.checked == 1


# --- notices -----------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["click", "hold"])
def test_a_notice_stays_until_the_next_press_does_something(lit, act):
    lit.it.notice(NOTICE, AT_MS)
    lit.it.tick(AT_MS + 9_000)
    assert lit.screen() == (*NOTICE, 1)
    getattr(lit, act)(AT_MS + 9_000)
    assert lit.screen().name == "a"


def test_a_notice_wakes_the_display(dark):
    dark.it.notice(NOTICE, AT_MS)
    assert dark.screen() == (*NOTICE, 1)


def test_progress_is_shown_from_its_beginning_until_it_ends(lit):
    for number, message in enumerate((NOTICE, ("Title", ("more",), "hint"))):
        lit.it.progress(message, AT_MS + number, number == 0)
        assert lit.screen() == (*message, 1)
    lit.it.end_progress()
    assert isinstance(lit.screen(), CodeScreen)


def test_progress_that_does_not_begin_lights_nothing_and_covers_nothing(dark):
    dark.it.progress(NOTICE, AT_MS, False)
    assert dark.screen() is BLANK
    dark.click(AT_MS)
    dark.it.progress(NOTICE, AT_MS, False)
    assert isinstance(dark.screen(), CodeScreen)
    dark.it.notice(NOTICE, AT_MS)
    dark.it.progress(("Other", (), ""), AT_MS, False)
    dark.it.end_progress()
    assert dark.screen() == (*NOTICE, 1)


def test_progress_that_was_clicked_away_does_not_come_back(lit):
    lit.it.progress(NOTICE, AT_MS, True)
    lit.click(AT_MS + 1)
    lit.it.progress(NOTICE, AT_MS + 2, False)
    assert isinstance(lit.screen(), CodeScreen)
    lit.it.progress(NOTICE, AT_MS + 3, True)
    lit.it.notice(("Other", (), ""), AT_MS + 4)
    lit.it.end_progress()
    assert lit.screen().title == "Other"


def test_a_finger_that_was_down_when_progress_began_does_not_end_it(lit):
    lit.it.handle(PRESS, AT_MS)
    lit.it.progress(NOTICE, AT_MS + 1, True)
    lit.it.handle(CLICK, AT_MS + 2)
    assert lit.screen() == (*NOTICE, 1)


def ask(token):
    token.ask(AT_MS + 1)
    token.it.withdraw_question()


@pytest.mark.parametrize("do", [ask, lambda token: token.it.accounts_changed(AT_MS + 1)])
def test_progress_is_over_once_something_else_happens(lit, do):
    lit.it.progress(NOTICE, AT_MS, True)
    do(lit)
    assert isinstance(lit.screen(), CodeScreen)


# --- changes by a host -------------------------------------------------------------------------


def test_a_change_leads_to_the_accounts_and_to_the_one_that_is_meant(lit):
    lit.hold(AT_MS + 1)
    assert isinstance(lit.screen(), MenuScreen)
    lit.it.accounts_changed(AT_MS + 2)
    assert lit.screen().name == "a"
    lit.it.accounts_changed(AT_MS + 3, 2)
    assert lit.screen().name == "c"
    lit.it.accounts_changed(AT_MS + 4, 0)
    assert lit.screen().name == "a"


@pytest.mark.parametrize("moved", [False, True])
def test_only_where_positions_moved_it_is_void_which_was_shown_last(lit, moved):
    lit.settings.note(2)
    before = lit.settings.recent
    lit.it.accounts_changed(AT_MS, None, *(True,) * moved)
    assert lit.settings.recent == (NOBODY if moved else before)


@pytest.mark.parametrize("gesture", [CLICK, HOLD])
@pytest.mark.parametrize(
    "do", [lambda it: it.accounts_changed(AT_MS + 10, 1), lambda it: it.show(AT_MS + 10, 1)]
)
def test_a_finger_that_was_down_before_a_change_does_nothing(lit, do, gesture):
    lit.it.handle(PRESS, AT_MS)
    do(lit.it)
    lit.it.handle(gesture, AT_MS + 20)
    assert lit.screen().name == "b"


def test_a_change_forgets_what_was_computed(lit):
    lit.screen()
    generator = lit.it._code_page._generator
    lit.it.accounts_changed(AT_MS)
    assert not any(generator.states)


@pytest.mark.parametrize("show", [True, False])
def test_what_a_host_shows_is_lit_and_a_change_is_not(dark, show):
    if show:
        dark.it.show(AT_MS, 3)
    else:
        dark.it.accounts_changed(AT_MS, 3)
    assert dark.it.lit is show
    assert dark.screen() is BLANK or dark.screen().name == "d"


# --- the screen --------------------------------------------------------------------------------

LONG = "maria.magdalena@example.com"


@pytest.mark.parametrize(
    ("state", "animating"),
    [("dark", False), ("code", True), ("menu", False), ("question", True), ("locked", True)],
)
def test_when_the_picture_changes_between_two_seconds(dark, state, animating):
    dark.vault.accounts[0].name = LONG
    dark.vault.locked = state == "locked"
    if state != "dark":
        dark.click(AT_MS)
        dark.screen()
    if state == "menu":
        dark.it.open_menu()
    elif state == "question":
        dark.it.open_menu()
        dark.ask(AT_MS)
    assert dark.it.animating(AT_MS) is animating


def test_a_short_name_does_not_change_between_two_seconds(lit):
    lit.screen()
    assert lit.it.animating(AT_MS) is False


def test_an_hotp_code_comes_with_the_hold_and_what_fails_is_told(lit):
    lit.vault.accounts[0].kind = "hotp"
    lit.screen()
    lit.it.typist = Typist(offers=True)
    lit.hold(AT_MS + 10)
    assert lit.it.typist.told == ["press"]  # the hold was for the code
    assert lit.screen()[1].code
    lit.it.typist = None
    lit.it.show(AT_MS + 20, 0)
    lit.vault.error = VaultError("storage", "the flash is worn")
    lit.hold(AT_MS + 30)
    assert lit.screen() == ("No code", ("the flash is worn",), "click = back", 1)
    lit.vault.error = None
    lit.click(AT_MS + 40)
    assert isinstance(lit.screen(), CodeScreen)  # the hold was for no menu


# --- traces ------------------------------------------------------------------------------------


def test_memory_is_overwritten_once_after_a_key_was_let_go(lit):
    assert lit.it.take_traces(True) is False
    lit.vault.forgotten += 1
    assert lit.it.take_traces(False) is True
    assert lit.it.take_traces(True) is False


def test_what_a_request_left_is_overwritten_once_when_it_is_quiet(lit):
    lit.it.left_traces = True
    assert lit.it.take_traces(False) is False
    assert lit.it.take_traces(True) is True
    assert lit.it.take_traces(True) is False
