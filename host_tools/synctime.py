"""Set the token's clock: measure first, set second, measure again.

synctime.py            synctime.py --check            synctime.py --server ntp.example.org
"""

import json
import sys
from pathlib import Path

if not __package__:  # run as a file: the folder above holds the packages
    sys.path[0] = str(Path(__file__).resolve().parent.parent)
    sys.path.insert(1, str(Path(sys.path[0]) / "firmware"))

import click

from host_tools import ntp
from host_tools.client import Json
from host_tools.errors import ToolError
from host_tools.ntp import TimeReading
from host_tools.report import CLOCK_STATES
from host_tools.terminal import open_token, port_option, run, say
from host_tools.token_clock import Measurement, TokenClock


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

    A first setting, a step of more than two seconds, and more correction in all than drift explains
    are shown on the token's display and need its button.
    """
    if source == "host" and servers:
        raise click.UsageError("--source host asks no server")
    with open_token(port) as token:
        reading = read_source(servers, source, max_host_offset)
        clock = TokenClock(token, reading)
        before = clock.measure()
        state = token.request("time")["state"]
        after = None
        if not check:
            after = clock.correct()
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
