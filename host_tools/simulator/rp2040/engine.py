"""Runs an official MicroPython image on an emulated RP2040, with the models as its devices.

The emulator is rp2040js, in a Node program of ours that knows no token (node/); the models are the
same as the other engine's, and stay here. The README tells what crosses the line between the two.

Time: the emulated chip's cycles are the board's time. RTC, button and display read a clock that
stands still while the chip does (clock.SimClock, which a run.Run drives), so that the firmware
never sees two kinds of second. run.py explains how that keeps up with real time.
"""

import threading
from collections.abc import Callable

from host_tools.errors import ToolError
from host_tools.pico.uf2 import Image
from host_tools.simulator.board import VirtualBoard
from host_tools.simulator.rp2040.chip import Chip
from host_tools.simulator.rp2040.run import Run
from host_tools.simulator.serial_port import SerialPort


class Rp2040Engine:
    """Starts, stops and restarts the chip.

    `ready` is set when the port can be used: when the firmware's main loop feeds the watchdog for
    the first time, which also calls `on_ready`, or when MicroPython's prompt comes, from a board
    without firmware or in maintenance mode (`at_prompt`). `ready_ns` is when that was, in emulated
    nanoseconds since power-up or reset; `ready` follows once the board's time is true again.
    """

    def __init__(
        self,
        board: VirtualBoard,
        port: SerialPort,
        image: Image,
        on_ready: Callable[[], None] = lambda: None,
    ):
        self._board = board
        self._port = port
        self._image = image
        self._on_ready = on_ready
        self._lock = threading.RLock()
        self.run: Run | None = None  # while there is power
        self.ready = threading.Event()
        self._up = threading.Event()  # as `ready`, but the chip may be late
        self.at_prompt = False
        self.failure: ToolError | None = None  # what ended the emulation, if something did
        self.ready_ns = 0
        self._started_ns = 0
        port.on_data = self._to_firmware
        board.on_computer = self._set_computer

    def start(self) -> None:
        """Power on."""
        with self._lock:
            if not self.running:
                self._started_ns = 0
                chip = Chip(self._board, self._image, self)
                self.run = Run(
                    self._board.clock,
                    self._board.lock,
                    chip,
                    is_up=self._up.is_set,
                    at_prompt=lambda: self.at_prompt,
                    on_failure=self._fails,
                )
                self.run.start()

    def stop(self) -> None:
        """Power off."""
        with self._lock:
            run, self.run = self.run, None
            if run is not None:
                run.end()
                run.join()
            self._goes_down()

    def reset(self) -> None:
        """The RUN pin: the devices keep their state."""
        run = self.run
        if run is not None and run.alive:
            run.ask(run.chip.reset)

    @property
    def running(self) -> bool:
        """Whether the token has power; a cut that the flash model planned ends it as well."""
        run = self.run
        return run is not None and run.alive

    @property
    def slept_s(self) -> float:
        """For how long the chip has slept with its clocks stopped, since power-up."""
        run = self.run
        return 0.0 if run is None else run.chip.slept_ns / 1e9

    def close(self) -> None:
        """Power off; it cannot be started again."""
        self.stop()

    def _to_firmware(self, data: bytes) -> None:
        run = self.run
        if run is not None:
            run.receive(data)

    def _set_computer(self) -> None:
        run = self.run
        if run is not None and run.alive:
            run.call(run.chip.set_computer)

    # --- what the chip tells (chip.Listener), in the thread of the run -----------------

    def printed(self, data: bytes) -> None:
        """Called with bytes for the host."""
        self._port.write(data)

    def serves(self) -> None:
        """Called when the firmware's main loop runs."""
        self._comes_up(at_prompt=False)

    def prompts(self) -> None:
        """Called when MicroPython's prompt appears."""
        self._comes_up(at_prompt=True)

    def _comes_up(self, at_prompt: bool) -> None:
        assert self.run is not None
        self.ready_ns = self.run.chip.now_ns - self._started_ns
        self.at_prompt = at_prompt
        self._up.set()
        self.run.when_on_time(self._be_ready)

    def _be_ready(self) -> None:
        if self._up.is_set():
            self.ready.set()
            if not self.at_prompt:
                self._on_ready()

    def memory(self, address: int, length: int) -> bytes:
        """Bytes of the chip's SRAM; ToolError without power, or if they are not all there."""
        run = self.run
        if run is None:
            raise ToolError("the token has no power")
        return run.ask(lambda: run.chip.memory(address, length))

    def _fails(self, error: ToolError) -> None:
        self.failure = error
        self._goes_down()
        self.ready.set()  # a caller that waits for it checks `failure`

    def _goes_down(self) -> None:
        self._up.clear()
        self.ready.clear()

    def restarts(self) -> None:
        """Called at a reset, whatever its cause."""
        assert self.run is not None
        self._started_ns = self.run.chip.now_ns
        self._goes_down()

    def power_fails(self) -> None:
        """Called during a flash operation: nothing works until power comes back."""
        assert self.run is not None
        self.run.end()
        self._goes_down()
        self._board.power_off()
