"""A program in a terminal of its own."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
from pathlib import Path

from programs import FOREGROUND, TREE
from waiting import PATIENCE_S, eventually


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
