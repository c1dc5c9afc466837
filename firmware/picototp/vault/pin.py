"""Entering and changing a PIN: seconds of PBKDF2, in slices, so that a main loop lives on.

attempt = keys.unlocking(pin)          the PIN is a bytearray, and wiped
while not attempt.step(1000):          some 33 ms on a Pico
    feed_the_watchdog()
attempt.ok
"""

from picototp.codes.pbkdf2 import Pbkdf2
from picototp.vault.errors import VaultError
from picototp.vault.key_record import (
    ROUNDS_MADE_MAX,
    ROUNDS_MIN,
    SALT_BYTES,
    STRETCHED_BYTES,
    Wrapper,
    rounds_of,
    salt_of,
)

PIN_MIN_BYTES = 4
PIN_MAX_BYTES = 32
_TRIAL_ROUNDS = 1000
_TARGET_US = 1_000_000  # how long entering a PIN may take


class _Stretching:
    """A PBKDF2 that becomes a Wrapper."""

    def __init__(self, pin: bytearray, salt: bytes | bytearray, rounds: int):
        self.rounds = rounds  # all that there are to do
        self._pbkdf2 = Pbkdf2(pin, salt, rounds, STRETCHED_BYTES)

    def step(self, iterations: int) -> Wrapper | None:
        """Do at most so many more rounds; the result when there are none left."""
        if not self._pbkdf2.step(iterations):
            return None
        wrapper = Wrapper(self._pbkdf2.result())
        self._pbkdf2.forget()
        return wrapper


class Unlocking:
    """One attempt. `rounds` is how many there are in all, `ok` None until step() said True."""

    def __init__(self, keys, record, pin: bytearray):
        self.ok: bool | None = None
        self._keys = keys
        self._stretching = _Stretching(pin, salt_of(record), rounds_of(record))
        self.rounds = self._stretching.rounds

    def step(self, iterations: int) -> bool:
        """Do at most so many rounds; whether all is done, and `ok` tells."""
        if self.ok is None:
            wrapper = self._stretching.step(iterations)
            if wrapper is not None:
                self.ok = self._keys.finish_unlocking(wrapper)
        return self.ok is not None


class PinChange:
    """Setting a PIN, or removing it. `rounds` as for Unlocking; `ok` is True when it is done."""

    def __init__(self, keys, pin: bytearray | None):
        self.ok: bool | None = None
        self.rounds = 0
        self._keys = keys
        self._salt = b""
        self._stretching = None
        if pin is not None:
            check(pin)
            self.rounds = rounds_for(pin, keys.monotonic)
            self._salt = keys.entropy.draw(SALT_BYTES)
            self._stretching = _Stretching(pin, self._salt, self.rounds)

    def step(self, iterations: int) -> bool:
        """Do at most so many rounds; whether the new PIN is in flash. Raises VaultError "storage"
        if it could not be kept: then the old one stands."""
        if self.ok is None:
            wrapper = None
            if self._stretching is not None:
                wrapper = self._stretching.step(iterations)
                if wrapper is None:
                    return False
            self._keys.finish_change(wrapper, self.rounds, self._salt)
            self.ok = True
        return True


def check(pin: bytearray) -> None:
    """Raise VaultError bad-pin if a PIN is too short or too long."""
    if not PIN_MIN_BYTES <= len(pin) <= PIN_MAX_BYTES:
        raise VaultError("bad-pin", f"a PIN has {PIN_MIN_BYTES} to {PIN_MAX_BYTES} characters")


def rounds_for(pin: bytearray, monotonic) -> int:
    """How many rounds take this machine about a second, within the bounds."""
    trial = Pbkdf2(pin, bytes(SALT_BYTES), _TRIAL_ROUNDS, STRETCHED_BYTES)
    began_us = monotonic.now_us()
    trial.step(_TRIAL_ROUNDS)
    took_us = monotonic.now_us() - began_us
    trial.forget()
    if took_us <= 0:  # a clock that stands still measures nothing
        return ROUNDS_MIN
    return max(ROUNDS_MIN, min(ROUNDS_MADE_MAX, _TRIAL_ROUNDS * _TARGET_US // took_us))
