"""The button and the RTC's square wave on the pins of an emulated RP2040."""

import threading
from functools import partial

from rp2040py.rp2040 import RP2040

from host_tools.simulator.clock import NS_PER_S
from host_tools.simulator.devices.button import Button
from host_tools.simulator.devices.ds3231 import DS3231

_HALF_SECOND_NS = NS_PER_S // 2
_LOOK_AGAIN_NS = 10_000_000  # for a wave that is not the 1 Hz one, and for interrupts


class ButtonPin:
    """A button between a pin and ground. `edge_ns`: the chip's time at the last edge."""

    def __init__(self, mcu: RP2040, number: int, button: Button):
        self._pin = mcu.gpio[number]
        self._clock = mcu.clock
        self._button = button
        self._edges = button.edges()
        self.edge_ns = 0
        self._set(button.level())

    @property
    def untouched_ns(self) -> int:
        """How long the button has been open."""
        return 0 if self._button.down else int(self._clock.nanos) - self.edge_ns

    def look(self) -> None:
        """Schedules the edges of what was done to the button since the last look, bounce included.

        The first edge happens now: a finger has no exact time, but the bounce after it has.
        """
        edges = self._button.edges()
        if edges == self._edges:
            return
        self._edges = edges
        start_ns = edges[0][0]
        for time_ns, level in edges:
            alarm = self._clock.create_alarm(partial(self._set, level))
            alarm.schedule(time_ns - start_ns)

    def _set(self, level: bool) -> None:
        """Open is not high: then the firmware's pull-up decides, if it has switched it on."""
        self.edge_ns = int(self._clock.nanos)
        if level:
            self._pin.release_input()
        else:
            self._pin.set_input_value(False)


class SquareWavePin:
    """The INT/SQW output of a DS3231 on a pin: open drain, so low or nothing."""

    def __init__(self, mcu: RP2040, number: int, rtc: DS3231, lock: threading.RLock):
        self._pin = mcu.gpio[number]
        self._rtc = rtc
        self._lock = lock
        self._level = True
        self._alarm = mcu.clock.create_alarm(self.look)

    def look(self) -> None:
        """Puts the present level on the pin, and looks again at the next half second."""
        with self._lock:
            level = self._rtc.int_sqw_level()
            now_ns = self._rtc.unix_ns()
        if level != self._level:
            self._level = level
            if level:
                self._pin.release_input()
            else:
                self._pin.set_input_value(False)
        delay_ns = _LOOK_AGAIN_NS
        if now_ns is not None:
            delay_ns = _HALF_SECOND_NS - now_ns % _HALF_SECOND_NS
        self._alarm.schedule(max(delay_ns, 1_000))
