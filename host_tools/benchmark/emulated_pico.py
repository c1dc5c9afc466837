"""An emulated Pico that runs only on its own time, so that figures repeat exactly.

The simulator's engine keeps the chip at the host's pace and lets it jump; for measuring, that would
move whatever depends on when things happen. Here nothing waits or jumps unless it is told to.
"""

import ast
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

from host_tools.errors import ToolError
from host_tools.pico.littlefs_image import file_system
from host_tools.pico.uf2 import Image
from host_tools.simulator.board import VirtualBoard
from host_tools.simulator.clock import NS_PER_S
from host_tools.simulator.devices.flash import PowerCut
from host_tools.simulator.rp2040.chip import Chip

# What the RTC shows at power-up: a minute of the year 2033, and the same in every run.
START_UNIX_S = 1_999_999_980
_SLICE_NS = 1_000_000  # how often a condition is looked at
_PATIENCE_S = 60  # of emulated time: nothing here takes so long
_END = b"\x04"  # MicroPython's raw REPL ends output and error with it


class EmulatedPico:
    """A board with MicroPython and these files, from power-up on. Use it in a `with` statement.

    `folder`, an empty one, is for its flash; without `files` it has one already.
    `on_serving` is called when the firmware's main loop begins; `prompting` says whether
    MicroPython's prompt is there.
    """

    def __init__(self, image: Image, files: Mapping[str, bytes] | None, folder: Path) -> None:
        if files is not None:
            (folder / "flash.bin").write_bytes(file_system(dict(files)))
        self.board = VirtualBoard(folder)
        self.output = bytearray()
        self.on_serving: Callable[[], None] = lambda: None
        self.prompting = False
        self._restarting = False
        self.chip = Chip(self.board, image, self)
        self._base_ns = self.board.clock.now_ns()
        self.board.clock.drive(self)
        if self.board.rtc is not None:
            self.board.rtc.set_unix_ns(START_UNIX_S * NS_PER_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.board.clock.drive(None)
        self.chip.close()
        self.board.close()

    def run_for(self, duration_ns: int) -> None:
        """Let that much emulated time pass."""
        self.chip.run_until(self.chip.now_ns + duration_ns)

    def run_until(self, condition: Callable[[], object], what: str) -> None:
        """Run until the condition holds. ToolError if `what` does not happen in a minute."""
        end_ns = self.chip.now_ns + _PATIENCE_S * NS_PER_S
        while not condition():
            if self.chip.now_ns > end_ns:
                raise ToolError(f"no {what} in {_PATIENCE_S} s of the emulated Pico's time")
            self.run_for(_SLICE_NS)

    def unix_ns(self) -> int:
        """What the RTC shows, with the fraction of its second."""
        unix_ns = self.board.rtc.unix_ns() if self.board.rtc is not None else None
        if unix_ns is None:
            raise ToolError("the RTC of the emulated Pico has lost its time")
        return unix_ns

    def skip(self, duration_ns: int) -> None:
        """Let time pass at once, while the firmware rests."""
        self.run_until(lambda: self.chip.sleeps, "rest")
        self.chip.jump_ns(duration_ns)

    def press(self, down: bool) -> None:
        """Press the button, or release it."""
        self.board.button.down = down
        self.chip.button.look()

    def plug_usb(self, plugged: bool) -> None:
        """Put the USB cable in, or pull it out."""
        self.board.plug_usb(plugged)
        self.chip.set_computer()
        self.chip.vbus.look()

    def restart(self) -> None:
        """Restart on what is in the flash now, as the RUN pin does."""
        self._restarting = True
        self.chip.reset()
        self._restarting = False
        self.output.clear()

    def run_code(self, code: str) -> Any:
        """Run Python at the prompt; what it prints, as a value. ToolError if it raises."""
        self.run_until(lambda: self.prompting, "prompt of MicroPython")
        self.output.clear()
        self.chip.send(b"\x01" + code.encode() + b"\x04")
        self.run_until(lambda: self.output.count(_END) >= 2, "end of a measurement")
        printed, error = self.output.split(_END)[:2]
        if error:
            last = error.decode(errors="replace").strip().splitlines()[-1]
            raise ToolError(f"a measurement fails on the emulated Pico: {last}")
        return ast.literal_eval(printed.decode().partition(">OK")[2].strip() or "None")

    # --- what the chip tells (chip.Listener) -------------------------------------------

    def printed(self, data: bytes) -> None:
        """Called with bytes for the host."""
        self.output += data

    def serves(self) -> None:
        """Called when the firmware's main loop runs."""
        self.on_serving()

    def prompts(self) -> None:
        """Called when MicroPython's prompt appears."""
        self.prompting = True

    def restarts(self) -> None:
        """A reset."""
        if not self._restarting:
            raise ToolError("the firmware restarted while it was measured: it failed or hung")

    def power_fails(self) -> None:
        """A power cut that somebody planned with the board's flash. Raises PowerCut."""
        raise PowerCut("the power was cut")

    # --- board time, which follows the chip's (clock.TimeDriver) ------------------------------

    def now_ns(self) -> int:
        """Board time."""
        return self._base_ns + self.chip.now_ns

    def elapse_ns(self, duration_ns: int) -> None:
        """Let time pass at once."""
        self.skip(duration_ns)

    def after_ns(self, duration_ns: int, action: Callable[[], None]) -> None:
        """Call `action` when that much time has passed."""
        self.run_for(duration_ns)
        action()
