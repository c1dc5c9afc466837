"""A board's raw REPL, through mpremote's transport, and the files of the board through it.

What goes wrong becomes a ToolError with one line: the cable was pulled, the board answers something
else, its flash is full.
"""

import ast
import contextlib
import errno
import io
import os
import re
import struct
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Self

import serial
from mpremote.transport import TransportError
from mpremote.transport_serial import SerialTransport

from host_tools.client.ports import open_port, patience
from host_tools.errors import NoToken, ToolError

# The way to a token's prompt by hand.
INTO_MAINTENANCE = (
    "unplug it, hold its button while you plug it in, let go when the display says so, hold again;"
)
_ANSWER_S = 5.0  # a board that is silent for longer in the midst of a transfer is gone
_MOST_BYTES = 1 << 20  # that a board says in one command: a list of its files is a hundredth of it
_LONGEST_REPORT = 200
_LARGEST_SIZE = 1 << 32
_LONGEST_PATH = 512
_DIGEST = re.compile("[0-9a-f]{64}")
_COMMAND_S = 60.0  # the longest silence of a command; boot.py may run in it
_INTERRUPT = 3  # Ctrl-C, which stops what runs on the board
_CHUNK_BYTES = 254  # so few that there is always a value that is none of them, nor Ctrl-C
_CHUNKS_AHEAD = 4  # sent before the board has acknowledged the first; it buffers 512 bytes itself

# Functions for the board. A file comes in chunks in which another value stands for Ctrl-C, so that
# Ctrl-C stops a transfer and no file does; that value comes before the chunk. Not compressed: to
# undo that takes the board longer than to read what it saves. It gets its name when all of it is
# there, so that a transfer that stops half way leaves the file of before. It may be longer than the
# memory is large.
_BOARD_SIDE = f"""
import sys
sys.path.clear()  # a file os.py, say, would come before MicroPython's own module; sys cannot
import os, io, hashlib, binascii
def show(skip, folder=""):
    for name, kind, _, *size in os.ilistdir(folder or "/"):
        path = folder + "/" + name
        if path in skip or not size:  # without: another file system is mounted there
            continue
        if kind & 0x4000:
            show(skip, path)
        else:
            print((path, size[0]))
def digests(paths):
    b = bytearray(2048)
    for path in paths:
        h = hashlib.sha256()
        with open(path, "rb") as f:
            while n := f.readinto(b):
                h.update(memoryview(b)[:n])
        print(binascii.hexlify(h.digest()).decode())
def put(path, size):
    content = io.BytesIO()
    read = sys.stdin.buffer.read
    with open(path + ".new", "wb") as f:
        while size:
            standin = read(1)
            chunk = read(min(size, {_CHUNK_BYTES}))
            content.write(chunk.replace(standin, b"\\x03"))
            size -= len(chunk)
            if content.tell() > 4096 - {_CHUNK_BYTES} or not size:
                f.write(content.getvalue())
                content = io.BytesIO()
            print(end=".")
    os.rename(path + ".new", path)
def bundle(path):
    h = hashlib.sha256()
    left = os.stat(path)[6] - 72
    with open(path, "rb") as f:
        head = f.read(40)
        h.update(head[:16])
        h.update(head[20:])
        while left > 0:
            piece = f.read(min(left, 2048))
            h.update(piece)
            left -= len(piece)
        print((head, h.digest() == f.read()))
def drop(paths):
    for path in paths:
        os.remove(path)
        try:
            while path := path[:path.rindex("/")]:
                os.rmdir(path)
        except OSError:
            pass
"""


class BoardError(ToolError):
    """An exception on the board; `number` is the errno if it was an OSError."""

    def __init__(self, traceback: str) -> None:
        last = (traceback.strip().splitlines() or ["no error text"])[-1][:_LONGEST_REPORT]
        super().__init__(f"the board reports: {last}")
        words = last.removeprefix("OSError: ").removeprefix("[Errno ").replace("]", " ").split()
        is_number = last.startswith("OSError: ") and bool(words) and words[0].isdecimal()
        self.number = int(words[0]) if is_number else None
        if self.number == errno.ENOSPC:
            self.message = "the board's flash is full; remove files of yours from it"


