"""The chip's calendar and alarm comparators against CPython's datetime."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from host_tools.simulator.devices import ds3231_calendar as calendar

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp())
LAST = int(datetime(2099, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp())
unix_seconds = st.integers(FIRST, LAST)


def registers_by_datetime(unix: int, twelve_hour: bool = False) -> bytes:
    """Registers 0x00-0x06 from the decimal digits that strftime prints."""
    when = EPOCH + timedelta(seconds=unix)
    digits = when.strftime("%S%M%H0%u%d%m%y")
    registers = bytearray.fromhex(digits)
    if twelve_hour:
        registers[2] = int(when.strftime("%I"), 16) | 0x40 | (0x20 if when.hour >= 12 else 0)
    return bytes(registers)


def test_every_day_of_the_century():
    for unix in range(FIRST, LAST, 86_400):
        expected = registers_by_datetime(unix + 86_399)
        moment = calendar.from_unix(unix + 86_399)
        assert calendar.encode(moment) == expected
        assert calendar.decode(expected) == moment
        assert calendar.to_unix(moment) == unix + 86_399


@settings(max_examples=150)
@given(unix_seconds, unix_seconds, st.booleans())
def test_the_passing_of_time_agrees_with_datetime(one, other, twelve_hour):
    start, end = sorted((one, other))
    moment = calendar.decode(registers_by_datetime(start, twelve_hour))
    later = calendar.encode(moment.plus(end - start))
    assert later == registers_by_datetime(end, twelve_hour)


def test_the_century_bit_toggles_and_2100_has_a_29_february():
    last = calendar.decode(bytes.fromhex("59592307311299"))
    assert calendar.encode(last.plus(1)) == bytes.fromhex("00000001018100")
    february = calendar.decode(bytes.fromhex("59592301288200"))
    leap_day = february.plus(1)
    assert calendar.encode(leap_day) == bytes.fromhex("00000002298200")
    assert calendar.to_unix(leap_day) is None
    assert calendar.to_unix(february) == 4107542399
    again = calendar.decode(bytes.fromhex("5959230731" + "9299"))
    assert calendar.encode(again.plus(1)) == bytes.fromhex("00000001010100")


@pytest.mark.parametrize(
    "registers",
    [
        "60000001010100", "0a000001010100", "00600001010100", "00002401010100", "00000a01010100",
        "00004001010100", "00005301010100", "00000001000100", "00000001320100", "00000001310400",
        "00000001290201", "00000001300204", "00000001010000", "00000001011300", "0000000101010a",
        "000000010101a0",
    ],
)  # fmt: skip
def test_times_that_do_not_exist(registers):
    assert calendar.decode(bytes.fromhex(registers)) is None


@pytest.mark.parametrize(("days", "expected"), [(0, 0), (1, 1), (7, 7), (8, 1)])
def test_a_weekday_of_0_joins_the_count_at_midnight(days, expected):
    moment = calendar.decode(bytes.fromhex("00000000010100"))
    assert moment.plus(days * 86_400).weekday == expected


def test_years_outside_the_chip_are_refused():
    for unix in (FIRST - 1, int(datetime(2200, 1, 1, tzinfo=UTC).timestamp())):
        with pytest.raises(ValueError):
            calendar.from_unix(unix)


def alarm_by_looking(alarm: bytes, start: calendar.Moment, seconds: int) -> bool:
    """Compares registers after every single second."""
    for step in range(1, seconds + 1):
        now = calendar.encode(start.plus(step))
        day = now[3] if alarm[3] & 0x40 else now[4]
        fields = (*now[:3], day)
        masks = (0x7F, 0x7F, 0x7F, 0x3F)
        if all(
            register & 0x80 or register & mask == field
            for register, mask, field in zip(alarm, masks, fields, strict=True)
        ):
            return True
    return False


bcd60 = st.integers(0, 59).map(calendar.to_bcd)
mask_bit = st.sampled_from([0, 0x80])


@settings(max_examples=120)
@given(
    st.integers(FIRST, LAST - 10_000),
    st.integers(0, 2_000),
    st.tuples(mask_bit, mask_bit, mask_bit, st.sampled_from([0, 0x40, 0x80])),
    st.integers(-100, 2_100),
    st.booleans(),
)
def test_alarms_in_every_mask_mode_agree_with_looking_each_second(
    unix, seconds, masks, alarm_after, twelve_hour
):
    start = calendar.decode(registers_by_datetime(unix, twelve_hour))
    at = registers_by_datetime(max(FIRST, unix + alarm_after), twelve_hour)
    day = at[3] if masks[3] == 0x40 else at[4]
    alarm = bytes(field | mask for field, mask in zip((*at[:3], day), masks, strict=True))
    assert calendar.alarm_matches(alarm, start, seconds) == alarm_by_looking(alarm, start, seconds)


@settings(max_examples=150)
@given(unix_seconds, st.integers(1, 31), bcd60, bcd60, st.integers(0, 23))
@example(FIRST + 86_400 * 30, 31, 0, 0, 0)
def test_a_date_alarm_over_months_rings_at_its_first_match_and_not_before(
    unix, day, second, minute, hour
):
    """The first match found with datetime, day by day."""
    start = calendar.from_unix(unix)
    alarm = bytes((second, minute, calendar.to_bcd(hour), calendar.to_bcd(day)))
    ring = (EPOCH + timedelta(seconds=unix)).replace(
        hour=hour, minute=calendar.from_bcd(minute), second=calendar.from_bcd(second)
    )
    while ring.day != day or ring.timestamp() <= unix:
        ring += timedelta(days=1)
    wait = int(ring.timestamp()) - unix
    assert calendar.alarm_matches(alarm, start, wait)
    assert calendar.alarm_matches(alarm, start, wait + 3_000_000_000)
    assert not calendar.alarm_matches(alarm, start, wait - 1)


def test_an_alarm_on_a_date_that_never_comes_is_not_searched_for_ever():
    start = calendar.from_unix(FIRST)
    assert not calendar.alarm_matches(bytes.fromhex("00000032"), start, 10**12)
    assert not calendar.alarm_matches(bytes.fromhex("60000001"), start, 10**12)
