"""What a PIN may be, and the words about PINs and wrong ones; nothing here asks or prints."""

import math
import unicodedata

from host_tools.client.status import Status
from host_tools.errors import UsageProblem
from picototp.vault.errors import VaultError
from picototp.vault.key_record import LIMITS
from picototp.vault.key_settings import LOCK_AFTER_RULE, lock_code
from picototp.vault.pin import PIN_MAX_BYTES, PIN_MIN_BYTES

RULES = (
    f"{PIN_MIN_BYTES} to {PIN_MAX_BYTES} characters. Digits alone can be entered with the token's "
    "button too; anything else only over USB.\n"
    "Nobody can recover a forgotten PIN: keep a backup of the accounts."
)
NO_PIN = "the token has no PIN; set one with: picototp provision pin set"
ANY_WRONG = "no number of wrong PINs destroys the accounts"


def remark(status: Status) -> str | None:
    """What to say where accounts are loaded into a token without a PIN; None if it has one, or
    knows none."""
    if status.pin is not False or status.vault != "ok":
        return None
    return (
        "note: no PIN is set, so whoever holds the board can read the accounts; set one: "
        "picototp provision pin set"
    )


def from_bytes(data: bytes) -> str:
    """The PIN on standard input: one line. Raises UsageProblem."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise UsageProblem("expected the PIN on standard input, but that is not UTF-8") from None
    text = text.removesuffix("\n").removesuffix("\r")
    if not text:
        raise UsageProblem("expected the PIN on standard input, but that is empty")
    return checked(text)


def checked(text: str) -> str:
    """The PIN in Unicode normal form, so that every keyboard gives the same bytes.

    UsageProblem, which does not repeat it, if it cannot be a PIN.
    """
    pin = unicodedata.normalize("NFC", text)
    if not pin.isprintable():
        raise UsageProblem(
            "the PIN has a character that cannot be printed, such as an arrow key makes; "
            "type it again"
        )
    if len(pin) < PIN_MIN_BYTES or len(pin.encode()) > PIN_MAX_BYTES:
        raise UsageProblem(
            f"a PIN has {PIN_MIN_BYTES} to {PIN_MAX_BYTES} characters; a character beyond ASCII "
            "counts as two to four"
        )
    return pin


def entered_where(pin: str) -> str:
    """Where a PIN like this can be entered."""
    if pin.isascii() and pin.isdecimal():
        return "enter it with the token's button, or: picototp provision unlock"
    return "it is not digits alone, so enter it over USB: picototp provision unlock"


def limit_from(text: str) -> int | None:
    """The number of wrong PINs that a user typed; None for "off". Raises UsageProblem."""
    if text == "off":
        return None
    if text.isascii() and text.isdecimal() and int(text) in LIMITS:
        return int(text)
    raise UsageProblem(f"the limit is {LIMITS[0]} to {LIMITS[-1]} wrong PINs in a row, or off")


def lock_after_from(text: str) -> int | None:
    """The seconds that a user typed; None for "never". Raises UsageProblem."""
    if text == "never":
        return None
    if text.isascii() and text.isdecimal() and len(text) <= len("3600"):
        try:
            lock_code(int(text))
        except VaultError:
            pass
        else:
            return int(text)
    raise UsageProblem(f"{LOCK_AFTER_RULE}; give it in seconds: {text!r} is not one of these")


def locks_when(after_s: int | None) -> str:
    """When a token with a PIN locks by itself."""
    if after_s is None:
        return "never by itself, as long as it has power"
    return f"{waiting(after_s)} after its display went dark" if after_s else "as soon as it is dark"


def tries_left(status: Status) -> str:
    """What further wrong PINs would do to a token with a PIN, and how long to wait."""
    limit = status.pin_limit
    if limit is None:
        words = ANY_WRONG
    else:
        left = limit - status.pin_failures
        tries = "tries are" if left > 1 else "try is"
        words = f"{left} {tries} left before the accounts are destroyed"
    if status.pin_wait_s:
        words += f"; the next in {waiting(status.pin_wait_s)}"
    return words


def waiting(seconds: float) -> str:
    """A time to wait, rounded up."""
    return f"{math.ceil(seconds)} s" if seconds <= 120 else f"{math.ceil(seconds / 60)} min"


def status_lines(status: Status) -> list[tuple[str, str]]:
    """(name, value) pairs for people; none for older firmware, which has no PIN."""
    if status.pin is None or status.vault == "destroyed":
        return []
    if not status.pin:
        return [("PIN", "not set: whoever holds the board can read the accounts")]
    state = (
        "LOCKED: picototp provision unlock, or enter the PIN on it" if status.locked else "unlocked"
    )
    failures = status.pin_failures
    tries = f"{failures} in a row" if failures else "none"
    lines = [("PIN", f"set; {state}"), ("wrong PINs", f"{tries}; {tries_left(status)}")]
    if status.knows_lock_after:
        lines.append(("locks", locks_when(status.lock_after_s)))
    return lines
