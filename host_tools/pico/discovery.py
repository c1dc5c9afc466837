"""Which boards are plugged in, and what each of them is."""

import os
from dataclasses import dataclass

from serial.tools import list_ports

from host_tools.client.ports import PORT_VARIABLE, find_port, pico_ports
from host_tools.errors import NoToken, ToolError, UsageProblem
from host_tools.pico.board_port import BoardPort, Mode

_LOOK_S = 1.5  # for a board that is running; one that has just been plugged in takes longer


@dataclass(frozen=True)
class Found:
    """A board at a port: what answers there, and the number that it tells over USB."""

    port: str
    number: str | None
    mode: Mode | None  # None: it cannot be asked

    def words(self) -> str:
        """For people: "/dev/ttyACM0 (number e66141...)"."""
        return f"{self.port} (number {self.number})" if self.number else self.port


def find_token(given: str | None) -> str:
    """The port of the token: the one given, $PICOTOTP_PORT, or the only token plugged in.

    Other boards do not count if there is a token. NoToken if there is none, UsageProblem
    with all of them if there are several.
    """
    if given or os.environ.get(PORT_VARIABLE) or len(pico_ports()) <= 1:
        return find_port(given)
    boards = look_around()
    tokens = [board for board in boards if board.mode is Mode.TOKEN]
    if len(tokens) == 1:
        return tokens[0].port
    if tokens:
        raise UsageProblem(
            "several tokens are plugged in; choose one with --port: "
            + ", ".join(board.words() for board in tokens)
        )
    found = ", ".join(f"{board.words()}: {_is(board.mode)}" for board in boards)
    raise NoToken(f"no token found, but other boards: {found}")


def look_around() -> list[Found]:
    """All Picos that are plugged in."""
    return [Found(info.device, info.serial_number, _mode_at(info.device)) for info in pico_ports()]


def _mode_at(path: str) -> Mode | None:
    try:
        return BoardPort(path).mode(_LOOK_S)
    except ToolError:
        return None


def _is(mode: Mode | None) -> str:
    return "in use, or not to be opened" if mode is None else mode.value


def who_is_it(path: str) -> NoToken:
    """What to say of a port where no token answered: what it is, if it says so."""
    if _mode_at(path) is Mode.REPL:
        return NoToken(
            f"{path} is a board with plain MicroPython, or a token in maintenance mode: unplug it "
            "and plug it in again, or make it a token: picototp install"
        )
    told = next((one for one in list_ports.comports() if one.device == path), None)
    names = [told.manufacturer, told.product] if told is not None else []
    name = " ".join(_printable(one) for one in names if one)
    what = f"it calls itself {name!r}" if name else "it may be another device"
    return NoToken(f"no PicoTOTP answers at {path}: {what}; leave --port out to have it found")


def _printable(text: str) -> str:
    return "".join(one if one.isprintable() else "?" for one in text)[:64]
