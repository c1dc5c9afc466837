"""True time for the token: from several NTP servers that must agree, or from this computer's clock.

NTP is not authenticated, so one server is not believed alone when others answer: each gives an
interval that must contain the true time (RFC 5905 section 4: offset, delay, root distance), and
Marzullo's algorithm finds the interval that a majority shares. A reading maps the computer's
monotonic clock to Unix time, so that a step of its wall clock between measuring and using the
reading does no harm. Asking a single server is the job of ntp_exchange.
"""

import ctypes
import queue
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from host_tools.clock.ntp_exchange import (
    NS,
    Claims,
    HostClock,
    Limits,
    Sample,
    Unusable,
    best_sample,
)
from host_tools.errors import TimeSourceError, UsageProblem

DEFAULT_SERVERS = (
    "0.pool.ntp.org",
    "1.pool.ntp.org",
    "2.pool.ntp.org",
    "3.pool.ntp.org",
    "time.cloudflare.com",
)
NTP_PORT = 123
HOST_DRIFT = 15e-6  # RFC 5905 section 7.2, PHI: how fast this computer's clock may drift, s/s
TOTAL_TIMEOUT_S = 4.5  # for name lookup and all samples of all servers together
SAMPLE_SPACING_S = 0.6  # servers that limit rates drop questions less than half a second apart
UNKEPT_CLOCK_S = 16.0  # the Linux kernel's own figure (NTP_PHASE_LIMIT) for a clock nobody keeps


@dataclass(frozen=True)
class TimeReading:
    """True time at one moment of this computer's monotonic clock.

    `unix_offset_s` is what to add to this computer's wall clock as it was at `monotonic_ns`;
    `uncertainty_s` bounds the error either way at that moment. `used` and `rejected` name servers
    as they were given, the latter with a reason each; `warnings` are whole sentences.
    """

    monotonic_ns: int
    unix_ns: int
    unix_offset_s: float
    uncertainty_s: float
    used: list[str]
    rejected: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def unix_ns_at(self, monotonic_ns: int) -> int:
        """True Unix time in nanoseconds when time.monotonic_ns() shows `monotonic_ns`."""
        return self.unix_ns + monotonic_ns - self.monotonic_ns

    def uncertainty_s_at(self, monotonic_ns: int) -> float:
        """The error bound then: it grows by what this computer's clock may have drifted since."""
        return self.uncertainty_s + HOST_DRIFT * abs(monotonic_ns - self.monotonic_ns) / NS


def read_servers(
    servers: Sequence[str] = DEFAULT_SERVERS,
    *,
    samples: int = 4,
    spacing_s: float = SAMPLE_SPACING_S,
    timeout_s: float = 1.0,
    max_host_offset_s: float = 60.0,
) -> TimeReading:
    """Ask all servers at once, `samples` times each, and combine what they say, within 5 s.

    A majority of those that answer must agree; when three or more are asked, at least two must.
    `timeout_s` is the wait for one answer. Raises UsageProblem for a server name that cannot be
    one, and TimeSourceError if no server is usable, if they disagree, or if they agree on a time
    more than `max_host_offset_s` away from this computer's clock.
    """
    targets = [(name, *split_server(name)) for name in servers]
    clock = HostClock.now()
    limits = Limits(samples, spacing_s, timeout_s, time.monotonic() + TOTAL_TIMEOUT_S)
    outcomes = _ask_all(targets, clock, limits)
    end_ns = time.monotonic_ns()
    answers = [_aged(out, end_ns) for out in outcomes if isinstance(out, Sample)]
    rejected = [
        (name, out) for name, out in zip(servers, outcomes, strict=True) if isinstance(out, str)
    ]
    if not answers:
        raise TimeSourceError(
            f"no time server is usable ({_listed(rejected)}); check the network, name others with"
            " --server, or trust this computer's clock with --source host"
        )
    votes = _one_vote_each(answers)
    again = "perhaps the same machine as another server named"
    rejected += [(double.server, again) for double in answers if double not in votes]
    offset_s, uncertainty_s, used = _agreed(votes)
    if len(used) == 1 and len(servers) >= 3:
        raise TimeSourceError(
            f"only {used[0].server} is usable and nothing confirms it ({_listed(rejected)});"
            " try again later, or trust it alone with --server"
        )
    rejected += [(bad.server, _outvoted(bad, offset_s)) for bad in votes if bad not in used]
    if abs(offset_s) > max_host_offset_s:
        raise TimeSourceError(
            f"the time servers ({', '.join(good.server for good in used)}) say"
            f" {_utc(clock.unix_s_at(end_ns) + offset_s)} and this computer's clock says"
            f" {_utc(clock.unix_s_at(end_ns))}; set the one that is wrong and try again"
        )
    alone = len(used) == 1 and len(servers) > 1
    return TimeReading(
        monotonic_ns=end_ns,
        unix_ns=clock.unix_ns_at(end_ns) + round(offset_s * NS),
        unix_offset_s=offset_s,
        uncertainty_s=uncertainty_s,
        used=[good.server for good in used],
        rejected=rejected,
        warnings=[f"only {used[0].server} was usable: nothing confirms it"] if alone else [],
    )


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


