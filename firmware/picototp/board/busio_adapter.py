"""Lets the Adafruit driver of the DS3231 run on MicroPython. Loaded when the chip is written to.

The driver expects CircuitPython's `busio.I2C` and a `time` module with `struct_time`; MicroPython
has `machine.I2C` and neither. This is all that it misses.
"""

from collections import namedtuple
from errno import EIO, ENODEV

from adafruit_ds3231 import DS3231
from adafruit_register import i2c_bcd_datetime

StructTime = namedtuple(
    "StructTime",
    (
        "tm_year",
        "tm_mon",
        "tm_mday",
        "tm_hour",
        "tm_min",
        "tm_sec",
        "tm_wday",
        "tm_yday",
        "tm_isdst",
    ),
)


class _TimeWithStructTime:
    """Stands in for the `time` module within `adafruit_register.i2c_bcd_datetime`."""

    @staticmethod
    def struct_time(fields: tuple) -> StructTime:
        return StructTime(*fields)


i2c_bcd_datetime.time = _TimeWithStructTime  # type: ignore[assignment]


def writer_on(i2c) -> tuple:
    """The adapter of a bus, the driver on it, and what makes a time for that of one as
    calendar.utc_from_unix has it. OSError if no chip answers."""
    bus = BusioI2C(i2c)
    try:
        return bus, DS3231(bus), _time_of
    except ValueError:
        raise OSError(ENODEV) from None


def _time_of(utc: tuple):
    return StructTime(*utc, -1, -1)  # type: ignore[call-arg]


class BusioI2C:
    """`busio.I2C`'s methods over a `machine.I2C`.

    `around_write`, if set, is a pair of functions that are called once, just before and just after
    the next transfer that writes, when all that the driver prepares is done.
    """

    def __init__(self, i2c):
        self._i2c = i2c
        self.around_write = None

    def try_lock(self) -> bool:
        """One program, one thread: the bus is always free."""
        return True

    def unlock(self) -> None:
        """Nothing to give back."""

    def writeto(self, address, buffer, *, start=0, end=None) -> None:
        """Write `buffer[start:end]`. OSError if a byte is not acknowledged."""
        end = len(buffer) if end is None else end
        self._write(address, memoryview(buffer)[start:end], True)

    def readfrom_into(self, address, buffer, *, start=0, end=None) -> None:
        """Read into `buffer[start:end]`."""
        end = len(buffer) if end is None else end
        self._i2c.readfrom_into(address, memoryview(buffer)[start:end])

    def writeto_then_readfrom(
        self,
        address,
        out_buffer,
        in_buffer,
        *,
        out_start=0,
        out_end=None,
        in_start=0,
        in_end=None,
    ) -> None:
        """Write, and read after a repeated start, so that all registers are one moment's."""
        out_end = len(out_buffer) if out_end is None else out_end
        in_end = len(in_buffer) if in_end is None else in_end
        self._write(address, memoryview(out_buffer)[out_start:out_end], False)
        self._i2c.readfrom_into(address, memoryview(in_buffer)[in_start:in_end])

    def _write(self, address, data, stop) -> None:
        around, self.around_write = self.around_write, None
        if around is not None:
            around[0]()
        # MicroPython raises for an address that nobody has; of data it only counts what arrived.
        if self._i2c.writeto(address, data, stop) != len(data):
            raise OSError(EIO)
        if around is not None:
            around[1]()
