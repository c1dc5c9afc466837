"""A token's clock error over time as a picture: in the terminal, or as a PNG or SVG file.

Both show what was measured with its uncertainty, the line that the drift draws through each free
run, the settings that end the runs, and the trims. The terminal's is drawn by plotext; matplotlib,
which is large, draws the files and is optional.
"""

import datetime
import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import plotext

from host_tools.clock.drift import estimate, free_runs, offset_s, usable_runs
from host_tools.clock.history import Measurement, Record, Trim, measurements, trims
from host_tools.errors import ToolError, UsageProblem

SUFFIXES = (".png", ".svg")
TERMINAL_SIZE = (80, 20)  # columns, lines: leaves room for words in a terminal of 24 lines
SMALLEST_SIZE = (40, 12)
LONE_FACTOR = 3  # an error so much larger than all others is not drawn
_TICKS = 5
_FILE_INCHES = (9.0, 5.0)
_FILE_DPI = 120
_BLUE, _ORANGE, _GREEN, _RED = "#0072b2", "#d55e00", "#009e73", "#cc3311"  # also for colour-blind


@dataclass(frozen=True)
class Line:
    """The fitted drift through one free run: its ends as Unix time and error, seconds."""

    start_unix_s: float
    end_unix_s: float
    start_error_s: float
    end_error_s: float


@dataclass(frozen=True)
class Scale:
    """A unit for errors that makes their numbers short."""

    unit: str
    per_s: float


def fitted_lines(records: Sequence[Record]) -> list[Line]:
    """A line through each free run that tells of the drift, with the drift of its aging value."""
    lines = []
    for aging in sorted({record.aging for record in measurements(records)}):
        drift = estimate(records, aging)
        if drift is None:
            continue
        for run in usable_runs(records, aging):
            first_s, last_s = run[0].unix_s, run[-1].unix_s
            level_s = offset_s(run, drift.ppm)
            rise_s = drift.ppm / 1e6 * (last_s - first_s)
            lines.append(Line(first_s, last_s, level_s, level_s + rise_s))
    return lines


def scale_of(shown: Sequence[Measurement]) -> Scale:
    """Milliseconds, or seconds where they are many."""
    largest_s = max((abs(record.error_s) for record in shown), default=0.0)
    return Scale("s", 1.0) if largest_s >= 10 else Scale("ms", 1000.0)


def title(records: Sequence[Record]) -> str:
    """What is known of the drift now, in one line."""
    drift = estimate(records)
    return "drift " + (drift.words() if drift else "not known yet")


def drawn_measurements(records: Sequence[Record]) -> list[Measurement]:
    """What fits into a picture: a lone error of hours would flatten all the others.

    A measurement is lone if no free run connects it to another one, such as before the first
    setting.
    """
    runs = free_runs(records).runs
    largest_s = max((abs(r.error_s) for run in runs if len(run) > 1 for r in run), default=0.0)
    if largest_s == 0:
        return measurements(records)
    most_s = LONE_FACTOR * largest_s
    return [r for run in runs if len(run) > 1 or abs(run[0].error_s) <= most_s for r in run]


def omitted(records: Sequence[Record]) -> str:
    """A sentence on what no picture shows, or an empty one."""
    count = len(measurements(records)) - len(drawn_measurements(records))
    return f"{count} far larger error{'s' if count != 1 else ''} not drawn" if count else ""


def _ticks(shown: Sequence[Measurement]) -> tuple[list[float], list[str]]:
    """Times for the axis and what to write there."""
    first_s, last_s = shown[0].unix_s, shown[-1].unix_s
    span_s = last_s - first_s
    times = [first_s + span_s * index / (_TICKS - 1) for index in range(_TICKS)]
    form = "%Y-%m-%d" if span_s > _TICKS * 86_400 else "%m-%d %H:%M"
    return times, [_date(unix_s, form) for unix_s in times]


def _error_ticks(shown: Sequence[Measurement], scale: Scale) -> tuple[list[float], list[str]]:
    """Round values for the axis of errors, zero among them, and what to write there."""
    lowest = min(0.0, *(record.error_s - record.uncertainty_s for record in shown)) * scale.per_s
    highest = max(0.0, *(record.error_s + record.uncertainty_s for record in shown)) * scale.per_s
    rough = max((highest - lowest) / _TICKS, 1e-3)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    values = [step * n for n in range(math.ceil(lowest / step), math.floor(highest / step) + 1)]
    return values, [f"{value:+g}" if value else "0" for value in values]


def _date(unix_s: float, form: str) -> str:
    return _moment(unix_s).strftime(form)


# --- the terminal --------------------------------------------------------------------------------


