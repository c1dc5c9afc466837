"""Register-level model of the DS3231 real-time clock (Analog Devices data sheet DS3231).

Time runs on an oscillator of its own, in integer arithmetic. Its rate error in ppm is

    ppm + temperature_coefficient_ppm_per_c * (temperature_c - 25) - 0.1 * aging

where the aging offset counts from the end of the next temperature conversion on (data sheet,
"Aging Offset"). One temperature conversion takes 200 ms, the data sheet's maximum; one starts at
power-up and every 64 s, and one when CONV is written.

Where the data sheet leaves the behaviour open, we chose:
- A time or date that does not exist is kept as written and stands still until it is corrected; the
  countdown chain keeps its phase meanwhile.
- A day of the week of 0 does not stop the clock and becomes 1 at midnight.
- Register addresses above 0x12 read 0xFF and ignore writes, and wrap from 0xFF to 0x00.
- CONV written during a conversion waits for the end of that conversion and starts no other.
- Alarm registers are 0 after the first power-up.
"""

import threading
from collections.abc import Callable
from typing import Any

from host_tools.simulator.clock import NS_PER_S, Clock, seconds_to_ns
from host_tools.simulator.devices import ds3231_calendar as calendar
from host_tools.simulator.devices.ds3231_oscillator import (
    CONVERSION_PERIOD_NS,
    SECOND,
    Oscillator,
)
from host_tools.simulator.devices.i2c import I2CDevice

REGISTER_COUNT = 0x13
TIME_REGISTERS = 7
ALARM_1, ALARM_2 = 0x07, 0x0B
CONTROL, STATUS, AGING, TEMPERATURE = 0x0E, 0x0F, 0x10, 0x11

EOSC, BBSQW, CONV, INTCN, A2IE, A1IE = 0x80, 0x40, 0x20, 0x04, 0x02, 0x01
OSF, EN32KHZ, BSY, A2F, A1F = 0x80, 0x08, 0x04, 0x02, 0x01
_STATUS_FLAGS = OSF | A2F | A1F  # set by the chip, and only cleared over the bus
_SQUARE_WAVE_HZ = (1, 1024, 4096, 8192)  # by RS2:RS1, control bits 4 and 3

# Data sheet figure 1: bits shown as 0 cannot be written. From control on: `_write_register`.
_WRITE_MASKS = bytes.fromhex("7f7f7f073f9fff" + "ff" * 7)
# "On first application of power": 01/01/00 01 00:00:00; control 0x1C; OSF and EN32kHz set.
_RESET = bytes.fromhex("00000001010100" + "00" * 7 + "1c88000000")


