"""A clock's history for people and programs: a table, a plot, and what follows from it all."""

import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from host_tools import clock_history
from host_tools.client import Json, TokenClient
from host_tools.clock_history import ClockHistory, Measurement, Record
from host_tools.drift import Estimate, estimate, free_runs
from host_tools.drift_plot import TERMINAL_SIZE, terminal_plot, write_plot
from host_tools.errors import NoToken, UsageProblem
from host_tools.report import utc
from host_tools.terminal import open_token, say
from host_tools.trim import decide

ROWS = 20  # of the table: the last ones
_NOBODY = "no clock history on this computer yet; plug the token in and run synctime.py"


def show_history(port: str | None, plot: Path | None, table: bool, as_json: bool) -> None:
    """Print the history (`table`) and write its plot, of the token at hand or the only one known.

    The token's own short log takes its place in the table where this computer has no history.
    """
    history, log = _find(port)
    records = history.read()
    if plot is not None:
        write_plot(records, plot)
        say(f"{plot} was written")
    if as_json:
        click.echo(json.dumps(as_record(history.token, records)))
    elif table and not records and log:
        click.echo(f"token {history.token}: no history on this computer; what the token noted")
        click.echo("\n".join(log_lines(log)))
    elif table:
        click.echo(f"token {history.token}")
        click.echo("\n".join(table_lines(records)))
        _show_plot(records)
        for note in free_runs(records).notes:
            say(f"note: {note}")
        click.echo(f"trim: {decide(records).reason}")


def _find(port: str | None) -> tuple[ClockHistory, list[Json]]:
    """The history asked for, and the token's own log if there is a token but no history."""
    try:
        client = open_token(port)
    except NoToken:
        if port is not None:
            raise
        return _only_history(), []
    with client as token:
        history = _history_of(token.info["token"])
        return history, [] if history.path.exists() else read_log(token)


def _only_history() -> ClockHistory:
    known = clock_history.known_tokens()
    if not known:
        raise NoToken(_NOBODY)
    if len(known) > 1:
        raise UsageProblem(f"plug in the token that you mean, one of {', '.join(known)}")
    return _history_of(known[0])


def _history_of(token: str) -> ClockHistory:
    return ClockHistory(token, lambda line: say(f"warning: {line}"))


def read_log(token: TokenClient) -> list[Json]:
    """The token's own log of its clock, oldest first."""
    entries: list[Json] = []
    while True:
        answer = token.request("clock_log", **{"from": len(entries)})
        entries += answer["entries"]
        if len(entries) >= answer["total"] or not answer["entries"]:
            return entries


# --- words ---------------------------------------------------------------------------------------


def table_lines(records: Sequence[Record]) -> list[str]:
    """A line for each of the last records, and one for those before them."""
    lines = [
        f"{'time':23} {'':7} {'error':>10} {'give or take':>12} {'aging':>6} {'temperature':>11}"
    ]
    hidden = len(records) - ROWS
    if hidden > 0:
        lines.append(f"... {hidden} earlier record{'s' if hidden != 1 else ''}; --json prints all")
    return lines + [_line(record) for record in records[max(0, hidden) :]]


def _line(record: Record) -> str:
    when = utc(record.unix_s)
    if isinstance(record, Measurement):
        what = "set" if record.after_set else "checked"
        warmth = "" if record.temperature_c is None else f"{record.temperature_c:.2f} C"
        return (
            f"{when:23} {what:7} {_seconds(record.error_s):>10}"
            f" {record.uncertainty_s * 1000:>9.1f} ms {record.aging:>+6d} {warmth:>11}"
        )
    what = "undone" if record.undo else "trimmed"
    return (
        f"{when:23} {what:7} aging {record.aging_from:+d} to {record.aging_to:+d};"
        f" drift {record.ppm:+.3f} ppm +- {record.half_width_ppm:.3f}"
    )


def _seconds(value_s: float) -> str:
    return f"{value_s:+.1f} s" if abs(value_s) >= 10 else f"{value_s * 1000:+.1f} ms"


def log_lines(entries: Sequence[Json]) -> list[str]:
    """The token's own log: when, what, and by how much the clock was moved."""
    lines = [f"{'time':23} {'':9} {'moved by':>10} {'aging':>6} {'temperature':>11}"]
    for entry in entries:
        step_us, warmth = entry["step_us"], entry["temperature_c"]
        moved = "" if step_us is None or entry["kind"] == "aging" else _seconds(step_us / 1e6)
        lines.append(
            f"{utc(entry['unix_s']):23} {entry['kind']:9} {moved:>10} {entry['aging']:>+6d}"
            f" {'' if warmth is None else f'{warmth:.2f} C':>11}"
        )
    return lines


def _show_plot(records: Sequence[Record]) -> None:
    columns, lines = shutil.get_terminal_size((TERMINAL_SIZE[0], TERMINAL_SIZE[1] + 4))
    height = min(lines - 4, max(TERMINAL_SIZE[1], columns // 4))
    click.echo("\n" + terminal_plot(records, columns, height, sys.stdout.isatty()))


# --- programs ------------------------------------------------------------------------------------


def as_record(token: str, records: Sequence[Record]) -> Json:
    """What --history --json prints."""
    decision = decide(records)
    return {
        "token": token,
        "records": [clock_history.as_json(record) for record in records],
        "notes": free_runs(records).notes,
        "drift": drift_record(estimate(records)),
        "trim": {"aging": decision.aging, "reason": decision.reason},
    }


def drift_record(drift: Estimate | None) -> Json | None:
    """An estimate for JSON."""
    if drift is None:
        return None
    return {
        "ppm": round(drift.ppm, 4),
        "half_width_ppm": round(drift.half_width_ppm, 4),
        "days": round(drift.days, 2),
        "runs": drift.runs,
    }
