"""The composition root of maintenance mode: what comes between a start and MicroPython's prompt.

Loaded by boot.py for that alone. Whatever fails in here, the prompt comes: a board that is half
installed, or has no display, can be reached.
"""

from picototp.board import maintenance

_HELD = (
    "Maintenance mode?",
    ("USB could read and", "change everything.", "To allow, let go and", "hold again."),
    "wait 10 s = no",
)


def comes(why: str) -> bool:
    """Whether the prompt is to come; else the start is that of a token. `why`: as of
    maintenance.begins. Says on the display what the prompt can do, and watches over it."""
    show = _display()
    if why == maintenance.HELD:
        show(_HELD)
        if not _held_again():
            return False
    show()
    _watch()
    return True


def _display():
    """A function that shows a title, lines and a hint, as far as that can be done; by default those
    of maintenance mode."""
    try:
        from picototp.app import messages
        from picototp.board import prompt_parts
        from picototp.screens.render import render

        panel = prompt_parts.open_panel()
    except Exception:  # noqa: BLE001  half installed, or no such bus: it goes on in the dark
        return lambda words=None: None
    return lambda words=messages.MAINTENANCE: panel.show(messages.message(words, 0), render)


def _held_again() -> bool:
    from picototp.app.gestures import HOLD, Gestures
    from picototp.board import prompt_parts

    return prompt_parts.held_again(Gestures(), HOLD)


def _watch() -> None:
    try:
        from picototp.board.prompt_watch import PromptWatch

        PromptWatch()
    except Exception:  # noqa: BLE001  a board without it must be installed all the same
        pass