class _Silent(ToolError):
    """The board does not answer as MicroPython's REPL does."""


class Repl:
    """The raw REPL at a port. Use it in a `with` statement.

    Raises NoToken if nothing there is MicroPython, and ToolError whenever the line breaks.
    """

    def __init__(self, port: str) -> None:
        self.port = port
        open_port(port).close()  # says why, if it cannot be opened
        with _one_line(port):
            # mpremote knows a pseudo-terminal by its name, and does not poll it then.
            answer_s = _ANSWER_S * patience(port, answered=True)
            self._command_s = _COMMAND_S * patience(port, answered=True)
            self._transport = SerialTransport(os.path.realpath(port), timeout=answer_s)
            self._line = _Line(self._transport.serial, port)
            self._transport.serial = self._line  # type: ignore[assignment]

    def __enter__(self) -> Self:
        try:
            with _one_line(self.port):
                self._enter(soft_reset=False, patience_s=_ANSWER_S * patience(self.port))
        except _Silent as error:
            self._close()
            raise NoToken(
                f"no MicroPython answers at {self.port}: if it is a token, {INTO_MAINTENANCE} "
                "then try again"
            ) from error
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def soft_reset(self) -> None:
        """Stop what was running before, and free its memory."""
        with _one_line(self.port):
            self._enter(soft_reset=True, patience_s=self._command_s)

    def prepare(self) -> None:
        """Bring the functions above to the board; everything about files needs them."""
        self.run(_BOARD_SIDE)

    def run(self, code: str) -> str:
        """Run code and give what it prints; BoardError if it raises."""
        self._line.heard = 0
        with _one_line(self.port):
            self._transport.exec_raw_no_follow(code)
            return self._finish()

    def evaluate(self, expression: str) -> Any:
        """The value of an expression that has a literal; of any type, whoever answers."""
        return self._literal(self.run(f"print(repr({expression}))"))

    def _literal(self, text: str) -> Any:
        try:
            return ast.literal_eval(text.strip())
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as error:
            raise odd_answer() from error

    def restart(self) -> None:
        """A hard reset; the board does not answer any more afterwards."""
        with contextlib.suppress(ToolError), _one_line(self.port):
            self._transport.exec_raw_no_follow("import machine; machine.reset()")
            time.sleep(0.1)

    # --- files -------------------------------------------------------------------------------

    def files(self, skip: Iterable[str]) -> dict[str, int]:
        """Size of every file but those in the folders `skip`, by path."""
        lines = self.run(f"show({tuple(skip)!r})").splitlines()
        found: dict[str, int] = {}
        for line in lines:
            entry = self._literal(line)
            if not (isinstance(entry, tuple) and len(entry) == 2 and _is_path(entry[0])):
                raise odd_answer()
            found[entry[0]] = _size(entry[1])
        return found

    def digests(self, paths: Sequence[str]) -> dict[str, str]:
        """SHA-256 in hex of files, by path."""
        lines = self.run(f"digests({tuple(paths)!r})").split()
        if len(lines) != len(paths) or not all(map(_DIGEST.fullmatch, lines)):
            raise odd_answer()
        return dict(zip(paths, lines, strict=True))

    def free_bytes(self) -> int:
        """Room in the file system."""
        return _size(self.evaluate("os.statvfs('/')[0] * os.statvfs('/')[3]"))

    def read(self, path: str) -> bytes:
        """The content of a small file."""
        content = self.evaluate(f"open({path!r}, 'rb').read()")
        if not isinstance(content, bytes):
            raise odd_answer()
        return content

    def bundle_head(self, path: str) -> bytes | None:
        """The head of a bundle that has its SHA-256; None if it has another."""
        told = self._literal(self.run(f"bundle({path!r})"))
        if not (isinstance(told, tuple) and [type(one) for one in told] == [bytes, bool]):
            raise odd_answer()
        head, is_right = told
        return bytes(head) if is_right else None

    def write(self, path: str, data: bytes) -> Iterator[int]:
        """Write a file, which is there when all of it is; gives how many of its bytes have arrived,
        as they do."""
        chunks = [data[at : at + _CHUNK_BYTES] for at in range(0, len(data), _CHUNK_BYTES)]
        with _one_line(self.port):
            self._transport.exec_raw_no_follow(f"put({path!r}, {len(data)})")
            for number in range(len(chunks) + _CHUNKS_AHEAD):
                if number < len(chunks):
                    self._transport.serial.write(_without_interrupt(chunks[number]))
                if number >= _CHUNKS_AHEAD:
                    if self._transport.serial.read(1) != b".":
                        break  # an exception there: _finish has it
                    yield min(len(data), _CHUNK_BYTES * (number + 1 - _CHUNKS_AHEAD))
            self._finish()

    def remove(self, paths: Iterable[str]) -> None:
        """Remove files, and the folders that are empty then."""
        self.run(f"drop({tuple(paths)!r})")

    # --- the line ----------------------------------------------------------------------------

    def _enter(self, soft_reset: bool, patience_s: float) -> None:
        self._line.heard = 0
        with contextlib.redirect_stdout(io.StringIO()):  # mpremote prints what it did not expect
            self._transport.enter_raw_repl(soft_reset, timeout_overall=patience_s)

    def _finish(self) -> str:
        out, failure = self._transport.follow(self._command_s)
        if failure:
            raise BoardError(failure.decode(errors="replace"))
        return str(out.decode(errors="replace"))

    def _close(self) -> None:
        with contextlib.suppress(OSError, serial.SerialException):
            self._transport.close()


