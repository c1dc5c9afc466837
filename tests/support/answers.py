"""Whole answers of a token, as the wire has them, for tests that are about a few fields."""

from host_tools.client.status import Status

CLOCK = {
    "state": "ok",
    "set_unix_s": 1_795_000_000,
    "settings": 1,
    "refused": 0,
    "confirmed_unix_s": 1_795_000_000,
    "moved_us": 0,
    "jump_unix_s": 0,
    "jump_s": 0,
    "drift_ppb": None,
    "drift_uncertainty_ppb": None,
    "trimmed_aging": None,
    "unix_us": 1_795_000_100_000_000,
    "uncertainty_us": 500,
    "rollover": "polled",
    "error_bound_s": 0.02,
    "temperature_c": 25.0,
    "aging": 0,
}
STATUS = {
    "accounts": 3,
    "vault": "ok",
    "encrypted": True,
    "cleaning": False,
    "pin": True,
    "locked": False,
    "pin_failures": 0,
    "pin_limit": 10,
    "pin_wait_s": 0,
    "lock_after_s": 60,
    "firmware": "0.0.0",
    "uptime_s": 5,
    "display": "ok",
    "heap_free": 90_000,
    "reset_cause": 1,
    "errors_logged": False,
}


def status(clock=None, without=(), **changes) -> Status:
    """The state of a token; `clock` has changes to the clock's part, `without` names fields that
    older firmware does not send."""
    answer = {**STATUS, "clock": {**CLOCK, **(clock or {})}, **changes}
    return Status.of({name: value for name, value in answer.items() if name not in without})
