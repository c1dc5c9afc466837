"""What a hand does with the one button: press, click, double click, hold.

A contact bounces for up to 20 ms. The first edge counts at once, so that the display answers
without delay; edges within DEBOUNCE_MS after it are ignored, and what the contact is at the end of
that time counts again. All times are milliseconds of a clock that never wraps.
"""

DEBOUNCE_MS = 25
HOLD_MS = 800
DOUBLE_MS = 300

PRESS = "press"  # the moment of going down
CLICK = "click"  # released before HOLD_MS
DOUBLE = "double"  # a click that follows a click within DOUBLE_MS; it comes instead of CLICK
HOLD = "hold"  # down for HOLD_MS; its release says nothing more


class Gestures:
    """Turns samples of the button into gestures."""

    def __init__(self):
        self._down = False
        self._edge_ms = -DEBOUNCE_MS
        self._clicked_ms = None  # when the last single click ended
        self._second = False  # this press may become a double click
        self._held = False

    def update(self, down: bool, now_ms: int) -> tuple:
        """The gestures that this sample completes, in order."""
        if down != self._down and now_ms - self._edge_ms >= DEBOUNCE_MS:
            self._down = down
            self._edge_ms = now_ms
            return self._pressed(now_ms) if down else self._released(now_ms)
        if self._down and not self._held and now_ms - self._edge_ms >= HOLD_MS:
            self._held = True
            return (HOLD,)
        return ()

    @property
    def is_down(self) -> bool:
        """Whether the last sample that counted was of a button held down."""
        return self._down

    def held_ms(self, now_ms: int) -> int:
        """For how long the button has been down; 0 if it is up or its hold has been reported."""
        return now_ms - self._edge_ms if self._down and not self._held else 0

    def _pressed(self, now_ms: int) -> tuple:
        self._held = False
        self._second = self._clicked_ms is not None and now_ms - self._clicked_ms <= DOUBLE_MS
        return (PRESS,)

    def _released(self, now_ms: int) -> tuple:
        if self._held:
            self._clicked_ms = None
            return ()
        if self._second:
            self._clicked_ms = None
            return (DOUBLE,)
        self._clicked_ms = now_ms
        return (CLICK,)
