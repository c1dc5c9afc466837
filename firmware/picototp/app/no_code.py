"""Why no account shows a code: the words for it. Loaded where one of them is to be shown."""

from picototp.clock import states

_NOT_SET = (
    "Clock not set",
    ("No codes until the", "clock is set. On the", "computer run:"),
    "picototp synctime",
)
CLOCK_MESSAGES = {
    states.NOT_SET: _NOT_SET,
    states.UNREADABLE: _NOT_SET,
    states.MOVED_BACK: (
        "Clock went back",
        ("It shows a time that", "is already past.", "On the computer run:"),
        "picototp synctime",
    ),
    states.MISSING: (
        "RTC not found",
        ("The DS3231 does not", "answer. Check its", "four wires."),
        "no codes without it",
    ),
}
NO_ACCOUNTS = (
    "No accounts yet",
    ("On the computer run:", "picototp provision add"),
    "hold = menu",
)
DAMAGED = (
    "Accounts damaged",
    ("Both copies of the", "accounts are broken.", "Erase, then restore."),
    "hold = menu",
)
DESTROYED = (
    "Accounts destroyed",
    ("Too many wrong PINs.", "To start over: menu,", "Erase all."),
    "hold = menu",
)
TOO_NEW = (
    "Accounts too new",
    ("Newer firmware wrote", "the accounts. Update", "the firmware."),
    "picototp install",
)


def reason(vault, clock_state) -> tuple:
    """What `message` takes, for a token that can show no code of any account."""
    if vault.too_new:
        return TOO_NEW
    if vault.keys.destroyed:
        return DESTROYED
    if vault.damaged:
        return DAMAGED
    if not len(vault) and clock_state == states.OK:
        return NO_ACCOUNTS
    return CLOCK_MESSAGES[clock_state]
