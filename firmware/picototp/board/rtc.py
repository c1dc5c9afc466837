"""The DS3231 as Unix seconds: read here, and written through the Adafruit driver.

Each start reads the time, and few set it. The driver takes 17 KB of memory and 0.1 s to load, so it
comes with the first setting or trim. What it does not look at has to be looked at here anyway:
whether the oscillator has stopped since the time was set (OSF), whether the registers hold BCD at
all, and the 12-hour mode, which nothing here ever sets. Names and addresses of registers: DS3231
data sheet, "Timekeeping Registers" (table 1).
"""

from errno import EIO

from picototp.clock import calendar
from picototp.clock.states import MISSING, NOT_SET, UNREADABLE, ClockError

_REGISTER_SECONDS = b"\x00"
_REGISTER_CONTROL = b"\x0e"
_REGISTER_STATUS = b"\x0f"
_REGISTER_AGING = b"\x10"
_REGISTER_TEMPERATURE = b"\x11"
# INTCN, RS1 and RS2: the pin is for alarms, or its wave is faster than one a second.
_CONTROL_NO_SECONDS = 0x1C
_STATUS_STOPPED = 0x80  # OSF
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
        self._one_byte = bytearray(1)
        self._time_bytes = bytearray(7)
        self._is_known = False  # it has answered, and its square wave runs, since it was missing
        self._writer: tuple | None = None  # (bus, driver, what makes a time for it), once loaded

    # --- registers -------------------------------------------------------------------------------

    def _read_into(self, register: bytes, buffer: bytearray) -> bytearray:
        """As many registers as the buffer has bytes, from that one on, all of one moment."""
        if self._i2c.writeto(self._address, register, False) != 1:
            raise OSError(EIO)
        self._i2c.readfrom_into(self._address, buffer)
        return buffer

    def _read_register(self, register: bytes) -> int:
        return self._read_into(register, self._one_byte)[0]

    def _start_square_wave(self) -> None:
        """One cycle a second on the SQW pin; the driver has no name for these bits."""
        control = self._read_register(_REGISTER_CONTROL)
        wanted = control & ~_CONTROL_NO_SECONDS
        if wanted != control:
            self._i2c.writeto(self._address, _REGISTER_CONTROL + bytes((wanted,)))

    def _ask(self, question):
        """What `question()` answers of a chip whose square wave runs."""
        try:
            if not self._is_known:
                self._start_square_wave()
                self._is_known = True
            return question()
        except OSError as error:
            raise self._lost(error) from None

    def _lost(self, error: OSError) -> ClockError:
        was_known, self._is_known = self._is_known, False
        if not was_known:
            return ClockError(MISSING, "no DS3231 answers")
        return ClockError(MISSING, f"the DS3231 stopped answering (error {error.errno})")

    # --- reading ---------------------------------------------------------------------------------

    def read(self) -> int:
        """Unix seconds that the registers hold, read in one burst."""
        if self._ask(lambda: self._read_register(_REGISTER_STATUS)) & _STATUS_STOPPED:
            raise ClockError(NOT_SET, "the oscillator stopped since the clock was set")
        raw = self._ask(lambda: self._read_into(_REGISTER_SECONDS, self._time_bytes))
        if raw[2] & _HOURS_12_HOUR_MODE or not _is_bcd(raw):
            raise ClockError(UNREADABLE, "the registers hold no 24-hour BCD time")
        second, minute, hour, _, day, month, year = (
            (value & mask) - 6 * ((value & mask) >> 4)
            for value, mask in zip(raw, _BCD_BITS)  # noqa: B905
        )
        try:
            return calendar.unix_from_utc(2000 + year, month, day, hour, minute, second)
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
            self._is_known = False
            return None

    def temperature_c(self) -> float:
        """Degrees Celsius in steps of 0.25."""
        high, low = self._ask(lambda: self._read_into(_REGISTER_TEMPERATURE, bytearray(2)))
        return _signed(high) + (low >> 6) / 4

    def aging(self) -> int:
        """The aging register, -128 to 127, about 0.1 ppm a step; positive slows the clock."""
        return _signed(self._ask(lambda: self._read_register(_REGISTER_AGING)))

    # --- writing ---------------------------------------------------------------------------------

    def prepare_to_write(self) -> None:
        """Load what writes, which takes 0.1 s: call it when there is time for that."""
        if self._writer is None:
            self._ask(self._load_writer)

    def _load_writer(self) -> None:
        from picototp.board import busio_adapter

        self._writer = busio_adapter.writer_on(self._i2c)

    def write(self, unix_s: int, around=None) -> None:
        """Set the time. Starts the oscillator and clears OSF.

        `around` is a pair of functions: one is called when everything else is prepared, and the
        second begins `write_latency_us` after its end; the other when that transfer is done.
        """
        utc = calendar.utc_from_unix(unix_s)
        self.prepare_to_write()
        bus, driver, time_of = self._writer  # type: ignore[misc]
        bus.around_write = around
        try:
            driver.datetime = time_of(utc)
            self._start_square_wave()  # it stopped if both supplies were lost
        except OSError as error:
            raise self._lost(error) from None
        finally:
            bus.around_write = None

    def set_aging(self, aging: int) -> None:
        """Write the aging register and have a temperature conversion apply it: up to 0.4 s."""
        self.prepare_to_write()
        try:
            self._writer[1].calibration = aging  # type: ignore[index]
        except OSError as error:
            raise self._lost(error) from None


def _signed(byte: int) -> int:
    return byte - 256 if byte > 127 else byte


def _is_bcd(raw: bytes) -> bool:
    for value, mask in zip(raw, _BCD_BITS):  # noqa: B905  MicroPython's zip has no strict
        value &= mask
        if value & 0x0F > 9 or value >> 4 > 9:
            return False
    return True
