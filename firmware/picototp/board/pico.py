"""The hardware of a token, put together as config.py says."""

import binascii
import gc
import sys
import time

import machine

from picototp.board import config, maintenance
from picototp.board.entropy_sources import EntropySources
from picototp.board.error_log import ErrorLog
from picototp.board.panel import Panel
from picototp.board.port import Port
from picototp.board.rtc import Rtc
from picototp.board.square_wave import SquareWave
from picototp.board.storage import Storage
from picototp.clock.monotonic import Monotonic
from picototp.clock.states import ClockError

# The RP2040's watchdog counts to 8.3 s at most; the longest work in one turn is a write of 255
# accounts to flash, about a second.
WATCHDOG_MS = 8_000
ERROR_SHOWN_MS = 5_000
LAST_ANSWER_MS = 200  # until the last answer is with the host: USB frames are 1 ms apart


def open_i2c():
    """The I2C block on its pins; there is one, so whoever had it before has the same."""
    return machine.I2C(
        config.I2C_ID,
        sda=machine.Pin(config.PIN_SDA),
        scl=machine.Pin(config.PIN_SCL),
        freq=config.I2C_FREQUENCY_HZ,
    )


class Button:
    """The push button to ground, with the chip's own pull-up."""

    def __init__(self, pin_number: int):
        self._pin = machine.Pin(pin_number, machine.Pin.IN, machine.Pin.PULL_UP)

    def is_down(self) -> bool:
        """Whether the contact is closed now; it may bounce."""
        return not self._pin.value()


class Board:
    """Everything that the firmware needs of the hardware."""

    def __init__(self):
        self.monotonic = Monotonic(time.ticks_us, time.ticks_diff)
        i2c = open_i2c()
        self.rtc = Rtc(i2c, config.RTC_ADDRESS)
        self.square_wave = SquareWave(config.PIN_SQW, self.monotonic)
        self.panel = Panel(i2c, self.monotonic)
        self.button = Button(config.PIN_BUTTON)
        self.port = Port()
        self.storage = Storage()
        self.entropy_sources = EntropySources()
        self._log = ErrorLog(self.storage)
        self.watchdog = machine.WDT(timeout=WATCHDOG_MS)
        self.restart_wanted = False  # the main loop ends then

    @property
    def token_id(self) -> str:
        """The chip's own number, in hex: the same for as long as the board lives."""
        return binascii.hexlify(machine.unique_id()).decode()

    def facts(self) -> dict:
        """What `status` tells about the board."""
        return {
            "display": "ok" if self.panel.ok else "missing",
            "cleaning": self.storage.unclean,
            "heap_free": gc.mem_free(),
            "reset_cause": machine.reset_cause(),
            "errors_logged": bool(self._log.read()),
        }

    def rtc_facts(self) -> dict:
        """Temperature and aging register of the RTC; nothing if it does not answer."""
        try:
            return {"temperature_c": self.rtc.temperature_c(), "aging": self.rtc.aging()}
        except ClockError:
            return {}

    def diagnosis(self):
        """What looks at the parts one by one; loaded when it is asked for, and let go
        afterwards: it takes 5 KB of the heap."""
        from picototp.board.diagnosis import Diagnosis

        del sys.modules["picototp.board.diagnosis"]
        return Diagnosis(self, open_i2c)

    def parts(self) -> tuple:
        """The state of the parts in four lines for the display."""
        return self.diagnosis().lines()

    def error_log(self) -> str:
        """The log of unexpected errors."""
        return self._log.read()

    def enter_maintenance(self) -> None:
        """Have the token restart into maintenance mode. Raises OSError."""
        maintenance.request()
        self.restart_wanted = True

    def let_the_host_read(self) -> None:
        """Before a restart: wait until the host has the last answer."""
        time.sleep_ms(LAST_ANSWER_MS)

    def report(self, error: BaseException, show) -> None:
        """Log an unexpected error, and have it shown by `show(title, lines, hint)` for a while."""
        try:
            self._log.append(error, self.monotonic.now_ms() // 1000)
        except OSError:
            pass  # a full flash must not keep the token from showing it
        show("Internal error", (type(error).__name__, "The token restarts."), "see README")
        time.sleep_ms(ERROR_SHOWN_MS)
