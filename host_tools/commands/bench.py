"""`picototp bench`: how fast the firmware is, beside the limits that it has to keep."""

import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from host_tools.benchmark import (
    AT_PROMPT,
    EXTREMES,
    FIRMWARE,
    INSTALL,
    PARTS,
    RATIOS,
    USUAL,
    VAULT,
    rows,
    unix_micropython,
)
from host_tools.commands.command_line import command
from host_tools.commands.terminal import emulated_image_option, say
from host_tools.errors import ToolError, UsageProblem
from host_tools.pico.micropython_image import find_image
from host_tools.pico.uf2 import Image

_STANDARD_OUTPUT = "-"
_NARROWEST = 120  # columns of the table where no terminal says how many there are


@command(
    short_help="Measure how fast the firmware is.",
    epilog="""\b
Examples:
  picototp bench                    everything but the extremes; some five minutes
  picototp bench --only extremes    what writes, at the ends of the data sheet; half an hour
  picototp bench --only ratios      on this computer alone, in a second
  picototp bench --json bench.json  the table, and all figures in a file
  picototp bench --markdown         the table of docs/benchmark.md
""",
)
@click.option(
    "--only",
    "parts",
    multiple=True,
    type=click.Choice(PARTS),
    help="Measure only this part; repeatable.",
)
@emulated_image_option
@click.option(
    "--json",
    "json_to",
    is_flag=False,
    flag_value=_STANDARD_OUTPUT,
    metavar="[FILE]",
    help="Write JSON to FILE; without one, JSON is printed instead of the table.",
)
@click.option("--markdown", is_flag=True, help="Print the table as Markdown.")
def bench(parts: tuple[str, ...], image: Path | None, json_to: str | None, markdown: bool) -> None:
    """Measure how fast the firmware is: on an emulated Pico, and beside hashlib on this computer.

    The emulated Pico counts in its own time and without the wait states of a Pico's flash: times
    are lower bounds.
    """
    if markdown and json_to == _STANDARD_OUTPUT:
        raise UsageProblem("--markdown and --json without a file cannot be used together")
    if EXTREMES in parts:
        if set(parts) != {EXTREMES} or markdown or json_to is not None:
            raise UsageProblem("--only extremes prints a table of its own; use it alone")
        _print_extremes(find_image(image, say))
        return
    wanted = set(parts or USUAL)
    if json_to not in (None, _STANDARD_OUTPUT):
        _check_writable(Path(str(json_to)))
    figures: dict[str, float] = {}
    micropython = find_image(image, say) if wanted - {RATIOS} else None
    if micropython is not None:
        figures |= _on_the_pico(micropython, wanted)
    if RATIOS in wanted:
        say("ratios: on this computer")
        figures |= unix_micropython.ratios()
    table = rows.rows(figures)
    if json_to is not None:
        _write(json_to, as_json(table, micropython))
    if markdown:
        click.echo(rows.markdown(table))
    elif json_to != _STANDARD_OUTPUT:
        _print(table)


def _print_extremes(image: Image) -> None:
    """Print each row when it is there: all of them take long."""
    from host_tools.benchmark import extremes

    form = "{:<12} {:<8} {:<4} {:<34} {:>13} {:>7} {:>10} {}"
    click.echo(form.format(*extremes.HEADINGS).rstrip())
    missed = 0
    for result in extremes.measure(image, say, extremes.SETTINGS, random.randrange(1 << 32)):
        click.echo(form.format(*result.cells()).rstrip())
        missed += not result.ok
    if missed:
        raise ToolError(f"{missed} times the watchdog was not fed for {extremes.LIMIT_S:g} s")


def _on_the_pico(image: Image, wanted: set[str]) -> dict[str, float]:
    # The emulator is large, so it is loaded only when it is needed.
    from host_tools.benchmark import (
        install_times,
        prompt_times,
        token_times,
        typing_times,
        vault_times,
    )

    figures: dict[str, float] = {}
    if wanted & AT_PROMPT:
        figures |= prompt_times.measure(image, wanted, say)
    if FIRMWARE in wanted:
        figures |= token_times.measure(image, say)
        figures |= typing_times.measure(image, figures["heap.free"], say)
    if VAULT in wanted:
        figures |= vault_times.measure(image, say)
    if INSTALL in wanted:
        figures |= install_times.measure(image, say)
    return figures


def as_json(table: Sequence[rows.Row], image: Image | None) -> str:
    """All rows, and what was measured on."""
    content = {
        "image": None if image is None else image.path.name,
        "notes": rows.notes(table),
        "rows": [row.as_json() for row in table],
    }
    return json.dumps(content, indent=1) + "\n"


def _check_writable(path: Path) -> None:
    """Check before minutes of work that the result can be written."""
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise UsageProblem(f"cannot write {path}: give a file in a folder that exists")


def _write(target: str, text: str) -> None:
    if target == _STANDARD_OUTPUT:
        click.echo(text, nl=False)
        return
    try:
        Path(target).write_text(text, encoding="utf-8")
    except OSError as error:
        raise ToolError(f"cannot write {target}: {error.strerror}") from error


def _print(table: Sequence[rows.Row]) -> None:
    width = None if sys.stdout.isatty() else _NARROWEST
    console = Console(markup=False, highlight=False, emoji=False, width=width)
    for group, members in rows.grouped(table).items():
        view = Table(*rows.HEADINGS, title=group, title_justify="left", expand=True)
        for column, share in zip(view.columns, (20, 7, 8, 4, 13), strict=True):
            column.ratio = share
            column.overflow = "fold"
        view.columns[1].justify = "right"
        for row in members:
            view.add_row(*row.cells())
        console.print(view)
    for line in rows.notes(table):
        console.print(line)
