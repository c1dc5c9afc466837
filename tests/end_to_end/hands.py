"""What a person and a test need around a virtual token: a finger, eyes, a shell and a terminal.

Nobody waits here for simulated time: the board's clock is moved, and then the firmware's main loop
is given a few turns to see it. What is waited for is always a condition, with a deadline that is
only there so that a failure ends.
"""

import fcntl
import json
import os
import pty
import select
import socket
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import serial

from host_tools.client.ports import SerialConnection
from host_tools.client.token_client import TokenClient
from host_tools.simulator.digits import read_code
from host_tools.simulator.virtual_token import VirtualToken
from picototp.protocol import frames
from picototp.screens.text import columns
from waiting import PATIENCE_S, eventually

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "host_tools"
# The console script; it belongs to the tree under test even where another one is installed.
PICOTOTP = (sys.executable, Path(sys.executable).with_name("picototp"))
# Starts a program as if in the foreground: a job in the background has Ctrl-C ignored, and whatever
# it starts inherits that.
FOREGROUND = (
    sys.executable,
    "-c",
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); "
    "os.execvp(sys.argv[1], sys.argv[1:])",
)
TREE = {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'firmware'}"}
# What a hold needs, and how late busy firmware may begin to see it without losing the finger.
HOLD_S = 0.8 + 0.1
QUESTION = "hold = yes  click = no"  # it listens
NEXT_PAGE = "click = next page"
NOT_YET = "read it first"
CONFIRM = "confirm on the token"
LATER = "the last question was not confirmed", "the token's button is in use"
PAUSE_S = 5.0  # after a question that got no yes, before the next
PHASE_S = 0.02  # how well a token knows the phase of its RTC before the host has measured it
# How long before its time a code may be seen: what is drawn is the code of the end of drawing
# (DRAWING_US in app/loop.py), which takes no time here.
EARLY_S = PHASE_S + 0.025


def shows(rows: list[str], text: str) -> bool:
    """Whether the text stands somewhere on the display, light on dark or dark on light."""
    strip = columns(text)
    inverted = bytes(~column & 0xFF for column in strip)
    whole = [sum((rows[y][x] == "#") << y for y in range(len(rows))) for x in range(len(rows[0]))]
    for y in range(len(rows) - 7):
        band = bytes(column >> y & 0xFF for column in whole)
        if strip in band or inverted in band:
            return True
    return False


def question_at(
    screen: Callable[[], list[str]],
    elapse: Callable[[float], object],
    click: Callable[[], object],
) -> list[str]:
    """The display once it has a question that listens: the time to read it is moved on, and the
    pages of a long one are turned."""
    rows: list[str] = []

    def listens() -> bool:
        rows[:] = screen()
        if shows(rows, NOT_YET):
            elapse(0.2)
        elif shows(rows, NEXT_PAGE):
            click()
        return shows(rows, QUESTION)

    eventually(listens, "a question that listens")
    return rows


