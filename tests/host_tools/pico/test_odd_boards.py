"""What answers at a port may be no board: nothing that it prints is taken on trust."""

import os
import pty
import select
import threading
import tty

import pytest

from host_tools.errors import NoToken, ToolError
from host_tools.pico import bootsel, install_plan, repl
from host_tools.pico.repl import BoardError, Repl

RAW = b"raw REPL; CTRL-B to exit\r\n>"


class OddBoard:
    """A raw REPL on a pseudo-terminal that prints `says` for whatever it is told to run."""

    def __init__(self) -> None:
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.path = os.ttyname(self._slave)
        self.says, self.fails, self.banner = b"", b"", RAW
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        os.close(self._master)
        os.close(self._slave)

    def _serve(self) -> None:
        heard = b""
        while not self._stop.is_set():
            if not select.select([self._master], [], [], 0.02)[0]:
                continue
            heard += os.read(self._master, 4096)
            if heard.endswith(b"\x05A\x01"):
                self._write(b"R\x00")  # no raw paste
                heard = b""
            elif heard.endswith(b"\x01"):
                self._write(self.banner)
                heard = b""
            elif heard.endswith(b"\x04"):
                self._write(b"OK" + self.says + b"\x04" + self.fails + b"\x04>")
                heard = b""

    def _write(self, data: bytes) -> None:
        while data and not self._stop.is_set():
            if select.select([], [self._master], [], 0.02)[1]:
                data = data[os.write(self._master, data[:1024]) :]


@pytest.fixture
def odd():
    board = OddBoard()
    yield board
    board.close()


@pytest.fixture
def board(odd):
    with Repl(odd.path) as board:
        yield board


ODD = [
    b"",
    b"x",
    b"1 +",
    b"\xff\x00",
    b"(" * 5_000,
    b"-" * 5_000 + b"1",
    b"9" * 5_000,
    b"10000000000000",
    b"-1",
    b"None",
    b"{}",
    b"['a', 1]",
    b"('/a', 1, 2)",
    b"('a', 1)",
    b"('/../a', 1)",
    b"('/', 1)",
    b"('/a//b', 1)",
    b"('/\\x1b[2J', 1)",
    b"('/a', -1)",
    b"('/a', '1')",
    b"('micropython', (1, 28, 0), 'RP2040')",
    b"('micropython', (1, 28), 'RP2040', 1)",
    b"('micropython', (1, 28, 0x" + b"f" * 5_000 + b"), 'RP2040', 1)",
    b"('micropython', '1.28', 'RP2040', 1)",
    b"(['micropython'], (1, 28, 0), 'RP2040', 1)",
]
QUESTIONS = {
    "what it is": install_plan.check_board,
    "files": lambda board: board.files(("/data",)),
    "digests": lambda board: board.digests(["/a", "/b", "/c"]),
    "room": lambda board: board.free_bytes(),
    "a file": lambda board: board.read("/a"),
}
FINE = {(b"", "files")}


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_that_no_board_gives(odd, board, question):
    for odd.says in ODD:
        if (odd.says, question) in FINE:
            continue
        with pytest.raises(ToolError) as raised:
            QUESTIONS[question](board)
        assert raised.value.message.isprintable() and len(raised.value.message) < 300


def test_a_board_of_many_words(odd, board):
    odd.says = b"('x' * 9, (1, 28, 0), '', 0)".replace(b"'x' * 9", b"'" + b"x" * 9_000 + b"'")
    with pytest.raises(ToolError) as raised:
        install_plan.check_board(board)
    assert len(raised.value.message) < 300
    odd.fails = b"Error: " + b"y" * 100_000
    with pytest.raises(BoardError) as raised:
        board.run("x")
    assert len(raised.value.message) < 300


def test_a_board_that_talks_without_end(odd, board, monkeypatch):
    monkeypatch.setattr(repl, "_MOST_BYTES", 5_000)
    odd.says = b"x" * 6_000
    with pytest.raises(ToolError, match="without end"):
        board.run("x")


def test_a_greeting_without_end(odd, monkeypatch):
    monkeypatch.setattr(repl, "_MOST_BYTES", 5_000)
    odd.banner = b"x" * 6_000 + RAW
    with pytest.raises(NoToken), Repl(odd.path):
        pass


def test_a_drive_with_a_file_without_end(tmp_path):
    (tmp_path / "INFO_UF2.TXT").write_bytes(b"x" * bootsel._INFO_MOST_BYTES + b"Board-ID: RPI-RP2")
    with pytest.raises(ToolError):
        bootsel.find_drive([tmp_path])