def terminal_plot(records: Sequence[Record], columns: int, lines: int, colour: bool) -> str:
    """The picture as text of at most that size; one sentence if there is too little to draw."""
    shown = drawn_measurements(records)
    if len(shown) < 2:
        return "a plot needs two measurements or more"
    scale = scale_of(shown)
    origin_s = shown[0].unix_s  # plotext draws small numbers best
    width, height = max(columns, SMALLEST_SIZE[0]), max(lines, SMALLEST_SIZE[1])
    words = [*_wrapped(title(records), width), *_wrapped(_key(records, scale), width)]
    plotext.clear_figure()
    plotext.theme("clear")
    plotext.limit_size(False, False)
    plotext.plot_size(width, height - len(words))
    for trim in trims(records):
        plotext.vline(trim.unix_s - origin_s, "red")
    for line in fitted_lines(records):
        times = [line.start_unix_s - origin_s, line.end_unix_s - origin_s]
        errors = [line.start_error_s * scale.per_s, line.end_error_s * scale.per_s]
        plotext.plot(times, errors, marker="braille", color="blue")
    _draw_measurements(shown, origin_s, scale)
    ticks_s, labels = _ticks(shown)
    plotext.xticks([unix_s - origin_s for unix_s in ticks_s], labels)
    plotext.yticks(*_error_ticks(shown, scale))
    text = str(plotext.build())
    plotext.clear_figure()
    text = text if colour else str(plotext.uncolorize(text))
    return "\n".join([text.rstrip("\n"), *words])


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, initial_indent=" ", subsequent_indent=" ")


def _draw_measurements(shown: Sequence[Measurement], origin_s: float, scale: Scale) -> None:
    for record in shown:
        middle, half = record.error_s * scale.per_s, record.uncertainty_s * scale.per_s
        at_s = record.unix_s - origin_s
        plotext.plot([at_s, at_s], [middle - half, middle + half], marker="braille", color="orange")
    for after_set, mark in ((False, "x"), (True, "o")):
        some = [record for record in shown if record.after_set == after_set]
        plotext.scatter(
            [record.unix_s - origin_s for record in some],
            [record.error_s * scale.per_s for record in some],
            marker=mark,
            color="orange",
        )


def _key(records: Sequence[Record], scale: Scale) -> str:
    parts = [f"{scale.unit} ahead of true time", "x measured", "o just set", "dots: fitted drift"]
    if trims(records):
        parts.append("│ trim")
    return ", ".join([*parts, omitted(records)]).rstrip(", ")


# --- files ---------------------------------------------------------------------------------------


def write_plot(records: Sequence[Record], path: Path) -> None:
    """The picture as a PNG or SVG file, as the name ends.

    UsageProblem for another ending, ToolError if matplotlib is missing or the file not writable.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise UsageProblem(f"{path}: a plot is written as {' or '.join(SUFFIXES)}")
    shown = drawn_measurements(records)
    if len(shown) < 2:
        raise ToolError("a plot needs two measurements or more; sync again in a day")
    try:
        from matplotlib.figure import Figure  # large: loaded only for a plot
    except ImportError as error:
        raise ToolError(
            "plots as files need matplotlib: pip install matplotlib, or picototp[plot]"
        ) from error
    scale = scale_of(shown)
    figure = Figure(figsize=_FILE_INCHES, dpi=_FILE_DPI, layout="constrained")
    axes = figure.add_subplot()
    _draw_file(axes, records, shown, scale)
    try:
        figure.savefig(path, metadata={"Date": None} if path.suffix.lower() == ".svg" else None)
    except OSError as error:
        raise ToolError(f"cannot write {path}: {error.strerror}") from error


def _draw_file(
    axes: Any, records: Sequence[Record], shown: Sequence[Measurement], scale: Scale
) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    axes.axhline(0, color="0.6", linewidth=0.8)
    for index, line in enumerate(fitted_lines(records)):
        axes.plot(
            [_moment(line.start_unix_s), _moment(line.end_unix_s)],
            [line.start_error_s * scale.per_s, line.end_error_s * scale.per_s],
            color=_BLUE,
            label="fitted drift" if index == 0 else None,
        )
    for after_set, mark, colour, name in (
        (False, "o", _ORANGE, "measured (95 %)"),
        (True, "^", _GREEN, "just set"),
    ):
        some = [record for record in shown if record.after_set == after_set]
        if some:
            axes.errorbar(
                [_moment(record.unix_s) for record in some],
                [record.error_s * scale.per_s for record in some],
                yerr=[record.uncertainty_s * scale.per_s for record in some],
                fmt=mark,
                color=colour,
                markersize=5,
                capsize=3,
                label=name,
            )
    for first, second in pairwise(shown):
        if second.after_set and first.error_s != second.error_s:
            axes.plot(
                [_moment(first.unix_s), _moment(second.unix_s)],
                [first.error_s * scale.per_s, second.error_s * scale.per_s],
                color="0.6",
                linestyle=":",
                linewidth=1,
            )
    for trim in trims(records):
        _draw_trim(axes, trim)
    axes.set_title(title(records), loc="left", fontsize="medium")
    axes.set_ylabel(f"clock ahead of true time, {scale.unit}")
    locator = AutoDateLocator()
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    axes.set_xlabel("UTC" + (f"; {omitted(records)}" if omitted(records) else ""))
    axes.grid(alpha=0.3)
    axes.legend(loc="best", fontsize="small")


def _draw_trim(axes: Any, trim: Trim) -> None:
    axes.axvline(_moment(trim.unix_s), color=_RED, linestyle="--", linewidth=1)
    axes.annotate(
        f"{'undo' if trim.undo else 'trim'}: aging {trim.aging_from:+d} to {trim.aging_to:+d}",
        (_moment(trim.unix_s), 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(4, -6),
        textcoords="offset points",
        rotation=90,
        ha="left",
        va="top",
        fontsize="small",
        color=_RED,
    )


def _moment(unix_s: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(unix_s, datetime.UTC)
