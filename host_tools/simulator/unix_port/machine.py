"""Stands in for MicroPython's `machine` on its unix port: the part of it that the firmware uses.

Names and arguments are those of the rp2 port; what is behind them are the simulator's models.
"""

import _thread
import os
import struct
import sys
import time
from time import NAP_MS

import operations
import utime
import wire

PWRON_RESET, WDT_RESET = 1, 3
_usb = None  # the USBDevice, once somebody has asked for it


def __getattr__(name):
    """USBDevice, which most tokens do without."""
    global _usb
    if name != "USBDevice":
        raise AttributeError(name)
    sys.path.append("/port")  # the firmware imports from its bundle alone
    from usb_device import USBDevice

    sys.path.pop()
    _usb = USBDevice()
    return USBDevice


class Pin:
    """A pin; only reading is needed."""

    IN, OUT, PULL_UP, PULL_DOWN = 0, 1, 1, 2
    IRQ_FALLING = 4

    def __init__(self, number, mode=-1, pull=-1):
        self.number = number
        self._read = bytes((number, max(pull, 0)))

    def value(self):
        """The level, 0 or 1."""
        if _usb is not None and _usb.active():
            _usb.pump()
        return wire.call(operations.PIN_READ, self._read)[0]

    def irq(self, handler, trigger, *, hard=False):
        """There are no interrupts here: as if nothing were wired to the pin."""


class I2C:
    """The hardware I2C block."""

    def __init__(self, number, *, scl, sda, freq=400_000, timeout=50_000):
        self._sda_scl = bytes((sda.number, scl.number))

    def scan(self):
        """The addresses that answer."""
        return list(wire.call(operations.I2C_SCAN, self._sda_scl))

    def writeto(self, address, buffer, stop=True):
        """Bytes acknowledged; OSError if nobody answers."""
        payload = struct.pack(">BB", address, stop) + bytes(buffer)
        return struct.unpack(">H", wire.call(operations.I2C_WRITE, payload))[0]

    def readfrom_into(self, address, buffer, stop=True):
        """Fill the buffer; OSError if nobody answers."""
        buffer[:] = wire.call(operations.I2C_READ, struct.pack(">BH", address, len(buffer)))

    def readfrom(self, address, count, stop=True):
        """`count` bytes; OSError if nobody answers."""
        return wire.call(operations.I2C_READ, struct.pack(">BH", address, count))


class SoftI2C(I2C):
    """I2C by hand, on any two pins."""

    def __init__(self, scl, sda, *, freq=400_000, timeout=50_000):
        super().__init__(None, scl=scl, sda=sda)


class ADC:
    """An analog input, with nothing but noise on it."""

    def __init__(self, channel):
        pass

    def read_u16(self):
        """A sample."""
        return struct.unpack(">H", os.urandom(2))[0]


class WDT:
    """The watchdog: restarts the firmware if it is not fed."""

    def __init__(self, id=0, timeout=5000):
        wire.call(operations.WATCHDOG_START, struct.pack(">I", timeout))

    def feed(self):
        """Not yet."""
        wire.call(operations.WATCHDOG_FEED)


class Timer:
    """Calls back, in a thread of its own: at the prompt, where nothing else would."""

    ONE_SHOT, PERIODIC = 0, 1

    def __init__(self, id=-1, *, mode=PERIODIC, period=-1, callback=None):
        self._mode = mode
        self._period_ms = period
        self._callback = callback
        _thread.start_new_thread(self._run, ())

    def _run(self):
        said = 0
        due_ms = time.ticks_add(time.ticks_ms(), self._period_ms)
        while True:
            utime.sleep_ms(
                NAP_MS
            )  # of this computer's, however far the board's clock is moved in it
            before, said = said, struct.unpack(">I", wire.call(operations.PORT_SAID))[0]
            os.hear(said - before)
            now_ms = time.ticks_ms()
            if time.ticks_diff(now_ms, due_ms) >= 0:
                due_ms = time.ticks_add(now_ms, self._period_ms)
                self._callback(self)
                if self._mode == self.ONE_SHOT:
                    return


def reset():
    """Restart the firmware; does not return."""
    wire.call(operations.RESET)
    while True:
        wire.call(operations.PIN_READ, b"\x00\x00")


def lightsleep(milliseconds):
    """Sleep so long; no pin wakes it here."""
    utime.sleep_ms(milliseconds)
    wire.call(operations.SLEPT, struct.pack(">H", milliseconds))


def unique_id():
    """Eight bytes that are this board's own."""
    return wire.call(operations.UNIQUE_ID)


def reset_cause():
    """PWRON_RESET or WDT_RESET."""
    return wire.call(operations.RESET_CAUSE)[0]
