"""The button, the RTC's square wave and VBUS on the pins of an emulated RP2040."""

import threading
from functools import partial
from typing import Protocol

from host_tools.simulator.clock import NS_PER_S
from host_tools.simulator.devices.button import Button
from host_tools.simulator.devices.ds3231 import DS3231
from host_tools.simulator.rp2040.alarms import Alarm, Alarms
from host_tools.simulator.rp2040.emulator import OPEN

_HALF_SECOND_NS = NS_PER_S // 2
_LOOK_AGAIN_NS = 10_000_000  # for a wave that is not the 1 Hz one, and for interrupts
_SOONEST_NS = 1_000


class Wired(Protocol):
    """The chip, as seen by what is on its pins."""

    alarms: Alarms

    @property
    def now_ns(self) -> int:
        """Its time."""

    def set_pin(self, number: int, level: int) -> None:
        """Put 0, 1 or OPEN on a pin."""


class ButtonPin:
    """A button between a pin and ground. `edge_ns`: the chip's time at the last edge."""

    def __init__(self, chip: Wired, number: int, button: Button) -> None:
        self._chip = chip
        self._number = number
        self._button = button
        self._edges = button.edges()
        self.edge_ns = 0
        self._set(button.level())

    @property
    def untouched_ns(self) -> int:
        """How long the button has been open."""
        return 0 if self._button.down else self._chip.now_ns - self.edge_ns

    def look(self) -> None:
        """Schedules the edges of what was done to the button since the last look, bounce included.

        The first edge happens now: a finger has no exact time, but the bounce after it has.
        """
        edges = self._button.edges()
        if edges == self._edges:
            return
        self._edges = edges
        start_ns, now_ns = edges[0][0], self._chip.now_ns
        for time_ns, level in edges:
            self._chip.alarms.at(now_ns + time_ns - start_ns, partial(self._set, level))

    def _set(self, level: bool) -> None:
        """Open is not high: then the firmware's pull-up decides, if it has switched it on."""
        self.edge_ns = self._chip.now_ns
        self._chip.set_pin(self._number, OPEN if level else 0)


class Socket(Protocol):
    """The board, as far as its USB socket goes."""

    usb_plugged: bool


class VbusPin:
    """VBUS through two resistors on a pin."""

    def __init__(self, chip: Wired, number: int, board: Socket) -> None:
        self._chip = chip
        self._number = number
        self._board = board
        self._plugged: bool | None = None
        self.look()

    def look(self) -> None:
        """Puts on the chip what was done to the cable since the last look."""
        plugged = self._board.usb_plugged
        if plugged != self._plugged:
            self._plugged = plugged
            self._chip.set_pin(self._number, int(plugged))


class SquareWavePin:
    """The INT/SQW output of a DS3231 on a pin: open drain, so low or nothing."""

    def __init__(self, chip: Wired, number: int, rtc: DS3231, lock: threading.RLock) -> None:
        self._chip = chip
        self._number = number
        self._rtc = rtc
        self._lock = lock
        self._level: bool | None = None
        self._alarm = Alarm(chip.alarms, self.look)

    def look(self) -> None:
        """Puts the present level on the pin, and looks again at the next half second."""
        with self._lock:
            level = self._rtc.int_sqw_level()
            now_ns = self._rtc.unix_ns()
        if level != self._level:
            self._level = level
            self._chip.set_pin(self._number, OPEN if level else 0)
        delay_ns = _LOOK_AGAIN_NS
        if now_ns is not None:
            delay_ns = _HALF_SECOND_NS - now_ns % _HALF_SECOND_NS
        self._alarm.at(self._chip.now_ns + max(delay_ns, _SOONEST_NS))
