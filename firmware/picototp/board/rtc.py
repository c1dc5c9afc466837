"""The DS3231, through the Adafruit driver, as Unix seconds.

What the driver does not look at is looked at here: whether the oscillator has stopped since the
time was set (OSF), whether the registers hold BCD at all, and the 12-hour mode, which nothing here
ever sets. Names and addresses of registers: DS3231 data sheet, "Timekeeping Registers" (table 1).
"""

from errno import EIO

from adafruit_ds3231 import DS3231

from picototp.board.busio_adapter import BusioI2C, StructTime
from picototp.clock import calendar
from picototp.clock.states import MISSING, NOT_SET, UNREADABLE, ClockError

_REGISTER_SECONDS = b"\x00"
_REGISTER_CONTROL = b"\x0e"
_REGISTER_STATUS = b"\x0f"
# INTCN, RS1 and RS2: the pin is for alarms, or its wave is faster than one a second.
_CONTROL_NO_SECONDS = 0x1C
_HOURS_12_HOUR_MODE = 0x40
# Which bits of the seven time registers are BCD; the others are mode, century, or always zero.
_BCD_BITS = b"\x7f\x7f\x3f\x07\x3f\x1f\xff"


class Rtc:
    """Reads and sets the DS3231 at `address` on a `machine.I2C`. All methods raise ClockError."""

    # From the start of the write to the acknowledge of the seconds byte, which starts the second:
    # 28 bits at 400 kHz, and the driver's way there.
    write_latency_us = 140

    def __init__(self, i2c, address: int):
        self._i2c = i2c
        self._address = address
        self._bus = BusioI2C(i2c)
        self._driver: DS3231 | None = None
        self._one_byte = bytearray(1)

    def _device(self) -> DS3231:
        """The driver. It probes the chip when it is made, so it is made again after the chip was
        missing."""
        if self._driver is None:
            try:
                driver = DS3231(self._bus)
            except ValueError:
                raise ClockError(MISSING, "no DS3231 answers") from None
            self._start_square_wave()
            self._driver = driver
        return self._driver

    def _start_square_wave(self) -> None:
        """One cycle a second on the SQW pin; the driver has no name for these bits."""
        control = self._read_register(_REGISTER_CONTROL)
        wanted = control & ~_CONTROL_NO_SECONDS
        if wanted != control:
            self._i2c.writeto(self._address, _REGISTER_CONTROL + bytes((wanted,)))

    def _read_register(self, register: bytes) -> int:
        if self._i2c.writeto(self._address, register, False) != 1:
            raise OSError(EIO)
        self._i2c.readfrom_into(self._address, self._one_byte)
        return self._one_byte[0]

    def _lost(self, error: OSError) -> ClockError:
        self._driver = None
        return ClockError(MISSING, f"the DS3231 stopped answering (error {error.errno})")

    def read(self) -> int:
        """Unix seconds that the registers hold, read in one burst."""
        try:
            device = self._device()
            if device.lost_power:
                raise ClockError(NOT_SET, "the oscillator stopped since the clock was set")
            fields = device.datetime
        except OSError as error:
            raise self._lost(error) from None
        raw = self._bus.last_read
        if raw[2] & _HOURS_12_HOUR_MODE or not _is_bcd(raw):
            raise ClockError(UNREADABLE, "the registers hold no 24-hour BCD time")
        try:
            return calendar.unix_from_utc(*fields[:6])
        except ValueError:
            raise ClockError(UNREADABLE, "the registers hold no date") from None

    def read_seconds(self) -> int:
        """The seconds register as it is (BCD): the quickest way to see a rollover."""
        try:
            return self._read_register(_REGISTER_SECONDS)
        except OSError as error:
            raise self._lost(error) from None

    def look(self) -> tuple | None:
        """Registers as they are: seconds, control, status; None if nothing answers."""
        try:
            return (
                self._read_register(_REGISTER_SECONDS),
                self._read_register(_REGISTER_CONTROL),
                self._read_register(_REGISTER_STATUS),
            )
        except OSError:
            self._driver = None
            return None

    def write(self, unix_s: int, around=None) -> None:
        """Set the time. Starts the oscillator and clears OSF.

        `around` is a pair of functions: one is called when everything else is prepared, and the
        second begins `write_latency_us` after its end; the other when that transfer is done.
        """
        year, month, day, hour, minute, second, weekday = calendar.utc_from_unix(unix_s)
        fields = StructTime(year, month, day, hour, minute, second, weekday, -1, -1)
        device = self._device()
        self._bus.around_write = around
        try:
            device.datetime = fields
            self._start_square_wave()  # it stopped if both supplies were lost
        except OSError as error:
            raise self._lost(error) from None
        finally:
            self._bus.around_write = None

    def temperature_c(self) -> float:
        """Degrees Celsius in steps of 0.25."""
        return self._ask(lambda device: device.temperature)

    def aging(self) -> int:
        """The aging register, -128 to 127, about 0.1 ppm a step; positive slows the clock."""
        return self._ask(lambda device: device.calibration)

    def set_aging(self, aging: int) -> None:
        """Write the aging register and have a temperature conversion apply it: up to 0.4 s."""
        device = self._device()
        try:
            device.calibration = aging
        except OSError as error:
            raise self._lost(error) from None

    def _ask(self, question):
        try:
            return question(self._device())
        except OSError as error:
            raise self._lost(error) from None


def _is_bcd(raw: bytes) -> bool:
    for value, mask in zip(raw, _BCD_BITS):  # noqa: B905  MicroPython's zip has no strict
        value &= mask
        if value & 0x0F > 9 or value >> 4 > 9:
            return False
    return True
