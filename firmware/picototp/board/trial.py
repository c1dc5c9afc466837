"""A firmware on trial: once its main loop has run for so long, it is kept.

Loaded after an update only.
"""

from picototp.board import slots

KEPT_AFTER_MS = 10_000


class Trial:
    """Stands in for the board's watchdog until then, because the main loop feeds that."""

    def __init__(self, board):
        self._board = board
        self._watchdog = board.watchdog
        self._since_ms: int | None = None

    def feed(self) -> None:
        """Feed the watchdog, and keep the firmware when it is time."""
        self._watchdog.feed()
        now_ms = self._board.monotonic.now_ms()
        if self._since_ms is None:
            self._since_ms = now_ms
        elif now_ms - self._since_ms >= KEPT_AFTER_MS:
            self._since_ms = now_ms  # if flash fails now, it may later
            try:
                self._board.storage.make_room()
                slots.choose(slots.slot, slots.PROVEN + slots.state[1])
            except OSError:
                return
            self._board.watchdog = self._watchdog
