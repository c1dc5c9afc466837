"""The words on the display: short, and the same everywhere."""

from picototp.clock import timekeeper, words
from picototp.screens import text
from picototp.screens.values import MessageScreen

_NOT_SET = (
    "Clock not set",
    ("No codes until the", "clock is set. On the", "computer run:"),
    "synctime.py",
)
CLOCK_MESSAGES = {
    timekeeper.NOT_SET: _NOT_SET,
    timekeeper.UNREADABLE: _NOT_SET,
    timekeeper.MISSING: (
        "RTC not found",
        ("The DS3231 does not", "answer. Check its", "four wires."),
        "No codes without it",
    ),
}
NO_ACCOUNTS = (
    "No accounts yet",
    ("On the computer run:", "provision.py add"),
    "hold: menu",
)
DAMAGED = (
    "Accounts damaged",
    ("Both copies of the", "accounts fail their", "checksum. See README."),
    "provision.py status",
)
TOO_NEW = (
    "Accounts too new",
    ("Newer firmware wrote", "the accounts. Update", "the firmware."),
    "provision.py status",
)
MAINTENANCE = (
    "Maintenance mode",
    ("A computer may now", "install firmware."),
    "unplug it to leave",
)
HOTP_WAITING = "hold: show new code"


def clock_line(record, unix_s: int) -> str:
    """How far the time can be trusted: when it was set, and the drift since then."""
    bound_s = record.error_bound_s(unix_s)
    if bound_s is None:
        return "set: unknown"
    return f"set {words.age(unix_s - record.set_unix_s)} ago {words.error_bound(bound_s)}"


def no_code(why: str, hint: str) -> tuple:
    """What `message` takes, for an account that cannot show a code."""
    return "No code", text.wrap(why), hint


def message(what: tuple, shift_px: int) -> MessageScreen:
    """A message screen of (title, lines, hint)."""
    title, lines, hint = what
    return MessageScreen(title, lines, hint, shift_px)
