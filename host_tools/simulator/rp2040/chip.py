"""An emulated RP2040 with everything around it: flash, USB, I2C devices, button.

Nothing here has a thread or knows real time; run.py makes it go.
"""

import struct
from collections.abc import Callable
from typing import Protocol

from host_tools.errors import ToolError
from host_tools.pico.uf2 import Image
from host_tools.simulator.board import VBUS_PIN, VirtualBoard
from host_tools.simulator.rp2040.alarms import Alarm, Alarms
from host_tools.simulator.rp2040.boot_rom import boot_rom
from host_tools.simulator.rp2040.emulator import Answer, Emulator, Event
from host_tools.simulator.rp2040.flash import FlashChip
from host_tools.simulator.rp2040.i2c import I2CLines
from host_tools.simulator.rp2040.pins import ButtonPin, SquareWavePin, VbusPin
from picototp.board import config

PROMPT = b">>> "
SRAM_START, SRAM_SIZE = 0x2000_0000, 264 << 10  # RP2040 data sheet, 2.6.2
_LOOK_FOR_PROMPT_NS = 20_000_000
# The chip's time in one request: a Node whose simulator was killed finds that out afterwards.
_LONGEST_RUN_NS = 50_000_000
_LOOKS = 3  # with the processor asleep each time: it is not starting any more
_ERASE = struct.Struct("<II")
_DESCRIBED, _REPORTED, _FOUND = range(3)  # what a device does


class Listener(Protocol):
    """Callbacks for events on the chip, called during an instruction."""

    def printed(self, data: bytes) -> None:
        """Called with bytes for the host."""

    def serves(self) -> None:
        """The firmware's main loop has fed the watchdog."""

    def prompts(self) -> None:
        """MicroPython's prompt is there, and not from a firmware that had served before."""

    def restarts(self) -> None:
        """Called at a reset, whatever its cause."""

    def power_fails(self) -> None:
        """Called at a power cut by the flash model; the chip must do nothing more."""


