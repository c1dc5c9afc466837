"""What a conversation with a token runs over: bytes that come and go, and the time they take."""

import time


class Connection:
    """A line to a token. The base of all: a serial port, or an emulated chip.

    `patience` is how many times longer than a Pico the other side may take for an answer, and
    `first_patience` the same while it has not answered yet: what is silent may not be a token.
    """

    name = "the port"
    patience = 1.0
    first_patience = 1.0

    def read(self) -> bytes:
        """What has arrived. Waits a moment if nothing has, and then may return nothing.

        ToolError if the line broke.
        """
        raise NotImplementedError

    def write(self, data: bytes) -> None:
        """Send all of it. ToolError if the line broke."""
        raise NotImplementedError

    def close(self) -> None:
        """Close it. Nothing is read or written afterwards."""

    def now_s(self) -> float:
        """Seconds of a clock that only goes forward, by which answers are awaited."""
        return time.monotonic()
