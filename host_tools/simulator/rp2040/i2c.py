"""The I2C lines between an emulated RP2040 and the device models, at byte and at pin level.

The chip's I2C block hands over whole bytes; each takes the time of its nine bits on the bus, at
the speed that the firmware has set. `machine.I2C.scan()` does not use the block: MicroPython sends
its empty writes by switching the pins, so the models answer there as well.
"""

import threading
from collections.abc import Callable

from rp2040py.gpio_pin import GPIOPinState
from rp2040py.peripherals.i2c import R_TX_EMPTY, I2CMode
from rp2040py.rp2040 import RP2040

from host_tools.simulator.devices.i2c import I2CBus

_BITS_PER_BYTE = 9  # eight and the acknowledge
_NS_PER_CLOCK = 8  # of the peripheral clock, 125 MHz


class I2CBlock:
    """Connects one I2C block of the chip to a bus. `busy_ns` adds up the time of the bus."""

    def __init__(self, mcu: RP2040, number: int, bus: I2CBus, lock: threading.RLock):
        self.busy_ns = 0
        self.on_stop: Callable[[], None] = lambda: None
        self._block = mcu.i2c[number]
        self._bus = bus
        self._lock = lock
        self._then: Callable[[], None] | None = None
        self._alarm = mcu.clock.create_alarm(self._alarm_rings)
        self._block.on_start = lambda repeated: self._after(1, self._block.complete_start)
        self._block.on_connect = self._on_connect
        self._block.on_write_byte = self._on_write_byte
        self._block.on_read_byte = self._on_read_byte
        self._block.on_stop = lambda: self._after(1, self._stop)

    def reset(self) -> None:
        """The chip is reset: whatever was on the bus ends."""
        self._alarm.cancel()
        with self._lock:
            self._bus.stop()

    def _after(self, bits: int, then: Callable[[], None]) -> None:
        clocks = self._block.scl_high_period + self._block.scl_low_period
        duration_ns = bits * clocks * _NS_PER_CLOCK
        self.busy_ns += duration_ns
        self._then = then
        self._alarm.schedule(duration_ns)

    def _alarm_rings(self) -> None:
        then, self._then = self._then, None
        if then is not None:
            then()

    def _on_connect(self, address: int, mode: I2CMode) -> None:
        def connect() -> None:
            with self._lock:
                acked = self._bus.start(address, mode == I2CMode.WRITE)
            self._block.complete_connect(acked)
            self._after_nack(acked)

        self._after(_BITS_PER_BYTE, connect)

    def _on_write_byte(self, value: int) -> None:
        def write() -> None:
            with self._lock:
                acked = self._bus.write_byte(value)
            self._block.complete_write(acked)
            self._after_nack(acked)

        self._after(_BITS_PER_BYTE, write)

    def _on_read_byte(self, ack: bool) -> None:
        def read() -> None:
            with self._lock:
                value = self._bus.read_byte()
            self._block.complete_read(value)

        self._after(_BITS_PER_BYTE, read)

    def _stop(self) -> None:
        with self._lock:
            self._bus.stop()
        self._block.complete_stop()
        self.on_stop()

    def _after_nack(self, acked: bool) -> None:
        """Works around the emulator: its abort empties the FIFO without raising TX_EMPTY.

        The Pico's SDK waits for that flag before it looks at the reason, so without it every
        missing device would be a timeout (ETIMEDOUT) and not EIO.
        """
        if not acked:
            self._block._set_interrupts(R_TX_EMPTY)


class I2CPins:
    """The same bus for firmware that drives the pins itself: addresses and writes, no reads."""

    def __init__(self, mcu: RP2040, scl: int, sda: int, bus: I2CBus, lock: threading.RLock):
        self._bus = bus
        self._lock = lock
        self._sda_pin = mcu.gpio[sda]
        self._scl = self._sda = True
        self._bits: int | None = None  # of the present byte; None between STOP and START
        self._byte = 0
        self._addressed = False
        for number in (scl, sda):
            mcu.gpio[number].set_input_value(True)  # the modules have pull-ups
        mcu.gpio[scl].add_listener(self._scl_changes)
        mcu.gpio[sda].add_listener(self._sda_changes)

    def _sda_changes(self, state: GPIOPinState, _before: GPIOPinState) -> None:
        level = state != GPIOPinState.LOW
        if level == self._sda:
            return
        self._sda = level
        if not self._scl:
            return
        if not level:  # falling while the clock is high: START
            self._bits, self._byte, self._addressed = 0, 0, False
        elif self._bits is not None:  # rising: STOP
            self._bits = None
            with self._lock:
                self._bus.stop()

    def _scl_changes(self, state: GPIOPinState, _before: GPIOPinState) -> None:
        level = state != GPIOPinState.LOW
        if level == self._scl:
            return
        self._scl = level
        if self._bits is None:
            return
        if level:
            if self._bits < 8:
                self._byte = self._byte << 1 | self._sda
            self._bits += 1
        elif self._bits == 8:
            self._sda_pin.set_input_value(not self._acked(self._byte))
        elif self._bits == _BITS_PER_BYTE:
            self._sda_pin.set_input_value(True)
            self._bits = self._byte = 0

    def _acked(self, byte: int) -> bool:
        with self._lock:
            if self._addressed:
                return self._bus.write_byte(byte)
            self._addressed = True
            return self._bus.start(byte >> 1, not byte & 1)
