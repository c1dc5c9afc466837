"""Entering and changing a PIN, which wraps the data key: seconds of PBKDF2, in slices, so that a
main loop lives on. Loaded only where there is a PIN.

attempt = keys.unlocking(pin)          the PIN is a bytearray, and wiped
while not attempt.step(1000):          some 33 ms on a Pico
    feed_the_watchdog()
attempt.ok

What is in the record (key_record.py):

    stretched = PBKDF2-HMAC-SHA-1(PIN, salt, rounds, 20 bytes)
    wrapped   = data key XOR HMAC-SHA-256(stretched, "picototp key wrap 1")
    tag       = HMAC-SHA-256(HMAC-SHA-256(stretched, "picototp key check 1"), bytes 0 to 63)

Twenty bytes, because PBKDF2 repeats all its rounds for each further 20, which would halve the
rounds that fit into a second and stretch the PIN no better. The XOR is a one-time pad: each PIN
that is set gets a new salt, so that no pad is used for two keys. The tag is over what is stored
(encrypt, then MAC), with a key of its own: rounds, limit and salt are protected by it, and a wrong
PIN is a tag that differs.

Whoever holds the board can read this record and guess PINs elsewhere, without limit or delay: what
is between him and the key is the PIN's entropy times the rounds, and nothing else.
"""

import struct

from picototp.codes.pbkdf2 import Pbkdf2
from picototp.codes.stream_mac import StreamMac, equal
from picototp.vault import key_record
from picototp.vault.errors import VaultError
from picototp.vault.key_record import ROUNDS_MIN, SALT_BYTES, rounds_of, salt_of

STRETCHED_BYTES = 20
# What a fast machine makes, a Pico must still read in seconds.
ROUNDS_MADE_MAX = 100_000
PIN_MIN_BYTES = 4
PIN_MAX_BYTES = 32
_TRIAL_ROUNDS = 1000
_TARGET_US = 1_000_000  # how long entering a PIN may take


class Wrapper:
    """What a stretched PIN makes: wraps and unwraps the data key, makes and checks the tag."""

    def __init__(self, stretched: bytes):
        mac = StreamMac(stretched)
        self._pad = bytearray(mac.of(b"picototp key wrap 1"))
        self._check = StreamMac(mac.of(b"picototp key check 1"))
        mac.forget()

    def body(
        self, limit: int | None, generation: int, rounds: int, salt, key, lock_code: int
    ) -> bytearray:
        """A record with PIN, without its CRC."""
        made = key_record.body(key_record.PIN, limit, generation, key, lock_code)
        struct.pack_into(">I", made, 12, rounds)
        made[key_record.SALT_AT : key_record.KEY_AT] = salt
        self._mix(made)
        made[key_record.TAG_AT :] = self._tag(made)
        return made

    def key(self, record) -> bytearray | None:
        """The data key of a record; None if the PIN is wrong or the record was tampered with."""
        tag = memoryview(record)[key_record.TAG_AT : key_record.BODY_BYTES]
        if not equal(self._tag(record), tag):
            return None
        copy = bytearray(record)
        self._mix(copy)
        key = copy[key_record.KEY_AT : key_record.TAG_AT]
        key_record.blank(copy)
        return key

    def _mix(self, record: bytearray) -> None:
        for index in range(key_record.KEY_BYTES):
            record[key_record.KEY_AT + index] ^= self._pad[index]

    def _tag(self, record) -> bytes:
        return self._check.of(memoryview(record)[: key_record.TAG_AT])

    def forget(self) -> None:
        """Leave nothing of the PIN; the object is useless then."""
        key_record.blank(self._pad)
        self._check.forget()


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

    def forget(self) -> None:
        """Give up, and leave nothing of the PIN."""
        self._pbkdf2.forget()


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

    def forget(self) -> None:
        """Give up: the attempt stays charged. The object is useless then."""
        self._stretching.forget()


class PinChange:
    """Setting a PIN, or removing it. `rounds` as for Unlocking; `ok` is True when it is done."""

    def __init__(self, keys, pin: bytearray | None, accounts=None):
        self.ok: bool | None = None
        self.rounds = 0
        self._keys = keys
        self._accounts = accounts
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
            try:
                self._finish(wrapper)
            except VaultError:
                if wrapper is not None:
                    wrapper.forget()
                raise
            self.ok = True
        return True

    def _finish(self, wrapper) -> None:
        keys = self._keys
        keys.begin_change()
        key = keys.entropy.draw(key_record.KEY_BYTES)
        from picototp.vault.seal import Seal  # AES, which a computer has not got

        seal = Seal(key, keys)

        def keep() -> None:
            keys.keep_key(wrapper, self.rounds, self._salt, key, seal)

        try:
            if self._accounts is None:
                keep()
            else:
                self._accounts.come_under(seal, keep)
        except VaultError:
            seal.forget()
            key_record.blank(key)
            raise

    def forget(self) -> None:
        """Give up: nothing was changed. The object is useless then."""
        if self._stretching is not None:
            self._stretching.forget()


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
