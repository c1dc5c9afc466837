"""What a token can be asked about itself: its arithmetic, its storage, its display, its clock."""

import time
from collections.abc import Iterator

from host_tools.client import status_words
from host_tools.client.answers import SelfTest
from host_tools.client.status import ClockStatus, Status
from host_tools.client.token_client import TokenClient
from host_tools.doctor.checks import Check, Result, not_done, ok, wrong, wrong_as
from host_tools.doctor.patient import Patient
from host_tools.doctor.wire_checks import OLD_FIRMWARE
from host_tools.errors import Disagreement
from host_tools.pico.repl import INTO_MAINTENANCE

# How far the token's clock may be off before `verify` calls it wrong: a third of a usual period.
VERIFY_CLOCK_S = 10
_LEAST_FREE_BLOCKS = 24  # 255 accounts are written again into about 20
_LEAST_HEAP_KB = 32


def self_test(token: TokenClient) -> Iterator[tuple[str, Result]]:
    """What `picototp provision verify` looks at, gravest first: (name, result)."""
    test, status = token.self_test(), token.status()
    yield "codes", _codes(test)
    yield "accounts", _accounts(test, status)
    answers = "the display does not answer; check its wires"
    yield "display", ok("answers") if status.display == "ok" else wrong(answers)
    yield "clock", _clock_error(status.clock)
    yield "firmware", _firmware(test, status)


def _codes(test: SelfTest) -> Result:
    if test.codes:
        return ok("those of RFC 6238 are right")
    return wrong_as(
        Disagreement("the token computes wrong codes; install its firmware again: picototp install")
    )


def _firmware(test: SelfTest, status: Status) -> Result:
    if not test.firmware:
        return wrong("the firmware in flash has changed by itself: picototp install")
    if status.left_firmware is not None:
        return wrong(status_words.LEFT_FIRMWARE[status.left_firmware])
    return ok(f"{status.firmware}, as it was installed")


def _accounts(test: SelfTest, status: Status) -> Result:
    problem = status_words.vault_problem(status)
    if problem is not None:
        return wrong(problem)
    if "corrupt" in test.slots:
        return wrong("a copy of the accounts is damaged; any change to an account renews it")
    count = status_words.account_count(status)
    if {*test.slots} == {"missing"}:
        return ok(f"{count}, nothing was kept yet")
    return ok(f"{count}, copies {' and '.join(test.slots)}")


def _clock_error(clock: ClockStatus) -> Result:
    """Whether the token's clock shows what this computer's does."""
    if clock.unix_us is None:
        return wrong(f"clock: {status_words.CLOCK_STATES[clock.state]}")
    error_s = clock.unix_us / 1e6 - time.time()
    if abs(error_s) < VERIFY_CLOCK_S:
        return ok(f"{error_s:+.1f} s from this computer's")
    return wrong_as(
        Disagreement(
            f"token and computer differ by {error_s:+.0f} s; find out which is right: picototp "
            "synctime"
        )
    )


# --- for the doctor ------------------------------------------------------------------------------


def arithmetic(patient: Patient) -> Result:
    """Codes of the RFC."""
    return _codes(patient.token.self_test())


def storage(patient: Patient) -> Result:
    """Both copies of the accounts."""
    return _accounts(patient.token.self_test(), patient.token.status())


def time_of_day(patient: Patient) -> Result:
    """The clock's error, seen from this computer."""
    clock = patient.token.status().clock
    return not_done("no clock answers") if clock.state == "missing" else _clock_error(clock)


def flash(patient: Patient) -> Result:
    """Room in flash, and whether it takes a file."""
    if not patient.can_diagnose:
        return not_done(OLD_FIRMWARE)
    reading = patient.token.diagnose_flash()
    kb = reading.block_bytes / 1024
    room = f"{reading.free * kb:.0f} of {reading.blocks * kb:.0f} KB are free"
    if reading.free < _LEAST_FREE_BLOCKS:
        return wrong(
            f"the flash is full: {room}; files that are not the token's fill it: {INTO_MAINTENANCE}"
            " then list them with mpremote fs ls, and remove them"
        )
    if not reading.wrote:
        return wrong(
            f"the flash did not take a file, though {room}: replace the Pico, and load the accounts"
            " from your backup: picototp provision restore"
        )
    return ok(f"{room}, and a file was written and read back")


def memory(patient: Patient) -> Result:
    """Heap."""
    free_kb = patient.token.status().heap_free // 1024
    if free_kb < _LEAST_HEAP_KB:
        return wrong(f"only {free_kb} KB of memory are free; unplug the token and plug it in again")
    return ok(f"{free_kb} KB free")


def errors(patient: Patient) -> Result:
    """The log of unexpected errors."""
    if not patient.status.errors_logged:
        return ok("none logged")
    return wrong(
        "unexpected errors are in its log; please report what this shows: picototp provision status"
    )


def slots(patient: Patient) -> Result:
    """Which of its two firmwares runs, and why the other one was left."""
    status = patient.status
    if status.slot is None:
        return not_done("this firmware has no slots")
    if status.left_firmware is not None:
        return wrong(status_words.LEFT_FIRMWARE[status.left_firmware])
    return ok(f"runs from {status.slot.upper()}")


def firmware(patient: Patient) -> Result:
    """Which firmware it runs."""
    return ok(f"version {patient.token.info.firmware}")


TOKEN_CHECKS = (
    Check("firmware", "asks for the version", firmware),
    Check("firmware slots", "looks which firmware runs, and whether one was given up", slots),
    Check("codes", "computes the codes of RFC 6238", arithmetic),
    Check("accounts", "reads both copies of the accounts", storage),
    Check("flash", "measures the room, and writes and reads a file", flash),
    Check("memory", "asks for free memory", memory),
    Check("errors", "looks into the log of unexpected errors", errors),
    Check("time", "compares the clock with this computer's", time_of_day),
)
