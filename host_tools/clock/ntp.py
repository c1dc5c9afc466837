"""True time for the token: from several NTP servers that must agree, or from this computer's clock.

NTP is not authenticated, so one server is not believed alone when others answer: each gives an
interval that must contain the true time (RFC 5905 section 4: offset, delay, root distance), and
Marzullo's algorithm finds the interval that a majority shares. A reading maps the computer's
monotonic clock to Unix time, so that a step of its wall clock between measuring and using the
reading does no harm. Asking a single server is the job of ntp_exchange.
"""

import queue
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from host_tools.clock.host_clock import HostClock
from host_tools.clock.majority import aged, agreed, one_vote_each, outvoted
from host_tools.clock.ntp_exchange import Claims, Limits, Sample, Unusable, best_sample
from host_tools.clock.time_reading import NS, TimeReading
from host_tools.errors import TimeSourceError, UsageProblem

DEFAULT_SERVERS = (
    "0.pool.ntp.org",
    "1.pool.ntp.org",
    "2.pool.ntp.org",
    "3.pool.ntp.org",
    "time.cloudflare.com",
)
NTP_PORT = 123
TOTAL_TIMEOUT_S = 4.5  # for name lookup and all samples of all servers together
SAMPLE_SPACING_S = 0.6  # servers that limit rates drop questions less than half a second apart


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
    answers = [aged(out, end_ns) for out in outcomes if isinstance(out, Sample)]
    rejected = [
        (name, out) for name, out in zip(servers, outcomes, strict=True) if isinstance(out, str)
    ]
    if not answers:
        raise TimeSourceError(
            f"no time server is usable ({_listed(rejected)}); check the network, name others with"
            " --server, or trust this computer's clock with --source host"
        )
    votes = one_vote_each(answers)
    again = "perhaps the same machine as another server named"
    rejected += [(double.server, again) for double in answers if double not in votes]
    offset_s, uncertainty_s, used = agreed(votes)
    if len(used) == 1 and len(servers) >= 3:
        raise TimeSourceError(
            f"only {used[0].server} can be used, and no other server confirms it"
            f" ({_listed(rejected)}); try again later, or trust it alone with --server"
        )
    rejected += [(bad.server, outvoted(bad, offset_s)) for bad in votes if bad not in used]
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


def _listed(rejected: list[tuple[str, str]]) -> str:
    return "; ".join(f"{name}: {reason}" for name, reason in rejected) or "none was named"


def _utc(unix_s: float) -> str:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=unix_s)
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")
