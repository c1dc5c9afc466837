"""The DS3231's oscillator: countdown chain, rate error, and the temperature conversions.

Phase is counted in units of 1e-12 ns ("ticks" here), so that a rate with a resolution of 1e-6 ppm
adds up without rounding, over any number of steps.
"""

from typing import Any

from host_tools.simulator.clock import NS_PER_S

TICKS_PER_NS = 10**12
SECOND = NS_PER_S * TICKS_PER_NS
_TICKS_PER_PPM = 10**6

AGING_PPM_PER_STEP = 0.1  # data sheet, "Aging Offset": about 0.1 ppm per LSB at 25 C
REFERENCE_C = 25.0
CONVERSION_PERIOD_NS = 64 * NS_PER_S
CONVERSION_NS = 200_000_000  # tCONV, 125 ms typical, 200 ms at most
BUSY_DELAY_NS = 2_000_000  # a CONV request shows in BSY only after about 2 ms
_MAX_PPM = 10_000.0


class Oscillator:
    """Turns true elapsed time into the chip's own seconds.

    `phase` is the time since the last rollover of the seconds, in ticks, below SECOND.
    """

    def __init__(self, ppm: float, temperature_c: float, coefficient_ppm_per_c: float):
        self.coefficient_ppm_per_c = float(coefficient_ppm_per_c)
        self.conversion_period_ns = CONVERSION_PERIOD_NS
        self.set_ppm(ppm)
        self.set_temperature_c(temperature_c)
        self.power_up(0)

    def power_up(self, now_ns: int) -> None:
        """State after the first application of power; a conversion starts."""
        self.phase = 0
        self._applied_aging = 0
        self._measured_quarters_c = 0  # the temperature registers, in 0.25 C
        self._automatic_ns = now_ns  # start of the running or next automatic conversion
        self._requested_ns: int | None = None  # start of a conversion that CONV asked for
        self._done_ns: int | None = None  # and its end

    def set_ppm(self, value: float) -> None:
        """Rate error at 25 C; ValueError if it is 1 % or more."""
        if not -_MAX_PPM < value < _MAX_PPM:
            raise ValueError(f"a rate error of {value} ppm is no crystal's")
        self.ppm = float(value)

    def set_temperature_c(self, value: float) -> None:
        """True temperature; ValueError if the temperature registers could not hold it."""
        if not -128 <= value <= 127:
            raise ValueError(f"{value} C is outside the DS3231's range")
        self.temperature_c = float(value)

    @property
    def phase_ns(self) -> int:
        """Nanoseconds since the last rollover."""
        return self.phase // TICKS_PER_NS

    @phase_ns.setter
    def phase_ns(self, value: int) -> None:
        self.phase = value * TICKS_PER_NS

    def run(self, start_ns: int, end_ns: int, aging: int) -> int:
        """Lets time pass from `start_ns` to `end_ns`; returns how often the seconds rolled over.

        `aging` is the aging offset register all that time.
        """
        while start_ns < end_ns:
            # Once a conversion would change nothing any more, one step covers all the rest.
            step_ns = end_ns
            if self._applied_aging != aging:
                step_ns = min(end_ns, self._next_done_ns())
            self.phase += (step_ns - start_ns) * self._ticks_per_ns()
            start_ns = step_ns
            self._finish_conversions(start_ns, aging)
        seconds, self.phase = divmod(self.phase, SECOND)
        return seconds

    def _ticks_per_ns(self) -> int:
        total_ppm = (
            self.ppm
            + self.coefficient_ppm_per_c * (self.temperature_c - REFERENCE_C)
            - AGING_PPM_PER_STEP * self._applied_aging
        )
        return TICKS_PER_NS + round(total_ppm * _TICKS_PER_PPM)

    # Temperature conversions.

    def convert_every(self, period_ns: int, now_ns: int) -> None:
        """Start the next automatic conversion now, and then one in each period."""
        self.conversion_period_ns = period_ns
        self._automatic_ns = now_ns

    @property
    def converting(self) -> bool:
        """Whether a conversion that CONV asked for is still to finish."""
        return self._done_ns is not None

    def busy(self, now_ns: int) -> bool:
        """The BSY flag."""
        if now_ns >= self._automatic_ns:
            return True
        return self._requested_ns is not None and now_ns >= self._requested_ns + BUSY_DELAY_NS

    def start_conversion(self, now_ns: int) -> None:
        """CONV was written 1; a conversion that is under way already serves it."""
        if self._done_ns is not None:
            return
        if now_ns >= self._automatic_ns:
            self._done_ns = self._automatic_ns + CONVERSION_NS
        else:
            self._requested_ns = now_ns
            self._done_ns = now_ns + CONVERSION_NS

    def temperature_registers(self) -> bytes:
        """Registers 0x11 and 0x12: a ten-bit two's complement number of 0.25 C, left-aligned."""
        return (self._measured_quarters_c * 64 & 0xFFFF).to_bytes(2, "big")

    def _next_done_ns(self) -> int:
        automatic_ns = self._automatic_ns + CONVERSION_NS
        return automatic_ns if self._done_ns is None else min(automatic_ns, self._done_ns)

    def _finish_conversions(self, now_ns: int, aging: int) -> None:
        if now_ns < self._next_done_ns():
            return
        if self._done_ns is not None and self._done_ns <= now_ns:
            self._requested_ns = self._done_ns = None
        late_ns = now_ns - (self._automatic_ns + CONVERSION_NS)
        if late_ns >= 0:
            period_ns = self.conversion_period_ns
            self._automatic_ns += (late_ns // period_ns + 1) * period_ns
        self._measured_quarters_c = round(self.temperature_c * 4)
        self._applied_aging = aging

    # Persistence.

    def snapshot(self, now_ns: int) -> dict[str, Any]:
        """State for `restored`; times are relative to now."""
        return {
            "ppm": self.ppm,
            "temperature_c": self.temperature_c,
            "coefficient_ppm_per_c": self.coefficient_ppm_per_c,
            "phase": self.phase,
            "applied_aging": self._applied_aging,
            "measured_quarters_c": self._measured_quarters_c,
            "automatic_in_ns": self._automatic_ns - now_ns,
            "requested_in_ns": None if self._requested_ns is None else self._requested_ns - now_ns,
            "done_in_ns": None if self._done_ns is None else self._done_ns - now_ns,
        }

    @classmethod
    def restored(cls, state: dict[str, Any], now_ns: int) -> "Oscillator":
        """The oscillator of a snapshot; KeyError, TypeError or ValueError if it is not one."""
        oscillator = cls(state["ppm"], state["temperature_c"], state["coefficient_ppm_per_c"])
        oscillator.phase = int(state["phase"])
        oscillator._applied_aging = int(state["applied_aging"])
        oscillator._measured_quarters_c = int(state["measured_quarters_c"])
        oscillator._automatic_ns = now_ns + state["automatic_in_ns"]
        if state["done_in_ns"] is not None:
            oscillator._done_ns = now_ns + state["done_in_ns"]
        if state["requested_in_ns"] is not None:
            oscillator._requested_ns = now_ns + state["requested_in_ns"]
        return oscillator
