"""`picototp install`: the firmware onto a board, through its serial port.

`picototp install --flash`: MicroPython onto a board in BOOTSEL mode, before that.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn

import picototp
from host_tools.client.ports import SerialConnection, find_port
from host_tools.client.token_client import TokenClient
from host_tools.client.wire_errors import TokenError
from host_tools.commands.command_line import command, pass_port
from host_tools.commands.terminal import (
    ask_for_button,
    board_option,
    say,
    tell_of_the_delay,
)
from host_tools.errors import ToolError, UsageProblem
from host_tools.pico import board_files, bootsel, install_plan, micropython_image, own_boards
from host_tools.pico.board_port import BoardPort, Mode
from host_tools.pico.boards import BOARDS, PICO, Board
from host_tools.pico.repl import INTO_MAINTENANCE, Repl

_NOTE = (
    "note: for unchanged files there is only the board's word; if it was out of your sight, write "
    "all of them: picototp install --all"
)
_ALL_NOTE = (
    "note: only a changed MicroPython could have deceived this; for a board that was out of your "
    "sight, write the whole image in BOOTSEL mode: picototp image"
)


@command(
    short_help="Put the firmware onto a board.",
    epilog="""\b
Examples:
  picototp install                          onto the board that is plugged in
  picototp install --port /dev/ttyACM0
  picototp install --all                    onto one that somebody else had for a while
  picototp install --rollback               back to the firmware before
  picototp install --flash                  MicroPython first, onto a board in BOOTSEL mode
  picototp install --flash --board pico2 --image RPI_PICO2-20260406-v1.28.0.uf2
""",
)
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Write every file and read it back, with the board's own programs out of the way, and "
    "remove all others but the accounts.",
)
@click.option("--rollback", is_flag=True, help="Go back to the firmware before the last update.")
@click.option("--flash", is_flag=True, help="Write MicroPython itself to a board in BOOTSEL mode.")
@click.option(
    "--image",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="With --flash: this MicroPython (.uf2) instead of the official one.",
)
@board_option
@pass_port
def install(
    port: str | None,
    everything: bool,
    rollback: bool,
    flash: bool,
    image: Path | None,
    board_name: str | None,
) -> None:
    """Put the firmware onto a board that runs MicroPython, or update it.

    A token in normal mode asks on its display first. Only what changed is copied. The accounts
    stay. The board's boot.py and main.py are replaced. The firmware before stays beside
    the new one, and the token goes back to it if the new one twice does not run for ten seconds.

    The tool believes the board about the files that are already on it. A board that was out of your
    sight can lie. --all does not ask its programs; only MicroPython written again, with the whole
    image in BOOTSEL mode, asks nothing that was on it.
    """
    if flash:
        if port is not None:
            raise UsageProblem("--flash needs no --port: a board in BOOTSEL mode has none")
        if everything or rollback:
            raise UsageProblem("--flash writes MicroPython alone, and no firmware")
        write_micropython(image, BOARDS[board_name or PICO.name])
        return
    if image is not None:
        raise UsageProblem("--image goes with --flash: it is the MicroPython to write")
    if board_name is not None:
        raise UsageProblem("--board goes with --flash: a board with MicroPython tells what it is")
    if everything and rollback:
        raise UsageProblem("use either --rollback or --all")
    if rollback:
        _go_back(BoardPort(find_port(port)))
        return
    files = board_files.collect()
    place = BoardPort(find_port(port))
    was = enter_maintenance(place)
    with Repl(place.path) as repl:
        with unharmed(repl):
            mpy = install_plan.check_board(repl)
            if was is Mode.SILENT:
                repl.soft_reset()
            if everything:
                install_plan.clear_the_way(repl)
            repl.prepare()
            make_plan = install_plan.plan_for_all if everything else install_plan.make_plan
            plan = make_plan(repl, files, mpy)
        with progress_bar("installing", plan.size) as (bar, task):
            try:
                install_plan.carry_out(repl, plan, lambda done: bar.update(task, completed=done))
            except KeyboardInterrupt as error:
                raise ToolError("stopped half way; run it again: picototp install") from error
        if everything:
            install_plan.check_written(repl, files)
        repl.restart()
    if not place.wait_for(Mode.TOKEN):
        raise ToolError(
            f"the firmware does not start; {INTO_MAINTENANCE} then repeat: picototp install"
        )
    if place.firmware != picototp.__version__:
        raise ToolError(
            f"the board starts firmware {place.firmware} instead of {picototp.__version__}"
        )
    removed = len({*plan.remove, *plan.remove_first} - {*files, *plan.files})
    say(
        f"{len(plan.write)} of {len(files)} files copied, {removed} removed; "
        f"the token runs firmware {place.firmware}"
    )
    if place.number is not None:
        own_boards.vouch_for(place.number)
    if everything:
        say(_ALL_NOTE)
    elif len(plan.write) < len(files):
        say(_NOTE)


def _go_back(place: BoardPort) -> None:
    """The other firmware that the board has is chosen; the token asks about maintenance mode."""
    enter_maintenance(place)
    with Repl(place.path) as repl:
        with unharmed(repl):
            install_plan.check_board(repl)
            repl.prepare()
            version = install_plan.go_back(repl)
        repl.restart()
    if not place.wait_for(Mode.TOKEN):
        raise ToolError(
            f"firmware {version} does not start; unplug the board and plug it in, twice, and the "
            "one before comes back"
        )
    say(f"the token runs firmware {place.firmware}")


def enter_maintenance(place: BoardPort) -> Mode:
    """Bring a board to MicroPython's prompt, and tell in which mode it was.

    A token asks its user first; Refused after a no. What is silent may be a program that can be
    interrupted: the REPL will find out.
    """
    was = place.mode()
    if was is not Mode.TOKEN:
        return was
    with TokenClient(
        SerialConnection(place.path), ask_for_button, on_later=tell_of_the_delay
    ) as token:
        try:
            token.enter_maintenance()
        except TokenError as error:
            if error.code not in ("unknown-op", "no-display"):
                raise
            raise ToolError(
                f"this token cannot ask; {INTO_MAINTENANCE} then repeat: picototp install"
            ) from error
    if not place.wait_for(Mode.REPL):
        raise ToolError("the token did not come back; plug it in again and repeat")
    return was


@contextmanager
def unharmed(repl: Repl) -> Iterator[None]:
    """Nothing was changed yet: whatever fails, the board starts again as it was."""
    try:
        yield
    except BaseException:
        repl.restart()
        raise


def write_micropython(image: Path | None, board: Board = PICO) -> None:
    """MicroPython onto the board in BOOTSEL mode."""
    chosen = micropython_image.find_image(image, say, board, only_official=True).path
    drive = bootsel.find_drive(board=board)
    with progress_bar(f"writing {chosen.name}", chosen.stat().st_size) as (bar, task):
        bootsel.copy_to(drive, chosen, lambda done: bar.update(task, completed=done))
    say("MicroPython is on the board; now run: picototp install")


@contextmanager
def progress_bar(title: str, total: int) -> Iterator[tuple[Progress, TaskID]]:
    """A bar on standard error, if that is a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        yield bar, bar.add_task(title, total=total)
