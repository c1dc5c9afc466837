"""What a hand does with the one button: press, click, double click, hold.

A contact bounces for up to 20 ms. The first edge counts at once, so that the display answers
without delay; edges within DEBOUNCE_MS after it are ignored, and after that time the contact's
state counts again. All times are milliseconds of a clock that never wraps.

A loop that is held up between two samples knows nothing of the finger in the meantime: two clicks
look like one long press. So samples count as one hold only while they are at most STALL_MS apart:
no finger can let go and press again in that time.
"""

DEBOUNCE_MS = 25
HOLD_MS = 800
DOUBLE_MS = 300
STALL_MS = 100

PRESS = "press"  # the moment of going down
CLICK = "click"  # released before HOLD_MS
DOUBLE = "double"  # a click that follows a click within DOUBLE_MS; it comes instead of CLICK
HOLD = "hold"  # seen down for HOLD_MS; its release says nothing more


class Gestures:
    """Turns samples of the button into gestures."""

    def __init__(self):
        self._down = False
        self._edge_ms = -DEBOUNCE_MS
        self._sampled_ms = 0
        self._holds_since_ms = 0  # has certainly been down since then
        self._clicked_ms = None  # when the last single click ended
        self._second = False  # this press may become a double click
        self._held = False

    def update(self, down: bool, now_ms: int) -> tuple:
        """The gestures that this sample completes, in order."""
        stalled = now_ms - self._sampled_ms > STALL_MS
        self._sampled_ms = now_ms
        if down != self._down and now_ms - self._edge_ms >= DEBOUNCE_MS:
            self._down = down
            self._edge_ms = self._holds_since_ms = now_ms
            return self._pressed(now_ms) if down else self._released(now_ms)
        if stalled:
            self._holds_since_ms = now_ms
        if self.held_ms(now_ms) >= HOLD_MS:
            self._held = True
            return (HOLD,)
        return ()

    @property
    def held(self) -> bool:
        """Whether it is still down after its hold was reported."""
        return self._held

    @property
    def is_down(self) -> bool:
        """Whether the last sample that counted was of a button held down."""
        return self._down

    def held_ms(self, now_ms: int) -> int:
        """For how long the button has been seen down; 0 if it is up or its hold was reported."""
        return now_ms - self._holds_since_ms if self._down and not self._held else 0

    def _pressed(self, now_ms: int) -> tuple:
        self._second = self._clicked_ms is not None and now_ms - self._clicked_ms <= DOUBLE_MS
        return (PRESS,)

    def _released(self, now_ms: int) -> tuple:
        if self._held:
            self._held = False
            self._clicked_ms = None
            return ()
        if self._second:
            self._clicked_ms = None
            return (DOUBLE,)
        self._clicked_ms = now_ms
        return (CLICK,)
