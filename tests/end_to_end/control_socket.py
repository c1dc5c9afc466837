"""A simulator's control socket, from the side of who asks."""

import json
import socket
from pathlib import Path

from display_text import shows
from waiting import eventually


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
