"""A small log of unexpected errors, kept over restarts: the last KEEP_BYTES of text.

Tracebacks name files, lines and the error; no secret is part of any error's text.
"""

import io
import sys

FILE = "errors.log"
KEEP_BYTES = 2048


class ErrorLog:
    """Appends to and reads the log. `storage` is the board's."""

    def __init__(self, storage):
        self._storage = storage

    def read(self) -> str:
        """The whole log; "" if there is none. What is not printable ASCII is shown as "?"."""
        if not self._storage.exists(FILE):
            return ""
        file = self._storage.open_read(FILE)
        try:
            log = bytearray(file.read())
        finally:
            file.close()
        for i, byte in enumerate(log):
            if not (byte == 0x0A or 0x20 <= byte < 0x7F):
                log[i] = 0x3F
        return log.decode()

    def append(self, error: BaseException, uptime_s: int) -> None:
        """Add an error with its traceback; the oldest text is dropped to make room."""
        text = io.StringIO()
        sys.print_exception(error, text)
        kept = self.read() + f"after {uptime_s} s: {text.getvalue()}"
        file = self._storage.open_write(FILE)
        try:
            file.write(kept.encode()[-KEEP_BYTES:])
        finally:
            file.close()
