"""A question on the display as it looks at each moment, and which press is for it."""

import pytest

from picototp.app.gestures import HOLD_MS
from picototp.app.question import (
    ANSWER,
    LET_GO,
    LISTENS_AFTER_MS,
    NEXT,
    NOT_YET,
    QUESTION_SCROLL_MS,
    Question,
)
from picototp.protocol.frames import CONSENT_TIMEOUT_MS
from picototp.screens.text import SCROLL_PAUSE_MS, SCROLL_STEP_MS, name_overflow_px
from picototp.screens.values import HOLD_WIDTH_PX

ASKED_MS = 7_000
DRAWN_MS = 7_300
READ_MS = DRAWN_MS + LISTENS_AFTER_MS


class Pages:
    """Two more pages after the first."""

    count = 2

    def lines(self, page):
        return (f"page {page}",)


def question(lines=("Example", "alice"), pages=None):
    return Question("Add account?", lines, ASKED_MS, None, pages)


@pytest.fixture
def asked():
    """It is on the display."""
    one = question()
    one.drawn_ms = DRAWN_MS
    return one


def test_it_listens_to_nothing_before_it_was_drawn():
    one = question()
    assert one.drawn_ms is None
    assert not one.listens(READ_MS)


@pytest.mark.parametrize(("pressed_ms", "listens"), [(READ_MS - 1, False), (READ_MS, True)])
def test_it_listens_a_second_after_it_was_drawn(asked, pressed_ms, listens):
    assert asked.listens(pressed_ms) is listens


@pytest.mark.parametrize(
    ("after_ms", "seconds_left"),
    [(0, 30), (1, 30), (999, 30), (1_000, 29), (1_001, 29), (29_000, 1), (29_999, 1), (30_000, 0)],
)
def test_how_many_seconds_are_left(asked, after_ms, seconds_left):
    assert CONSENT_TIMEOUT_MS == 30_000
    assert asked.screen(ASKED_MS + after_ms, 0, True, 0).seconds_left == seconds_left


@pytest.mark.parametrize(
    ("held_ms", "held_px"),
    [
        (0, 0),
        (HOLD_MS // 2, HOLD_WIDTH_PX // 2),
        (HOLD_MS - 1, HOLD_WIDTH_PX - 1),
        (HOLD_MS, HOLD_WIDTH_PX),
        (HOLD_MS + 200, HOLD_WIDTH_PX),
    ],
)
def test_how_far_the_bar_is(asked, held_ms, held_px):
    assert asked.screen(READ_MS, held_ms, True, 0).held_px == held_px


@pytest.mark.parametrize(
    ("now_ms", "held_ms", "meant", "hint", "held_px"),
    [
        (READ_MS - 1, 0, True, NOT_YET, 0),
        (READ_MS - 1, HOLD_MS, False, NOT_YET, 0),
        (READ_MS, 0, True, ANSWER, 0),
        (READ_MS, 0, False, ANSWER, 0),
        (READ_MS, 1, False, LET_GO, 0),
        (READ_MS, HOLD_MS, False, LET_GO, 0),
        (READ_MS, HOLD_MS, True, ANSWER, HOLD_WIDTH_PX),
    ],
)
def test_what_it_says_of_the_button(asked, now_ms, held_ms, meant, hint, held_px):
    screen = asked.screen(now_ms, held_ms, meant, 2)
    assert (screen.hint, screen.held_px, screen.shift_px) == (hint, held_px, 2)


def test_pages_are_turned_and_only_the_last_one_takes_an_answer():
    one = question(pages=Pages())
    for page in (1, 2):
        assert not one.is_last_page
        assert not one.listens(DRAWN_MS)  # it is not there yet
        one.drawn_ms = DRAWN_MS
        assert one.listens(DRAWN_MS)  # a click only goes on
        screen = one.screen(DRAWN_MS, HOLD_MS, True, 0)
        assert (screen.hint, screen.held_px) == (f"{NEXT} {page}/3", 0)
        one.turn(9_000 * page)
        assert (one.asked_ms, one.drawn_ms) == (9_000 * page, None)
        screen = one.screen(9_000 * page, 0, True, 0)
        assert (screen.lines, screen.seconds_left) == ((f"page {page - 1}",), 30)
    assert one.is_last_page
    one.drawn_ms = DRAWN_MS
    assert not one.listens(READ_MS - 1)
    assert one.listens(READ_MS)
    assert one.screen(READ_MS, 0, True, 0).hint == ANSWER


def around_ms(one, overflow_px):
    """When the first line comes around, after the question was asked."""
    moved = [one.screen(ASKED_MS + ms, 0, True, 0).scrolls_px[0] for ms in range(0, 30_000, 10)]
    assert max(moved) == overflow_px - 1
    back = next(at for at in range(1, len(moved)) if moved[at] < moved[at - 1])
    return back * 10


def test_a_line_scrolls_a_pixel_at_a_time_if_that_brings_it_around_twice():
    line = "maria.magdalena@example.com"
    overflow_px = name_overflow_px(line)
    taken_ms = overflow_px * SCROLL_STEP_MS
    assert 0 < taken_ms < QUESTION_SCROLL_MS
    one = question((line, "alice"))
    assert around_ms(one, overflow_px) == SCROLL_PAUSE_MS + taken_ms
    assert one.screen(ASKED_MS + SCROLL_PAUSE_MS + 600, 0, True, 0).scrolls_px == (10, 0)


def test_a_longer_line_scrolls_faster_so_that_it_comes_around_twice():
    line = "W@" * 40
    overflow_px = name_overflow_px(line)
    assert overflow_px * SCROLL_STEP_MS > QUESTION_SCROLL_MS
    assert around_ms(question((line,)), overflow_px) == CONSENT_TIMEOUT_MS // 2
