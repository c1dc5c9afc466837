"""Looks at the board's parts that take a while: the clock's seconds, a picture, presses of the
button. Loaded only when one is asked for.

A watch is polled in every turn of the main loop until it has an answer, and keeps the turn for up
to SLICE_MS, so that it sees the short edges of a contact.
"""

import time

import machine

from picototp.board import config

SLICE_MS = 300  # far below what the watchdog waits
SETTLED_US = 30_000  # a contact that was quiet for so long has stopped bouncing
_BUSY = 0x04  # DS3231, status register, BSY


class _Watch:
    """Something that takes a while; an answer comes when it is complete or the time is over."""

    def __init__(self, milliseconds: int):
        self._ends_ms = time.ticks_add(time.ticks_ms(), milliseconds)

    def _is_over(self) -> bool:
        return time.ticks_diff(self._ends_ms, time.ticks_ms()) <= 0

    def poll(self, now_us: int):
        """The answer, or None as long as there is none."""
        began = time.ticks_ms()
        while time.ticks_diff(time.ticks_ms(), began) < SLICE_MS:
            if self._look() or self._is_over():
                self.cancel()
                return self._answer()
        return None

    def cancel(self) -> None:
        """Stop."""

    def _look(self) -> bool:
        """One look; whether it was the last that is needed."""
        raise NotImplementedError

    def _answer(self) -> dict:
        raise NotImplementedError


class ClockWatch(_Watch):
    """`seconds`: how often the seconds changed; `conversions`: how often a measurement of the
    temperature began, once a second in a DS3231M, every 64 s in a DS3231; null: no answer."""

    def __init__(self, rtc, milliseconds: int):
        super().__init__(milliseconds)
        self._rtc = rtc
        self._milliseconds = milliseconds
        self._second: int | None = None
        self._was_busy = True
        self._seconds = 0
        self._conversions = 0
        self._registers: tuple | None = None

    def _look(self) -> bool:
        registers = self._rtc.look()
        self._registers = registers
        if registers is None:
            return True
        second, _, status = registers
        if self._second is not None and second != self._second:
            self._seconds += 1
        self._second = second
        busy = bool(status & _BUSY)
        if busy and not self._was_busy:
            self._conversions += 1
        self._was_busy = busy
        time.sleep_ms(1)
        return False

    def _answer(self) -> dict:
        if self._registers is None:
            return {"answers": False}
        return {
            "answers": True,
            "ms": self._milliseconds,
            "seconds": self._seconds,
            "conversions": self._conversions,
            "control": self._registers[1],
            "status": self._registers[2],
        }


class ButtonWatch(_Watch):
    """`down` at first; `presses` seen; `edges` in all; `bounce_us`: for how long, at least, a
    contact has bounced: from the first edge that was seen to the look before the last one."""

    def __init__(self, presses: int, milliseconds: int):
        super().__init__(milliseconds)
        self._pin = machine.Pin(config.PIN_BUTTON, machine.Pin.IN, machine.Pin.PULL_UP)
        self._wanted = presses
        self._down = self._down_at_first = not self._pin.value()
        self._was_down = self._down  # when it was settled last
        self._presses = 0
        self._edges = 0
        self._bounce_us = 0
        self._looked = self._began = self._edge = time.ticks_us()
        self._settled = True

    def _look(self) -> bool:
        down = not self._pin.value()
        before, self._looked = self._looked, time.ticks_us()
        if down != self._down:
            self._down = down
            self._edges += 1
            if self._settled:
                self._settled = False
                self._began = self._looked
            self._edge = self._looked
            self._bounce_us = max(self._bounce_us, time.ticks_diff(before, self._began))
        elif not self._settled and time.ticks_diff(self._looked, self._edge) > SETTLED_US:
            self._settled = True
            if self._was_down and not down:
                self._presses += 1
            self._was_down = down
        return self._presses >= self._wanted

    def _answer(self) -> dict:
        return {
            "down": self._down_at_first,
            "presses": self._presses,
            "edges": self._edges,
            "bounce_us": self._bounce_us,
        }


class Pattern(_Watch):
    """`shown`: whether there was a display for it; `pressed`: whether the button ended it."""

    def __init__(self, board, milliseconds: int):
        super().__init__(milliseconds)
        self._board = board
        self._pressed = False
        self._shown = board.panel.ok

    def poll(self, now_us: int):
        """Drawn in each turn, over what the main loop may have drawn meanwhile."""
        self._pressed = self._board.button.is_down()
        if self._pressed or not self._shown or self._is_over():
            self.cancel()
            return {"shown": self._shown, "pressed": self._pressed}
        self._board.panel.show(self, _draw)
        self._shown = self._board.panel.ok
        return None

    def cancel(self) -> None:
        """Give the display back."""
        self._board.panel.disturb()


def _draw(screen, frame) -> None:
    frame.fill(0)
    frame.rect(0, 0, 128, 64, 1)
    frame.line(0, 0, 127, 63, 1)
    frame.line(0, 63, 127, 0, 1)
