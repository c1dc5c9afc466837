"""The port of a board over its restarts: what answers there, and where it comes back.

A real port vanishes when the board restarts, and may come back under another name; the number that
the board tells over USB stays the same. A simulated port stays where it is.
"""

import time
from enum import Enum

from serial.tools import list_ports

from host_tools.client.ports import SerialConnection, patience, usb_number
from host_tools.client.token_client import TokenClient
from host_tools.client.wire_errors import TokenError
from host_tools.errors import NoToken, ToolError

_LEAVE_RAW_REPL = b"\r\x02"
_PROMPT = b">>> "
_PAUSE_S = 0.1
_ANSWER_S = 5.0  # a Pico answers at once
_RESTART_S = 40.0  # and is back from a restart in two or three seconds


class Mode(Enum):
    """What answers at a port."""

    TOKEN = "a token in normal mode"
    REPL = "plain MicroPython"
    SILENT = "nothing that we know"


class _Prompt(Exception):
    """MicroPython's prompt was seen."""


class _PromptWatch(SerialConnection):
    """The line to a board that may be a token, or a REPL in any state."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self._seen = b""

    def read(self) -> bytes:
        """What has arrived. _Prompt if that ends a prompt."""
        data = super().read()
        self._seen = self._seen[-len(_PROMPT) :] + data
        if _PROMPT in self._seen:
            raise _Prompt
        return data

    def write(self, data: bytes) -> None:
        """Send it, as a line of its own that a raw REPL takes for the end of it."""
        super().write(_LEAVE_RAW_REPL + b"\n" + data)


class BoardPort:
    """A board, by the port where it was found first."""

    def __init__(self, path: str) -> None:
        self.path = path
        # What a token told when it was asked last: its firmware's version, and its number.
        self.firmware: str | None = None
        self.number: str | None = None
        self._usb_number = usb_number(path)

    def mode(self, patience_s: float | None = None) -> Mode:
        """What answers there. NoToken or ToolError if the port cannot be opened or breaks."""
        self.firmware = self.number = None
        line = _PromptWatch(self.path)
        seconds = _ANSWER_S if patience_s is None else patience_s / line.first_patience
        try:
            info = TokenClient(line).hello(seconds)
            self.firmware, self.number = info.firmware, info.token
        except _Prompt:
            return Mode.REPL
        except TokenError:
            pass  # of another version, say, but it is one
        except NoToken:
            return Mode.SILENT
        finally:
            line.close()
        return Mode.TOKEN

    def wait_for(self, mode: Mode) -> bool:
        """Wait until that answers after a restart; False if it does not in time."""
        deadline = time.monotonic() + _RESTART_S * patience(self.path, answered=True)
        while time.monotonic() < deadline:
            time.sleep(_PAUSE_S)
            try:
                if self.find() and self.mode(deadline - time.monotonic()) is mode:
                    return True
            except ToolError:
                continue  # the port is on its way out, or not there yet
        return False

    def find(self) -> bool:
        """Whether the board is plugged in; `path` is then where."""
        if self._usb_number is None:
            return True
        for info in list_ports.comports():
            if info.serial_number == self._usb_number:
                self.path = info.device
                return True
        return False
