"""The composition root of maintenance mode: what comes between a start and MicroPython's prompt.

Loaded by boot.py for that alone. Whatever fails in here, the prompt comes: a board that is half
installed, or has no display, can be reached.
"""

import time

from picototp.board import maintenance
from picototp.board.pins import Button, open_i2c

MAINTENANCE = (
    "Maintenance mode",
    ("USB can read and", "change everything."),
    "unplug to leave",
)
_HELD = (
    "Maintenance mode?",
    ("USB could read and", "change everything.", "For that, let go and", "hold again."),
    "else wait 10 s",
)
AGAIN_MS = 10_000  # the second hold must come within that
_LOOK_MS = 10


def comes(why: str) -> bool:
    """Whether the prompt is to come; else the start is that of a token. `why`: as of
    maintenance.begins. Says on the display what the prompt can do, and watches over it."""
    show = _display()
    if why == maintenance.HELD:
        show(_HELD)
        if not _held_again():
            return False
    show(MAINTENANCE)
    _watch()
    return True


def _display():
    """A function that shows a title, lines and a hint, as far as that can be done."""
    try:
        from picototp.board.panel import Panel
        from picototp.clock.monotonic import Monotonic
        from picototp.screens.render import render
        from picototp.screens.values import MessageScreen

        panel = Panel(open_i2c(), Monotonic(time.ticks_us, time.ticks_diff))
    except Exception:  # noqa: BLE001  half installed, or no such bus: it goes on in the dark
        return lambda words: None
    return lambda words: panel.show(MessageScreen(words[0], words[1], words[2], 0), render)


def _held_again() -> bool:
    """Whether the button, which is down, is let go and held again: a thing that lies on it, or a
    contact that is stuck, does not do that."""
    from picototp.app.gestures import HOLD, Gestures

    button, gestures = Button(), Gestures()
    was_up = False
    began_ms = now_ms = time.ticks_ms()
    while time.ticks_diff(now_ms, began_ms) < AGAIN_MS:
        held = gestures.update(button.is_down(), time.ticks_diff(now_ms, began_ms))
        was_up = was_up or not gestures.is_down
        if was_up and HOLD in held:
            return True
        time.sleep_ms(_LOOK_MS)
        now_ms = time.ticks_ms()
    return False


def _watch() -> None:
    try:
        from picototp.board.prompt_watch import PromptWatch

        PromptWatch()
    except Exception:  # noqa: BLE001  a board without it must be installed all the same
        pass
