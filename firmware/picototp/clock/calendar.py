"""Calendar arithmetic, 2000-01-01 to 2099-12-31: UTC and Unix seconds, no zones, no leap seconds.

In that span every fourth year is a leap year (2000 is one, 2100 lies outside), which keeps the
arithmetic to a few divisions of whole days.
"""

UNIX_2000 = 946_684_800  # 2000-01-01 00:00:00 UTC
UNIX_2100 = 4_102_444_800  # 2100-01-01 00:00:00 UTC, the first second that is too late
DAY_S = 86_400

_DAYS_OF_FOUR_YEARS = 1461
_DAYS_BEFORE_MONTH = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365)


def _days_before_month(month: int, leap: bool) -> int:
    """Days of the year before the first of `month` (1..13)."""
    return _DAYS_BEFORE_MONTH[month - 1] + (1 if leap and month > 2 else 0)


def days_in_month(year: int, month: int) -> int:
    """How many days month 1..12 of a year from 2000 to 2099 has."""
    leap = year % 4 == 0
    return _days_before_month(month + 1, leap) - _days_before_month(month, leap)


def unix_from_utc(year: int, month: int, day: int, hour: int, minute: int, second: int) -> int:
    """Unix seconds of a UTC date and time. ValueError if there is no such time in the span."""
    if not (2000 <= year <= 2099 and 1 <= month <= 12):
        raise ValueError("no such month between 2000 and 2099")
    if not 1 <= day <= days_in_month(year, month):
        raise ValueError("no such day in that month")
    if not (0 <= hour <= 23 and 0 <= minute <= 59 and 0 <= second <= 59):
        raise ValueError("no such time of day")
    years = year - 2000
    days = years * 365 + (years + 3) // 4  # leap days of the years before this one
    days += _days_before_month(month, years % 4 == 0) + day - 1
    return UNIX_2000 + days * DAY_S + hour * 3600 + minute * 60 + second


def utc_from_unix(unix_s: int) -> tuple:
    """(year, month, day, hour, minute, second, weekday) of Unix seconds; Monday is weekday 0.

    ValueError outside the span.
    """
    if not UNIX_2000 <= unix_s < UNIX_2100:
        raise ValueError("not a time between 2000 and 2099")
    days, rest = divmod(unix_s - UNIX_2000, DAY_S)
    weekday = (days + 5) % 7  # 2000-01-01 was a Saturday
    fours, days = divmod(days, _DAYS_OF_FOUR_YEARS)
    if days < 366:
        year = 0
    else:
        year, days = divmod(days - 1, 365)
    month = 12
    while _days_before_month(month, year == 0) > days:
        month -= 1
    day = days - _days_before_month(month, year == 0) + 1
    hour, rest = divmod(rest, 3600)
    minute, second = divmod(rest, 60)
    return (2000 + fours * 4 + year, month, day, hour, minute, second, weekday)