class Hands:
    """A finger on the token's button and eyes on its display.

    Every sample of the button is a turn of the firmware's main loop, so counting them tells when
    the firmware has noticed what was done.
    """

    def __init__(self, token: VirtualToken) -> None:
        self.token = token
        self.brisk = False  # set it where no other process talks to the token meanwhile
        self._samples = 0
        button = token.board.button
        self._look = button.look
        button.look = self._counted  # type: ignore[method-assign]
        self._rtc_bytes = 0  # read since the last sample
        rtc = token.board.rtc
        if rtc is not None:
            self._read_rtc = rtc.read_byte
            rtc.read_byte = self._rtc_is_read  # type: ignore[method-assign]

    def _counted(self) -> bool:
        # One byte of the RTC between two samples: the timekeeper waits for a rollover, and looks at
        # the button meanwhile. That is no turn.
        if self._rtc_bytes != 1:
            self._samples += 1
        self._rtc_bytes = 0
        return self._look()

    def _rtc_is_read(self) -> int:
        self._rtc_bytes += 1
        return self._read_rtc()

    def turns(self, count: int = 3) -> None:
        """Until the main loop has looked at the button `count` times: all but the last turn are
        then complete, and all but the first began with the time as it is now."""
        until = self._samples + count

        def turned() -> bool:
            if self.brisk:
                self.token.port.on_data(b"\n")  # an empty line ends the main loop's short sleep
            return self._samples >= until

        eventually(turned, f"{count} turns of the main loop")

    def elapse(self, seconds: float) -> None:
        """Let the whole board live through that time, and the firmware notice."""
        self.token.board.elapse(seconds)
        self.turns()

    def _move(self, down: bool) -> None:
        self.token.hold(down)
        self.token.board.elapse(0.03)  # beyond bouncing and debouncing
        self.turns(2)

    def click(self, pause_s: float = 0.4) -> None:
        """A click, and a pause so that the next one does not make it a double click."""
        self._move(True)
        self._move(False)
        self.elapse(pause_s)

    def double_click(self) -> None:
        """Two clicks in quick succession."""
        self.click(0.05)
        self.click()

    def hold(self) -> None:
        """Hold it for as long as the menu or a yes need, without a stall in the firmware's eyes."""
        self._move(True)
        button = self.token.board.button
        eventually(lambda: button.followed_s() >= HOLD_S or self.elapse(0.1), "a hold")
        self.elapse(0.05)
        self._move(False)

    # --- consent -----------------------------------------------------------------------------

    def wait_for_question(self) -> list[str]:
        """The display with the question on it, once a press counts as its answer."""
        return question_at(self.token.screen, self.elapse, self.click)

    def yes(self) -> None:
        """Wait for the question and hold the button."""
        self.wait_for_question()
        self.hold()

    def no(self) -> None:
        """Wait for the question and click; then let the time pass until the token asks again."""
        self.wait_for_question()
        self.click()
        self.elapse(PAUSE_S)

    def silence(self) -> None:
        """Wait for the question and do not answer it for 31 s, and then as after a no."""
        self.wait_for_question()
        self.elapse(31)
        self.elapse(PAUSE_S)

    # --- eyes --------------------------------------------------------------------------------

    def shows(self, text: str) -> bool:
        """Whether the text is on the display now."""
        return shows(self.token.screen(), text)

    def sees(self, *texts: str) -> None:
        """Wait until all the texts are on the display."""
        rows: list[str] = []

        def looked() -> bool:
            rows[:] = self.token.screen()
            return all(shows(rows, text) for text in texts)

        try:
            eventually(looked, patience_s=PATIENCE_S)
        except AssertionError:
            raise AssertionError(f"{texts} never shown, but:\n" + "\n".join(rows)) from None

    def code(self) -> str:
        """Wait for a code on the display and read it off the pixels."""
        return eventually(lambda: read_code(self.token.screen()), "a code on the display")

    def wake(self) -> None:
        """Light the display, if it is dark, by a click."""
        if not self.token.screen_on:
            self.click()

    def assert_code(self, code_at: Callable[[int], str]) -> None:
        """The code on the display is `code_at(unix_s)` of the time that the token's RTC holds."""
        self.wake()
        rtc = self.token.board.rtc

        def steady() -> tuple[float, str, float] | None:
            since_s = rtc.unix()
            self.turns()  # so nothing older is left, however long the firmware was held up
            seen = self.code()
            self.turns()
            until_s = rtc.unix()
            # Digit by digit is how a code changes, so one look may see half of two.
            return (since_s, seen, until_s) if self.code() == seen else None

        since_s, seen, until_s = eventually(steady, "a code that stays")
        moments = range(int(since_s - PHASE_S), int(until_s + EARLY_S) + 1)
        expected = {code_at(moment) for moment in moments}
        assert seen in expected, f"the display shows {seen}, right is {expected}"

    def client(self, answer: Callable[[], None] | None = None) -> TokenClient:
        """A client whose consents are answered by `answer` (default: yes); use it in a `with`."""
        connection = SerialConnection(self.token.port.path)
        return TokenClient(
            connection, answer or self.yes, on_later=lambda _, seconds: self.elapse(seconds)
        )


class Wire:
    """The host's end of the serial line, byte by byte, for what no decent program would send."""

    def __init__(self, path: str) -> None:
        self._serial = serial.Serial(path, timeout=0, write_timeout=PATIENCE_S)
        self._lines = frames.LineReader()
        self._answers: list[dict] = []

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *exception: object) -> None:
        self._serial.close()

    def send(self, data: bytes) -> None:
        """Bytes as they are."""
        self._serial.write(data)

    def request(self, session: str, op: str, number: int = 1, **fields) -> dict:
        """One request, and the next answer whatever it answers."""
        self.send(frame(session, op, number, **fields))
        return self.answer()

    def answer(self) -> dict:
        """The next whole answer frame."""
        return eventually(self._next, "an answer")

    def _next(self) -> dict | None:
        for line in self._lines.feed(self._serial.read(65536)):
            answer = frames.decode(frames.ANSWER_MARK, line) if line else None
            if answer is not None:
                self._answers.append(answer)
        return self._answers.pop(0) if self._answers else None


def frame(session: str, op: str, number: int = 1, **fields) -> bytes:
    """A request's line."""
    return frames.encode(frames.REQUEST_MARK, {"id": number, "s": session, "op": op, **fields})


# --- programs ------------------------------------------------------------------------------------


