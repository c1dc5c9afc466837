"""The DS3231's square wave, one cycle a second: it falls at the moment the seconds change.

The wire is optional. Without it the pull-up keeps the pin high and nothing is ever heard.
"""

import time

import machine


class SquareWave:
    """Notes when the pin fell last. `monotonic` turns `ticks_us` into the token's counter."""

    def __init__(self, pin_number: int, monotonic):
        self._monotonic = monotonic
        self._ticks = time.ticks_us()
        self._fallen = False
        self._pin = machine.Pin(pin_number, machine.Pin.IN, machine.Pin.PULL_UP)
        # Hard: at once, whatever the main loop is doing. The handler may not use the heap then.
        self._pin.irq(self._note, machine.Pin.IRQ_FALLING, hard=True)

    def _note(self, pin) -> None:
        self._ticks = time.ticks_us()
        self._fallen = True

    def take(self) -> int | None:
        """The counter's value at the last fall, in microseconds; None if there was none since."""
        if not self._fallen:
            return None
        self._fallen = False
        return self._monotonic.at_us(self._ticks)
