"""True time at one moment of this computer's monotonic clock."""

from dataclasses import dataclass, field

NS = 1_000_000_000
HOST_DRIFT = 15e-6  # RFC 5905 section 7.2, PHI: how fast this computer's clock may drift, s/s


@dataclass(frozen=True)
class TimeReading:
    """True time at one moment of this computer's monotonic clock.

    `unix_offset_s` is what to add to this computer's wall clock as it was at `monotonic_ns`;
    `uncertainty_s` bounds the error either way at that moment. `used` and `rejected` name servers
    as they were given, the latter with a reason each; `warnings` are whole sentences. `stated` says
    that the bound is the user's word, which nothing measured.
    """

    monotonic_ns: int
    unix_ns: int
    unix_offset_s: float
    uncertainty_s: float
    used: list[str]
    rejected: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    stated: bool = False

    def unix_ns_at(self, monotonic_ns: int) -> int:
        """True Unix time in nanoseconds when time.monotonic_ns() shows `monotonic_ns`."""
        return self.unix_ns + monotonic_ns - self.monotonic_ns

    def uncertainty_s_at(self, monotonic_ns: int) -> float:
        """The error bound then: it grows by what this computer's clock may have drifted since."""
        return self.uncertainty_s + HOST_DRIFT * abs(monotonic_ns - self.monotonic_ns) / NS
