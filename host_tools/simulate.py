"""`picototp simulate`: a virtual token that runs the firmware's own files."""

import contextlib
import sys
import threading
from pathlib import Path

import click

from host_tools.errors import UsageProblem
from host_tools.simulator.board import DISPLAYS, VirtualBoard
from host_tools.simulator.control import ControlServer
from host_tools.simulator.live import run_live
from host_tools.simulator.virtual_token import VirtualToken


@click.command(
    short_help="Run a virtual token.",
    epilog="""\b
Examples:
  picototp simulate                                 live in this terminal
  picototp simulate --serial /tmp/token             then: provision.py --port /tmp/token add
  picototp simulate --headless --state demo --control demo.sock --rtc-ppm 1.7
""",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option("--engine", type=click.Choice(["unix"]), default="unix", show_default=True)
@click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Keep flash and RTC here between runs; killing the process is a power cut.",
)
@click.option(
    "--serial",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Make a link to the token's serial port here.",
)
@click.option(
    "--control",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Listen here, on a UNIX socket, for JSON lines that press and look.",
)
@click.option("--headless", is_flag=True, help="No live display, also in a terminal.")
@click.option(
    "--rtc-ppm",
    type=float,
    default=0.0,
    metavar="FLOAT",
    help="How much too fast the RTC runs, in parts per million.",
)
@click.option("--rtc-unset", is_flag=True, help="The RTC has lost its time.")
@click.option("--no-rtc", is_flag=True, help="No RTC on the bus.")
@click.option("--no-display", is_flag=True, help="No display on the bus.")
@click.option(
    "--display",
    type=click.Choice(sorted(DISPLAYS)),
    default="ssd1306",
    show_default=True,
    help="The display's controller.",
)
def simulate(
    engine: str,
    state: Path | None,
    serial: Path | None,
    control: Path | None,
    headless: bool,
    rtc_ppm: float,
    rtc_unset: bool,
    no_rtc: bool,
    no_display: bool,
    display: str,
) -> None:
    """Run a virtual token: the firmware on a real MicroPython, with its devices as models.

    Prints the serial port's path, and `ready` once the firmware serves it.
    """
    if no_rtc and rtc_unset:
        raise UsageProblem("--no-rtc and --rtc-unset exclude each other")
    board = VirtualBoard(
        state,
        rtc_ppm=rtc_ppm,
        rtc_set=not rtc_unset,
        has_rtc=not no_rtc,
        display=None if no_display else display,
    )
    with contextlib.ExitStack() as stack:
        token = stack.enter_context(VirtualToken(board, serial))
        if control is not None:
            stack.callback(ControlServer(token, control).close)
        print(f"serial port: {serial or token.port.path}", flush=True)
        print("ready", flush=True)
        if headless or no_display or not (sys.stdin.isatty() and sys.stdout.isatty()):
            threading.Event().wait()
        else:
            run_live(token)
