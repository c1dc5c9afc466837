"""Parts of the firmware on a workbench: the real RTC driver on a DS3231 model, on CPython.

All time is a ManualClock's. Every transfer on the bus and every look at the counter takes some of
it, as on the chip, so that a loop that waits for time to pass comes to an end.
"""

import importlib
import io
import random
import sys
import types
from contextlib import contextmanager

from host_tools.simulator.clock import ManualClock
from host_tools.simulator.devices.ds3231 import DS3231
from host_tools.simulator.devices.i2c import I2CBus
from picototp.clock.log import ClockLog
from picototp.clock.monotonic import Monotonic
from picototp.clock.record import ClockRecord
from picototp.clock.setter import ClockSetter
from picototp.clock.timekeeper import Timekeeper

BUILT_UNIX_S = 1_793_491_200
NOW_UNIX_S = 1_795_442_709  # 2026-11-23 14:05:09

_TICKS_PERIOD = 1 << 30
_COUNTER_READ_NS = 4_000
_TRANSFER_OVERHEAD_NS = 100_000
_BYTE_NS = 22_500  # nine bits at 400 kHz


@contextmanager
def stand_in_modules(**names):
    """Modules that CPython does not have, with these attributes, while something is imported.

    A dot in a module's name is written as two underscores.
    """
    names = {name.replace("__", "."): attributes for name, attributes in names.items()}
    added = [name for name in names if name not in sys.modules]
    for name in added:
        sys.modules[name] = types.ModuleType(name)
        for attribute in names[name]:
            setattr(sys.modules[name], attribute, object)
    try:
        yield
    finally:
        for name in added:
            del sys.modules[name]


# For the annotations of the Adafruit packages, which CPython evaluates. The firmware then finds the
# driver imported.
with stand_in_modules(
    busio=["I2C"],
    circuitpython_typing=["ReadableBuffer", "WriteableBuffer"],
    circuitpython_typing__device_drivers=["I2CDeviceDriver"],
):
    importlib.import_module("adafruit_ds3231")


Rtc = importlib.import_module("picototp.board.rtc").Rtc
Storage = importlib.import_module("picototp.board.storage").Storage


class MemoryStorage(Storage):
    """The board's storage, its files in a dict; no file has room for more than `room_bytes`. With
    `broken`, whatever writes raises OSError."""

    room_bytes = 100_000

    def __init__(self):
        super().__init__("/")  # a folder that is there; nothing is opened in it
        self.files = {}
        self.broken = False

    def lose_power(self):
        """What is in RAM is gone."""
        super().__init__("/")

    def _check(self):
        if self.broken:
            raise OSError(28)

    def open_read(self, name):
        if name not in self.files:
            raise OSError(2)
        return io.BytesIO(self.files[name])

    def open_write(self, name):
        self._check()
        self.breathe(True)
        if self.before_write is not None:
            self.before_write()
        self.files[name] = b""
        return _Writer(self, name)

    def remove(self, name):
        self._check()
        if self.files.pop(name, None) is None:
            raise OSError(2)

    def exists(self, name):
        return name in self.files

    def names(self):
        return list(self.files)

    def touch(self, name):
        self._check()


class _Writer(io.BytesIO):
    def __init__(self, storage, name):
        super().__init__()
        self._storage = storage
        self._name = name

    def write(self, data):
        if self.tell() + len(data) > self._storage.room_bytes:
            raise OSError(28, "no space left")
        return super().write(data)

    def close(self):
        if not self.closed and self._name in self._storage.files:  # not removed while it was open
            self._storage.files[self._name] = self.getvalue()
        super().close()


