"""The token's state in words."""

import datetime

from host_tools.client import pin_words
from host_tools.client.answers import TokenInfo
from host_tools.client.status import ClockStatus, Status, Typing
from host_tools.errors import ToolError

CLOCK_STATES = {
    "ok": "set",
    "not-set": "not set; set it with picototp synctime",
    "moved-back": "MOVED BACK to a time that has passed; set it with picototp synctime",
    "unreadable": "holds no date; set it with picototp synctime",
    "missing": "the DS3231 does not answer; check its wires",
}


VAULT_STATES = {
    "damaged": "DAMAGED: both copies fail their checksum; start over with picototp provision wipe",
    "destroyed": "DESTROYED: too many wrong PINs; start over with picototp provision wipe",
    "too-new": "written by newer firmware; update the firmware",
}


LEFT_FIRMWARE = {
    "given-up": "the newest firmware was given up, because it did not run; run: picototp install",
    "damaged": "the firmware that was chosen is damaged, and another runs; run: picototp install",
}


def vault_problem(status: Status) -> str | None:
    """Why no account can be read; None if they can."""
    return None if status.vault == "ok" else f"accounts: {VAULT_STATES[status.vault]}"


def check_vault(status: Status) -> None:
    """ToolError if no account can be read any more."""
    problem = vault_problem(status)
    if problem is not None:
        raise ToolError(problem)


def status_lines(info: TokenInfo, status: Status) -> list[tuple[str, str]]:
    """(name, value) pairs for people."""
    accounts = account_count(status)
    if not status.locked and "accounts" in info.limits:
        accounts += f" of {info.limits['accounts']}"
    if status.vault != "ok":
        accounts = VAULT_STATES[status.vault]
    return [
        ("token", info.token),
        *firmware_lines(info.firmware, status),
        ("accounts", accounts),
        ("encrypted", encrypted(status)),
        *pin_words.status_lines(status),
        *cleaning_lines(status),
        *typing_lines(status.typing),
        ("display", "ok" if status.display == "ok" else "does not answer; check its wires"),
        *clock_lines(status.clock),
        ("running", f"{status.uptime_s} s, {status.heap_free // 1024} KB of heap free"),
    ]


def firmware_lines(version: str, status: Status) -> list[tuple[str, str]]:
    """Which firmware runs, and from where."""
    lines = [("firmware", version)]
    if status.slot is not None and status.bundle is not None:
        lines[0] = ("firmware", f"{version} in slot {status.slot.upper()}, {status.bundle}")
    if status.other_firmware is not None:
        lines.append(("beside it", f"{status.other_firmware}; picototp install --rollback"))
    if status.left_firmware is not None:
        lines.append(("WARNING", LEFT_FIRMWARE[status.left_firmware]))
    return lines


def encrypted(status: Status) -> str:
    """Whether the accounts are, and what that is worth."""
    if not status.encrypted:
        return "no: whoever holds the board can read them"
    return "yes, but without a PIN their key lies beside them" if status.pin is False else "yes"


def cleaning_lines(status: Status) -> list[tuple[str, str]]:
    """Whether old copies of secrets are still in flash; nothing if not."""
    if not status.cleaning:
        return []
    return [("flash", "cleaning flash: old copies of secrets are being erased; keep it powered")]


def typing_lines(typing: Typing | None) -> list[tuple[str, str]]:
    """How codes are typed; nothing if they are not."""
    return [] if typing is None else [("typing", typed_how(typing))]


def typed_how(typing: Typing) -> str:
    """The gesture, and what the keyboard does then."""
    then = "" if typing.end == "none" else f", then {typing.end.capitalize()}"
    kept = "" if typing.num_lock == "keep" else "; Num Lock is not looked at"
    letters = "" if typing.layout == "none" else f"; letters for {typing.layout}"
    return f"hold the button for 1.6 s on a code{then}{kept}{letters}"


def account_count(status: Status) -> str:
    """How many accounts there are, which a locked token does not tell."""
    return "not shown while locked" if status.locked else str(status.accounts)


def clock_lines(clock: ClockStatus) -> list[tuple[str, str]]:
    """The clock's part of the status."""
    if clock.unix_us is None:
        return [("clock", CLOCK_STATES[clock.state]), *setting_lines(clock)]
    lines = [("clock", utc(clock.unix_us / 1e6))]
    if clock.error_bound_s is None:
        lines.append(("last set", "not known"))
    else:
        bound = f"error now at most {clock.error_bound_s:.3f} s"
        lines.append(("last set", f"{utc(clock.set_unix_s)}, {bound}"))
    if clock.temperature_c is not None and clock.aging is not None:
        edge = "heard on SQW" if clock.rollover == "square-wave" else "looked for (no SQW)"
        temperature = f"{clock.temperature_c:.2f} C, aging {clock.aging:+d}"
        lines.append(("RTC", f"{temperature}; rollovers {edge}"))
    return lines + setting_lines(clock)


def setting_lines(clock: ClockStatus) -> list[tuple[str, str]]:
    """What was done to the clock, as far as the owner should know."""
    lines = []
    if clock.drift_ppb is not None:
        drift = f"{clock.drift_ppb / 1000:+.2f} ppm"
        uncertainty_ppb = clock.drift_uncertainty_ppb or 0
        lines.append(("drift", f"{drift}, give or take {uncertainty_ppb / 1000:.2f}"))
    if clock.settings or clock.refused:
        times = f"{clock.settings} times, last confirmed with the button "
        times += utc(clock.confirmed_unix_s) if clock.confirmed_unix_s else "never"
        lines.append(("clock set", f"{times}; {clock.refused} refused"))
    if clock.jump_unix_s:
        seconds = abs(clock.jump_s)
        far = f"{seconds / 86_400:.1f} days" if seconds >= 2 * 86_400 else f"{seconds} s"
        moved = f"moved {far} {'ahead' if clock.jump_s > 0 else 'back'}"
        when = utc(clock.jump_unix_s)
        end = "was that you? Run picototp synctime to end this"
        lines.append(("WARNING", f"{moved} to {when}; {end}"))
    return lines


def utc(unix_s: float) -> str:
    """Date and time for people."""
    moment = datetime.datetime.fromtimestamp(unix_s, datetime.UTC)
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")
