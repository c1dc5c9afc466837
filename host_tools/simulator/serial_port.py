"""The token's USB serial port: a pseudo-terminal whose other end the host's programs open."""

import contextlib
import os
import pty
import select
import threading
import tty
from collections.abc import Callable
from pathlib import Path

from host_tools.errors import ToolError


class SerialPort:
    """A pseudo-terminal, with a symlink to it at `link` if one is given; else ToolError.

    `on_data` gets what a host sends, in the port's own thread. `traffic`, if set, is called with
    everything that leaves the token: for tests that watch the wire.
    """

    def __init__(self, link: Path | None = None):
        # The slave stays open here, so that the line outlives the programs that open and close it.
        try:
            self._master, self._slave = pty.openpty()
        except OSError as error:  # in a container, /dev/pts may not be mounted
            reason = error.strerror or str(error)
            raise ToolError(
                f"this computer gives no pseudo-terminal ({reason}); look whether /dev/pts is "
                "mounted, and how many are in use"
            ) from error
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.path = os.ttyname(self._slave)
        self._link = link
        if link is not None:
            self._make_link(link)
        self.on_data: Callable[[bytes], None] = lambda data: None
        self.traffic: Callable[[bytes], None] = lambda data: None
        self.plugged = True  # while it is not, what either side sends is lost
        self._wake_read, self._wake_write = os.pipe()
        self._thread = threading.Thread(target=self._listen, name="serial port", daemon=True)
        self._thread.start()

    def _make_link(self, link: Path) -> None:
        if link.is_symlink():
            link.unlink()
        try:
            link.symlink_to(self.path)
        except OSError as error:
            raise ToolError(f"cannot make the link {link}: {error.strerror}") from error

    def _listen(self) -> None:
        while True:
            ready, _, _ = select.select([self._master, self._wake_read], [], [])
            if self._wake_read in ready:
                return
            with contextlib.suppress(BlockingIOError):
                data = os.read(self._master, 4096)
                if self.plugged:
                    self.on_data(data)

    def write(self, data: bytes) -> None:
        """Send to the host. What nobody reads is lost when the line's buffer is full."""
        if not self.plugged:
            return
        self.traffic(data)
        with contextlib.suppress(BlockingIOError):
            while data:
                data = data[os.write(self._master, data) :]

    def close(self) -> None:
        """Unplug: programs that have it open see the line end."""
        os.write(self._wake_write, b"x")
        self._thread.join()
        for descriptor in (self._master, self._slave, self._wake_read, self._wake_write):
            os.close(descriptor)
        if self._link is not None and self._link.is_symlink():
            self._link.unlink()
