"""A hand at MicroPython's prompt of an emulated Pico."""

import ast
from collections.abc import Callable
from typing import TypeVar

from mpremote.transport_serial import SerialTransport

import waiting
from host_tools.simulator.rp2040_chip import Chip
from host_tools.simulator.virtual_token import VirtualToken

T = TypeVar("T")

PATIENCE_S = 120.0  # the chip is emulated, and the computer may be busy


def eventually(condition: Callable[[], T], what: str = "") -> T:
    """As `waiting.eventually`, with the patience that an emulated chip needs."""
    return waiting.eventually(condition, what, PATIENCE_S)


def begin(path: str, code: str) -> SerialTransport:
    """Have the chip at that port begin with the code; for `finish`."""
    line = SerialTransport(path)
    line.enter_raw_repl(soft_reset=False, timeout_overall=PATIENCE_S)
    line.exec_raw_no_follow(code)
    return line


def finish(line: SerialTransport):
    """What the code printed, as a Python value; AssertionError with its traceback."""
    try:
        printed, error = line.follow(PATIENCE_S)
        line.exit_raw_repl()
    finally:
        line.close()
    assert not error, error.decode()
    return ast.literal_eval(printed.decode().strip() or "None")


class Bench:
    """Runs Python on the chip of a token that is at its prompt."""

    def __init__(self, token: VirtualToken) -> None:
        self.token = token
        self.board = token.board

    @property
    def chip(self) -> Chip:
        """The chip, which has power."""
        return self.token.engine.run.chip

    def start(self, code: str) -> SerialTransport:
        """Have the chip begin with it; for `finish`."""
        return begin(self.token.port.path, code)

    def run(self, code: str):
        """What the code prints, as a Python value."""
        return finish(self.start(code))

    def restarts(self, by: Callable[[], None]) -> None:
        """Do something that restarts the chip, and wait until it is up again."""
        ready = self.token.engine.ready
        by()
        eventually(lambda: not ready.is_set())
        assert ready.wait(PATIENCE_S)
