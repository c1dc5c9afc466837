"""A whole virtual token: board, engine and serial port, and what a hand can do with it."""

import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from host_tools.errors import ToolError

from .board import VirtualBoard
from .serial_port import SerialPort
from .unix_engine import UnixEngine

READY_TIMEOUT_S = 20.0


class VirtualToken:
    """Use it in a `with` statement; inside, it has power and serves its port."""

    def __init__(
        self,
        board: VirtualBoard | None = None,
        serial_link: Path | None = None,
        on_ready: Callable[[], None] = lambda: None,
    ) -> None:
        self.board = board or VirtualBoard()
        self.port = SerialPort(serial_link)
        self.engine = UnixEngine(self.board, self.port, on_ready)

    def __enter__(self) -> Self:
        self.engine.start()
        if not self.engine.ready.wait(READY_TIMEOUT_S):
            self.close()
            raise ToolError("the firmware did not start; what it printed is above")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Power off for good."""
        self.engine.close()
        self.port.close()
        self.board.close()

    # --- hands -------------------------------------------------------------------------------

    def press(self, duration_s: float = 0.08) -> None:
        """Press the button and release it."""
        self.hold(True)
        time.sleep(duration_s)
        self.hold(False)

    def hold(self, down: bool) -> None:
        """Press it without releasing, or release it."""
        with self.board.lock:
            self.board.button.down = down

    def power(self, on: bool) -> None:
        """Plug in or out; the RTC runs on on its cell."""
        if on == self.engine.running:
            return
        if on:
            self.board.power_on()
            self.engine.start()
        else:
            self.engine.stop()
            self.board.power_off()

    def screen(self) -> list[str]:
        """What the display shows: 64 rows of 128 characters, `#` lit and `.` dark."""
        with self.board.lock:
            if self.board.display is None:
                raise ToolError("this token has no display")
            return self.board.display.rows()

    @property
    def screen_on(self) -> bool:
        """Whether the display is lit."""
        with self.board.lock:
            return self.board.display is not None and self.board.display.on