def split_server(text: str) -> tuple[str, int]:
    """(host, port) of HOST, HOST:PORT, [V6]:PORT or a bare IPv6 address; UsageProblem otherwise."""
    text = text.strip()
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        colon, port = rest[:1], rest[1:]
        well_formed = bool(bracket) and colon in ("", ":")
    elif text.count(":") == 1:
        host, colon, port = text.partition(":")
        well_formed = True
    else:
        host, colon, port, well_formed = text, "", "", True
    if not colon:
        port = str(NTP_PORT)
    numeric = port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) < 65536
    if not (host and host.isprintable() and " " not in host and well_formed and numeric):
        raise UsageProblem(f"{text!r} is not a time server; write HOST, HOST:PORT or [IPV6]:PORT")
    return host, int(port)


def _ask_all(
    targets: list[tuple[str, str, int]], clock: HostClock, limits: Limits
) -> list[Sample | str]:
    """The best sample, or the reason for none, of each server, in order.

    The threads are daemons and not waited for after the deadline: a name lookup cannot be stopped.
    """
    results: queue.SimpleQueue[tuple[int, Sample | str]] = queue.SimpleQueue()
    claims = Claims()

    def ask(index: int, name: str, host: str, port: int) -> None:
        try:
            results.put((index, best_sample(name, host, port, clock, limits, claims)))
        except Unusable as reason:
            results.put((index, str(reason)))

    for index, target in enumerate(targets):
        threading.Thread(target=ask, args=(index, *target), daemon=True).start()
    outcomes: list[Sample | str] = ["no answer in time"] * len(targets)
    for _ in targets:
        try:
            # The threads keep to the same deadline: let one that meets it just so report.
            index, outcome = results.get(timeout=max(0.0, limits.left_s() + 0.2))
        except queue.Empty:
            break
        outcomes[index] = outcome
    return outcomes


def _aged(sample: Sample, now_ns: int) -> Sample:
    """The sample with the drift allowed for that this computer's clock may have had since."""
    drift_s = HOST_DRIFT * (now_ns - sample.monotonic_ns) / NS
    return replace(sample, distance_s=sample.distance_s + drift_s)


def _one_vote_each(answers: list[Sample]) -> list[Sample]:
    """The answers without those that may be a machine's second, by its other address family.

    Names that share an address share a machine. If one of them answered by IPv6 and one by IPv4,
    that may be the same one. Two addresses of one family count as two machines: in the NTP pool,
    where few servers are near, each of its names stands for all of them. Whoever could be the
    double of most others goes first, so that those keep their votes.
    """
    kept = list(answers)
    while True:
        doubles = [sum(_may_be_one(one, other) for other in kept) for one in kept]
        if not any(doubles):
            return kept
        del kept[max(range(len(kept)), key=lambda index: (doubles[index], index))]


def _may_be_one(one: Sample, other: Sample) -> bool:
    return one.family != other.family and not one.addresses.isdisjoint(other.addresses)


def _agreed(answers: list[Sample]) -> tuple[float, float, list[Sample]]:
    """(offset, uncertainty, servers that agree) in seconds; TimeSourceError without a majority.

    The others vote, the best one measures: the result is the estimate of the agreeing server with
    the smallest error bound, moved into the interval that all of them share if it lies outside.
    Its bound then still holds: the truth lies within the shared interval, and that within its own.
    """
    low_s, high_s = _shared_interval(answers)
    used = [one for one in answers if one.low_s <= low_s and one.high_s >= high_s]
    best = min(used, key=lambda one: one.distance_s)
    return min(max(best.offset_s, low_s), high_s), best.distance_s, used


def _shared_interval(answers: list[Sample]) -> tuple[float, float]:
    """Where the most intervals overlap (Marzullo's algorithm), if that is a majority of them.

    Two places with equally many are no agreement: either could hold the truth.
    """
    edges = sorted(
        [(one.low_s, 0) for one in answers] + [(one.high_s, 1) for one in answers]
    )  # at the same place starts (0) come before ends (1): touching intervals do overlap
    overlap = most = 0
    places: list[tuple[float, float]] = []
    for number, (edge_s, is_end) in enumerate(edges):
        overlap += -1 if is_end else 1
        if not is_end and overlap >= most:
            # No interval starts within a place of most overlap, so that the next edge ends it.
            place = (edge_s, edges[number + 1][0])
            places = [place] if overlap > most else [*places, place]
            most = overlap
    if 2 * most <= len(answers) or len(places) > 1:
        said = ", ".join(f"{one.server} {one.offset_s:+.3f} s" for one in answers)
        raise TimeSourceError(
            f"the time servers disagree ({said}, from this computer's clock);"
            " name more of them with --server, so that a majority can decide"
        )
    return places[0]


def _outvoted(bad: Sample, offset_s: float) -> str:
    return f"outvoted: it is {bad.offset_s - offset_s:+.3f} s from what the others agree on"


def _listed(rejected: list[tuple[str, str]]) -> str:
    return "; ".join(f"{name}: {reason}" for name, reason in rejected) or "none was named"


def _utc(unix_s: float) -> str:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=unix_s)
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")


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
