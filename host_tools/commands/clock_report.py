"""A clock's history for people and programs: tables, a plot, and what follows from it all."""

import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from host_tools.client.answers import ClockLogEntry
from host_tools.client.conversation import Json
from host_tools.client.status_words import utc
from host_tools.clock import history
from host_tools.clock.drift import DAY_S, Estimate, estimate, free_runs
from host_tools.clock.history import ClockHistory, Measurement, Record
from host_tools.clock.trim import decide
from host_tools.commands.terminal import open_token, say, show
from host_tools.errors import NoToken, UsageProblem

ROWS = 20  # of the table: the last ones
# The kinds of the token's log (picototp/clock/log.py) in the table's words.
_KINDS = {"confirmed": "set, confirmed", "small": "set", "refused": "refused", "aging": "trimmed"}
_NOBODY = "no clock history on this computer yet; plug the token in and run picototp synctime"


def show_history(port: str | None, plot: Path | None, table: bool, as_json: bool) -> None:
    """Print the history (`table`) and write its plot, of the connected token or the only one known.
    With a connected token its own log follows, which knows what other computers did to it.
    """
    history, log = _find(port, table)
    records = history.read()
    if plot is not None:
        from host_tools.clock.drift_plot import write_plot  # takes a third of a sync's start

        write_plot(records, plot)
        say(f"{plot} was written")
    if as_json:
        show(json.dumps(as_record(history.token, records, log)))
    elif table:
        _show(history.token, records)
        if log is not None:
            show("\n" + "\n".join(log_lines(log)))


def _show(token: str, records: Sequence[Record]) -> None:
    if not records:
        show(f"token {token}: no history on this computer")
        return
    show(f"token {token}")
    show("\n".join(table_lines(records)))
    _show_plot(records)
    for note in free_runs(records).notes:
        say(f"note: {note}")
    show(f"trim: {decide(records).reason}")


def _find(port: str | None, with_log: bool) -> tuple[ClockHistory, list[ClockLogEntry] | None]:
    """The history asked for, and the token's own log if that is wanted and there is a token."""
    try:
        with open_token(port) as token:
            return _history_of(token.info.token), token.clock_log() if with_log else None
    except NoToken:
        if port is not None:
            raise
        return _only_history(), None


def _only_history() -> ClockHistory:
    known = history.known_tokens()
    if not known:
        raise NoToken(_NOBODY)
    if len(known) > 1:
        raise UsageProblem(
            "there are histories of several tokens; plug in the one that you mean: "
            f"{', '.join(known)}"
        )
    return _history_of(known[0])


def _history_of(token: str) -> ClockHistory:
    return ClockHistory(token, lambda line: say(f"warning: {line}"))


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


def log_lines(entries: Sequence[ClockLogEntry]) -> list[str]:
    """The token's own log: the time that the clock was set to, or should have been, and the
    step."""
    if not entries:
        return ["the token's own log is empty"]
    lines = [
        "the token's own log, of settings by any computer (confirmed: with its button):",
        f"{'set to':23} {'':14} {'moved by':>12} {'aging':>6} {'temperature':>11}",
    ]
    for entry in entries:
        warmth = entry.temperature_c
        lines.append(
            f"{utc(entry.unix_s):23} {_KINDS.get(entry.kind, entry.kind):14}"
            f" {_moved(entry):>12} {entry.aging:>+6d}"
            f" {'' if warmth is None else f'{warmth:.2f} C':>11}".rstrip()
        )
    return lines


def _moved(entry: ClockLogEntry) -> str:
    step_us = entry.step_us
    if entry.kind == "aging":
        return ""
    if step_us is None:
        return "was not set"
    step_s = step_us / 1e6
    return f"{step_s / DAY_S:+.1f} days" if abs(step_s) >= 2 * DAY_S else _seconds(step_s)


def _show_plot(records: Sequence[Record]) -> None:
    from host_tools.clock.drift_plot import TERMINAL_SIZE, terminal_plot

    columns, lines = shutil.get_terminal_size((TERMINAL_SIZE[0], TERMINAL_SIZE[1] + 4))
    height = min(lines - 4, max(TERMINAL_SIZE[1], columns // 4))
    click.echo("\n" + terminal_plot(records, columns, height, sys.stdout.isatty()))


# --- programs ------------------------------------------------------------------------------------


def as_record(token: str, records: Sequence[Record], log: Sequence[ClockLogEntry] | None) -> Json:
    """What --history --json prints; `log` is the token's own, None if it was not connected."""
    decision = decide(records)
    return {
        "token": token,
        "records": [history.as_json(record) for record in records],
        "notes": free_runs(records).notes,
        "drift": drift_record(estimate(records)),
        "trim": {"aging": decision.aging, "reason": decision.reason},
        "log": None if log is None else [entry.as_json() for entry in log],
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
