"""MicroPython's `time`, moved ahead as far as the simulator lets time pass without waiting."""

import operations
import utime
import wire
from utime import sleep_us, ticks_add, ticks_diff  # noqa: F401

NAP_MS = 20

# When this was loaded, the chip began to count.
_started_us = ticks_add(utime.ticks_us(), wire.offset_us)
_started_ms = ticks_add(utime.ticks_ms(), wire.offset_us // 1000)


def ticks_us():
    """Microseconds since the start, wrapping as the built-in's do."""
    now_us = ticks_add(utime.ticks_us(), wire.offset_us)
    return ticks_add(ticks_diff(now_us, _started_us), 0)


def ticks_ms():
    """Milliseconds, likewise."""
    now_ms = ticks_add(utime.ticks_ms(), wire.offset_us // 1000)
    return ticks_add(ticks_diff(now_ms, _started_ms), 0)


def sleep_ms(milliseconds):
    """So long by the board's clock, which may be moved ahead meanwhile."""
    end = ticks_add(ticks_ms(), milliseconds)
    while (left := ticks_diff(end, ticks_ms())) > 0:
        utime.sleep_ms(min(left, NAP_MS))
        wire.call(operations.PIN_READ, b"\x00\x00")  # the answer brings the offset


def sleep(seconds):
    """Likewise."""
    sleep_ms(int(seconds * 1000))
