"""This computer's own clock: carried on by its monotonic one, and its kernel's doubts of it."""

import ctypes
import sys
import time
from dataclasses import dataclass

from host_tools.clock.time_reading import NS, TimeReading
from host_tools.errors import UsageProblem

LEAST_STATED_S, MOST_STATED_S = 0.001, 60
UNKEPT_CLOCK_S = 16.0  # the Linux kernel's own figure (NTP_PHASE_LIMIT) for a clock nobody keeps


@dataclass(frozen=True)
class HostClock:
    """The wall clock of one moment, carried on by the monotonic clock even if it is stepped
    later."""

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


def read_host_clock(stated_s: float | None = None) -> TimeReading:
    """This computer's own clock as the time source, with the error bound that its kernel states.

    Where the kernel cannot be asked, or says that nothing keeps the clock, the bound is
    UNKEPT_CLOCK_S or what the kernel says, and a warning says so. `stated_s` is the bound that the
    user knows better; UsageProblem if it is none.
    """
    if stated_s is not None and not LEAST_STATED_S <= stated_s <= MOST_STATED_S:
        raise UsageProblem(
            f"the host's uncertainty is a number of seconds from {LEAST_STATED_S} to "
            f"{MOST_STATED_S}: the most by which this computer's clock may be wrong"
        )
    clock = HostClock.now()
    uncertainty_s, warning = _kernel_opinion() if stated_s is None else (stated_s, "")
    return TimeReading(
        monotonic_ns=clock.monotonic_ns,
        unix_ns=clock.unix_ns,
        unix_offset_s=0.0,
        uncertainty_s=uncertainty_s,
        used=["this computer's clock"],
        warnings=[warning] if warning else [],
        stated=stated_s is not None,
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
_ALLOWED_FOR = (
    f"an error of {UNKEPT_CLOCK_S:.0f} s or more is allowed for; if you know that it is smaller, "
    "say so with --host-uncertainty SECONDS"
)


def _kernel_opinion() -> tuple[float, str]:
    """(error bound of the wall clock in seconds, warning or "") as Linux's kernel has them."""
    unknown = f"this system cannot say how accurate its clock is: {_ALLOWED_FOR}"
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
        unkept = (
            "no time service keeps this computer's clock on time, as in many containers and "
            f"virtual machines, or none that the kernel knows of: {_ALLOWED_FOR}"
        )
        return max(UNKEPT_CLOCK_S, timex.maxerror / 1e6), unkept
    return timex.maxerror / 1e6, ""
