"""Where the board's unpredictable bytes come from; vault/entropy.py mixes them.

The low bits of the chip's temperature sensor are analog noise, and owe nothing to the ring
oscillator behind `os.urandom`. The time of each sample depends on how long the conversions took,
and on when somebody plugged in a host and pressed a button. The chip's number is no secret, but
keeps two boards whose other sources agree apart.
"""

import os
import time

import machine

_TEMPERATURE_SENSOR = 4  # the ADC channel, RP2040 data sheet section 4.9.5
_SAMPLES = 48  # two bits of noise in each would be 96; takes some 2 ms


class EntropySources:
    """`urandom(count)` and `jitter()`, as Entropy wants them."""

    def __init__(self):
        self._sensor = machine.ADC(_TEMPERATURE_SENSOR)
        self.urandom = os.urandom

    def jitter(self) -> bytes:
        """Samples that nobody can fully predict, and the chip's number."""
        samples = bytearray(3 * _SAMPLES)
        for at in range(0, len(samples), 3):
            level = self._sensor.read_u16()
            samples[at] = level & 0xFF  # 12 bits, spread over 16
            samples[at + 1] = level >> 8
            samples[at + 2] = time.ticks_diff(time.ticks_us(), 0) & 0xFF
        return machine.unique_id() + bytes(samples)
