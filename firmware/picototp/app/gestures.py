"""What a hand does with the one button: press, click, hold; and what several clicks mean.

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
HOLD = "hold"  # seen down for HOLD_MS; its release says nothing more


class Gestures:
    """Turns samples of the button into gestures."""

    def __init__(self):
        self._down = False
        self._edge_ms = -DEBOUNCE_MS
        self._sampled_ms = 0
        self._holds_since_ms = 0  # has certainly been down since then
        self._held = False

    def update(self, down: bool, now_ms: int) -> tuple:
        """The gestures that this sample completes, in order."""
        stalled = now_ms - self._sampled_ms > STALL_MS
        self._sampled_ms = now_ms
        if down != self._down and now_ms - self._edge_ms >= DEBOUNCE_MS:
            self._down = down
            self._edge_ms = self._holds_since_ms = now_ms
            return (PRESS,) if down else self._released()
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

    def _released(self) -> tuple:
        held, self._held = self._held, False
        return () if held else (CLICK,)


class Series:
    """Clicks in a row: they go on by their number, but exactly two and then a pause go back by one.

    The first click goes on at once. After the second one nothing moves until it is known which of
    the two was meant: by the pause, or by a third press. What counts as a pause depends on the
    hand: a gap of more than DOUBLE_MS, and half as long again as the one between the two clicks.
    So a hand whose gaps are all about DOUBLE_MS makes no pair by chance.

    Each method answers by how many places to go on, negative for back.
    """

    def __init__(self):
        self.forget()

    def forget(self) -> None:
        """Whatever was clicked before does not count any more."""
        self._count = 0  # clicks so far; 3 or more are alike
        self._up_ms = 0  # when the last one ended
        # The gap before the first one, if another one went on before that.
        self._before_ms: int | None = None
        self._gap_ms = 0  # the one after it, which is the hand's pace

    @property
    def goes_on(self) -> bool:
        """Whether it has more than two clicks."""
        return self._count > 2

    def _pause_ms(self) -> int:
        return max(DOUBLE_MS, self._gap_ms * 3 // 2)

    def press(self, now_ms: int) -> int:
        """The finger came down."""
        step = self.pause(now_ms)
        gap_ms = now_ms - self._up_ms
        if not self._count:
            self._before_ms = None
        elif gap_ms > (DOUBLE_MS if self._count == 1 else self._pause_ms()):
            self._before_ms = gap_ms
            self._count = 0
        elif self._count == 1:
            self._gap_ms = gap_ms
            if self._before_ms is not None and self._before_ms <= self._pause_ms():
                self._count = 3  # with the one before them there are three
        elif self._count == 2:
            self._count = 3
            return 1  # which the second had not
        return step

    def click(self, now_ms: int) -> int:
        """The finger went up."""
        self._up_ms = now_ms
        self._count += 1
        return 0 if self._count == 2 else 1

    def pause(self, now_ms: int) -> int:
        """Time passes: to be called in every turn. After two clicks the finger is up: a press makes
        them more, or ends the pair."""
        if self._count != 2 or now_ms - self._up_ms <= self._pause_ms():
            return 0
        self._count = 0
        return -2  # the first had gone on by one
