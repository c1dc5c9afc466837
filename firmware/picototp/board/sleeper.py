"""Sleep, where the token lives on a battery: what a dark token does there instead of waiting.

`machine.lightsleep` stops the PLLs and nearly all clocks; the counter behind `ticks_us` and the
watchdog go on. It sleeps in slices, because a pin's interrupt wakes an RP2040 (MicroPython issue
7035), but nobody has shown that for an RP2350: there a press waits for the end of its slice.

A slice is shorter than any click, and shorter than the 100 ms that a USB host gives a new device
before it speaks to it (USB 2.0, 7.1.7.3): the clock of the USB block is back by then.
"""

import machine

SLICE_MS = 40


class Sleeper:
    """Sleeps until the `button` is pressed, or something is at the USB socket: until not
    `alone()`."""

    def __init__(self, button, square_wave, alone):
        self._button = button
        self._square_wave = square_wave
        self._alone = alone
        self._touched = False  # the contact closed since the last sleep, and may have bounced open
        button.on_press(self._touch)

    def sleep(self, milliseconds: int) -> None:
        """For so long, or until something happens. Returns at once if it has."""
        is_down = self._button.is_down
        while milliseconds > 0 and self._alone() and not (self._touched or is_down()):
            machine.lightsleep(min(milliseconds, SLICE_MS))
            milliseconds -= SLICE_MS
        self._touched = False
        # A fall that ended a slice was noted only once the clocks were back.
        self._square_wave.take()

    def _touch(self, pin) -> None:
        """Only a pin with a handler wakes the chip."""
        self._touched = True
