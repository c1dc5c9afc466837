"""A yes-or-no question on the display. Loaded with the first one: few starts see any."""

from picototp.app.gestures import HOLD_MS
from picototp.protocol.frames import CONSENT_TIMEOUT_MS
from picototp.screens.text import (
    SCROLL_PAUSE_MS,
    SCROLL_STEP_MS,
    name_overflow_px,
    scrolled_px,
)
from picototp.screens.values import HOLD_WIDTH_PX, ConfirmScreen

# What is to be confirmed passes at least twice while there is time to answer, however long it is.
QUESTION_SCROLL_MS = CONSENT_TIMEOUT_MS // 2 - SCROLL_PAUSE_MS
# A press that begins earlier after the question was drawn was meant for what was there before it:
# nobody reads a question and decides in less.
LISTENS_AFTER_MS = 1_000

NOT_YET = "read it first"
LET_GO = "let go, then answer"
ANSWER = "hold = yes  click = no"
NEXT = "click = next page"


class Question:
    """What is asked since when. `then()` is called after a yes, if who asked does not wait.

    With Pages, a click goes on from page to page, and only the last one takes an answer.
    """

    def __init__(self, title: str, lines: tuple, asked_ms: int, then=None, pages=None):
        self.asked_ms = asked_ms
        self.drawn_ms: int | None = None  # when it was whole on the display for the first time
        self.then = then
        self._title = title
        self._pages = pages
        self._page = 0
        self._take(lines)

    def _take(self, lines: tuple) -> None:
        self._lines = lines
        self._overflows_px = tuple([name_overflow_px(line) for line in lines])

    @property
    def is_last_page(self) -> bool:
        """Whether it can be answered now: all of it was there to be read."""
        return self._pages is None or self._page == self._pages.count

    def turn(self, now_ms: int) -> None:
        """Go on to the next page, which has as long as a question of its own."""
        lines = self._pages.lines(self._page)
        self._page += 1
        self._take(lines)
        self.asked_ms = now_ms
        self.drawn_ms = None

    def listens(self, pressed_ms: int) -> bool:
        """Whether a press that began then is for it."""
        if self.drawn_ms is None:
            return False
        return not self.is_last_page or pressed_ms - self.drawn_ms >= LISTENS_AFTER_MS

    def screen(self, now_ms: int, held_ms: int, meant: bool, shift_px: int) -> ConfirmScreen:
        """It as it looks now. `held_ms`: for how long the button has been down, `meant`: for it."""
        hint = ANSWER
        if not self.is_last_page:
            hint = f"{NEXT} {self._page + 1}/{self._pages.count + 1}"
            held_ms = 0
        elif not self.listens(now_ms):
            hint = NOT_YET
        elif held_ms and not meant:
            hint = LET_GO
        if not meant:
            held_ms = 0
        asked_for_ms = now_ms - self.asked_ms
        held_px = min(HOLD_WIDTH_PX, held_ms * HOLD_WIDTH_PX // HOLD_MS)
        seconds_left = (CONSENT_TIMEOUT_MS - asked_for_ms + 999) // 1000
        scrolls_px = tuple(
            [
                scrolled_px(px, asked_for_ms, min(px * SCROLL_STEP_MS, QUESTION_SCROLL_MS))
                for px in self._overflows_px
            ]
        )
        return ConfirmScreen(
            self._title, self._lines, scrolls_px, seconds_left, held_px, hint, shift_px
        )
