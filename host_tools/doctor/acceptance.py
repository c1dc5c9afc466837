"""The whole acceptance of a real board, with somebody at it, and the report of that.

The report holds no secret, no name of an account, no number of a token and no path.
"""

import datetime
import platform
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import picototp
from host_tools.client.account_names import compare, key_of
from host_tools.client.wire_errors import TokenError
from host_tools.clock.care import ClockCare
from host_tools.clock.drift import estimate
from host_tools.clock.history import ClockHistory
from host_tools.clock.time_reading import TimeReading
from host_tools.credentials.credential import Credential
from host_tools.doctor.checks import Check, Examined, Outcome, Result, not_done, ok, wrong
from host_tools.doctor.patient import Patient
from host_tools.errors import ToolError

ISSUER = "PicoTOTP acceptance"
CUTS = 3
_SOURCE = "ntp"
_KEYS = (("SHA1", 6), ("SHA256", 8), ("SHA512", 8))
_MARKS = {Outcome.OK: "ok", Outcome.WRONG: "WRONG", Outcome.NOT_DONE: "not done"}


@dataclass
class Trial:
    """A token under trial, somebody at it, and true time when it is asked for."""

    patient: Patient
    read_time: Callable[[], TimeReading]


def installed(trial: Trial) -> Result:
    """Whether firmware and tools are of one version."""
    version = trial.patient.token.info.firmware
    if version != picototp.__version__:
        return wrong(
            f"the token runs {version}, and these tools are {picototp.__version__}: picototp "
            "install"
        )
    return ok(f"firmware {version}")


def synced(trial: Trial) -> Result:
    """Set the clock, and measure it again."""
    care = _care(trial)
    before, after = care.measure(), care.set()
    was = "not set" if before is None else before.words()
    return ok(f"before: {was}; after: {after.words()}")


def _care(trial: Trial) -> ClockCare:
    token = trial.patient.token
    return ClockCare(token, trial.read_time(), ClockHistory(token.info.token), _SOURCE)


def codes(trial: Trial) -> Result:
    """Accounts with keys that are drawn here and thrown away: added, compared, removed."""
    token = trial.patient.token
    for algorithm, digits in _KEYS:
        key = secrets.token_bytes(20)
        account = Credential(ISSUER, f"{algorithm} {digits}", key, algorithm, digits)
        token.add(account, replace=True)
        compare(token, account)
    _remove_ours(trial)
    return ok(f"{len(_KEYS)} accounts added, compared and removed")


def _remove_ours(trial: Trial) -> None:
    token = trial.patient.token
    for account in token.accounts():
        if account.issuer == ISSUER:
            token.remove(account)


def power_cuts(trial: Trial) -> Result:
    """Cut while a change is written: afterwards the accounts are those before it, or after it."""
    patient = trial.patient
    assert patient.hands is not None
    before = {key_of(account) for account in patient.token.accounts()}
    for number in range(CUTS):
        account = Credential(ISSUER, f"cut {number + 1}", secrets.token_bytes(20))
        patient.hands.asked_to(
            f"power cut {number + 1} of {CUTS}: hold the button for yes, pull the cable when"
            " the question disappears, and plug it in again"
        )
        since_s = time.monotonic()
        try:
            patient.token.add(account)
        except TokenError:
            return not_done("the question was not confirmed")
        except ToolError:
            pass  # the line broke, as it should
        patient.wait_for_power_cut(since_s)
        if patient.status.vault != "ok":
            return wrong(f"power cut {number + 1} damaged the accounts: please report this")
        after = {key_of(one) for one in patient.token.accounts()}
        if after - {key_of(account)} != before:
            return wrong(f"power cut {number + 1} changed other accounts: please report this")
        before = after
    _remove_ours(trial)
    return ok(f"{CUTS} cuts while an account was added, and no account was lost")


def drift(trial: Trial) -> Result:
    """What the syncs so far say; a day between two of them is enough."""
    found = estimate(_care(trial).records)
    if found is None:
        return not_done("let a day pass, and run this again")
    return ok(found.words())


ACCEPTANCE_CHECKS = (
    Check("same version", "compares firmware and tools", installed),
    Check("sync", "sets the clock and measures it again", synced),
    Check("codes against this computer", "adds accounts and compares their codes", codes),
    Check("power cuts", "cuts the power while accounts are written", power_cuts),
    Check("drift", "estimates the drift from the syncs so far", drift),
)


def report(examined: Sequence[Examined], firmware: str) -> str:
    """A page of Markdown that its builder can send."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    wrong_ones = sum(one.result.outcome is Outcome.WRONG for one in examined)
    lines = [
        f"# PicoTOTP {firmware} tried on a board, {today}",
        "",
        f"Tools {picototp.__version__}, {platform.system()} {platform.machine()}, Python "
        f"{platform.python_version()}. {wrong_ones} of {len(examined)} checks are wrong.",
        "",
        "Board: (Pico, Pico W, Pico 2, Pico 2 W) Display: Clock module: Cell: Case:",
        "",
        "| Check | Outcome | Found |",
        "| --- | --- | --- |",
    ]
    for one in examined:
        words = "not told here" if one.name in _TELLS_OF_THE_OWNER else one.result.words
        cell = words.replace("|", "/")
        lines.append(f"| {one.name} | {_MARKS[one.result.outcome]} | {cell} |")
    return "\n".join(lines) + "\n"


# Ports and numbers name the computer and the token; servers its network.
_TELLS_OF_THE_OWNER = ("port", "board", "time servers", "accounts")
