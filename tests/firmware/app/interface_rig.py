"""The interface with the real gestures and the real vault, and a hand on the button."""

import hashlib
from collections import namedtuple

import pyotp

from open_vault import opened
from picototp.app.code_page import ClockView
from picototp.app.gestures import Gestures
from picototp.app.interface import Interface
from picototp.clock.states import OK
from picototp.codes import base32
from picototp.vault.account import Account
from picototp.vault.settings import Settings
from workbench import NOW_UNIX_S, MemoryStorage

LOOP_MS = 10
DARK_AFTER_MS = 30_000  # unless somebody sets another time
VERSION = "1.2.3"
PARTS = ("SDA and SCL are right", "Clock: 24.5 C", "Display: at 3c", "Flash: 1380 KB free")

# 2026-11-23 14:05:00 UTC: a period of 30 s begins.
PERIOD_BEGIN_S = NOW_UNIX_S - 9

Record = namedtuple("Record", ("set_unix_s", "bound_s", "jump_unix_s", "jump_s"), defaults=(0, 0))


class FakeRecord(Record):
    """The record of a setting whose error bound is given."""

    def error_bound_s(self, unix_s):
        return self.bound_s


SECRETS = {
    "alice": b"12345678901234567890",
    "bob": b"another secret of bob",
    "counter": b"a counter's key, longer than others",
    "carol": b"carol's own secret",
}


def account(name, **changes):
    return Account(changes.pop("issuer", "Example"), name, SECRETS[name], **changes)


ACCOUNTS = (
    account("alice"),
    account("bob", digits=8, period_s=60, algorithm="SHA256"),
    account("counter", kind="hotp", counter=7),
    account("carol", issuer="", digits=7, algorithm="SHA512"),
)


def judge(name, unix_s):
    """The code, as bytes, that pyotp, which is not ours, computes for an account of ACCOUNTS."""
    spec = next(each for each in ACCOUNTS if each.name == name)
    digest = getattr(hashlib, spec.algorithm.lower())
    secret = base32.encode(spec.secret)
    totp = pyotp.TOTP(secret, digits=spec.digits, digest=digest, interval=spec.period_s)
    return totp.at(unix_s).encode()


def hotp_judge(counter):
    return pyotp.HOTP(base32.encode(SECRETS["counter"])).at(counter).encode()


class Hands:
    """A token's interface in the hands of a user. All times are milliseconds from power-up."""

    def __init__(self, accounts=ACCOUNTS, storage=None):
        self.storage = storage or MemoryStorage()
        self.vault = opened(self.storage)
        for each in accounts:
            self.vault.add(each)
        self.now_ms = 0
        self.gestures = Gestures()
        self.settings = Settings(self.storage)
        self.interface = Interface(self.vault, VERSION, lambda: PARTS, self.settings)
        self.is_down = False
        self.begin_us = PERIOD_BEGIN_S * 1_000_000  # Unix time at power-up
        self.state = OK
        self.uncertainty_us = 300
        self.record = FakeRecord(PERIOD_BEGIN_S - 3600, 0.02)
        self.wait(1000)

    # --- the user ------------------------------------------------------------------------------

    def turn(self):
        self.interface.button_down = self.gestures.is_down
        for gesture in self.gestures.update(self.is_down, self.now_ms):
            self.interface.handle(gesture, self.now_ms)
        self.interface.tick(self.now_ms)
        self.interface.question_drawn(True, self.now_ms)

    def wait(self, duration_ms):
        for _ in range(duration_ms // LOOP_MS):
            self.turn()
            self.now_ms += LOOP_MS

    def down(self):
        self.is_down = True
        self.turn()

    def up(self):
        self.is_down = False
        self.turn()

    def press(self, duration_ms, pause_ms=500):
        self.down()
        self.wait(duration_ms)
        self.up()
        self.wait(pause_ms)

    def click(self, pause_ms=500):
        self.press(80, pause_ms)

    def double(self):
        self.click(100)
        self.click()

    def hold(self):
        self.press(900)

    def wake(self):
        """The press from the dark, and its release."""
        assert not self.interface.lit
        self.interface.prepare()
        self.click()
        return self.screen()

    # --- what there is to see ------------------------------------------------------------------

    @property
    def unix_us(self):
        return self.begin_us + self.now_ms * 1000

    @property
    def unix_s(self):
        return self.unix_us // 1_000_000

    def screen(self):
        unix_us = self.unix_us if self.state == OK else None
        clock = ClockView(self.state, unix_us, self.uncertainty_us, self.record)
        return self.interface.screen(self.now_ms, self.gestures.held_ms(self.now_ms), clock)

    def at(self, into_period_s):
        """Let it be so many seconds after the beginning of a period of 60 s."""
        self.begin_us = PERIOD_BEGIN_S * 1_000_000 - self.now_ms * 1000
        self.begin_us += round(into_period_s * 1_000_000)
        return self.screen()

    def pick(self, name):
        """Click until this account is shown."""
        while self.screen().name != name:
            self.click()
        return self.screen()

    def stored_counter(self, name="counter"):
        """What a token that starts now from this flash would use."""
        vault = opened(self.storage)
        return vault.account(vault.find("Example", name)).counter