class DS3231(I2CDevice):
    """The chip with its coin cell; `clock` is the true time that passes for it.

    With `flat_cell` it forgets everything when its supply goes.
    `on_change`, if set, is called without arguments after whatever else than the passing of time
    may have changed the chip's state, so that the owner can save a `snapshot`.
    """

    name = "ds3231"
    address = 0x68
    acknowledges_all = True

    def __init__(
        self,
        clock: Clock,
        ppm: float = 0.0,
        temperature_c: float = 25.0,
        temperature_coefficient_ppm_per_c: float = 0.01,
    ):
        self.on_change: Callable[[], None] | None = None
        self._lock = threading.RLock()
        self._clock = clock
        self._skipped_ns = 0  # by advance()
        self._vcc = True
        self.flat_cell = False
        self._oscillator = Oscillator(ppm, temperature_c, temperature_coefficient_ppm_per_c)
        self._power_up()
        self._pointer = 0
        self._pointer_expected = False
        self._written = False
        self._latch = bytes(TIME_REGISTERS)

    def _power_up(self) -> None:
        self._registers = bytearray(_RESET)
        self._at_ns = self._now_ns()
        self._oscillator.power_up(self._at_ns)

    def _now_ns(self) -> int:
        return self._clock.now_ns() + self._skipped_ns

    # The bus.

    def _begin(self, writing: bool) -> None:
        with self._lock:
            self._sync()
            self._latch = bytes(self._registers[:TIME_REGISTERS])
            self._pointer_expected = writing

    def write_byte(self, value: int) -> bool:
        """The register address first, then data; data count at this very moment, byte by byte."""
        with self._lock:
            if self._pointer_expected:
                self._pointer_expected = False
                self._pointer = value
                return True
            self._sync()
            self._write_register(self._pointer, value)
            self._advance_pointer()
            self._written = True
            return True

    def read_byte(self) -> int:
        """The next register; time and date come from what START latched."""
        with self._lock:
            self._sync()
            if self._pointer < TIME_REGISTERS:
                value = self._latch[self._pointer]
            elif self._pointer < REGISTER_COUNT:
                value = self._read_register(self._pointer)
            else:
                value = 0xFF
            self._advance_pointer()
            return value

    def stop(self) -> None:
        """Reports the writes of this transfer."""
        written, self._written = self._written, False
        if written:
            self._changed()

    def _advance_pointer(self) -> None:
        if self._pointer in (REGISTER_COUNT - 1, 0xFF):
            self._pointer = 0
            self._latch = bytes(self._registers[:TIME_REGISTERS])
        else:
            self._pointer += 1

    def _write_register(self, register: int, value: int) -> None:
        if register < CONTROL:
            self._registers[register] = value & _WRITE_MASKS[register]
            if register == 0:
                self._oscillator.phase = 0  # resets the countdown chain
        elif register == CONTROL:
            self._registers[CONTROL] = value & ~CONV
            if value & CONV:
                self._oscillator.start_conversion(self._at_ns)
        elif register == STATUS:
            kept = self._registers[STATUS] & value & _STATUS_FLAGS
            self._registers[STATUS] = kept | (value & EN32KHZ)
        elif register == AGING:
            self._registers[AGING] = value

    def _read_register(self, register: int) -> int:
        if register == CONTROL:
            return self._registers[CONTROL] | (CONV if self._oscillator.converting else 0)
        if register == STATUS:
            return self._registers[STATUS] | (BSY if self._oscillator.busy(self._at_ns) else 0)
        if register >= TEMPERATURE:
            return self._oscillator.temperature_registers()[register - TEMPERATURE]
        return self._registers[register]

    # The passing of time.

    def _sync(self) -> None:
        """Brings registers and phase to the present."""
        now_ns = self._now_ns()
        if now_ns <= self._at_ns:
            return
        if self._vcc or not self._registers[CONTROL] & EOSC:
            seconds = self._oscillator.run(self._at_ns, now_ns, self.aging)
            if seconds:
                self._tick(seconds)
        self._at_ns = now_ns

    def _tick(self, seconds: int) -> None:
        moment = calendar.decode(self._registers[:TIME_REGISTERS])
        if moment is None:
            return
        alarms = (
            (A1F, bytes(self._registers[ALARM_1 : ALARM_1 + 4])),
            (A2F, b"\x00" + self._registers[ALARM_2 : ALARM_2 + 3]),
        )
        for flag, alarm in alarms:
            if self._registers[STATUS] & flag:
                continue
            if calendar.alarm_matches(alarm, moment, seconds):
                self._registers[STATUS] |= flag
        self._registers[:TIME_REGISTERS] = calendar.encode(moment.plus(seconds))

    def int_sqw_level(self) -> bool:
        """The INT/SQW pin with its pull-up, now.

        The 1 Hz wave is low for the first half of each second: it rises 500 ms after the seconds
        register is written and falls at the rollover.
        """
        with self._lock:
            self._sync()
            control = self._registers[CONTROL]
            if not self._vcc and not control & BBSQW:
                return True
            if control & INTCN:
                enabled = control & (A2IE | A1IE)  # the same bits as A2F and A1F
                return not self._registers[STATUS] & enabled
            frequency_hz = _SQUARE_WAVE_HZ[control >> 3 & 3]
            return bool(self._oscillator.phase * frequency_hz * 2 // SECOND & 1)

    # The test rig's side.

    def unix_ns(self) -> int | None:
        """Unix time that the chip holds, in ns, phase of the second included.

        None if the registers hold no valid time. The century bit means 2100 to 2199.
        """
        with self._lock:
            self._sync()
            moment = calendar.decode(self._registers[:TIME_REGISTERS])
            seconds = None if moment is None else calendar.to_unix(moment)
            if seconds is None:
                return None
            return seconds * NS_PER_S + self._oscillator.phase_ns

    def unix(self) -> float | None:
        """`unix_ns` in seconds, good to about a quarter of a microsecond."""
        value = self.unix_ns()
        return None if value is None else value / NS_PER_S

    def set_unix_ns(self, value: int) -> None:
        """Sets time, date, weekday (1 = Monday) and phase as if set perfectly, and clears OSF.

        ValueError outside the years 2000 to 2199.
        """
        seconds, ns = divmod(value, NS_PER_S)
        registers = calendar.encode(calendar.from_unix(seconds))
        with self._lock:
            self._sync()
            self._registers[:TIME_REGISTERS] = registers
            self._registers[STATUS] &= ~OSF
            self._oscillator.phase_ns = ns
        self._changed()

    def advance(self, seconds: float) -> None:
        """Lets time pass for this chip alone, drifting as it would; ValueError if negative."""
        self.advance_ns(seconds_to_ns(seconds))

    def advance_ns(self, duration_ns: int) -> None:
        """The same in nanoseconds, exact."""
        if duration_ns < 0:
            raise ValueError(f"time cannot run backwards: {duration_ns} ns")
        with self._lock:
            self._sync()
            self._skipped_ns += duration_ns
            self._sync()
        self._changed()

    @property
    def ppm(self) -> float:
        """Rate error at 25 C with aging 0, in ppm; positive is fast. Settable, below 1 %."""
        return self._oscillator.ppm

    @ppm.setter
    def ppm(self, value: float) -> None:
        with self._lock:
            self._sync()
            self._oscillator.set_ppm(value)
        self._changed()

    @property
    def temperature_c(self) -> float:
        """True temperature of the chip in degrees Celsius; settable, -128 to 127."""
        return self._oscillator.temperature_c

    @temperature_c.setter
    def temperature_c(self, value: float) -> None:
        with self._lock:
            self._sync()
            self._oscillator.set_temperature_c(value)
        self._changed()

    @property
    def osf(self) -> bool:
        """The oscillator-stop flag; settable."""
        return bool(self._registers[STATUS] & OSF)

    @osf.setter
    def osf(self, value: bool) -> None:
        with self._lock:
            self._sync()
            self._registers[STATUS] = (self._registers[STATUS] & ~OSF) | (OSF if value else 0)
        self._changed()

    @property
    def aging(self) -> int:
        """The aging offset register, -128 to 127; about 0.1 ppm a step, positive slows."""
        value = self._registers[AGING]
        return value - 256 if value > 127 else value

    def registers_hex(self) -> str:
        """All 19 registers as they are now, as 38 hex digits."""
        with self._lock:
            self._sync()
            return bytes(self._read_register(r) for r in range(REGISTER_COUNT)).hex()

    def set_vcc(self, on: bool) -> None:
        """Main supply on, or off with the coin cell taking over."""
        with self._lock:
            self._switch_vcc(on)
        self._changed()

    def _switch_vcc(self, on: bool) -> None:
        self._sync()
        if on and not self._vcc and self.flat_cell:
            self._power_up()
        self._vcc = on
        if not on and self._registers[CONTROL] & EOSC:
            self._registers[STATUS] |= OSF

    def be_a_ds3231m(self, m: bool) -> None:
        """Measure the temperature every second, as a DS3231M does, or every 64 s.

        That is what tells them apart over the bus (DS3231M data sheet, "Power Control"). How long
        its conversion takes is our choice: as long as the DS3231's.
        """
        with self._lock:
            self._sync()
            period_ns = NS_PER_S if m else CONVERSION_PERIOD_NS
            self._oscillator.convert_every(period_ns, self._at_ns)

    def lose_power(self) -> None:
        """Both supplies vanish and come back: everything is as at the first power-up."""
        with self._lock:
            self._power_up()
        self._changed()

    def snapshot(self) -> dict[str, Any]:
        """The whole state, ready for JSON; integers may be longer than 64 bits."""
        with self._lock:
            self._sync()
            return {
                "registers": self._registers.hex(),
                "oscillator": self._oscillator.snapshot(self._at_ns),
            }

    def restore(self, state: dict[str, Any], elapsed_ns: int = 0) -> None:
        """Takes a snapshot back and lets `elapsed_ns` pass on the coin cell, drifting.

        ValueError if the state is not one of ours or the time negative; nothing changes then.
        """
        if elapsed_ns < 0:
            raise ValueError(f"time cannot run backwards: {elapsed_ns} ns")
        try:
            registers = bytearray.fromhex(state["registers"])
            if len(registers) != REGISTER_COUNT:
                raise ValueError("a DS3231 has 19 registers")
            with self._lock:
                now_ns = self._now_ns()
                oscillator = Oscillator.restored(state["oscillator"], now_ns)
                self._registers, self._oscillator, self._at_ns = registers, oscillator, now_ns
                vcc = self._vcc
                self._switch_vcc(False)
                self._skipped_ns += elapsed_ns
                self._switch_vcc(vcc)
        except (KeyError, TypeError) as error:
            raise ValueError("not a DS3231 snapshot") from error
        self._changed()

    def _changed(self) -> None:
        # Outside the lock: the owner will want a snapshot, perhaps under a lock of its own.
        if self.on_change is not None:
            self.on_change()
