"""Each field of each answer: the smallest and the largest value that it may have, and beyond."""

import pytest

from answers import CLOCK, STATUS
from host_tools.client import diagnosis
from host_tools.client.answers import (
    Account,
    ClockLogEntry,
    DisplaySettings,
    SelfTest,
    TokenInfo,
    TokenTime,
)
from host_tools.client.fields import BadAnswer, Fields
from host_tools.client.status import ClockStatus, Status, Typing
from scripted_token import ACCOUNT, HELLO

EXACT = 2**53 - 1  # JSON numbers are exact up to here
U32 = 2**32 - 1
ENTRY = {
    "kind": "small",
    "unix_s": 1,
    "step_us": 2,
    "uncertainty_us": 3,
    "aging": 4,
    "temperature_c": 5.0,
}
TIME = {
    "state": "ok",
    "arrived_us": 1,
    "ticks_us": 2,
    "unix_us": 3,
    "uncertainty_us": 4,
    "confirmed": True,
    "step_us": 5,
}
BUS = {"sda": 1, "scl": 1, "sda_pulled": 1, "scl_pulled": 1, "found": [1], "swapped": [2]}
RTC = {"answers": True, "seconds": 3, "conversions": 1, "control": 4, "status": 5}
FLASH = {"block_bytes": 4096, "blocks": 100, "free": 50, "wrote": True}
TYPING = {"end": "none", "num_lock": "keep", "layout": "de"}
# Of each kind: how it is read, and an answer in which everything is right.
KINDS = {
    "hello": (TokenInfo.of, HELLO),
    "account": (lambda answer: Account.of(Fields("list", answer)), ACCOUNT),
    "display": (
        DisplaySettings.of,
        {"brightness": 50, "dark_after_s": 60, "upside_down": True, "order": "fixed"},
    ),
    "time": (lambda answer: TokenTime.of("time", answer), TIME),
    "entry": (lambda answer: ClockLogEntry.of(Fields("clock_log", answer)), ENTRY),
    "selftest": (SelfTest.of, {"codes": True, "slots": ["ok", "empty"], "firmware": False}),
    "status": (Status.of, {**STATUS, "clock": CLOCK, "typing": TYPING}),
    "clock": (lambda answer: ClockStatus.of(Fields("status", answer)), CLOCK),
    "typing": (lambda answer: Typing.of(Fields("status", answer)), TYPING),
    "bus": (diagnosis.BusReading.of, BUS),
    "rtc": (diagnosis.ClockReading.of, RTC),
    "screen": (diagnosis.DisplayReading.of, {"address": 60, "status": 64, "controller": "auto"}),
    "button": (
        diagnosis.ButtonReading.of,
        {"down": False, "presses": 3, "edges": 6, "bounce_us": 200},
    ),
    "flash": (diagnosis.FlashReading.of, FLASH),
}

