"""Hands for an emulated Pico: at MicroPython's prompt, on its button, and at a shell."""

import ast
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from mpremote.transport_serial import SerialTransport

import waiting
from host_tools.simulator.rp2040.chip import Chip
from host_tools.simulator.virtual_token import VirtualToken

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60.0  # only there so that a hang ends: the computer may be busy
PATIENCE_OF_TOOLS = 15  # times a Pico's
_PROMPT = b">>> "
_HANG_S = 400.0  # after which a tool is killed, and its test fails
ALL = os.environ.get("PICOTOTP_CHIP") == "all"  # every power cut, not a sample of them


def eventually(condition: Callable[[], T], what: str = "") -> T:
    """As `waiting.eventually`, with the patience that an emulated chip needs."""
    return waiting.eventually(condition, what, PATIENCE_S)


HOLD_S = 0.9
_SETTLED_S = 0.5
_A_FEW_TURNS_S = 0.25  # of the main loop, one of which may draw the question
_CLICK_S = 0.1
_READ_S = 1.0  # a press that begins earlier does not count


def say_yes(token: VirtualToken, more_pages: int = 0) -> None:
    """Read, then hold the button. A clock that is moved would be a stall, after which a hold begins
    anew."""
    for _ in range(more_pages):
        token.board.clock.after(_A_FEW_TURNS_S, lambda: token.hold(True))
        token.board.clock.after(_CLICK_S, lambda: token.hold(False))
        settle(token)
    token.board.clock.after(_READ_S + _A_FEW_TURNS_S, lambda: token.hold(True))
    token.board.clock.after(HOLD_S + _A_FEW_TURNS_S, lambda: token.hold(False))


def settle(token: VirtualToken) -> None:
    """Give the firmware the time to draw what it has to, and to look at its button again."""
    token.board.clock.after(_SETTLED_S, lambda: None)


def run(
    *command: str | Path,
    typed: str = "",
    on_confirm: Callable[[], None] = lambda: None,
    tree: Path = ROOT,
) -> subprocess.CompletedProcess[str]:
    """`picototp` of that source tree with these arguments; `on_confirm` is called whenever it asks
    for the button."""
    program = "from host_tools.cli import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", program, *map(str, command)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tree,
        env={**os.environ, "PYTHONPATH": f"{tree}{os.pathsep}{tree / 'firmware'}"},
    )
    timer = threading.Timer(_HANG_S, process.kill)
    timer.start()
    with process:
        process.stdin.write(typed)
        process.stdin.close()
        errors = ""
        for line in process.stderr:
            errors += line
            if line.startswith("confirm on the token"):
                on_confirm()
        out = process.stdout.read()
    timer.cancel()
    return subprocess.CompletedProcess(command, process.returncode, out, errors)


def begin(path: str, code: str) -> SerialTransport:
    """Have the chip at that port begin with the code; for `finish`."""
    line = SerialTransport(path)
    line.enter_raw_repl(soft_reset=False, timeout_overall=PATIENCE_S)
    line.exec_raw_no_follow(code)
    return line


def finish(line: SerialTransport):
    """What the code printed, as a Python value; AssertionError with its traceback. The chip's own
    prompt is back then, so that nothing is under way to it any more, however busy the computer."""
    try:
        printed, error = line.follow(PATIENCE_S)
        line.exit_raw_repl()
        assert line.read_until(1, _PROMPT, timeout=PATIENCE_S).endswith(_PROMPT), "no prompt"
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
