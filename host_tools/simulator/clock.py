"""Clocks that the device models read: real time that can be moved ahead, and one for tests.

Times are integer nanoseconds from an arbitrary start, as `time.monotonic_ns` gives them, and never
run backwards.
"""

import threading
import time
from collections.abc import Callable
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


class TimeDriver(Protocol):
    """Drives a board's time while its processor is emulated, by the processor's own cycles."""

    def now_ns(self) -> int:
        """The time now, never behind what the clock said before."""

    def elapse_ns(self, duration_ns: int) -> None:
        """Let time pass at once; returns when it has."""

    def after_ns(self, duration_ns: int, action: Callable[[], None]) -> None:
        """Call `action` when that much time has passed for the board; returns afterwards."""


class SimClock:
    """The host's monotonic clock plus an offset, so that time can pass without waiting in real
    time.

    While an emulated processor runs, it drives the clock: board time is then emulated time, so that
    the processor and the devices around it agree on how long a second is. It stays as close to the
    host's clock as the emulation is fast enough for, and never runs ahead of it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._offset_ns = 0
        self._driver: TimeDriver | None = None

    def now_ns(self) -> int:
        """Nanoseconds of board time."""
        driver = self._driver
        return self.host_ns() if driver is None else driver.now_ns()

    def host_ns(self) -> int:
        """Nanoseconds of host monotonic time, plus everything that `elapse` added."""
        with self._lock:
            return time.monotonic_ns() + self._offset_ns

    def elapse(self, seconds: float) -> None:
        """Lets time pass at once for everything on the board; ValueError if negative."""
        duration_ns = seconds_to_ns(seconds)
        driver = self._driver
        if driver is None:
            self.shift_ns(duration_ns)
        else:
            driver.elapse_ns(duration_ns)

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Waits until that much time has passed for the board, and calls `action` at that
        moment."""
        duration_ns = seconds_to_ns(seconds)
        driver = self._driver
        if driver is None:
            time.sleep(seconds)
            action()
        else:
            driver.after_ns(duration_ns, action)

    # For drivers.

    def drive(self, driver: TimeDriver | None) -> None:
        """From now on `driver` carries the time; None gives it back to the host's clock."""
        self._driver = driver

    def shift_ns(self, duration_ns: int) -> None:
        """Moves the host's side of the clock ahead."""
        with self._lock:
            self._offset_ns += duration_ns
