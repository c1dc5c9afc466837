"""MicroPython's `time`, moved ahead as far as the simulator lets time pass without waiting."""

import utime
import wire
from utime import sleep_ms, sleep_us, ticks_add, ticks_diff  # noqa: F401


def ticks_us():
    """Microseconds, wrapping as the built-in's do."""
    return ticks_add(utime.ticks_us(), wire.offset_us)


def ticks_ms():
    """Milliseconds, likewise."""
    return ticks_add(utime.ticks_ms(), wire.offset_us // 1000)


def sleep(seconds):
    """Real seconds."""
    utime.sleep(seconds)
