"""Runs on both interpreters: a year of calendar arithmetic in one call."""

from picototp.clock import calendar


def days(first_day, count):
    """Year - 2000, month, day and weekday of `count` days from Unix day `first_day` on, 4 bytes
    each, by their first and by their last second; ValueError if those or the way back differ."""
    found = bytearray()
    for day in range(first_day, first_day + count):
        unix_s = day * 86_400
        first = calendar.utc_from_unix(unix_s)
        last = calendar.utc_from_unix(unix_s + 86_399)
        if first[3:6] != (0, 0, 0) or last[3:6] != (23, 59, 59) or first[6] != last[6]:
            raise ValueError(first)
        year, month, date, weekday = first[0], first[1], first[2], first[6]
        if (
            last[:3] != first[:3]
            or calendar.unix_from_utc(year, month, date, 0, 0, 0) != unix_s
            or calendar.unix_from_utc(year, month, date, 23, 59, 59) != unix_s + 86_399
        ):
            raise ValueError(first)
        found.extend(bytes((year - 2000, month, date, weekday)))
    return bytes(found)
