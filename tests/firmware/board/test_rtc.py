"""The firmware's Rtc and the Adafruit driver on CPython, against the DS3231 model's registers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from picototp.clock import calendar
from picototp.clock.states import MISSING, NOT_SET, UNREADABLE, ClockError
from workbench import NOW_UNIX_S, Bench

SECONDS, MINUTES, HOURS, WEEKDAY, DATE, MONTH, YEAR = range(7)
CONTROL, STATUS, AGING = 0x0E, 0x0F, 0x10
few = settings(max_examples=60)


def refused(call, *args):
    with pytest.raises(ClockError) as caught:
        call(*args)
    assert caught.value.message
    return caught.value.state


@few
@given(st.integers(calendar.UNIX_2000, calendar.UNIX_2100 - 2))
def test_any_time_is_read_and_written(unix_s):
    bench = Bench()
    bench.chip.set_unix_ns(unix_s * 10**9)
    assert bench.rtc.read() == unix_s
    bench.rtc.write(unix_s ^ 1)
    assert bench.chip.unix_ns() // 10**9 == unix_s ^ 1
    assert bench.rtc.read() == unix_s ^ 1
    assert bench.chip.registers_hex()[6:8] == f"{calendar.utc_from_unix(unix_s ^ 1)[6] + 1:02x}"


def test_the_seconds_register_is_raw():
    bench = Bench()
    bench.set_registers(SECONDS, 0x59)
    assert bench.rtc.read_seconds() == 0x59
    bench.set_registers(SECONDS, 0x7F)
    assert bench.rtc.read_seconds() == 0x7F


@pytest.mark.parametrize("register", [SECONDS, MINUTES, HOURS, DATE, MONTH, YEAR])
def test_every_value_of_every_register(register):
    """A right time, or UNREADABLE; never another time than the registers hold."""
    bench = Bench()
    for value in range(256):
        bench.chip.set_unix_ns(NOW_UNIX_S * 10**9)
        bench.set_registers(register, value)
        held_ns = bench.chip.unix_ns()
        raw = bytes.fromhex(bench.chip.registers_hex())
        if held_ns is None or raw[HOURS] & 0x40:
            assert refused(bench.rtc.read) == UNREADABLE
        elif raw[MONTH] & 0x80:  # the century bit means nothing here: it is always 20xx
            bench.set_registers(MONTH, raw[MONTH] & 0x7F)
            expected_s = bench.chip.unix_ns() // 10**9
            bench.set_registers(MONTH, raw[MONTH])
            assert bench.rtc.read() == expected_s
        else:
            assert bench.rtc.read() == held_ns // 10**9


@pytest.mark.parametrize(
    ("register", "value"),
    [
        (SECONDS, 0x60),
        (SECONDS, 0x0A),
        (MINUTES, 0x1B),  # the driver alone makes 21 of it
        (MINUTES, 0x60),
        (HOURS, 0x24),
        (HOURS, 0x2A),
        (HOURS, 0x52),  # 12-hour mode
        (DATE, 0x00),
        (DATE, 0x31),  # of November
        (MONTH, 0x00),
        (MONTH, 0x13),
        (YEAR, 0x9A),
        (YEAR, 0xFF),
    ],
)
def test_no_time_at_all(register, value):
    bench = Bench()
    bench.set_registers(register, value)
    assert refused(bench.rtc.read) == UNREADABLE


def test_a_day_that_only_leap_years_have():
    bench = Bench()
    bench.set_registers(DATE, 0x29, 0x02, 0x28)
    assert calendar.utc_from_unix(bench.rtc.read())[:3] == (2028, 2, 29)
    bench.set_registers(DATE, 0x29, 0x02, 0x27)
    assert refused(bench.rtc.read) == UNREADABLE


def test_a_weekday_of_nonsense_does_not_matter():
    bench = Bench()
    bench.set_registers(WEEKDAY, 0)
    assert bench.rtc.read() == NOW_UNIX_S


def test_a_stopped_oscillator():
    bench = Bench()
    bench.chip.osf = True
    assert refused(bench.rtc.read) == NOT_SET
    bench.rtc.write(NOW_UNIX_S)
    assert not bench.chip.osf
    assert bench.rtc.read() == NOW_UNIX_S


def test_a_chip_that_has_never_run():
    bench = Bench()
    bench.chip.lose_power()
    assert refused(bench.rtc.read) == NOT_SET


def test_setting_starts_the_oscillator_on_the_battery_too():
    bench = Bench()
    bench.set_registers(CONTROL, 0x9C)  # EOSC: stopped while there is no supply
    bench.rtc.write(NOW_UNIX_S)
    assert int(bench.chip.registers_hex()[CONTROL * 2 :][:2], 16) & 0x80 == 0
    bench.chip.set_vcc(False)
    bench.clock.elapse(10)
    bench.chip.set_vcc(True)
    assert bench.rtc.read() == NOW_UNIX_S + 10


def test_setting_leaves_12_hour_mode_and_century():
    bench = Bench()
    bench.set_registers(HOURS, 0x72, 1, 0x23, 0x91)
    bench.rtc.write(NOW_UNIX_S)
    assert bench.rtc.read() == NOW_UNIX_S
    assert bench.chip.unix_ns() // 10**9 == NOW_UNIX_S


@pytest.mark.parametrize("temperature_c", [-40.25, -0.25, 0.0, 25.5, 85.0])
def test_temperature(temperature_c):
    bench = Bench()
    bench.chip.temperature_c = temperature_c
    bench.clock.elapse(65)
    assert bench.rtc.temperature_c() == temperature_c


@pytest.mark.parametrize("aging", [-128, -1, 0, 1, 127])
def test_aging(aging):
    bench = Bench()
    bench.set_registers(AGING, aging & 0xFF)
    assert bench.rtc.aging() == aging


# --- a chip that is not there ------------------------------------------------------------------

CALLS = ["read", "read_seconds", "temperature_c", "aging"]


@pytest.mark.parametrize("name", CALLS)
def test_missing(name):
    bench = Bench()
    bench.chip.present = False
    assert refused(getattr(bench.rtc, name)) == MISSING
    assert refused(getattr(bench.rtc, name)) == MISSING
    bench.chip.present = True
    getattr(bench.rtc, name)()
    assert bench.rtc.read() == NOW_UNIX_S


def test_missing_while_it_is_set():
    bench = Bench()
    bench.chip.present = False
    assert refused(bench.rtc.write, NOW_UNIX_S) == MISSING


def test_it_vanishes_at_any_byte_of_a_read():
    """Whatever comes of it, it is no other time: what nobody drives reads as 0xFF."""
    seen = set()
    for bytes_left in range(40):
        bench = Bench()
        bench.i2c.vanish_after = bytes_left
        try:
            assert bench.rtc.read() == NOW_UNIX_S
            seen.add("ok")
        except ClockError as error:
            seen.add(error.state)
    assert seen == {"ok", MISSING, UNREADABLE, NOT_SET}


def test_it_vanishes_at_any_byte_of_a_write():
    """A byte that is not acknowledged is an error: half a time must not pass for a time."""
    ends = []
    for bytes_left in range(60):
        bench = Bench()
        bench.i2c.vanish_after = bytes_left
        try:
            bench.rtc.write(NOW_UNIX_S + 86_400 * 40)
        except ClockError as error:
            assert error.state == MISSING
        else:
            ends.append(bytes_left)
    assert ends == list(range(ends[0], 60))
    # Address, pointer and seven registers; then two registers read and written back.
    assert ends[0] >= 9 + 2 * (2 + 2 + 3)


@pytest.mark.parametrize("bytes_left", range(3))
def test_it_vanishes_while_a_burst_looks(bytes_left):
    bench = Bench()
    bench.i2c.vanish_after = bytes_left
    try:
        assert bench.rtc.read_seconds() == 0xFF  # no second that there is
        assert bytes_left == 2
    except ClockError as error:
        assert error.state == MISSING
    assert refused(bench.rtc.read) == MISSING


def test_it_is_not_written_outside_the_century():
    with pytest.raises(ValueError, match="2000"):
        Bench().rtc.write(calendar.UNIX_2100)
