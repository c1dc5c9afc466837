"""What is read of a token's answers beside the limits of their fields."""

import pytest

from answers import CLOCK, STATUS, status
from host_tools.client import diagnosis
from host_tools.client.answers import (
    Account,
    ClockLogEntry,
    Code,
    DisplaySettings,
    TokenInfo,
    TokenTime,
    error_log,
    page_of,
)
from host_tools.client.fields import BadAnswer, Fields
from host_tools.client.status import Status, Typing
from scripted_token import ACCOUNT, HELLO

TIME = {"state": "ok", "arrived_us": 1, "ticks_us": 2, "unix_us": 3, "uncertainty_us": 4}


# --- texts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("character", [" ", "~", "\u00a0", "\u00fc", "\u202e", "\U0001f511"])
def test_a_character_that_steers_no_terminal_is_taken(character):
    assert Fields("op", {"a": character}).text("a") == character
    assert error_log({"text": character}) == character


@pytest.mark.parametrize("character", ["\0", "\x1b", "\x1f", "\x7f", "\x80", "\x9f", "\r"])
def test_a_control_character_is_refused(character):
    for read in (
        lambda: Fields("op", {"a": character}).text("a"),
        lambda: error_log({"text": character}),
    ):
        with pytest.raises(BadAnswer):
            read()


def test_lines_and_tabs_are_taken_where_there_may_be_lines():
    assert error_log({"text": "a\n\tb\n"}) == "a\n\tb\n"
    for text in ("a\nb", "a\tb"):
        with pytest.raises(BadAnswer):
            Fields("op", {"a": text}).text("a")


def test_how_long_a_text_may_be():
    assert error_log({"text": "x" * 4096}) == "x" * 4096
    assert Fields("op", {"a": "x" * 1024}).text("a") == "x" * 1024
    for read in (
        lambda: error_log({"text": "x" * 4097}),
        lambda: Fields("op", {"a": "x" * 1025}).text("a"),
    ):
        with pytest.raises(BadAnswer):
            read()


def test_fields_are_those_of_an_object():
    for value in (None, [], "a", 1):
        with pytest.raises(BadAnswer, match=r"answer to op .*\(field shape\)"):
            Fields("op", value)
    fields = Fields("op", {"a": None, "b": 0})
    assert [fields.has(name) for name in "abc"] == [True, True, False]
    assert [fields.is_null(name) for name in "abc"] == [True, False, True]


def test_numbers_without_limits_are_those_that_are_exact_everywhere():
    exact = 2**53 - 1
    for value in (0, exact):
        assert Fields("op", {"a": value}).whole("a") == value
        assert Fields("op", {"a": value}).maybe_whole("a") == value
    for value in (-1, exact + 1):
        for read in ("whole", "maybe_whole"):
            with pytest.raises(BadAnswer):
                getattr(Fields("op", {"a": value}), read)("a")


# --- hello ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "limits", [{}, {"x" * 32: 2**24, "a": 0}, {f"a{one}": one for one in range(32)}], ids=len
)
def test_limits_that_a_token_may_tell(limits):
    assert TokenInfo.of({**HELLO, "limits": limits}).limits == limits


@pytest.mark.parametrize(
    "limits",
    [
        {"x" * 33: 1},
        {"": 1},
        {"a b": 1},
        {"a": 2**24 + 1},
        {"a": -1},
        {"a": True},
        {"a": None},
        {f"a{one}": one for one in range(33)},
        [],
        None,
    ],
    ids=lambda limits: str(limits)[:20],
)
def test_limits_that_no_token_tells(limits):
    with pytest.raises(BadAnswer):
        TokenInfo.of({**HELLO, "limits": limits})


def test_what_json_has_of_answers():
    token = TokenInfo.of({**HELLO, "ops": ["b", "a", "b"]})
    assert token.as_json() == {
        "firmware": HELLO["firmware"],
        "token": HELLO["token"],
        "ops": ["a", "b"],
        "limits": HELLO["limits"],
    }
    assert Account.of(Fields("list", ACCOUNT)).as_json() == ACCOUNT
    settings = {"brightness": 50, "dark_after_s": 60, "upside_down": True, "order": "fixed"}
    assert DisplaySettings.of(settings).as_json() == settings
    entry = {"kind": "aging", "unix_s": 1, "step_us": None, "uncertainty_us": 2, "aging": -3}
    entry["temperature_c"] = 4.0
    assert ClockLogEntry.of(Fields("clock_log", entry)).as_json() == entry


# --- codes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("digits", "code"), [(6, "000000"), (7, "0123456"), (8, "99999999"), (10, "0123456789")]
)
def test_a_code_has_as_many_digits_as_its_account(digits, code):
    assert Code.of({"code": code}, digits) == Code(code, None)
    for wrong in (
        code[1:],
        code + "0",
        code[1:] + "B",
        code[1:] + "\u0661",
        code[1:] + "\u00b2",
        "",
    ):
        with pytest.raises(BadAnswer):
            Code.of({"code": wrong}, digits)


def test_a_code_of_steam_has_five_of_its_characters():
    for code in ("23456", "VWXYR"):
        assert Code.of({"code": code}, 5).code == code
    for wrong in ("2345", "234567", "2345A", "23450", "2345b", "2345\u00fc", "", None):
        with pytest.raises(BadAnswer):
            Code.of({"code": wrong}, 5)