# Whole numbers from the first to the second.
WHOLES = {
    ("hello", "v"): (0, 255),
    ("account", "digits"): (1, 10),
    ("account", "period"): (0, 86_400),
    ("account", "counter"): (0, 2**64 - 1),
    ("display", "brightness"): (1, 100),
    ("display", "dark_after_s"): (10, 120),
    ("time", "arrived_us"): (0, EXACT),
    ("time", "ticks_us"): (0, EXACT),
    ("time", "unix_us"): (0, EXACT),
    ("time", "uncertainty_us"): (0, EXACT),
    ("entry", "unix_s"): (0, U32),
    ("entry", "uncertainty_us"): (0, EXACT),
    ("entry", "aging"): (-128, 127),
    ("status", "uptime_s"): (0, EXACT),
    ("status", "heap_free"): (0, EXACT),
    ("status", "reset_cause"): (0, 255),
    ("status", "pin_failures"): (0, EXACT),
    ("status", "pin_wait_s"): (0, EXACT),
    ("clock", "set_unix_s"): (0, U32),
    ("clock", "settings"): (0, EXACT),
    ("clock", "refused"): (0, EXACT),
    ("clock", "confirmed_unix_s"): (0, U32),
    ("clock", "moved_us"): (0, EXACT),
    ("clock", "jump_unix_s"): (0, U32),
    ("clock", "jump_s"): (-U32, U32),
    ("clock", "unix_us"): (0, EXACT),
    ("clock", "uncertainty_us"): (0, EXACT),
    ("bus", "sda"): (0, 1),
    ("bus", "scl"): (0, 1),
    ("bus", "sda_pulled"): (0, 1),
    ("bus", "scl_pulled"): (0, 1),
    ("rtc", "seconds"): (0, 2**20),
    ("rtc", "conversions"): (0, 2**20),
    ("rtc", "control"): (0, 255),
    ("rtc", "status"): (0, 255),
    ("button", "presses"): (0, 2**20),
    ("button", "edges"): (0, 2**20),
    ("button", "bounce_us"): (0, 2**30),
    ("flash", "block_bytes"): (1, 2**24),
    ("flash", "blocks"): (1, 2**24),
    ("flash", "free"): (0, 2**24),
}
# The same, or null, or not there.
MAYBE_WHOLES = {
    ("time", "step_us"): (-EXACT, EXACT),
    ("entry", "step_us"): (-(2**63), 2**63),
    ("status", "accounts"): (0, 4096),
    ("status", "pin_limit"): (1, 1000),
    ("status", "lock_after_s"): (0, 2**24),
    ("clock", "drift_ppb"): (-(2**31), 2**31),
    ("clock", "drift_uncertainty_ppb"): (0, U32),
    ("clock", "trimmed_aging"): (-128, 127),
    ("clock", "aging"): (-128, 127),
    ("screen", "address"): (0, 127),
    ("screen", "status"): (0, 255),
}
MAYBE_NUMBERS = {
    ("entry", "temperature_c"): (-128, 128),
    ("clock", "temperature_c"): (-128, 128),
    ("clock", "error_bound_s"): (0, 2**40),
}
# Texts of up to so many characters; words have at least one, and no space.
TEXTS = {("account", "issuer"): 64, ("account", "name"): 64, ("screen", "controller"): 16}
WORDS = {
    ("hello", "firmware"): 32,
    ("hello", "token"): 64,
    ("status", "firmware"): 32,
    ("typing", "end"): 16,
    ("typing", "num_lock"): 16,
    ("typing", "layout"): 16,
}
MAYBE_WORDS = {("status", "bundle"): 16, ("status", "other_firmware"): 32}
CHOICES = {
    ("account", "kind"): ("totp", "hotp"),
    ("account", "algorithm"): ("SHA1", "SHA256", "SHA512"),
    ("display", "order"): ("fixed", "recent", "name"),
    ("time", "state"): ("ok", "not-set", "moved-back", "unreadable", "missing"),
    ("entry", "kind"): ("confirmed", "small", "refused", "aging"),
    ("status", "vault"): ("ok", "damaged", "destroyed", "too-new"),
    ("status", "display"): ("ok", "missing"),
    ("clock", "state"): ("ok", "not-set", "moved-back", "unreadable", "missing"),
    ("clock", "rollover"): ("square-wave", "polled"),
}
MAYBE_CHOICES = {
    ("status", "slot"): ("a", "b"),
    ("status", "left_firmware"): ("given-up", "damaged"),
}
# Flags, and what they are of firmware that does not send them; None: they must be there.
FLAGS = {
    ("display", "upside_down"): None,
    ("time", "confirmed"): False,
    ("selftest", "codes"): None,
    ("selftest", "firmware"): True,
    ("status", "encrypted"): False,
    ("status", "cleaning"): False,
    ("status", "errors_logged"): None,
    ("status", "locked"): False,
    ("rtc", "answers"): None,
    ("button", "down"): None,
    ("flash", "wrote"): None,
}
# Lists: of up to so many, and the shortest and longest, or smallest and largest, of each.
LISTS = {
    ("hello", "ops"): (100, "", "x" * 32, "x" * 33),
    ("selftest", "slots"): (2, "", "x" * 16, "x" * 17),
    ("bus", "found"): (32, 0, 127, 128),
    ("bus", "swapped"): (32, 0, 127, 128),
}
# Where the value has another name than the field, or says something else with it.
OTHERWISE = {
    ("hello", "v"): lambda value: value.version,
    ("bus", "sda"): lambda value: not value.sda_low,
    ("bus", "scl"): lambda value: not value.scl_low,
    ("bus", "sda_pulled"): lambda value: not value.sda_open,
    ("bus", "scl_pulled"): lambda value: not value.scl_open,
    ("rtc", "answers"): lambda value: value is not None,
}
ALL = {**WHOLES, **MAYBE_WHOLES, **MAYBE_NUMBERS, **TEXTS, **WORDS, **MAYBE_WORDS}
ALL |= {**CHOICES, **MAYBE_CHOICES, **FLAGS, **LISTS}
# Those that have tests of their own, in test_answers.py.
APART = {("hello", "limits"), ("status", "clock"), ("status", "typing"), ("status", "pin")}


