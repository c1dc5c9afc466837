"""`picototp simulate`: a virtual token that runs the firmware's own files."""

import contextlib
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import click

from host_tools.commands.command_line import command
from host_tools.commands.terminal import emulated_image_option, say
from host_tools.errors import UsageProblem
from host_tools.pico.micropython_image import find_image
from host_tools.simulator.board import DISPLAYS, VirtualBoard
from host_tools.simulator.control import ControlServer
from host_tools.simulator.live import run_live
from host_tools.simulator.ready_made import image_in_place_of_unix_port, install_on_blank
from host_tools.simulator.virtual_token import VirtualToken

NAP_S = 0.5


@command(
    short_help="Run a virtual token.",
    epilog="""\b
Examples:
  picototp simulate                                 live in this terminal
  picototp simulate --serial /tmp/token             then: picototp provision --port /tmp/token add
  picototp simulate --engine rp2040 --state demo    a blank Pico; then: picototp install
  picototp simulate --headless --state demo --control demo.sock --rtc-ppm 1.7
""",
)
@click.option(
    "--engine",
    type=click.Choice(["unix", "rp2040"]),
    help="unix: the firmware's files on MicroPython for this computer; rp2040: what the flash "
    "holds, on an emulated Pico. By default unix; where that is missing, a Pico with the firmware.",
)
@emulated_image_option
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
@click.option("--headless", is_flag=True, help="No live display, even in a terminal.")
@click.option(
    "--rtc-ppm",
    type=float,
    default=0.0,
    metavar="FLOAT",
    help="How fast the RTC runs, in parts per million; negative is slow.",
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
    engine: str | None,
    image: Path | None,
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
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # leave no link and no socket behind
    # A script that starts it in the background has SIGINT ignored, and may still want to stop it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if no_rtc and rtc_unset:
        raise UsageProblem("--no-rtc and --rtc-unset cannot be used together")
    if image is not None and engine != "rp2040":
        raise UsageProblem("--image is for --engine rp2040")
    micropython = None
    if engine == "rp2040":
        micropython = find_image(image, say)
    elif engine is None:
        micropython = image_in_place_of_unix_port()
    try:
        board = VirtualBoard(
            state,
            rtc_ppm=rtc_ppm,
            rtc_set=not rtc_unset,
            has_rtc=not no_rtc,
            display=None if no_display else display,
        )
    except ValueError as error:  # a drift that no crystal has, a state that is not one
        raise UsageProblem(f"{error}; see: picototp simulate --help") from error
    if engine is None and micropython is not None:
        say("MicroPython has no package for this computer: an emulated Pico runs the firmware")
        install_on_blank(board)
    with contextlib.ExitStack() as stack:
        token = VirtualToken(board, serial, _ready_once(), micropython)
        path = serial or token.port.path
        print(f"serial port: {path}", flush=True)
        if control is not None:  # there when `ready` is printed
            stack.callback(ControlServer(token, control).close)
        stack.enter_context(token)
        if token.at_prompt:
            say(f"no firmware runs, MicroPython's prompt is there: picototp install --port {path}")
        if headless or no_display or not (sys.stdin.isatty() and sys.stdout.isatty()):
            while True:
                time.sleep(NAP_S)  # a signal that comes just before a sleep counts at its end
                token.check()
        else:
            run_live(token)


def _ready_once() -> Callable[[], None]:
    """Prints `ready` when the firmware serves the port for the first time: a blank chip may be
    installed while the simulator runs."""
    printed = threading.Event()

    def ready() -> None:
        if not printed.is_set():
            printed.set()
            print("ready", flush=True)

    return ready
