"""The computer's side: the port, who may open it and who has it, what answers there, the time."""

from collections.abc import Sequence
from dataclasses import dataclass

from host_tools.client.ports import open_port, usb_number
from host_tools.clock import ntp
from host_tools.doctor.checks import Check, Result, not_done, ok, wrong_as
from host_tools.doctor.wires import BUTTON
from host_tools.errors import NoToken, ToolError
from host_tools.pico import bootsel
from host_tools.pico.board_port import BoardPort, Mode
from host_tools.pico.boards import BOARDS
from host_tools.pico.discovery import find_token, who_is_it
from host_tools.pico.repl import BoardError, Repl
from picototp.board import config


@dataclass
class Computer:
    """This computer, and the port that was named on the command line, if one was. `port` and
    `is_token` are found out by the checks."""

    given: str | None
    servers: Sequence[str]
    port: str | None = None
    is_token: bool = False


def port(computer: Computer) -> Result:
    """Where the board is, and whether this user may open that."""
    try:
        path = find_token(computer.given)
    except NoToken as error:
        return wrong_as(_in_bootsel() or error)
    open_port(path).close()
    computer.port = path
    number = usb_number(path)
    return ok(f"{path} opens" + (f", USB number {number}" if number else ""))


def _in_bootsel() -> NoToken | None:
    """What to do about a board in BOOTSEL mode, if one is there."""
    for board in BOARDS.values():
        try:
            drive = bootsel.find_drive(board=board)
        except ToolError:
            continue
        return NoToken(
            f"a board in BOOTSEL mode is at {drive}: put MicroPython and the firmware onto it:"
            f" picototp install --flash --board {board.name}"
        )
    return None


def answers(computer: Computer) -> Result:
    """Whether a token answers, or what else does."""
    if computer.port is None:
        return not_done("no port can be opened")
    mode = BoardPort(computer.port).mode()
    if mode is Mode.TOKEN:
        computer.is_token = True
        return ok("a token answers")
    if mode is Mode.REPL:
        return wrong_as(_at_prompt(computer.port))
    return wrong_as(who_is_it(computer.port))


_READ_BUTTON = f"""
import machine
print(machine.Pin({config.PIN_BUTTON}, machine.Pin.IN, machine.Pin.PULL_UP).value())
"""


def _at_prompt(path: str) -> NoToken:
    """What to do about a board that shows MicroPython's prompt."""
    with Repl(path) as repl:
        try:
            repl.evaluate("__import__('picototp').__version__")
        except BoardError:
            return NoToken(
                f"{path} is a board with plain MicroPython: make it a token: picototp install"
            )
        is_open = repl.run(_READ_BUTTON).strip() == "1"
    if is_open:
        return NoToken(
            f"the token at {path} is in maintenance mode: unplug it and plug it in again"
        )
    return NoToken(
        f"the token at {path} starts in maintenance mode, because its button is closed: if nobody"
        f" holds it, it is stuck, or its wire ({BUTTON}) touches ground"
    )


def time_servers(computer: Computer) -> Result:
    """Whether NTP servers answer and agree."""
    reading = ntp.read_servers(computer.servers or ntp.DEFAULT_SERVERS)
    offset = f"this computer's clock is {reading.unix_offset_s:+.3f} s off"
    return ok(f"{', '.join(reading.used)}; {offset}")


PORT_CHECKS = (
    Check("port", "finds the board's port and opens it", port),
    Check("board", "asks what answers at the port", answers),
)
TIME_CHECKS = (Check("time servers", "asks the NTP servers for the time", time_servers),)
