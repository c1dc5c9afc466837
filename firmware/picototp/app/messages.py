"""The words on the display: short, and the same everywhere.

Some are loaded with what says them: no_code.py, left_firmware.py, typing_words.py, and those of a
host's questions in protocol/.
"""

from picototp.clock import time_text
from picototp.screens import text
from picototp.screens.values import MessageScreen

CHECKING = ("Locked", ("Checking...",), "")
RESTART = ("Typing", ("The token restarts.",), "")
MAINTENANCE = (
    "Maintenance mode",
    ("USB can read and", "change everything."),
    "unplug to leave",
)


def restart(why: str) -> MessageScreen:
    """The last screen before the restart that is wanted."""
    return message(MAINTENANCE if why == "maintenance" else RESTART, 0)


def receiving(count: int, total: int, name: str) -> tuple:
    """So many entries of a batch have arrived."""
    return "From the computer", (f"{count} of {total}:", name), "nothing is stored yet"


SAVING = ("Saving...", ("A moment, please:", "the flash is slow."), "")
HOTP_WAITING = "hold = new code"


def clock_line(record, unix_s: int, shortest_period_s: int | None) -> str:
    """How far the time can be trusted: when it was set, and the drift since then.

    Past a third of the shortest period it asks for a sync: servers mostly accept the codes before
    and after, but not for ever. A large step is told until a later setting is confirmed.
    """
    if record.jump_unix_s:
        return "! " + time_text.moved(record.jump_s)
    bound_s = record.error_bound_s(unix_s)
    if bound_s is None:
        return "set: unknown"
    if shortest_period_s is not None and bound_s * 3 > shortest_period_s:
        return f"sync me: {time_text.error_bound(bound_s)}"
    return f"set {time_text.age(unix_s - record.set_unix_s)} ago {time_text.error_bound(bound_s)}"


def locked_title(was_wrong: bool, failures: int, left: int | None) -> str:
    """Of a locked token, after so many wrong PINs; `left` more may be wrong (None: any number)."""
    title = "Wrong PIN" if was_wrong else "Locked"
    return f"{title}, {left} left" if failures and left is not None else title


def wait(title: str, seconds: int) -> tuple:
    """What `message` takes, until the next PIN may be entered."""
    time = f"{seconds} s" if seconds < 600 else f"{seconds // 60} min"
    return title, ("Next try in", time), "hold = menu"


def no_code(why: str, hint: str) -> tuple:
    """What `message` takes, for an account that cannot show a code."""
    return "No code", text.wrap(why), hint


def message(what: tuple, shift_px: int) -> MessageScreen:
    """A message screen of (title, lines, hint)."""
    title, lines, hint = what
    return MessageScreen(title, lines, hint, shift_px)
