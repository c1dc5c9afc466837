"""A whole virtual token: board, engine and serial port, and what a hand can do with it."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Self

from host_tools.errors import ToolError
from host_tools.pico import own_boards
from host_tools.pico.uf2 import Image
from host_tools.simulator.board import VirtualBoard
from host_tools.simulator.serial_port import SerialPort
from host_tools.simulator.unix_engine import UnixEngine

if TYPE_CHECKING:
    from host_tools.simulator.rp2040.engine import Rp2040Engine

RELEASE_S = 0.1  # no finger presses again sooner, and the contact has stopped bouncing
_HOLD_S = 0.8  # no shorter press is one
_MOST_LOOKS, _LOOK_S = 500, 0.5
UNIX_READY_S = 20.0
RP2040_READY_S = 120.0  # a second of the chip's time, on a busy computer


class VirtualToken:
    """Use it in a `with` statement; inside, it has power and serves its port.

    With `image`, a MicroPython image for the RP2040, the engine is the emulated chip, which runs
    what its flash holds; else MicroPython's unix port, which runs the firmware's own files. A blank
    chip is up when its prompt is there.
    """

    def __init__(
        self,
        board: VirtualBoard | None = None,
        serial_link: Path | None = None,
        on_ready: Callable[[], None] = lambda: None,
        image: Image | None = None,
    ) -> None:
        self.board = board or VirtualBoard()
        self.port = SerialPort(serial_link)
        self.port.plugged = self.board.usb_plugged
        self.engine: UnixEngine | Rp2040Engine
        if image is None:
            self._ready_s = UNIX_READY_S
            self.engine = UnixEngine(self.board, self.port, on_ready)
        else:
            self._ready_s = RP2040_READY_S
            self.engine = _rp2040_engine(self.board, self.port, image, on_ready)

    def __enter__(self) -> Self:
        own_boards.vouch_for(self.board.number)
        try:
            self.engine.start()
            if not self.engine.ready.wait(self._ready_s):
                raise ToolError("the firmware did not start; its output is above")
            self.check()
        except BaseException:  # also Ctrl-C, and a simulator that is told to end
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Power off; it cannot be started again."""
        self.engine.close()
        self.port.close()
        self.board.close()
        if not self.board.is_kept:
            own_boards.disown(self.board.number)

    def check(self) -> None:
        """ToolError if the engine itself has failed."""
        if self.engine.failure is not None:
            raise self.engine.failure

    @property
    def at_prompt(self) -> bool:
        """Whether MicroPython's prompt is on the port, because no firmware runs."""
        return self.engine.at_prompt

    # --- hands -------------------------------------------------------------------------------

    def press(self, duration_s: float = 0.08) -> None:
        """Press the button and release it; the next press may follow at once."""
        self.hold(True)
        if duration_s >= _HOLD_S and self.board.button.is_polled:
            self.board.clock.after(duration_s, lambda: None)
            self._hold_on(duration_s)
            self.hold(False)
        else:
            self.board.clock.after(duration_s, lambda: self.hold(False))
        self.board.clock.after(RELEASE_S, lambda: None)

    def _hold_on(self, duration_s: float) -> None:
        """Extend the hold if a busy computer stalled the firmware, which then starts counting it
        again."""
        button = self.board.button
        for _ in range(_MOST_LOOKS):
            if button.followed_s() >= duration_s or not button.wait_for_looks(1, _LOOK_S):
                break

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

    def plug_usb(self, plugged: bool) -> None:
        """Put the USB cable in, or pull it out: the token then lives on a battery."""
        self.port.plugged = plugged
        self.board.plug_usb(plugged)

    @property
    def slept_s(self) -> float:
        """For how long the firmware has slept since power-up, in seconds of the board's time."""
        return self.engine.slept_s

    def screen(self) -> list[str]:
        """What the display shows: 64 rows of 128 characters, `#` lit and `.` dark."""
        with self.board.lock:
            if self.board.display is None:
                raise ToolError("this token has no display")
            return self.board.display.rows()

    def memory(self, address: int, length: int) -> bytes:
        """Bytes of the emulated chip's SRAM, without disturbing it."""
        if isinstance(self.engine, UnixEngine):
            raise ToolError("only an emulated chip has a memory to look at: --engine rp2040")
        return self.engine.memory(address, length)

    @property
    def screen_on(self) -> bool:
        """Whether the display is lit."""
        with self.board.lock:
            return self.board.display is not None and self.board.display.on


def _rp2040_engine(
    board: VirtualBoard,
    port: SerialPort,
    image: Image,
    on_ready: Callable[[], None],
) -> "Rp2040Engine":
    from host_tools.simulator.rp2040.engine import Rp2040Engine  # loaded only when needed

    return Rp2040Engine(board, port, image, on_ready)
