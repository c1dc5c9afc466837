"""A finger on the button of a virtual token, and eyes on its display.

Nobody waits here for simulated time: the board's clock is moved, and then the firmware's main loop
is given a few turns to see it. What is waited for is always a condition, with a deadline that is
only there so that a failure ends.
"""

from collections.abc import Callable

from display_text import question_at, shows
from host_tools.client.ports import SerialConnection
from host_tools.client.token_client import TokenClient
from host_tools.simulator.digits import read_code
from host_tools.simulator.virtual_token import VirtualToken
from waiting import PATIENCE_S, eventually

# What a hold needs, and how late busy firmware may begin to see it without losing the finger.
HOLD_S = 0.8 + 0.1
PAUSE_S = 5.0  # after a question that got no yes, before the next
PHASE_S = 0.02  # how well a token knows the phase of its RTC before the host has measured it
# How long before its time a code may be seen: what is drawn is the code of the end of drawing
# (DRAWING_US in app/loop.py), which takes no time here.
EARLY_S = PHASE_S + 0.025


class Hands:
    """A finger on the token's button and eyes on its display.

    Every sample of the button is a turn of the firmware's main loop, so counting them tells when
    the firmware has noticed what was done.
    """

    def __init__(self, token: VirtualToken) -> None:
        self.token = token
        self.brisk = False  # set it where no other process talks to the token meanwhile
        self._samples = 0
        button = token.board.button
        self._look = button.look
        button.look = self._counted  # type: ignore[method-assign]
        self._rtc_bytes = 0  # read since the last sample
        rtc = token.board.rtc
        if rtc is not None:
            self._read_rtc = rtc.read_byte
            rtc.read_byte = self._rtc_is_read  # type: ignore[method-assign]

    def _counted(self) -> bool:
        # One byte of the RTC between two samples: the timekeeper waits for a rollover, and looks at
        # the button meanwhile. That is no turn.
        if self._rtc_bytes != 1:
            self._samples += 1
        self._rtc_bytes = 0
        return self._look()

    def _rtc_is_read(self) -> int:
        self._rtc_bytes += 1
        return self._read_rtc()

    def turns(self, count: int = 3) -> None:
        """Until the main loop has looked at the button `count` times: all but the last turn are
        then complete, and all but the first began with the time as it is now."""
        until = self._samples + count

        def turned() -> bool:
            if self.brisk:
                self.token.port.on_data(b"\n")  # an empty line ends the main loop's short sleep
            return self._samples >= until

        eventually(turned, f"{count} turns of the main loop")

    def elapse(self, seconds: float) -> None:
        """Let the whole board live through that time, and the firmware notice."""
        self.token.board.elapse(seconds)
        self.turns()

    def _move(self, down: bool) -> None:
        self.token.hold(down)
        self.token.board.elapse(0.03)  # beyond bouncing and debouncing
        self.turns(2)

    def click(self, pause_s: float = 0.4) -> None:
        """A click, and a pause so that the next one does not make it a double click."""
        self._move(True)
        self._move(False)
        self.elapse(pause_s)

    def double_click(self) -> None:
        """Two clicks in quick succession."""
        self.click(0.05)
        self.click()

    def hold(self) -> None:
        """Hold it for as long as the menu or a yes need, without a stall in the firmware's eyes."""
        self._move(True)
        button = self.token.board.button
        eventually(lambda: button.followed_s() >= HOLD_S or self.elapse(0.1), "a hold")
        self.elapse(0.05)
        self._move(False)

    # --- consent -----------------------------------------------------------------------------

    def wait_for_question(self) -> list[str]:
        """The display with the question on it, once a press counts as its answer."""
        return question_at(self.token.screen, self.elapse, self.click)

    def yes(self) -> None:
        """Wait for the question and hold the button."""
        self.wait_for_question()
        self.hold()

    def no(self) -> None:
        """Wait for the question and click; then let the time pass until the token asks again."""
        self.wait_for_question()
        self.click()
        self.elapse(PAUSE_S)

    def silence(self) -> None:
        """Wait for the question and do not answer it for 31 s, and then as after a no."""
        self.wait_for_question()
        self.elapse(31)
        self.elapse(PAUSE_S)

    # --- eyes --------------------------------------------------------------------------------

    def shows(self, text: str) -> bool:
        """Whether the text is on the display now."""
        return shows(self.token.screen(), text)

    def sees(self, *texts: str) -> None:
        """Wait until all the texts are on the display."""
        rows: list[str] = []

        def looked() -> bool:
            rows[:] = self.token.screen()
            return all(shows(rows, text) for text in texts)

        try:
            eventually(looked, patience_s=PATIENCE_S)
        except AssertionError:
            raise AssertionError(f"{texts} never shown, but:\n" + "\n".join(rows)) from None

    def code(self) -> str:
        """Wait for a code on the display and read it off the pixels."""
        return eventually(lambda: read_code(self.token.screen()), "a code on the display")

    def wake(self) -> None:
        """Light the display, if it is dark, by a click."""
        if not self.token.screen_on:
            self.click()

    def assert_code(self, code_at: Callable[[int], str]) -> None:
        """The code on the display is `code_at(unix_s)` of the time that the token's RTC holds."""
        self.wake()
        rtc = self.token.board.rtc

        def steady() -> tuple[float, str, float] | None:
            since_s = rtc.unix()
            self.turns()  # so nothing older is left, however long the firmware was held up
            seen = self.code()
            self.turns()
            until_s = rtc.unix()
            # Digit by digit is how a code changes, so one look may see half of two.
            return (since_s, seen, until_s) if self.code() == seen else None

        since_s, seen, until_s = eventually(steady, "a code that stays")
        moments = range(int(since_s - PHASE_S), int(until_s + EARLY_S) + 1)
        expected = {code_at(moment) for moment in moments}
        assert seen in expected, f"the display shows {seen}, right is {expected}"

    def client(self, answer: Callable[[], None] | None = None) -> TokenClient:
        """A client whose consents are answered by `answer` (default: yes); use it in a `with`."""
        connection = SerialConnection(self.token.port.path)
        return TokenClient(
            connection, answer or self.yes, on_later=lambda _, seconds: self.elapse(seconds)
        )
