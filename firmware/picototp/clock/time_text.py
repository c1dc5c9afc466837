"""Times and time spans in the words that people read on the display."""

from picototp.clock import calendar


def age(seconds: int) -> str:
    """A time span in one unit: 45 s, 12 min, 5 h, 3 d."""
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def error_bound(seconds: float) -> str:
    """A plus-minus bound with about two digits, rounded up so that it never promises too much."""
    if seconds < 0.99:
        hundredths = int(seconds * 100) + 1
        return f"±0.{hundredths:02d} s"
    tenths = int(seconds * 10) + 1
    return f"±{tenths // 10}.{tenths % 10} s" if tenths < 100 else f"±{int(seconds) + 1} s"


def step(step_us: int) -> str:
    """A change of the clock: "moves 812 ms ahead", "moves 3 d back"."""
    step_ms = abs(step_us) // 1000
    far = f"{step_ms} ms" if step_ms < 10_000 else age(step_ms // 1000)
    return f"moves {far} {'ahead' if step_us >= 0 else 'back'}"


def moved(step_s: int) -> str:
    """A large step that was made: "moved 3 d ahead", "moved 2 h back"."""
    return f"moved {age(abs(step_s))} {'ahead' if step_s > 0 else 'back'}"


def change(old_unix_s: int, new_unix_s: int) -> tuple:
    """Two times so that they can be told apart: to the second within a day, else to the minute."""
    (old_date, old_time), (new_date, new_time) = utc(old_unix_s), utc(new_unix_s)
    if old_date == new_date:
        return f"{old_time} UTC", f"{new_time} UTC"
    return f"{old_date} {old_time[:5]}", f"{new_date} {new_time[:5]}"


def utc(unix_s: int) -> tuple:
    """Date and time of day: ("2026-11-23", "14:05:09")."""
    year, month, day, hour, minute, second, _ = calendar.utc_from_unix(unix_s)
    return f"{year}-{month:02d}-{day:02d}", f"{hour:02d}:{minute:02d}:{second:02d}"


def minute(unix_s: int) -> str:
    """Date and minute: "2026-11-23 14:05"."""
    date, time = utc(unix_s)
    return f"{date} {time[:5]}"
