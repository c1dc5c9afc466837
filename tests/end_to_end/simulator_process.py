"""`picototp simulate` as a process, with hands on its control socket."""

import os
import signal
import subprocess

from display_text import QUESTION, question_at
from host_tools.client.ports import SerialConnection
from host_tools.client.token_client import TokenClient
from programs import FOREGROUND, PICOTOTP, TREE
from tests.end_to_end.control_socket import Control
from waiting import PATIENCE_S, eventually

TIME_TOLERANCE_S = 5.0  # a loaded machine is slow between two looks


class Simulator:
    """`picototp simulate --headless`, with its serial port and control socket in a folder."""

    def __init__(self, folder, *options) -> None:
        self.port, self._control_path = folder / "port", folder / "control"
        self.process = subprocess.Popen(
            [*FOREGROUND, *PICOTOTP, "simulate", "--headless", *map(str, options)]
            + ["--serial", self.port, "--control", self._control_path],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            env={**os.environ, **TREE, "TMPDIR": str(folder)},
        )
        self.printed = []
        while (line := self.process.stdout.readline()) not in (b"ready\n", b""):
            self.printed.append(line)
            assert b"no firmware runs" not in line, "it is at MicroPython's prompt"
        assert line == b"ready\n", "it ended; why is in its standard error"
        self.control = Control(self._control_path)
        self.ask, self.sees = self.control.ask, self.control.sees

    def end(self, signal_number=signal.SIGTERM) -> int:
        """Stop it, and its exit code."""
        self.control.close()
        self.process.send_signal(signal_number)
        try:
            return self.process.wait(PATIENCE_S)
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()

    def hold_until(self, condition) -> None:
        """Hold the button until that happens; time is moved, not waited for."""
        self.ask("hold", down=True)
        eventually(lambda: condition() or self.ask("elapse", seconds=0.05) is None)
        self.ask("hold", down=False)
        self.ask("elapse", seconds=0.4)

    def yes(self) -> None:
        """Hold the button until the question is gone."""
        question_at(
            lambda: self.ask("screen")["rows"],
            lambda seconds: self.ask("elapse", seconds=seconds),
            lambda: self.ask("press", ms=80),
        )
        self.hold_until(lambda: not self.control.shows(QUESTION))

    def client(self) -> TokenClient:
        """A client that says yes."""
        return TokenClient(SerialConnection(str(self.port)), on_wait=self.yes)


def light(simulator) -> None:
    """Press the button until the display is lit: once, but for one that was just released."""

    def is_on() -> bool:
        return simulator.ask("screen")["on"]

    eventually(lambda: is_on() or (simulator.ask("press", ms=80), is_on())[1], "light")


def assert_time(simulator, expected_s: float) -> None:
    assert abs(simulator.ask("rtc")["unix"] - expected_s) < TIME_TOLERANCE_S


def error(simulator, line: bytes) -> str:
    """The error with which a line is answered."""
    answer = simulator.control.send(line)
    assert answer["ok"] is False and set(answer) == {"ok", "error"}
    return answer["error"]
