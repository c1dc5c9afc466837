"""A DS3231 model on a bus with a clock that the test moves."""

from host_tools.simulator.clock import ManualClock
from host_tools.simulator.devices.ds3231 import DS3231
from host_tools.simulator.devices.i2c import I2CBus

S = 1_000_000_000
DAY = 86_400
Y2K = 946_684_800
FRESH = "00000001010100" + "00" * 7 + "1c88000000"


class Rig:
    """One chip on a bus, and the true time."""

    def __init__(self, **options):
        self.clock = ManualClock(123_456_789)
        self.rtc = DS3231(self.clock, **options)
        self.bus = I2CBus()
        self.bus.attach(self.rtc)

    def write(self, register, *values):
        assert self.bus.write(0x68, bytes((register, *values))) == 1 + len(values)

    def read(self, register, count=1):
        return self.bus.write_then_read(0x68, bytes((register,)), count)

    def convert(self):
        self.clock.elapse(0.2)
        self.write(0x0E, 0x3C)
        self.clock.elapse(0.2)


def drift_ppb(rig, seconds=1_000_000):
    """Rate error over a time that passes now, in units of 0.001 ppm."""
    start_ns = rig.rtc.unix_ns()
    rig.clock.elapse(seconds)
    return round((rig.rtc.unix_ns() - start_ns - seconds * S) / seconds)
