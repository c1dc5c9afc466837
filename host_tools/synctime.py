"""Set the token's clock: measure first, set second, measure again.

synctime.py            synctime.py --check            synctime.py --server ntp.example.org
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

if not __package__:  # run as a file: the folder above holds the packages
    sys.path[0] = str(Path(__file__).resolve().parent.parent)
    sys.path.insert(1, str(Path(sys.path[0]) / "firmware"))

import click

from host_tools.client.status_words import CLOCK_STATES
from host_tools.client.token_client import Json
from host_tools.clock import ntp
from host_tools.clock.care import ClockCare
from host_tools.clock.drift import Estimate, estimate
from host_tools.clock.history import ClockHistory, Trim
from host_tools.clock.ntp import TimeReading
from host_tools.clock.token_clock import Measurement
from host_tools.clock.trim import Decision
from host_tools.commands.clock_report import drift_record, show_history
from host_tools.commands.terminal import open_token, port_option, run, say
from host_tools.errors import ToolError


@click.command(
    short_help="Set the token's clock, and measure its error.",
    epilog="""\b
Examples:
  synctime.py                             from several servers of the NTP pool
  synctime.py --check                     measures and changes nothing
  synctime.py --server ntp.example.org --server 192.0.2.7:1123
  synctime.py --source host               from this computer's clock, without network
  synctime.py --trim                      after some days of syncs: make it drift less
  synctime.py --history --plot drift.png  what it measured so far
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
@click.option("--trim", is_flag=True, help="Then trim the clock's rate, if that is due.")
@click.option(
    "--trim-again", is_flag=True, help="The same, also in a direction that made it worse once."
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
def synctime(
    port: str | None,
    servers: tuple[str, ...],
    source: str,
    check: bool,
    trim: bool,
    trim_again: bool,
    history: bool,
    plot: Path | None,
    as_json: bool,
    max_host_offset: float,
) -> None:
    """Set the token's clock to true time, and measure its error before and after.

    A first setting, a step of more than two seconds, and more correction in all than drift explains
    are shown on the token's display and need its button.

    Every run is kept in a history on this computer, and teaches how fast the clock drifts.
    """
    if source == "host" and servers:
        raise click.UsageError("--source host asks no server")
    looks = history or plot is not None
    if looks and (servers or check or trim or trim_again):
        raise click.UsageError("--history and --plot only look back; leave the other options out")
    if check and (trim or trim_again):
        raise click.UsageError("--check changes nothing, so it does not trim")
    if looks:
        show_history(port, plot, history, as_json)
        return
    with open_token(port) as token:
        reading = read_source(servers, source, max_host_offset)
        book = ClockHistory(token.info["token"], warn)
        care = ClockCare(token, reading, book, source, warn)
        report = Report(reading, care.measure(), token.request("time")["state"])
        if not check:
            report.after = care.set()
        report.drift = estimate(care.records)
        if not check:
            report.take_care(care, trim or trim_again, trim_again)
    click.echo(json.dumps(report.as_json()) if as_json else "\n".join(report.lines()))
    if report.problem is not None:
        raise report.problem


def warn(text: str) -> None:
    """A warning on standard error."""
    say(f"warning: {text}")


@dataclass
class Report:
    """What a run measured and did. `state` is that of the clock before, `after` None for --check.

    `problem` is what kept the aging register from being changed; the clock was set all the same.
    """

    reading: TimeReading
    before: Measurement | None
    state: str
    after: Measurement | None = None
    drift: Estimate | None = None
    decision: Decision | None = None
    undone: Trim | None = None
    problem: ToolError | None = None

    def take_care(self, care: ClockCare, trim: bool, again: bool) -> None:
        """Take a trim back that did harm, else trim if that is asked for."""
        try:
            undone = care.undo_if_worse()
            if undone is not None:
                self.undone = undone[0]
            elif trim:
                self.decision = care.trim(again)
        except ToolError as error:
            self.problem = error

    def lines(self) -> list[str]:
        """For people."""
        reading = self.reading
        lines = [f"source: {', '.join(reading.used)}, good to {reading.uncertainty_s:.4f} s"]
        lines.append(f"before: {self.before.words() if self.before else CLOCK_STATES[self.state]}")
        if self.after is not None:
            lines.append(f"after:  {self.after.words()}")
        if self.drift is not None:
            lines.append(f"drift:  {self.drift.words()}")
        if self.decision is not None:
            done = "trimmed" if self.decision.aging is not None else "not trimmed"
            lines.append(f"trim:   {done}: {self.decision.reason}")
        if self.undone is not None:
            old, new = self.undone.aging_from, self.undone.aging_to
            lines.append(f"trim:   undone, aging is {old:+d} again: {new:+d} made the drift worse")
        return lines

    def as_json(self) -> Json:
        """For programs."""
        reading, before, after = self.reading, self.before, self.after
        decision, undone = self.decision, self.undone
        rejected = [{"server": server, "reason": reason} for server, reason in reading.rejected]
        return {
            "source": reading.used,
            "source_uncertainty_s": round(reading.uncertainty_s, 6),
            "rejected": rejected,
            "before": before.as_json() if before else None,
            "set": after is not None,
            "after": after.as_json() if after else None,
            "drift": drift_record(self.drift),
            "trim": {"aging": decision.aging, "reason": decision.reason} if decision else None,
            "undone": {"from": undone.aging_to, "to": undone.aging_from} if undone else None,
        }


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


if __name__ == "__main__":
    run(synctime)
