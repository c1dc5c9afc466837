"""Runs an official MicroPython image on an emulated RP2040, with the models as its devices.

Time: the emulated chip's cycles are the board's time. RTC, button and display read a clock that
stands still while the chip does (clock.SimClock, which a run.Run drives), so that the
firmware never sees two kinds of second. How that keeps up with real time, run.py tells.

Every gap of the emulator that is worked around is worked around in one place, with the reason:
  empty answers to armed USB buffers    usb.Console._on_endpoint_read
  no TX_EMPTY after a NACK              i2c.I2CBlock._after_nack
  I2C transfers that take no time       i2c.I2CBlock._after
  instant, forgetful flash              flash.FlashChip._apply
  no unique number                      flash.FlashChip._shift
  the same random bits on every boot    chip._RandomOscillator
  a watchdog that the RUN pin leaves    chip.Chip.reset
  PIO blocks that cost time, stopped    pio.IdlePio
  every access to memory asks Python    mcu.QuickRP2040
"""

import threading
from collections.abc import Callable

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
        self.ready_ns = 0
        self._started_ns = 0
        port.on_data = self._to_firmware

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
                    on_crash=self._goes_down,
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
        if run is not None:
            run.call_and_wait(lambda: run.chip.reset(by_watchdog=False))

    @property
    def running(self) -> bool:
        """Whether the token has power; a cut that the flash model planned ends it as well."""
        run = self.run
        return run is not None and run.alive

    def close(self) -> None:
        """Power off for good."""
        self.stop()

    def _to_firmware(self, data: bytes) -> None:
        run = self.run
        if run is not None:
            run.receive(data)

    # --- what the chip tells (chip.Listener), in the thread of the run -----------------

    def printed(self, data: bytes) -> None:
        """Bytes for the host."""
        self._port.write(data)

    def serves(self) -> None:
        """The main loop of the firmware runs."""
        self._comes_up(at_prompt=False)

    def prompts(self) -> None:
        """MicroPython's prompt is there."""
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

    def _goes_down(self) -> None:
        self._up.clear()
        self.ready.clear()

    def restarts(self) -> None:
        """A reset, by whatever cause."""
        assert self.run is not None
        self._started_ns = self.run.chip.now_ns
        self._goes_down()

    def power_fails(self) -> None:
        """In the midst of a flash operation: nothing works any more, until power comes back."""
        assert self.run is not None
        self.run.end()
        self._goes_down()
        self._board.power_off()
