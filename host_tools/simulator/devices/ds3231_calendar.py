"""The DS3231's calendar and alarm comparators, as pure functions on register bytes.

The chip counts two-digit years and calls every fourth a leap year, 00 included, so its calendar
repeats every 36,525 days; the century bit makes two such cycles (data sheet, "Clock and Calendar").
That is the Gregorian calendar from 2000-01-01 to 2100-02-28. Years are 2000 + 100 * century bit.
"""

from datetime import date
from typing import NamedTuple

SECONDS_PER_DAY = 86_400
CENTURY_DAYS = 36_525
CYCLE_DAYS = 2 * CENTURY_DAYS
_LEAP_BLOCK_DAYS = 4 * 365 + 1
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_EPOCH = date(1970, 1, 1).toordinal()

HOUR_12 = 0x40  # hours register bit 6
HOUR_PM = 0x20  # hours register bit 5, in 12-hour mode
CENTURY = 0x80  # month register bit 7
ALARM_MASK = 0x80  # AxMy: this field of the alarm is not compared
ALARM_WEEKDAY = 0x40  # DY/DT: the last alarm byte is a day of the week
# A date that exists comes round within two months, a weekday within one week.
_ALARM_DAYS_AHEAD = 63


class Moment(NamedTuple):
    """A valid content of registers 0x00-0x06."""

    day: int  # of the chip's 200-year cycle, 0 is 2000-01-01
    second: int  # of the day
    weekday: int  # 1-7, meaning chosen by the user; 0 if it was never set
    twelve_hour: bool

    def plus(self, seconds: int) -> "Moment":
        """The moment that many seconds later."""
        days, second = divmod(self.second + seconds, SECONDS_PER_DAY)
        return Moment(
            (self.day + days) % CYCLE_DAYS,
            second,
            _weekday_after(self.weekday, days),
            self.twelve_hour,
        )


def to_bcd(value: int) -> int:
    """Two decimal digits in one byte."""
    return value // 10 << 4 | value % 10


def from_bcd(value: int) -> int:
    """0 to 99, or -1 if a digit is above nine."""
    if value & 0x0F > 0x09 or value > 0x99:
        return -1
    return (value >> 4) * 10 + (value & 0x0F)


def decode(registers: bytes | bytearray) -> Moment | None:
    """What registers 0x00-0x06 say, or None if that is no time at all."""
    second = from_bcd(registers[0])
    minute = from_bcd(registers[1])
    hour = _decode_hour(registers[2])
    day = from_bcd(registers[4])
    month = from_bcd(registers[5] & 0x1F)
    year = from_bcd(registers[6])
    if not (0 <= second < 60 and 0 <= minute < 60 and hour >= 0 and 1 <= month <= 12 and year >= 0):
        return None
    if not 1 <= day <= _month_length(year, month):
        return None
    century = CENTURY_DAYS if registers[5] & CENTURY else 0
    return Moment(
        century + year_start(year) + sum(_lengths(year)[: month - 1]) + day - 1,
        hour * 3600 + minute * 60 + second,
        registers[3],
        bool(registers[2] & HOUR_12),
    )


def encode(moment: Moment) -> bytes:
    """Registers 0x00-0x06 for a moment."""
    century, day = divmod(moment.day, CENTURY_DAYS)
    year, month, day = _date_in_century(day)
    minute, second = divmod(moment.second, 60)
    hour, minute = divmod(minute, 60)
    return bytes(
        (
            to_bcd(second),
            to_bcd(minute),
            _encode_hour(hour, moment.twelve_hour),
            moment.weekday,
            to_bcd(day),
            to_bcd(month) | (CENTURY if century else 0),
            to_bcd(year),
        )
    )


def to_unix(moment: Moment) -> int | None:
    """Unix seconds (UTC), or None for 29 February 2100, which only the chip believes in."""
    century, day = divmod(moment.day, CENTURY_DAYS)
    year, month, day = _date_in_century(day)
    try:
        ordinal = date(2000 + 100 * century + year, month, day).toordinal()
    except ValueError:
        return None
    return (ordinal - _EPOCH) * SECONDS_PER_DAY + moment.second


