"""A microsecond counter that does not wrap, made of MicroPython's `ticks_us`, which does.

On an RP2040 `ticks_us` wraps every 2**30 us (about 18 minutes), so two of its values can be told
apart only when less than half of that lies between them. `now_us` must therefore be called at
least every 8 minutes; the main loop calls it once a second or more often.
"""


class Monotonic:
    """Microseconds and milliseconds since the start. Takes `ticks_us` and `ticks_diff`."""

    def __init__(self, ticks_us, ticks_diff):
        self._ticks_us = ticks_us
        self._ticks_diff = ticks_diff
        self._last = ticks_us()
        self._total_us = 0

    def now_us(self) -> int:
        """Microseconds since the start, never falling, never wrapping."""
        ticks = self._ticks_us()
        self._total_us += self._ticks_diff(ticks, self._last)
        self._last = ticks
        return self._total_us

    def at_us(self, ticks: int) -> int:
        """What the counter was when `ticks_us` had this value, not long ago."""
        now_us = self.now_us()
        return now_us - self._ticks_diff(self._last, ticks)

    def now_ms(self) -> int:
        """Milliseconds since the start."""
        return self.now_us() // 1000
