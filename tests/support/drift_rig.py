"""A DS3231 model that is synced day by day, as synctime.py does it, in a time that tests move."""

import math
import random

from host_tools.clock.drift import DAY_S
from host_tools.clock.history import Measurement, Record, Trim
from host_tools.clock.trim import decide
from host_tools.simulator.clock import ManualClock
from host_tools.simulator.devices.ds3231 import AGING, CONTROL, CONV, DS3231
from host_tools.simulator.devices.i2c import I2CBus

START_S = 1_800_000_000
NOISE_S = 0.002
HOUR_S = 3600
COEFFICIENT_PPM_PER_C = 0.01
SEED = 20240229


class BackwardsDS3231(DS3231):
    """A chip whose aging register works the wrong way round."""

    @property
    def aging(self) -> int:
        """What the oscillator heeds; the register reads as it was written."""
        return -super().aging


class SyncedClock:
    """One chip, the true time, and the records of its syncs.

    The temperature swings by `swing_c` from its warmest to its coldest, once a day. Measurements
    are off by up to `noise_s` either way, and say so.
    """

    def __init__(self, ppm, swing_c=0.0, noise_s=NOISE_S, chip=DS3231, seed=SEED) -> None:
        print(f"seed {seed}")
        self._random = random.Random(seed)
        self._noise_s, self._swing_c = noise_s, swing_c
        self._time = ManualClock()
        options = {"temperature_coefficient_ppm_per_c": COEFFICIENT_PPM_PER_C}
        self.rtc = chip(self._time, ppm=ppm, **options)
        self._bus = I2CBus()
        self._bus.attach(self.rtc)
        self.rtc.set_unix_ns(START_S * 1_000_000_000)
        self.aging = 0
        self.set_unix_s = 0
        self.records: list[Record] = []

    @property
    def unix_s(self) -> float:
        """True time."""
        return START_S + self._time.now_ns() / 1e9

    def error_s(self) -> float:
        """How far the chip is truly ahead."""
        true_ns = START_S * 1_000_000_000 + self._time.now_ns()
        return (self.rtc.unix_ns() - true_ns) / 1e9

    def live(self, days: float) -> None:
        """Let time pass, in hours of one temperature each."""
        for _ in range(round(days * 24)):
            turn = self._time.now_ns() / 1e9 / DAY_S * 2 * math.pi
            self.rtc.temperature_c = 25 + self._swing_c / 2 * math.sin(turn)
            self._time.elapse(HOUR_S)

    def sync_daily(self, days: int) -> None:
        """Live so long, with a sync at the end of each day."""
        for _ in range(days):
            self.live(1)
            self.sync()

    def measure(self, after_set=False) -> None:
        """Record the error as a computer sees it."""
        seen_s = self.error_s() + self._random.uniform(-self._noise_s, self._noise_s)
        temperature_c = self.rtc.temperature_c
        self.records.append(
            Measurement(
                self.unix_s,
                seen_s,
                self._noise_s,
                after_set,
                self.aging,
                temperature_c,
                "ntp",
                self.set_unix_s,
            )
        )

    def set(self) -> None:
        """Set it to true time, as well as that is known, and measure again."""
        self.set_elsewhere()
        self.measure(after_set=True)

    def set_elsewhere(self) -> None:
        """Set it so that the token knows of it and the records do not."""
        true_ns = START_S * 1_000_000_000 + self._time.now_ns()
        self.rtc.set_unix_ns(true_ns + round(self._random.uniform(-self._noise_s, 0) * 1e9))
        self.set_unix_s = true_ns // 1_000_000_000

    def sync(self) -> None:
        """Measure, set, measure."""
        self.measure()
        self.set()

    def write_aging(self, aging: int) -> None:
        """As the firmware does it: the register, then a conversion that makes it count."""
        self._time.elapse(0.3)
        self._bus.write(0x68, bytes((AGING, aging & 0xFF)))
        self._bus.write(0x68, bytes((CONTROL, CONV | 0x1C)))
        self._time.elapse(0.3)
        self.aging = aging

    def change_aging(self, aging, drift, undo=False) -> None:
        """Trim, and record it."""
        before, self_s = self.aging, self.unix_s
        self.write_aging(aging)
        self.records.append(Trim(self_s, before, aging, drift.ppm, drift.half_width_ppm, undo))
        self.measure()

    def trim(self):
        """`synctime.py --trim`, after the sync: the decision."""
        decision = decide(self.records)
        if decision.aging is not None:
            self.change_aging(decision.aging, decision.drift)
        return decision

    def true_ppm(self, days: float) -> float:
        """The mean drift over so many days, seen perfectly."""
        start_s, before_s = self.unix_s, self.error_s()
        self.live(days)
        return (self.error_s() - before_s) / (self.unix_s - start_s) * 1e6