def test_how_long_a_code_may_last():
    for left_s in (0, 86_400, None):
        assert Code.of({"code": "755224", "left_s": left_s}, 6).left_s == left_s
    for left_s in (-1, 86_401):
        with pytest.raises(BadAnswer):
            Code.of({"code": "755224", "left_s": left_s}, 6)


# --- lists in several answers --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total", "so_far", "room"), [(3, 0, 3), (3, 2, 1), (3, 3, 0), (3, 4, 0), (0, 0, 0)]
)
def test_a_page_has_at_most_what_is_missing_of_the_list(total, so_far, room):
    for count in {0, room}:
        parts, told = page_of("list", {"a": [ACCOUNT] * count, "total": total}, "a", so_far)
        assert (len(parts), told) == (count, total)
    with pytest.raises(BadAnswer):
        page_of("list", {"a": [ACCOUNT] * (room + 1), "total": total}, "a", so_far)


@pytest.mark.parametrize(
    "answer", [{"a": []}, {"a": [], "total": -1}, {"total": 0}, {"a": {}, "total": 0}], ids=str
)
def test_a_page_of_nothing_known(answer):
    with pytest.raises(BadAnswer):
        page_of("list", answer, "a", 0)


def test_what_is_in_a_page_is_objects():
    with pytest.raises(BadAnswer):
        page_of("list", {"a": ["x"], "total": 1}, "a", 0)


# --- the clock -----------------------------------------------------------------------------------


def test_a_clock_that_is_set_tells_the_time():
    token = TokenTime.of("time", TIME)
    assert (token.unix_us, token.uncertainty_us) == (3, 4)
    assert token.confirmed is False and token.step_us is None
    clock = status().clock
    assert (clock.unix_us, clock.uncertainty_us) == (CLOCK["unix_us"], 500)
    assert (clock.rollover, clock.error_bound_s) == ("polled", 0.02)


@pytest.mark.parametrize("state", ["not-set", "moved-back", "unreadable", "missing"])
def test_a_clock_that_is_not_set_tells_none_whatever_it_says(state):
    token = TokenTime.of("time", {**TIME, "state": state})
    assert token.unix_us is None and token.uncertainty_us is None
    assert (token.arrived_us, token.ticks_us) == (1, 2)
    clock = status(clock={"state": state}).clock
    assert clock.unix_us is clock.uncertainty_us is clock.rollover is clock.error_bound_s is None
    assert clock.temperature_c == 25.0


# --- the state -----------------------------------------------------------------------------------


def test_firmware_that_knows_no_pin():
    older = status(without=["pin", "pin_failures", "pin_wait_s"])
    assert (older.pin, older.pin_failures, older.pin_wait_s) == (None, 0, 0)
    # What it says of one then counts for nothing.
    odd = status(without=["pin"], pin_failures=-1, pin_wait_s=-1)
    assert (odd.pin, odd.pin_failures, odd.pin_wait_s) == (None, 0, 0)


@pytest.mark.parametrize("pin", [True, False])
def test_firmware_that_knows_a_pin_tells_of_it(pin):
    newer = status(pin=pin, pin_failures=2, pin_wait_s=3)
    assert (newer.pin, newer.pin_failures, newer.pin_wait_s) == (pin, 2, 3)
    for wrong in ({"pin": None}, {"pin": 1}):
        with pytest.raises(BadAnswer):
            status(**wrong)
    for name in ("pin_failures", "pin_wait_s"):
        with pytest.raises(BadAnswer):
            status(without=[name])


def test_whether_it_tells_when_it_locks():
    assert status().knows_lock_after and status(lock_after_s=None).knows_lock_after
    assert not status(without=["lock_after_s"]).knows_lock_after


def test_how_it_types():
    assert status().typing is None and status(typing=None).typing is None
    words = {"end": "enter", "num_lock": "off", "layout": "de"}
    assert status(typing=words).typing == Typing("enter", "off", "de")
    for wrong in ({}, [], False, 0):
        with pytest.raises(BadAnswer):
            status(typing=wrong)


def test_the_facts_are_the_answer_without_its_frame():
    answer = {**STATUS, "clock": CLOCK, "later": [1]}
    assert Status.of({"id": 1, "s": "ab", "ok": True, **answer}).facts == answer


@pytest.mark.parametrize("clock", [None, [], "ok", ...])
def test_the_state_has_one_of_the_clock(clock):
    answer = {**STATUS, "clock": clock}
    if clock is ...:
        del answer["clock"]
    with pytest.raises(BadAnswer):
        Status.of(answer)


# --- a diagnosis ---------------------------------------------------------------------------------


@pytest.mark.parametrize("wire", ["sda", "scl", "sda_pulled", "scl_pulled"])
def test_a_wire_that_is_low_is_told_from_the_others(wire):
    levels = {"sda": 1, "scl": 1, "sda_pulled": 1, "scl_pulled": 1, "found": [], "swapped": [60]}
    bus = diagnosis.BusReading.of({**levels, wire: 0})
    told = {
        "sda": bus.sda_low,
        "scl": bus.scl_low,
        "sda_pulled": bus.sda_open,
        "scl_pulled": bus.scl_open,
    }
    assert [name for name, is_bad in told.items() if is_bad] == [wire]
    assert (bus.found, bus.swapped) == ((), (60,))


def test_a_part_that_is_silent_is_none():
    assert diagnosis.ClockReading.of({"answers": False}) is None
    assert diagnosis.DisplayReading.of({"address": None}) is None
    with pytest.raises(BadAnswer):
        diagnosis.ClockReading.of({"answers": True})
    with pytest.raises(BadAnswer):
        diagnosis.DisplayReading.of({"address": 60})
