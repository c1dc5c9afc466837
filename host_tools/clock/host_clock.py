"""This computer's own clock: carried on by its monotonic one, and its kernel's doubts of it."""

import ctypes
import sys
import time
from dataclasses import dataclass

from host_tools.clock.time_reading import NS, TimeReading

UNKEPT_CLOCK_S = 16.0  # the Linux kernel's own figure (NTP_PHASE_LIMIT) for a clock nobody keeps


@dataclass(frozen=True)
class HostClock:
    """The wall clock as of one moment, carried on by the monotonic clock whatever it does later."""

    monotonic_ns: int
    unix_ns: int

    @classmethod
    def now(cls) -> "HostClock":
        """Pairs the two clocks by the tightest of a few readings of both."""
        tries = []
        for _ in range(5):
            before_ns, unix_ns, after_ns = time.monotonic_ns(), time.time_ns(), time.monotonic_ns()
            tries.append((after_ns - before_ns, (before_ns + after_ns) // 2, unix_ns))
        _, monotonic_ns, unix_ns = min(tries)
        return cls(monotonic_ns, unix_ns)

    def unix_ns_at(self, monotonic_ns: int) -> int:
        return self.unix_ns + monotonic_ns - self.monotonic_ns

    def unix_s_at(self, monotonic_ns: int) -> float:
        return self.unix_ns_at(monotonic_ns) / NS


def read_host_clock() -> TimeReading:
    """This computer's own clock as the time source, with the error bound that its kernel states.

    Where the kernel cannot be asked, or says that nothing keeps the clock, the bound is
    UNKEPT_CLOCK_S or what the kernel says, and a warning says so.
    """
    clock = HostClock.now()
    uncertainty_s, warning = _kernel_opinion()
    return TimeReading(
        monotonic_ns=clock.monotonic_ns,
        unix_ns=clock.unix_ns,
        unix_offset_s=0.0,
        uncertainty_s=uncertainty_s,
        used=["this computer's clock"],
        warnings=[warning] if warning else [],
    )


class _Timex(ctypes.Structure):
    """The head of Linux's struct timex (adjtimex(2)), and room for the rest of it."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),  # microseconds
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 512),
    )


_STA_UNSYNC = 0x0040  # linux/timex.h


def _kernel_opinion() -> tuple[float, str]:
    """(error bound of the wall clock in seconds, warning or "") as Linux's kernel has them."""
    unknown = "this system cannot say how right its clock is: check it against another clock"
    if sys.platform != "linux":
        return UNKEPT_CLOCK_S, unknown
    timex = _Timex()  # modes 0: only read, which needs no privilege
    try:
        state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(timex))
    except (OSError, AttributeError):
        return UNKEPT_CLOCK_S, unknown
    if state < 0:
        return UNKEPT_CLOCK_S, unknown
    if timex.status & _STA_UNSYNC:
        unkept = "the kernel says that nothing keeps this computer's clock right: it may be far off"
        return max(UNKEPT_CLOCK_S, timex.maxerror / 1e6), unkept
    return timex.maxerror / 1e6, ""
