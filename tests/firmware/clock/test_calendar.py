"""Calendar arithmetic against CPython's datetime, on both interpreters."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interpreters import RemoteError
from picototp.clock import calendar

CALENDAR = "picototp.clock.calendar"
EPOCH = date(1970, 1, 1)
FIRST_S = 946_684_800
END_S = 4_102_444_800


def test_every_day_of_the_century(interpreter):
    interpreter.add_path(Path(__file__).resolve().parent)
    seen = 0
    for year in range(2000, 2100):
        first = date(year, 1, 1)
        count = (date(year + 1, 1, 1) - first).days
        days = [first + timedelta(days=day) for day in range(count)]
        expected = b"".join(bytes((d.year - 2000, d.month, d.day, d.weekday())) for d in days)
        assert interpreter.call("calendar_probe", "days", (first - EPOCH).days, count) == expected
        seen += count
    assert seen == 36_525


@pytest.mark.parametrize("year", range(2000, 2100))
def test_every_month_by_its_first_and_its_last_second(year):
    """In this process, and so at once."""
    for month in range(1, 13):
        first = datetime(year, month, 1, tzinfo=UTC)
        after = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
        assert calendar.days_in_month(year, month) == (after - first).days
        for moment in (first, after - timedelta(seconds=1)):
            unix_s = int(moment.timestamp())
            fields = (*moment.timetuple()[:6], moment.weekday())
            assert calendar.utc_from_unix(unix_s) == fields
            assert calendar.unix_from_utc(*fields[:6]) == unix_s


@settings(max_examples=100)
@given(st.integers(FIRST_S, END_S - 1))
def test_any_second(interpreter, unix_s):
    moment = datetime.fromtimestamp(unix_s, UTC)
    fields = (*moment.timetuple()[:6], moment.weekday())
    assert interpreter.call(CALENDAR, "utc_from_unix", unix_s) == fields
    assert interpreter.call(CALENDAR, "unix_from_utc", *fields[:6]) == unix_s


def refused(interpreter, function, *args):
    with pytest.raises(RemoteError) as caught:
        interpreter.call(CALENDAR, function, *args)
    return caught.value.type_name == "ValueError"


def test_outside_the_century(interpreter):
    assert interpreter.call(CALENDAR, "utc_from_unix", FIRST_S)[:3] == (2000, 1, 1)
    assert interpreter.call(CALENDAR, "utc_from_unix", END_S - 1)[:3] == (2099, 12, 31)
    for unix_s in (FIRST_S - 1, END_S, 0, -1, 2**40):
        assert refused(interpreter, "utc_from_unix", unix_s)
    for year in (1970, 1999, 2100, 0, -1):
        assert refused(interpreter, "unix_from_utc", year, 1, 1, 0, 0, 0)


@pytest.mark.parametrize(
    "fields",
    [
        (2026, 0, 1, 0, 0, 0),
        (2026, 13, 1, 0, 0, 0),
        (2026, 1, 0, 0, 0, 0),
        (2026, 1, 32, 0, 0, 0),
        (2026, 4, 31, 0, 0, 0),
        (2026, 2, 29, 0, 0, 0),
        (2024, 2, 30, 0, 0, 0),
        (2000, 2, 30, 0, 0, 0),
        (2026, 1, 1, 24, 0, 0),
        (2026, 1, 1, -1, 0, 0),
        (2026, 1, 1, 0, 60, 0),
        (2026, 1, 1, 0, 0, 60),
        (2026, 1, 1, 0, 0, -1),
    ],
)
def test_no_such_time(interpreter, fields):
    assert refused(interpreter, "unix_from_utc", *fields)