class Chip:
    """The chip at power-up, with `image` in its flash and the board's models on its pins.

    Its time passes in `run_until` and `jump_ns` alone. Use it from one thread, but for `cut`, and
    `close` it.
    """

    def __init__(self, board: VirtualBoard, image: Image, listener: Listener) -> None:
        self._listener = listener
        self._printed = b""  # the last of it since the start
        self._serving = self._prompted = False
        self._idle_looks = 0
        self._ends_ns = 0.0  # of the present run
        self.now_ns = 0  # emulated nanoseconds since power-up
        self.on_fed: Callable[[], None] = lambda: None  # the firmware fed its watchdog, at now_ns
        self.alarms = Alarms()
        self._prompt_alarm = Alarm(self.alarms, self._look_for_prompt)
        self._flash = FlashChip(board, listener.power_fails)
        self.i2c = I2CLines(board.bus, board.lock, self._set_now)
        self._emulator = Emulator(
            (config.I2C_ID, config.PIN_SCL, config.PIN_SDA),
            board.unique_id,
            boot_rom(),
            self._flash.content(image),
            self._on_event,
        )
        self._board = board
        self._keyboard_host = board.keyboard_host
        self.set_computer()
        self.button = ButtonPin(self, config.PIN_BUTTON, board.button)
        self.vbus = VbusPin(self, VBUS_PIN, board)
        if board.rtc is not None:
            wave = SquareWavePin(self, config.PIN_SQW, board.rtc, board.lock)
            self.i2c.on_stop = wave.look
            wave.look()

    @property
    def sleeps(self) -> bool:
        """Whether the processor waits for an interrupt."""
        return self._emulator.asleep

    @property
    def slept_ns(self) -> int:
        """For how long it has slept with its clocks stopped, since power-up."""
        return self._emulator.slept_ns

    @property
    def next_ns(self) -> float:
        """When something is due next, while it sleeps."""
        return min(self._emulator.next_ns, self.alarms.next_ns)

    def run_until(self, end_ns: float, stop_at_sleep: bool = False) -> None:
        """Let it run until then, or until the processor sleeps."""
        while self.now_ns < end_ns:
            self._ends_ns = min(end_ns, self.alarms.next_ns, self.now_ns + _LONGEST_RUN_NS)
            self._emulator.run(self._ends_ns, stop_at_sleep)
            self._come_up_to_date()
            if stop_at_sleep and self.sleeps:
                break

    def jump_ns(self, duration_ns: int) -> None:
        """Let time pass while the chip stands still. The watchdog does not count it."""
        end_ns = self.now_ns + duration_ns
        while self.now_ns < end_ns:
            self._ends_ns = min(end_ns, self.alarms.next_ns)
            self._emulator.jump(self._ends_ns - self.now_ns)
            self._come_up_to_date()

    def reset(self) -> None:
        """The RUN pin."""
        self._emulator.reset()
        self._restarts()

    def send(self, data: bytes) -> None:
        """Bytes from the host to the serial port."""
        self._emulator.send(data)

    def set_computer(self) -> None:
        """The board's computer is something else now: let the chip know."""
        host = self._keyboard_host
        self._emulator.set_computer(host.attached, host.polls, host.lights)

    def set_pin(self, number: int, level: int) -> None:
        """Put 0, 1 or OPEN on a pin from outside."""
        self._emulator.set_pin(number, level)

    def memory(self, address: int, length: int) -> bytes:
        """Bytes of the SRAM, as they are; ToolError if they are not all there."""
        if not (address >= SRAM_START and 0 <= length <= SRAM_START + SRAM_SIZE - address):
            raise ToolError(
                f"the SRAM is 0x{SRAM_START:08x} to 0x{SRAM_START + SRAM_SIZE - 1:08x}; "
                "give an address and a length inside"
            )
        return self._emulator.memory(address, length)

    def cut(self) -> None:
        """Cut the power at once, from any thread: the chip can do nothing more."""
        self._emulator.kill()

    def close(self) -> None:
        """Power off; it cannot be started again."""
        self._emulator.close()

    def _come_up_to_date(self) -> None:
        self.now_ns = self._emulator.now_ns
        self.alarms.ring(self.now_ns)

    def _set_now(self, now_ns: int) -> None:
        self.now_ns = max(self.now_ns, now_ns)

    # --- what happens on the chip -------------------------------------------------------------

    def _on_event(self, event: Event) -> Answer | None:
        if event.kind == "I":
            value, sure = self.i2c.take(event.content)
            return self._answer(value, sure)
        self._set_now(event.now_ns)
        match event.kind:
            case "E":
                address, size = _ERASE.unpack(event.content)
                duration_ns = self._flash.erase_ns(size)
                self._set_now(event.now_ns + duration_ns)
                self._flash.erase(address, size)
                return self._answer(duration_ns=duration_ns)
            case "W":
                duration_ns = self._flash.program_ns()
                self._set_now(event.now_ns + duration_ns)
                address = int.from_bytes(event.content[:4], "little")
                self._flash.program(address, event.content[4:])
                return self._answer(duration_ns=duration_ns)
            case "H":
                lights = self._keyboard_does(event.content[0], event.content[1:])
                return self._answer(lights or 0, lights is not None)
            case "U":
                self._output(event.content)
            case "C":
                self._idle_looks = 0
                self._prompt_alarm.at(self.now_ns + _LOOK_FOR_PROMPT_NS)
            case "F":
                self.on_fed()
                if not self._serving:
                    self._serving = True
                    self._listener.serves()
            case "R":
                self._restarts()
        return None

    def _answer(self, value: int = 0, sure: bool = False, duration_ns: int = 0) -> Answer:
        """A model may have become busy at a moment before the end of the present run."""
        return Answer(min(self._ends_ns, self.alarms.next_ns), value, sure, duration_ns)

    def _keyboard_does(self, what: int, data: bytes) -> int | None:
        """The lights to set, if any."""
        with self._board.lock:
            host = self._keyboard_host
            if what == _FOUND:
                host.descriptors = data
                return None
            return host.described(data) if what == _DESCRIBED else host.reported(data)

    def _restarts(self) -> None:
        self._keyboard_host.lost()
        self._listener.restarts()
        self._printed = b""
        self._serving = self._prompted = False
        self.i2c.reset()

    def _look_for_prompt(self) -> None:
        """Presses Enter where nothing else happens: MicroPython keeps its prompt back until then.

        To firmware that only takes a rest, it is an empty line.
        """
        if self._serving or self._prompted:
            return
        self._idle_looks = self._idle_looks + 1 if self.sleeps else 0
        if self._idle_looks == _LOOKS:
            self.send(b"\r\n")
        self._prompt_alarm.at(self.now_ns + _LOOK_FOR_PROMPT_NS)

    def _output(self, data: bytes) -> None:
        self._listener.printed(data)
        if self._serving or self._prompted:
            return
        self._printed = (self._printed + data)[-len(PROMPT) :]
        if self._printed == PROMPT:
            self._prompted = True
            self._listener.prompts()
