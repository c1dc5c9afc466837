"""Set the token's clock: measure first, set second, measure again.

synctime.py            synctime.py --check            synctime.py --server ntp.example.org
"""

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

if not __package__:  # run as a file: the folder above holds the packages
    sys.path[0] = str(Path(__file__).resolve().parent.parent)
    sys.path.insert(1, str(Path(sys.path[0]) / "firmware"))

import click

from host_tools import ntp
from host_tools.client import Json, TokenClient, TokenError
from host_tools.errors import ToolError
from host_tools.ntp import TimeReading
from host_tools.report import CLOCK_STATES
from host_tools.terminal import open_token, port_option, run, say

FRESH_TRIES = 4  # of two seconds each
EXCHANGES = 12  # the one with the shortest round trip counts


@dataclass(frozen=True)
class Exchange:
    """One question for the time: what the token said, and when by the true time.

    The token's answer was made `round_trip_ns` / 2 before or after `true_unix_ns` at most.
    """

    answer: Json
    true_unix_ns: int
    round_trip_ns: int


@dataclass(frozen=True)
class Measurement:
    """How far the token's clock is ahead of true time, and how well that is known; seconds."""

    error_s: float
    uncertainty_s: float

    def words(self) -> str:
        """As people read it: "+0.0003 s, give or take 0.0012 s"."""
        return f"{self.error_s:+.4f} s, give or take {self.uncertainty_s:.4f} s"

    def as_json(self) -> Json:
        """For --json."""
        return {"error_s": round(self.error_s, 6), "uncertainty_s": round(self.uncertainty_s, 6)}


def exchange(token: TokenClient, reading: TimeReading) -> Exchange:
    """The best of several quick questions for the token's time."""
    best: Exchange | None = None
    for _ in range(EXCHANGES):
        sent_ns = time.monotonic_ns()
        answer = token.request("time")
        round_trip_ns = time.monotonic_ns() - sent_ns
        if best is None or round_trip_ns < best.round_trip_ns:
            middle_ns = sent_ns + round_trip_ns // 2
            best = Exchange(answer, reading.unix_ns_at(middle_ns), round_trip_ns)
    assert best is not None
    return best


def fresh_time(token: TokenClient) -> Json:
    """The token's time after it has observed a rollover of the RTC's second anew.

    A token that is busy, with a long name to scroll for instance, may miss one or two.
    """
    for attempt in range(FRESH_TRIES):
        try:
            return token.request("time", fresh=True)
        except TokenError as error:
            if error.code != "no-rollover" or attempt == FRESH_TRIES - 1:
                raise
    raise AssertionError("unreachable")


def measure(token: TokenClient, reading: TimeReading) -> Measurement | None:
    """The clock's error after a rollover of its second was observed anew; None if it is not set."""
    if fresh_time(token)["state"] != "ok":
        return None
    best = exchange(token, reading)
    if best.answer["state"] != "ok":
        return None
    error_ns = best.answer["unix_us"] * 1000 - best.true_unix_ns
    uncertainty_s = (
        best.round_trip_ns / 2e9
        + best.answer["uncertainty_us"] / 1e6
        + reading.uncertainty_s_at(time.monotonic_ns())
    )
    return Measurement(error_ns / 1e9, uncertainty_s)


def set_clock(token: TokenClient, reading: TimeReading) -> None:
    """Have the token write its RTC so that the second begins where true time has it.

    The token is told which true time belongs to a value of its own counter; it waits for its
    button and for the next whole second, and writes then.
    """
    best = exchange(token, reading)
    uncertainty_s = best.round_trip_ns / 2e9 + reading.uncertainty_s_at(time.monotonic_ns())
    token.request(
        "set_time",
        unix_us=best.true_unix_ns // 1000,
        ticks_us=best.answer["ticks_us"],
        uncertainty_us=round(uncertainty_s * 1e6),
    )


@click.command(
    short_help="Set the token's clock, and measure its error.",
    epilog="""\b
Examples:
  synctime.py                             from several servers of the NTP pool
  synctime.py --check                     measures and changes nothing
  synctime.py --server ntp.example.org --server 192.0.2.7:1123
  synctime.py --source host               from this computer's clock, without network
""",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@port_option
@click.option(
    "--server", "servers", multiple=True, metavar="HOST[:PORT]", help="Ask this one; repeatable."
)
@click.option(
    "--source",
    type=click.Choice(["ntp", "host"]),
    default="ntp",
    show_default=True,
    help="Where the true time comes from: NTP servers, or this computer's own clock.",
)
@click.option("--check", is_flag=True, help="Measure only.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--max-host-offset",
    type=float,
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="How far the servers may be from this computer's clock before it is an error.",
)
def synctime(
    port: str | None,
    servers: tuple[str, ...],
    source: str,
    check: bool,
    as_json: bool,
    max_host_offset: float,
) -> None:
    """Set the token's clock to true time, and measure its error before and after.

    Setting it is shown on the token's display and needs its button.
    """
    if source == "host" and servers:
        raise click.UsageError("--source host asks no server")
    with open_token(port) as token:
        reading = read_source(servers, source, max_host_offset)
        before = measure(token, reading)
        state = token.request("time")["state"]
        after = None
        if not check:
            set_clock(token, reading)
            after = measure(token, reading)
            if after is None:
                raise ToolError("the clock was set, but lost its time again; check its wires")
    if as_json:
        click.echo(json.dumps(as_record(reading, before, after)))
        return
    click.echo(f"source: {', '.join(reading.used)}, good to {reading.uncertainty_s:.4f} s")
    click.echo(f"before: {before.words() if before else CLOCK_STATES[state]}")
    if after is not None:
        click.echo(f"after:  {after.words()}")


def read_source(servers: tuple[str, ...], source: str, max_host_offset_s: float) -> TimeReading:
    """True time from the chosen source; warnings and outvoted servers are named."""
    if source == "host":
        reading = ntp.read_host_clock()
    else:
        reading = ntp.read_servers(
            servers or ntp.DEFAULT_SERVERS, max_host_offset_s=max_host_offset_s
        )
    for warning in reading.warnings:
        say(f"warning: {warning}")
    for server, reason in reading.rejected:
        say(f"warning: {server} was not used: {reason}")
    return reading


def as_record(reading: TimeReading, before: Measurement | None, after: Measurement | None) -> Json:
    """What --json prints; `before` is null if the clock was not set, `after` after --check."""
    return {
        "source": reading.used,
        "source_uncertainty_s": round(reading.uncertainty_s, 6),
        "rejected": [{"server": server, "reason": reason} for server, reason in reading.rejected],
        "before": before.as_json() if before else None,
        "set": after is not None,
        "after": after.as_json() if after else None,
    }


if __name__ == "__main__":
    run(synctime)
