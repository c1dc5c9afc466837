"""The serial line, byte by byte."""

import serial

from picototp.protocol import frames
from waiting import PATIENCE_S, eventually


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