class _Line:
    """A serial port that does not listen to a stranger who talks without end, as mpremote does."""

    def __init__(self, port: serial.Serial, name: str) -> None:
        self._port = port
        self._name = name
        self.heard = 0  # bytes since the command began

    def read(self, size: int) -> bytes:
        """What the port has. _Silent if that is more than any board says in a command."""
        data = bytes(self._port.read(size))
        self.heard += len(data)
        if self.heard > _MOST_BYTES:
            raise _Silent(f"the board at {self._name} sends without end; unplug it")
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._port, name)


def odd_answer() -> ToolError:
    """What to raise for what no board answers."""
    return ToolError("what answers there is no board with MicroPython; is it the right port?")


def _size(value: object) -> int:
    """A number of bytes that a board can have. ToolError if it is none."""
    if not isinstance(value, int) or not 0 <= value <= _LARGEST_SIZE:
        raise odd_answer()
    return value


def _is_path(value: object) -> bool:
    """Whether it can be the path of a file on a board."""
    if not (isinstance(value, str) and value.startswith("/") and len(value) <= _LONGEST_PATH):
        return False
    return value.isprintable() and not {"", ".", ".."} & {*value[1:].split("/")}


@contextlib.contextmanager
def _one_line(port: str) -> Iterator[None]:
    """What the line to the board can raise, as a ToolError."""
    try:
        yield
    except TransportError as error:
        raise _Silent(f"the board at {port} stopped answering; plug it in again") from error
    except (serial.SerialException, OSError, struct.error) as error:
        raise ToolError(f"the line to {port} broke; plug the board in again") from error


def _without_interrupt(chunk: bytes) -> bytes:
    """A chunk as the board expects it: the value that stands for Ctrl-C, and the chunk with it."""
    standin = next(bytes((value,)) for value in range(256) if value not in chunk + b"\x03")
    return standin + chunk.replace(bytes((_INTERRUPT,)), standin)
