"""What test_vault_steps.py has done inside MicroPython, on the unix port and on the chip: one vault
in the files of a folder, step by step, and beside it the vault that the next start would open.

PINs are stretched by a stand-in, so that many can be entered; the real thing has known answers.
"""

import hashlib

from open_vault import HandClock, opened
from picototp.board.storage import Storage
from picototp.vault import pin as pins
from picototp.vault.account import Account
from picototp.vault.errors import VaultError

HOUR_US = 3_600_000_000  # longer than any delay


class QuickPbkdf2:
    def __init__(self, password, salt, iterations, length):
        self._result = hashlib.sha256(bytes(password) + bytes(salt)).digest()[:length]

    def step(self, iterations):
        return True

    def result(self):
        return self._result

    def forget(self):
        pass


class Steps:
    def __init__(self, folder):
        self.folder = folder
        self.power_up()

    def power_up(self):
        self.clock = HandClock()
        self.vault = opened(Storage(self.folder), self.clock)
        self.clock.us += HOUR_US

    def enter(self, pin):
        attempt = self.vault.keys.unlocking(bytearray(pin))
        while not attempt.step(1000):
            pass
        if attempt.ok:
            self.vault.unlock()

    def change_pin(self, pin):
        change = self.vault.changing_pin(None if pin is None else bytearray(pin))
        while not change.step(1000):
            pass

    def guess(self, wrong, right):
        """A wrong PIN, and then the right one."""
        self.vault.lock()
        self.enter(wrong)
        if not self.vault.locked or self.vault.keys.failures != 1:
            raise ValueError("a wrong PIN opens it, or costs nothing")
        self.clock.us += HOUR_US
        self.enter(right)

    def add(self, fields, replace):
        self.vault.add(Account(*fields), replace)

    def carry_out(self, name, arguments):
        own = getattr(self, name, None)
        (own or getattr(self.vault, name))(*arguments)


_steps = None


def begin(folder):
    """A vault in this folder, which may hold one."""
    global _steps
    _steps = Steps(folder)


def step(name, arguments, pin):
    """Do this; then (the error's code or None, what the vault holds, what it holds after the next
    start). `pin` is what opens it then, None if it needs none."""
    real, pins.Pbkdf2 = pins.Pbkdf2, QuickPbkdf2
    try:
        code = None
        try:
            _steps.carry_out(name, arguments)
        except VaultError as error:
            code = error.code
        return code, _held(_steps), _held_after_a_start(pin)
    finally:
        pins.Pbkdf2 = real


def _held_after_a_start(pin):
    again = Steps(_steps.folder)
    if again.vault.locked != (pin is not None):
        raise ValueError("it has a PIN, or has none, against what was done")
    if pin is not None:
        again.enter(pin)
    return _held(again)


def _held(steps):
    vault = steps.vault
    if vault.locked:
        return None
    if vault.damaged:
        raise ValueError("damaged")
    return [_fields(vault.account(index)) for index in range(len(vault))]


def _fields(one):
    return [one.issuer, one.name, bytes(one.secret), one.algorithm] + [
        one.digits, one.period_s, one.kind, one.counter
    ]  # fmt: skip
