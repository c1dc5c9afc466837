"""What the way to MicroPython's prompt needs of the hardware: a display and a button, without the
rest of the board. Loaded for that alone."""

import time

from picototp.board.panel import Panel
from picototp.board.pins import Button, open_i2c
from picototp.clock.monotonic import Monotonic

AGAIN_MS = 10_000  # the second hold must come within that
_LOOK_MS = 10


def open_panel() -> Panel:
    """The display, if there is one."""
    return Panel(open_i2c(), Monotonic(time.ticks_us, time.ticks_diff))


def held_again(gestures, hold: str) -> bool:
    """Whether the button, which is down, is let go and then gives that gesture: a thing that lies
    on it, or a contact that is stuck, does not do that."""
    button = Button()
    was_up = False
    began_ms = time.ticks_ms()
    while (passed_ms := time.ticks_diff(time.ticks_ms(), began_ms)) < AGAIN_MS:
        done = gestures.update(button.is_down(), passed_ms)
        was_up = was_up or not gestures.is_down
        if was_up and hold in done:
            return True
        time.sleep_ms(_LOOK_MS)
    return False