class MachineI2C:
    """`machine.I2C` over the bus of the device models; transfers take time.

    `vanish_after`: the device is unplugged after so many more bytes.
    """

    def __init__(self, bus, clock, device):
        self._bus = bus
        self._clock = clock
        self._device = device
        self.vanish_after = None

    def _byte(self):
        self._clock.elapse_ns(_BYTE_NS)
        if self.vanish_after is not None:
            self.vanish_after -= 1
            if self.vanish_after < 0:
                self._device.present = False

    def _start(self, address, writing):
        self._clock.elapse_ns(_TRANSFER_OVERHEAD_NS)
        if not self._bus.start(address, writing):
            self._bus.stop()
            raise OSError(5)
        self._byte()

    def writeto(self, address, buffer, stop=True):
        self._start(address, True)
        acked = 0
        for value in bytes(buffer):
            self._byte()
            if not self._bus.write_byte(value):
                self._bus.stop()
                return acked
            acked += 1
        if stop:
            self._bus.stop()
        return acked

    def readfrom(self, address, count):
        buffer = bytearray(count)
        self.readfrom_into(address, buffer)
        return bytes(buffer)

    def readfrom_into(self, address, buffer, stop=True):
        self._start(address, False)
        for at in range(len(buffer)):
            self._byte()
            buffer[at] = self._bus.read_byte()
        self._bus.stop()


class Bench:
    """A DS3231 (`chip`) that holds true time unless it is changed, the firmware's Rtc on it, and a
    counter that runs `counter_ppm` too fast."""

    def __init__(self, counter_ppm=0, unix_s=NOW_UNIX_S, rtc_ppm=0.0):
        self.clock = ManualClock(5_000_000_000)
        self._zero_ns = unix_s * 1_000_000_000 - self.clock.now_ns()
        self._counter_ppm = counter_ppm
        self.chip = DS3231(self.clock, ppm=rtc_ppm)
        self.chip.set_unix_ns(self.true_unix_ns())
        self.bus = I2CBus()
        self.bus.attach(self.chip)
        self.i2c = MachineI2C(self.bus, self.clock, self.chip)
        self.storage = MemoryStorage()
        self.monotonic = Monotonic(self._ticks_us, self._ticks_diff)
        self.random = random.Random(7)
        self.restart()

    def restart(self):
        """The firmware starts anew: what is in flash and in the chip is all that it knows."""
        self.rtc = Rtc(self.i2c, self.chip.address)
        self.wire_clock()
        self.keeper.start()

    def wire_clock(self):
        """As wiring.py does it."""
        record = ClockRecord(self.storage)
        self.keeper = Timekeeper(self.rtc, self.monotonic, record, BUILT_UNIX_S)
        self.setter = ClockSetter(self.rtc, self.keeper, self.monotonic, ClockLog(self.storage))

    def true_unix_ns(self):
        return self._zero_ns + self.clock.now_ns()

    def _ticks_us(self):
        self.clock.elapse_ns(_COUNTER_READ_NS)
        ns = self.clock.now_ns()
        return (ns + ns * self._counter_ppm // 1_000_000) // 1000 % _TICKS_PERIOD

    @staticmethod
    def _ticks_diff(end, start):
        half = _TICKS_PERIOD // 2
        return (end - start + half) % _TICKS_PERIOD - half

    def turn(self, wait_ms=10):
        """One turn of the main loop."""
        self.setter.poll(self.monotonic.now_us())
        self.keeper.poll(self.monotonic.now_us())
        self.clock.elapse_ns(self.random.randrange(wait_ms * 900_000, wait_ms * 1_100_000))

    def run(self, seconds, wait_ms=10):
        """The main loop for so long."""
        end_ns = self.clock.now_ns() + round(seconds * 1e9)
        while self.clock.now_ns() < end_ns:
            self.turn(wait_ms)

    def error_us(self):
        """How far the token's idea of now is ahead of what its RTC holds."""
        idea_us = self.keeper.unix_us(self.monotonic.now_us())
        return idea_us - self.chip.unix_ns() / 1000

    def rtc_error_us(self):
        """How far the RTC is ahead of true time."""
        return (self.chip.unix_ns() - self.true_unix_ns()) / 1000

    def set_registers(self, first, *values):
        """Write registers behind the firmware's back."""
        assert self.bus.write(0x68, bytes((first, *values))) == 1 + len(values)