def from_unix(seconds: int) -> Moment:
    """The moment for Unix seconds, weekday 1 = Monday; ValueError outside 2000 to 2199."""
    days, second = divmod(seconds, SECONDS_PER_DAY)
    if not date(2000, 1, 1).toordinal() <= days + _EPOCH <= date(2199, 12, 31).toordinal():
        raise ValueError(f"a DS3231 holds years 2000 to 2199, not Unix time {seconds}")
    calendar_day = date.fromordinal(days + _EPOCH)
    century, year = divmod(calendar_day.year - 2000, 100)
    day = (
        century * CENTURY_DAYS
        + year_start(year)
        + sum(_lengths(year)[: calendar_day.month - 1])
        + calendar_day.day
        - 1
    )
    return Moment(day, second, calendar_day.isoweekday(), False)


def alarm_matches(alarm: bytes, start: Moment, seconds: int) -> bool:
    """Whether one of the `seconds` ticks after `start` matches the alarm.

    `alarm` is seconds, minutes, hours, day/date with their mask bits (alarm 2 has no seconds
    register and compares with 00). Each mask bit takes its own field out of the comparison; the
    combinations that the data sheet's table 2 lists are a part of that.
    """
    first, last = start.second + 1, start.second + seconds
    first_day = first // SECONDS_PER_DAY
    last_day = min(last // SECONDS_PER_DAY, first_day + _ALARM_DAYS_AHEAD)
    for day in range(first_day, last_day + 1):
        if not _alarm_day_matches(alarm[3], start, day):
            continue
        low = max(first - day * SECONDS_PER_DAY, 0)
        high = min(last - day * SECONDS_PER_DAY, SECONDS_PER_DAY - 1)
        match = _next_alarm_second(alarm, start.twelve_hour, low)
        if match is not None and match <= high:
            return True
    return False


def _alarm_day_matches(register: int, start: Moment, days_later: int) -> bool:
    if register & ALARM_MASK:
        return True
    if register & ALARM_WEEKDAY:
        return _weekday_after(start.weekday, days_later) == register & 0x0F
    day = _date_in_century((start.day + days_later) % CENTURY_DAYS)[2]
    return to_bcd(day) == register & 0x3F


def _next_alarm_second(alarm: bytes, twelve_hour: bool, low: int) -> int | None:
    """The first second of the day, from `low` on, that the masked h:m:s comparators accept."""
    seconds = _candidates(alarm[0], [to_bcd(value) for value in range(60)])
    minutes = _candidates(alarm[1], [to_bcd(value) for value in range(60)])
    hours = _candidates(alarm[2], [_encode_hour(value, twelve_hour) for value in range(24)])
    if not seconds:
        return None
    for hour in hours:
        if hour * 3600 + 3599 < low:
            continue
        for minute in minutes:
            base = hour * 3600 + minute * 60
            if base + seconds[-1] >= low:
                return next(base + second for second in seconds if base + second >= low)
    return None


def _candidates(register: int, encoded: list[int]) -> list[int]:
    """The field values whose register content the comparator takes for equal."""
    if register & ALARM_MASK:
        return list(range(len(encoded)))
    return [value for value, content in enumerate(encoded) if content == register]


def year_start(year: int) -> int:
    """Days from the start of the century to 1 January of the two-digit year."""
    return year * 365 + (year + 3) // 4


def _lengths(year: int) -> tuple[int, ...]:
    return _MONTH_DAYS if year % 4 else (31, 29, *_MONTH_DAYS[2:])


def _month_length(year: int, month: int) -> int:
    return _lengths(year)[month - 1]


def _date_in_century(day: int) -> tuple[int, int, int]:
    """(two-digit year, month, day of month) of a day of the century."""
    block, day = divmod(day, _LEAP_BLOCK_DAYS)
    year = 4 * block
    if day >= 366:
        later, day = divmod(day - 366, 365)
        year += 1 + later
    for month, length in enumerate(_lengths(year), 1):
        if day < length:
            return year, month, day + 1
        day -= length
    raise AssertionError("a day past the end of its year")


def _weekday_after(weekday: int, days: int) -> int:
    """A counter from 1 to 7; one that was set to 0 stays there until its first midnight."""
    return (weekday - 1 + days) % 7 + 1 if days else weekday


def _decode_hour(register: int) -> int:
    """0 to 23, or -1 if the register is invalid in its mode."""
    if not register & HOUR_12:
        hour = from_bcd(register)
        return hour if hour < 24 else -1
    hour = from_bcd(register & 0x1F)
    if not 1 <= hour <= 12:
        return -1
    return hour % 12 + (12 if register & HOUR_PM else 0)


def _encode_hour(hour: int, twelve_hour: bool) -> int:
    if not twelve_hour:
        return to_bcd(hour)
    return HOUR_12 | (HOUR_PM if hour >= 12 else 0) | to_bcd((hour - 1) % 12 + 1)
