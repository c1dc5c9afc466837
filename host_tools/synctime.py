"""Set the token's clock: measure first, set second, measure again.

picototp synctime      picototp synctime --check      picototp synctime --server ntp.example.org
"""

import json
import sys
from pathlib import Path

if not __package__:  # run as a file: the folder above holds the packages
    sys.path[0] = str(Path(__file__).resolve().parent.parent)
    sys.path.insert(1, str(Path(sys.path[0]) / "firmware"))

import click

from host_tools.clock import host_clock, ntp
from host_tools.clock.care import ClockCare
from host_tools.clock.drift import estimate
from host_tools.clock.history import ClockHistory
from host_tools.clock.time_reading import TimeReading
from host_tools.commands.clock_report import show_history
from host_tools.commands.command_line import command, pass_port
from host_tools.commands.sync_report import Report
from host_tools.commands.terminal import open_token, run, say, show

# How far off a token may believe itself before the user is told how to change that.
DOUBT_S = 3.0


@command(
    short_help="Set the token's clock, and measure its error.",
    epilog="""\b
Examples:
  picototp synctime                             from several servers of the NTP pool
  picototp synctime --check                     measures and changes nothing
  picototp synctime --server ntp.example.org --server 192.0.2.7:1123
  picototp synctime --source host               from this computer's clock, without network
  picototp synctime --source host --host-uncertainty 0.5
  picototp synctime --trim                      after some days of syncs: make it drift less
  picototp synctime --history --plot drift.png  what it measured so far
""",
)
@click.option(
    "--server",
    "servers",
    multiple=True,
    metavar="HOST[:PORT]",
    help="Ask this time server; repeatable.",
)
@click.option(
    "--source",
    type=click.Choice(["ntp", "host"]),
    default="ntp",
    show_default=True,
    help="Where the true time comes from: NTP servers, or this computer's own clock.",
)
@click.option(
    "--host-uncertainty",
    type=float,
    metavar="SECONDS",
    help="With --source host: by how much this computer's clock may be wrong, as you know it.",
)
@click.option("--check", is_flag=True, help="Measure only.")
@click.option(
    "--confirm",
    is_flag=True,
    help="Ask on the token even for a small step; a yes makes its error bound smaller.",
)
@click.option("--trim", is_flag=True, help="Then trim the clock's rate, if that is sure to help.")
@click.option(
    "--trim-again",
    is_flag=True,
    help="Like --trim, but also in a direction that once made it worse.",
)
@click.option(
    "--history", is_flag=True, help="Only show what earlier runs measured, and the token's own log."
)
@click.option(
    "--plot",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Only draw what earlier runs measured, as .png or .svg.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--max-host-offset",
    type=float,
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="How far the servers may be from this computer's clock before it is an error.",
)
@pass_port
def synctime(
    port: str | None,
    servers: tuple[str, ...],
    source: str,
    host_uncertainty: float | None,
    check: bool,
    confirm: bool,
    trim: bool,
    trim_again: bool,
    history: bool,
    plot: Path | None,
    as_json: bool,
    max_host_offset: float,
) -> None:
    """Set the token's clock to true time, and measure its error before and after.

    \b
    The token asks for its button before
      (a) its first setting, and any while its clock has no time,
      (b) a step of more than two seconds,
      (c) a step back past the time that it remembers in flash,
      (d) corrections that add up to more than drift explains,
      (e) any setting while its display shows the mark of a large step.

    Every run is kept in a history on this computer, from which the tool learns how fast the clock
    drifts.
    """
    if source == "host" and servers:
        raise click.UsageError("--source host asks no server")
    if host_uncertainty is not None and source != "host":
        raise click.UsageError("--host-uncertainty goes with --source host")
    looks = history or plot is not None
    if looks and (servers or check or trim or trim_again):
        raise click.UsageError(
            "--history and --plot only show the past; leave out the other options"
        )
    if confirm and (check or looks):
        raise click.UsageError("--confirm is about setting; leave --check and the like out")
    if check and (trim or trim_again):
        raise click.UsageError("--check changes nothing, so it does not trim")
    if looks:
        show_history(port, plot, history, as_json)
        return
    with open_token(port) as token:
        if source == "host":
            reading = host_clock.read_host_clock(host_uncertainty)
        else:
            reading = ntp.read_servers(
                servers or ntp.DEFAULT_SERVERS, max_host_offset_s=max_host_offset
            )
        warn_about(reading)
        book = ClockHistory(token.info.token, warn)
        care = ClockCare(token, reading, book, "stated" if reading.stated else source, warn)
        report = Report(reading, care.measure(), token.time().state)
        if not check:
            report.after = care.set(confirm)
            bound_s = token.status().clock.error_bound_s
        report.drift = estimate(care.records)
        if not check:
            report.take_care(care, trim or trim_again, trim_again)
    show(json.dumps(report.as_json()) if as_json else "\n".join(report.lines()))
    if not check and bound_s is not None and bound_s > DOUBT_S:
        say(
            f"note: the token's own error bound is {bound_s:.1f} s, counted from the last "
            "confirmed setting; to make it smaller: picototp synctime --confirm"
        )
    if report.problem is not None:
        raise report.problem


def warn(text: str) -> None:
    """A warning on standard error."""
    say(f"warning: {text}")


def warn_about(reading: TimeReading) -> None:
    """Its warnings, and the outvoted servers by name."""
    for warning in reading.warnings:
        say(f"warning: {warning}")
    for server, reason in reading.rejected:
        say(f"warning: {server} was not used: {reason}")


if __name__ == "__main__":
    run(synctime)
