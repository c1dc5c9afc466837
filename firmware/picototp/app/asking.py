"""When a question of a host may come up. Loaded with the first one.

Not while the user is at something else, and after a no, a silence or a withdrawal not at once: a
program that asks again and again would have its yes one day, from a finger that wants to be left
alone. The pauses grow until the button is used for something else, which shows that somebody is
there who has not just been asked.
"""

FIRST_PAUSE_MS = 5_000
LONGEST_PAUSE_MS = 60_000
BUTTON_BUSY_MS = 60_000  # a question that waits for longer is not put at all

REFUSED, IN_USE = "refused", "in-use"


class Asking:
    """Keeps the pauses. `interface` tells what the user does."""

    def __init__(self, interface):
        self._interface = interface
        self._pause_ms = 0  # after the last question
        self._ended_ms = 0  # when that was

    def ended(self, now_ms: int, agreed: bool) -> None:
        """A question that was shown is over."""
        self._look_at_the_button()
        if agreed:
            self._pause_ms = 0
        else:
            self._pause_ms = min(max(FIRST_PAUSE_MS, 2 * self._pause_ms), LONGEST_PAUSE_MS)
        self._ended_ms = now_ms

    def must_wait(self, now_ms: int) -> tuple | None:
        """(why, for how many milliseconds at most) the next question must wait; None if not."""
        self._look_at_the_button()
        left_ms = self._ended_ms + self._pause_ms - now_ms
        if left_ms > 0:
            return REFUSED, left_ms
        return (IN_USE, BUTTON_BUSY_MS) if self._interface.in_use(now_ms) else None

    def _look_at_the_button(self) -> None:
        if self._interface.used_ms > self._ended_ms:
            self._pause_ms = 0