def fields(*tables):
    return pytest.mark.parametrize(
        ("kind", "name"), [key for table in tables for key in table], ids=lambda text: text
    )


def read(kind, name, value):
    """What is read of an answer in which that field has this value, or is not there (...)."""
    reader, answer = KINDS[kind]
    answer = {**answer, name: value}
    if value is ...:
        del answer[name]
    whole = reader(answer)
    if (kind, name) in OTHERWISE:
        return OTHERWISE[kind, name](whole)
    return None if whole is None else getattr(whole, name)


def is_refused(kind, name, *values):
    for value in values:
        with pytest.raises(BadAnswer, match=rf"\(field {name}\)"):
            read(kind, name, value)


def test_every_field_has_its_limits_here():
    known = {(kind, name) for kind, (_, answer) in KINDS.items() for name in answer}
    known |= {("status", name) for name in ("slot", "bundle", "other_firmware", "left_firmware")}
    assert known == set(ALL) | APART


@fields(WHOLES, MAYBE_WHOLES)
def test_a_whole_number(kind, name):
    low, high = ALL[kind, name]
    for value in (low, high):
        assert read(kind, name, value) == value
    is_refused(kind, name, low - 1, high + 1, True, False, str(high), float(high), [high])


@fields(MAYBE_NUMBERS)
def test_a_number(kind, name):
    low, high = MAYBE_NUMBERS[kind, name]
    for value in (low, high, (low + high) / 4):
        found = read(kind, name, value)
        assert found == value and isinstance(found, float)
    is_refused(kind, name, low - 0.001, high + 0.001, True, False, str(high), [high])
    is_refused(kind, name, float("inf"), float("-inf"), float("nan"))


@fields(TEXTS)
def test_a_text(kind, name):
    longest = TEXTS[kind, name]
    for value in ("", " " * longest, "\u00fc" * longest):
        assert read(kind, name, value) == value
    is_refused(kind, name, "x" * (longest + 1), "\n", "\t", 1, True, ["x"], None, ...)


@fields(WORDS, MAYBE_WORDS)
def test_a_word(kind, name):
    longest = ALL[kind, name]
    for value in ("x", "!" * longest):
        assert read(kind, name, value) == value
    is_refused(kind, name, "", "x" * (longest + 1), "a b", "\u00fc", "\n", 1, True, ["x"])


@fields(CHOICES, MAYBE_CHOICES)
def test_a_choice(kind, name):
    for value in ALL[kind, name]:
        assert read(kind, name, value) == value
    is_refused(kind, name, "", "x", 1, True, [ALL[kind, name][0]])


@fields(FLAGS)
def test_a_flag(kind, name):
    for value in (True, False):
        assert read(kind, name, value) is value
    is_refused(kind, name, 0, 1, None, "true", [])
    if FLAGS[kind, name] is None:
        is_refused(kind, name, ...)
    else:
        assert read(kind, name, ...) is FLAGS[kind, name]


@fields(LISTS)
def test_a_list(kind, name):
    most, least, largest, beyond = LISTS[kind, name]
    for value in ([], [least], [largest], [largest] * most):
        assert set(read(kind, name, value)) == set(value)
    is_refused(kind, name, [least] * (most + 1), [beyond], [least, None], [[least]], least, {}, ...)
    if least == 0:
        is_refused(kind, name, [-1], [True])


@fields(MAYBE_WHOLES, MAYBE_NUMBERS, MAYBE_WORDS, MAYBE_CHOICES)
def test_what_may_be_missing_is_none(kind, name):
    assert read(kind, name, None) is None
    assert read(kind, name, ...) is None


@fields(WHOLES, WORDS, CHOICES)
def test_what_must_be_there(kind, name):
    is_refused(kind, name, None, ...)
