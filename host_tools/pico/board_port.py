"""The port of a board over its restarts: what answers there, and where it comes back.

A real port vanishes when the board restarts, and may come back under another name; the number that
the board tells over USB stays the same. A simulated port stays where it is.
"""

import time
from enum import Enum

import serial
from serial.tools import list_ports

from host_tools.client.ports import open_port, patience, usb_number
from host_tools.client.token_client import Json
from host_tools.errors import ToolError
from picototp.protocol import frames

_LEAVE_RAW_REPL = b"\r\x02"
_PROMPT = b">>> "
_ASK_AGAIN_S = 1.0
_QUIET_S = 3.0
_PAUSE_S = 0.1
_ANSWER_S = 5.0  # a Pico answers at once
_RESTART_S = 40.0  # and is back from a restart in two or three seconds


class Mode(Enum):
    """What answers at a port."""

    TOKEN = "a token in normal mode"
    REPL = "MicroPython's prompt"
    SILENT = "nothing that we know"


class BoardPort:
    """A board, by the port where it was found first."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.firmware: str | None = None  # the version that a token told when it was asked last
        self._usb_number = usb_number(path)
        self._patience = patience(path)

    def mode(self, patience_s: float | None = None) -> Mode:
        """What answers there. NoToken or ToolError if the port cannot be opened or breaks."""
        if patience_s is None:
            patience_s = _ANSWER_S * self._patience
        self.firmware = None
        deadline = time.monotonic() + patience_s
        try:
            with open_port(self.path) as line:
                return self._ask(line, deadline)
        except (serial.SerialException, OSError) as error:
            raise ToolError(f"the line to {self.path} broke; plug the board in again") from error

    def _ask(self, line: serial.Serial, deadline: float) -> Mode:
        """Say hello, again at growing intervals: each waits for a board that is still starting."""
        hello = {"id": 0, "s": "install", "op": "hello", "v": frames.VERSION}
        question = _LEAVE_RAW_REPL + b"\n" + frames.encode(frames.REQUEST_MARK, hello)
        lines = frames.LineReader()
        seen = b""
        asked = 0
        while time.monotonic() < deadline:
            line.write(question)
            asked += 1
            ask_again = min(deadline, time.monotonic() + _ASK_AGAIN_S * 3**asked)
            while time.monotonic() < ask_again:
                data = line.read(max(1, line.in_waiting))
                seen = seen[-len(_PROMPT) :] + data
                if _PROMPT in seen:
                    return Mode.REPL
                for answer in filter(None, map(_answer, lines.feed(data))):
                    self.firmware = str(answer.get("firmware"))
                    asked -= 1
                    # What was asked in vain before would keep a slow board from its next task.
                    ask_again = min(deadline, time.monotonic() + _QUIET_S)
                    if asked <= 0:
                        return Mode.TOKEN
            if self.firmware is not None:
                return Mode.TOKEN
        return Mode.SILENT

    def wait_for(self, mode: Mode) -> bool:
        """Wait until that answers after a restart; False if it does not in time."""
        deadline = time.monotonic() + _RESTART_S * patience(self.path, answered=True)
        while time.monotonic() < deadline:
            time.sleep(_PAUSE_S)
            try:
                if self._find() and self.mode(deadline - time.monotonic()) is mode:
                    return True
            except ToolError:
                continue  # the port is on its way out, or not there yet
        return False

    def _find(self) -> bool:
        """Whether the board is plugged in; `path` is then where."""
        if self._usb_number is None:
            return True
        for info in list_ports.comports():
            if info.serial_number == self._usb_number:
                self.path = info.device
                return True
        return False


def _answer(line: bytes | None) -> Json | None:
    """The token's answer in a line, if it is one."""
    try:
        return frames.decode(frames.ANSWER_MARK, line) if line else None
    except frames.FrameError:
        return None
