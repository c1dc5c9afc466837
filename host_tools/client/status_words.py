"""The token's state in words."""

import datetime

from host_tools.client import pin_words
from host_tools.client.token_client import Json
from host_tools.errors import ToolError

CLOCK_STATES = {
    "ok": "set",
    "not-set": "not set; set it with synctime.py",
    "moved-back": "MOVED BACK to a time that has passed; set it with synctime.py",
    "unreadable": "holds no date; set it with synctime.py",
    "missing": "the DS3231 does not answer; check its wires",
}


VAULT_STATES = {
    "damaged": "DAMAGED: both copies fail their checksum; start anew with provision.py wipe",
    "destroyed": "LOST: too many wrong PINs; start anew with provision.py wipe",
    "too-new": "written by newer firmware; update the firmware",
}


def vault_problem(facts: Json) -> str | None:
    """Why no account can be read, of the answer to `status`; None if they can."""
    return None if facts["vault"] == "ok" else f"accounts: {VAULT_STATES[facts['vault']]}"


def check_vault(facts: Json) -> None:
    """ToolError if no account can be read any more."""
    problem = vault_problem(facts)
    if problem is not None:
        raise ToolError(problem)


def status_lines(facts: Json) -> list[tuple[str, str]]:
    """(name, value) pairs for people, of the answers to `hello` and `status`."""
    accounts = account_count(facts)
    if not facts.get("locked"):
        accounts += f" of {facts['limits']['accounts']}"
    if facts["vault"] != "ok":
        accounts = VAULT_STATES[facts["vault"]]
    lines = [
        ("token", facts["token"]),
        ("firmware", facts["firmware"]),
        ("accounts", accounts),
        ("encrypted", encrypted(facts)),
        *pin_words.status_lines(facts),
        *cleaning_lines(facts),
        ("display", "ok" if facts["display"] == "ok" else "does not answer; check its wires"),
    ]
    lines += clock_lines(facts["clock"])
    lines.append(
        ("running", f"{facts['uptime_s']} s, {facts['heap_free'] // 1024} KB of heap free")
    )
    return lines


def encrypted(facts: Json) -> str:
    """Whether the accounts are, and what that is worth."""
    if not facts["encrypted"]:
        return "no: who holds the board can read them"
    return "yes" if facts.get("pin", True) else "yes, but without a PIN their key lies beside them"


def cleaning_lines(facts: Json) -> list[tuple[str, str]]:
    """Whether old copies of secrets are still in flash; nothing if not, or of older firmware."""
    if not facts.get("cleaning"):
        return []
    return [("flash", "cleaning flash: old copies of secrets are being erased; keep it powered")]


def account_count(facts: Json) -> str:
    """How many accounts there are, which a locked token does not tell."""
    return "not told while locked" if facts.get("locked") else str(facts["accounts"])


def clock_lines(clock: Json) -> list[tuple[str, str]]:
    """The clock's part of the status."""
    if clock["state"] != "ok":
        return [("clock", CLOCK_STATES[clock["state"]]), *setting_lines(clock)]
    lines = [("clock", utc(clock["unix_us"] / 1e6))]
    if clock["error_bound_s"] is None:
        lines.append(("last set", "not known"))
    else:
        bound_s = clock["error_bound_s"]
        lines.append(("last set", f"{utc(clock['set_unix_s'])}, error now at most {bound_s:.3f} s"))
    if "temperature_c" in clock:
        edge = "heard on SQW" if clock["rollover"] == "square-wave" else "looked for (no SQW)"
        temperature = f"{clock['temperature_c']:.2f} C, aging {clock['aging']:+d}"
        lines.append(("RTC", f"{temperature}; rollovers {edge}"))
    return lines + setting_lines(clock)


def setting_lines(clock: Json) -> list[tuple[str, str]]:
    """What was done to the clock, as far as the owner should know."""
    lines = []
    if clock["drift_ppb"] is not None:
        drift = f"{clock['drift_ppb'] / 1000:+.2f} ppm"
        lines.append(
            ("drift", f"{drift}, give or take {clock['drift_uncertainty_ppb'] / 1000:.2f}")
        )
    if clock["settings"] or clock["refused"]:
        times = f"{clock['settings']} times, last confirmed with the button "
        times += utc(clock["confirmed_unix_s"]) if clock["confirmed_unix_s"] else "never"
        lines.append(("clock set", f"{times}; {clock['refused']} refused"))
    if clock["jump_unix_s"]:
        seconds = abs(clock["jump_s"])
        far = f"{seconds / 86_400:.1f} days" if seconds >= 2 * 86_400 else f"{seconds} s"
        moved = f"moved {far} {'ahead' if clock['jump_s'] > 0 else 'back'}"
        when = utc(clock["jump_unix_s"])
        lines.append(("WARNING", f"{moved} to {when}; was that you? Run synctime.py to end this"))
    return lines


def utc(unix_s: float) -> str:
    """Date and time for people."""
    moment = datetime.datetime.fromtimestamp(unix_s, datetime.UTC)
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")
