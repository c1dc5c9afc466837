"""The hardware of a token, put together as config.py says."""

import binascii
import gc
import sys
import time

import machine

from picototp import mode
from picototp.board import chip, config, maintenance, slots
from picototp.board.entropy_sources import EntropySources
from picototp.board.error_log import ErrorLog
from picototp.board.panel import Panel
from picototp.board.pins import Button, open_i2c
from picototp.board.port import Port
from picototp.board.rtc import Rtc
from picototp.board.square_wave import SquareWave
from picototp.board.storage import Storage
from picototp.clock.monotonic import Monotonic
from picototp.clock.states import ClockError

# The RP2040's watchdog counts to 8.3 s at most. Longer work feeds it (Storage.breathe).
WATCHDOG_MS = 8_000
ERROR_SHOWN_MS = 5_000
RELEASED_MS = 50  # no contact bounces for so long
LAST_ANSWER_MS = 200  # until the last answer is with the host: USB frames are 1 ms apart


class Board:
    """Everything that the firmware needs of the hardware."""

    def __init__(self):
        self.monotonic = Monotonic(time.ticks_us, time.ticks_diff)
        i2c = open_i2c()
        self.rtc = Rtc(i2c, config.RTC_ADDRESS)
        self.square_wave = SquareWave(config.PIN_SQW, self.monotonic)
        self.panel = Panel(i2c, self.monotonic)
        self.button = Button()
        vbus = chip.vbus_pin()
        self._vbus: machine.Pin | None = None
        if vbus is not None:  # pulled up, a pin that nothing holds down tells of a host
            self._vbus = machine.Pin(vbus, machine.Pin.IN, machine.Pin.PULL_UP)
        self._sleeper = None
        self.port = Port()
        self.storage = Storage()
        self.entropy_sources = EntropySources()
        self._log = ErrorLog(self.storage)
        self.watchdog = machine.WDT(timeout=WATCHDOG_MS)
        if slots.on_trial():
            from picototp.board.trial import Trial

            self.watchdog = Trial(self)  # type: ignore[assignment]
        self.typing = mode.typing  # None where it is off
        self.restart_wanted = ""  # why, if so: the main loop ends then

    @property
    def token_id(self) -> str:
        """The chip's own number, in hex: the same for as long as the board lives."""
        return binascii.hexlify(machine.unique_id()).decode()

    @property
    def alone(self) -> bool:
        """Whether nothing is at the USB socket, so that no host can be kept waiting."""
        return self._vbus is not None and not self._vbus.value()

    def sleep(self, milliseconds: int) -> None:
        """For so long, or until the button is pressed or it is not `alone` any more."""
        if self._sleeper is None:
            from picototp.board.sleeper import Sleeper  # a token that stays at its host needs none

            self._sleeper = Sleeper(self.button, self.square_wave, lambda: self.alone)
        self._sleeper.sleep(milliseconds)

    def facts(self) -> dict:
        """What `status` tells about the board."""
        return {
            "display": "ok" if self.panel.ok else "missing",
            "cleaning": self.storage.unclean,
            "typing": self.typing and dict(zip(("end", "num_lock", "layout"), self.typing[1])),  # noqa: B905
            "heap_free": gc.mem_free(),
            "reset_cause": machine.reset_cause(),
            "errors_logged": bool(self._log.read()),
            "slot": slots.slot,
            "bundle": slots.running.digest()[:8].hex() if slots.running else None,
            "other_firmware": slots.other_version(),
            "left_firmware": self.left_firmware,
        }

    @property
    def left_firmware(self) -> str | None:
        """Why the firmware in the other slot was left for this one."""
        return {slots.GIVEN_UP: "given-up", slots.DAMAGED: "damaged"}.get(slots.state[1])

    def firmware_is_right(self) -> bool:
        """Whether the bundle that runs has its SHA-256."""
        return slots.running is None or slots.running.is_right()

    def rtc_facts(self) -> dict:
        """Temperature and aging register of the RTC; nothing if it does not answer."""
        try:
            return {"temperature_c": self.rtc.temperature_c(), "aging": self.rtc.aging()}
        except ClockError:
            return {}

    def diagnosis(self):
        """What looks at the parts one by one; let go after each use, as few tokens need it."""
        gc.collect()  # between what is garbage, it would leave the heap full of holes
        from picototp.board import diagnosis

        _let_go(diagnosis)
        return diagnosis.Diagnosis(self, open_i2c)

    def watches(self):
        """The module of what takes a while of that, likewise."""
        gc.collect()
        from picototp.board import watches

        _let_go(watches)
        return watches

    def parts(self) -> tuple:
        """The state of the parts in four lines for the display."""
        return self.diagnosis().lines()

    def error_log(self) -> str:
        """The log of unexpected errors."""
        return self._log.read()

    def enter_maintenance(self) -> None:
        """Have the token restart into maintenance mode. Raises OSError."""
        maintenance.request()
        self.restart_wanted = "maintenance"

    def set_typing(self, setting: tuple | None) -> None:
        """Have the token restart with or without a keyboard; `setting` as typing_setting.py has
        it. Raises OSError."""
        from picototp.board import typing_file

        typing_file.write(setting)
        self.restart_wanted = "typing"

    def let_go(self) -> None:
        """Before a restart: wait until the host has the last answer, and, unless it is to be
        maintenance mode, until the button is up, which would mean that as well."""
        time.sleep_ms(LAST_ANSWER_MS)
        up_ms = RELEASED_MS if self.restart_wanted == "maintenance" else 0
        while up_ms < RELEASED_MS:
            self.watchdog.feed()
            time.sleep_ms(1)
            up_ms = 0 if self.button.is_down() else up_ms + 1

    def report(self, error: BaseException, show) -> None:
        """Log an unexpected error, and have it shown by `show(title, lines, hint)` for a while."""
        try:
            self._log.append(error, self.monotonic.now_ms() // 1000)
        except OSError:
            pass  # a full flash must not keep the token from showing it
        show("Internal error", (type(error).__name__, "The token restarts."), "see Troubleshooting")
        time.sleep_ms(ERROR_SHOWN_MS)


def _let_go(module) -> None:
    """Have the interpreter forget a module; its package keeps it as well, if it is in one."""
    name = module.__name__
    del sys.modules[name]
    package, _, last = name.rpartition(".")
    if package:
        delattr(sys.modules[package], last)