@dataclass
class Result:
    """What a program left behind."""

    code: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The one line of an error; AssertionError if there is more than that, or less."""
        lines = [line for line in self.err.splitlines() if not line.startswith((CONFIRM, *LATER))]
        assert len(lines) == 1 and lines[0].startswith("error: "), self.err
        return lines[0]


def run(
    *command: str | Path,
    typed: str | bytes = "",
    on_confirm: Callable[[], None] = lambda: None,
    environment: dict[str, str] | None = None,
) -> Result:
    """Run a program to its end; `on_confirm` is called whenever it asks for the button."""
    process = subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **TREE, **(environment or {})},
    )
    assert process.stdin and process.stdout and process.stderr
    timer = threading.Timer(PATIENCE_S * 2, process.kill)  # a hang must end, and fail
    timer.start()
    out: list[bytes] = []
    reader = threading.Thread(target=lambda stream=process.stdout: out.append(stream.read()))
    reader.start()
    try:
        process.stdin.write(typed.encode() if isinstance(typed, str) else typed)
        process.stdin.close()
    except BrokenPipeError:
        pass  # it ended before it read anything
    err = ""
    for line in process.stderr:
        err += line.decode()
        if line.decode().startswith(CONFIRM):
            on_confirm()
    process.wait()
    reader.join()
    timer.cancel()
    process.stdout.close()
    process.stderr.close()
    return Result(process.returncode, out[0].decode(), err)


def tool(name: str, *arguments: str | Path, **options) -> Result:
    """Run host_tools/NAME.py as a user would."""
    return run(sys.executable, TOOLS / f"{name}.py", *arguments, **options)


class Terminal:
    """A program in a terminal of its own, `columns` wide, that a test types into and reads."""

    # The new session's first terminal becomes its controlling one, which getpass looks for.
    _TAKE_TERMINAL = (
        "import os, sys; os.close(os.open(os.ttyname(0), os.O_RDWR)); "
        "os.execvp(sys.argv[1], sys.argv[1:])"
    )

    def __init__(self, *command: str | Path, columns: int = 140) -> None:
        self._open = self._master, self._slave = pty.openpty()
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        self.settings = self.settings_of_now()
        self.text = ""
        self.process = subprocess.Popen(
            [sys.executable, "-c", self._TAKE_TERMINAL, *FOREGROUND, *map(str, command)],
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            env={**os.environ, **TREE},
            start_new_session=True,
        )

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *exception: object) -> None:
        self.process.kill()
        self.process.wait()
        self.hang_up()

    def hang_up(self) -> None:
        """Close the terminal's window."""
        for descriptor in self._open:
            os.close(descriptor)
        self._open = ()

    def read(self) -> str:
        """What it has printed since the last `type`."""
        while select.select([self._master], [], [], 0)[0]:
            self.text += os.read(self._master, 65536).decode(errors="replace")
        return self.text

    def wait_for(self, text: str, patience_s: float = PATIENCE_S) -> None:
        """Until it has printed that since the last `type`."""
        try:
            eventually(lambda: text in self.read(), patience_s=patience_s)
        except AssertionError:
            raise AssertionError(f"{text!r} never came, but:\n{self.text}") from None

    def type(self, text: str) -> None:
        """Press keys; what was printed before is forgotten."""
        self.read()
        self.text = ""
        os.write(self._master, text.encode())

    def settings_of_now(self) -> list:
        """Of the terminal: echo and the like."""
        return termios.tcgetattr(self._slave)

    def end(self) -> int:
        """Its exit code, once it ended; `settings_now` are then the terminal's."""
        eventually(lambda: (self.read(), self.process.poll() is not None)[1], "its end")
        self.read()
        self.settings_now = self.settings_of_now()
        return self.process.returncode


class Control:
    """A connection to a simulator's control socket."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        self._answers = self._socket.makefile("rb")

    def close(self) -> None:
        """Hang up."""
        self._answers.close()
        self._socket.close()

    def send(self, line: bytes) -> dict:
        """Any line, and its answer; ConnectionError once the simulator is gone."""
        self._socket.sendall(line + b"\n")
        answer = self._answers.readline()
        if not answer:
            raise ConnectionError("the simulator is gone")
        return json.loads(answer)

    def ask(self, op: str, **fields) -> dict:
        """A request that must succeed."""
        answer = self.send(json.dumps({"op": op, **fields}).encode())
        assert answer["ok"] is True, answer
        return answer

    def shows(self, text: str) -> bool:
        """Whether the text is on the display now."""
        return shows(self.ask("screen")["rows"], text)

    def sees(self, text: str) -> None:
        """Wait until the text is on the display."""
        eventually(lambda: self.shows(text), f"{text!r} on the display")
