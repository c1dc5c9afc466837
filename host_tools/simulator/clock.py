"""Clocks that the device models read: real time that can be moved ahead, and one for tests.

Times are integer nanoseconds from an arbitrary start, as `time.monotonic_ns` gives them, and never
run backwards.
"""

import threading
import time
from typing import Protocol

NS_PER_S = 1_000_000_000


class Clock(Protocol):
    """What a device model needs: the time now, in nanoseconds that never decrease."""

    def now_ns(self) -> int: ...


def seconds_to_ns(seconds: float) -> int:
    """Whole nanoseconds for a duration in seconds; ValueError if it is negative or not finite.

    An int converts exactly, however long the duration.
    """
    if not 0 <= seconds < float("inf"):
        raise ValueError(f"time cannot run backwards or without end: {seconds} s")
    if isinstance(seconds, int):
        return seconds * NS_PER_S
    return round(seconds * NS_PER_S)


class ManualClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, start_ns: int = 0):
        self._lock = threading.Lock()
        self._now_ns = start_ns

    def now_ns(self) -> int:
        """Nanoseconds since the clock's start."""
        with self._lock:
            return self._now_ns

    def elapse(self, seconds: float) -> None:
        """Moves the clock ahead; ValueError if `seconds` is negative."""
        self.elapse_ns(seconds_to_ns(seconds))

    def elapse_ns(self, duration_ns: int) -> None:
        """The same in nanoseconds, exact."""
        if duration_ns < 0:
            raise ValueError(f"time cannot run backwards: {duration_ns} ns")
        with self._lock:
            self._now_ns += duration_ns


class SimClock:
    """The host's monotonic clock plus an offset, so that time can pass without anybody waiting."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._offset_ns = 0

    def now_ns(self) -> int:
        """Nanoseconds of host monotonic time, plus everything that `elapse` added."""
        with self._lock:
            return time.monotonic_ns() + self._offset_ns

    def elapse(self, seconds: float) -> None:
        """Lets time pass at once for everything on the board; ValueError if negative."""
        duration_ns = seconds_to_ns(seconds)
        with self._lock:
            self._offset_ns += duration_ns
