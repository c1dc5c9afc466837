"""Runs on MicroPython's unix port: what a token with a PIN is after each power cut.

The littlefs is MicroPython's own, the vault and what is made of a PIN are the firmware's. A
derivation that was done once is remembered: it is the same after every cut, and takes 0.3 s.
"""

import binascii

from cut_probe import DATA, after_each_cut, mounted
from open_vault import HandClock, opened
from picototp.board.storage import Storage
from picototp.codes import pbkdf2
from picototp.vault import key_record, pin
from picototp.vault.account import Account
from picototp.vault.errors import VaultError

HOUR_US = 3_600_000_000  # longer than any delay
DESTROYED = b"destroyed"
LATER = "added after the cut"
_VAULT_FILES = ("vault.0", "vault.1")
_VERSION_AT, _STATE_AT = 4, 5

_derived = {}


class RememberedPbkdf2:
    """As picototp.codes.pbkdf2.Pbkdf2."""

    def __init__(self, password, salt, iterations, length):
        self._key = bytes(password), bytes(salt), iterations, length

    def step(self, iterations):
        if self._key not in _derived:
            work = pbkdf2.Pbkdf2(*self._key)
            work.step(self._key[2])
            _derived[self._key] = work.result()
        return True

    def result(self):
        return _derived[self._key]

    def forget(self):
        pass


pin.Pbkdf2 = RememberedPbkdf2


def tokens(before, steps, pins):
    """What the token is after each cut, when it has started: [(pin, failures, limit, plain,
    accounts)], and how many of them wrote something until their accounts were there.

    `pin` is the one of the two `pins` that opens it, None if there is none, DESTROYED if nothing
    does; `failures` how many wrong PINs were charged; `plain` whether accounts lie there without
    encryption; accounts are (issuer, name, secret, counter).

    ValueError if both PINs are good, or the token does not serve whoever has the right one, or a
    second power cut while it starts and is unlocked, at one operation or another in turns, makes it
    something else.
    """
    wrote = []

    def look(flash):
        state = mounted(flash, _look, flash, pins)
        if flash.writes:
            wrote.append(state)
            _cut_again(flash, len(wrote), state, pins)
        return state

    return after_each_cut(before, steps, look), len(wrote)


def _cut_again(flash, number, state, pins):
    """Look at the token after another cut among the writes that `_look` noted."""
    writes = flash.writes
    moment = 1 + number % (2 * len(writes))  # odd ones are in the midst of an operation
    flash.forget()
    for block, offset, result in writes[: moment // 2]:
        flash.put(block, offset, result)
    if moment % 2:
        _tear(flash, number, *writes[moment // 2])
    again = mounted(flash, _look, flash, pins)
    if not _is_same(state, again):
        raise ValueError("after a second cut it is %r" % (again[:4],))  # noqa: UP031


def _tear(flash, number, block, offset, result):
    """Do a part of that write: its head, its tail, or some of its bits, in turns."""
    half = len(result) // 2
    if number % 3 == 0:
        flash.put(block, offset, result[:half])
    elif number % 3 == 1:
        flash.put(block, offset + half, result[half:])
    else:
        old = bytearray(len(result))
        flash.readblocks(block, old, offset)
        bits = binascii.unhexlify(b"5ac396e1") * (len(result) // 4 + 1)
        torn = bytes(a ^ ((a ^ b) & mask) for a, b, mask in zip(old, result, bits))  # noqa: B905
        flash.put(block, offset, torn)


def _is_same(state, again):
    """Whether it may be this after a cut in the start, or in the attempt that unlocks it."""
    failures, limit = state[1:3]
    if failures + 1 == limit and again[0] == DESTROYED:
        return True  # the last attempt was charged
    return (
        again[1] in (failures, failures + 1, 0) and again[:1] + again[2:] == state[:1] + state[2:]
    )


def _look(flash, pins):
    """What the token is. `flash.writes` has what was written until its accounts were there."""
    vault, clock = _started()
    flash.writes = list(flash.operations)
    keys = vault.keys
    if vault.too_new or keys.wiping:
        raise ValueError("it does not start as it should")
    failures, limit, plain = keys.failures, keys.limit, _is_plain()
    if keys.destroyed:
        _refuses_everything(vault, pins)
        return DESTROYED, failures, limit, plain, []
    if vault.damaged:
        raise ValueError("the accounts are damaged")
    good = _good_pins(pins)
    if len(good) != keys.has_pin or (good and (plain or _is_key_open())):
        raise ValueError("these PINs are good: %r" % good)  # noqa: UP031
    right = good[0] if good else None
    if right is not None:
        _unlock(vault, clock, right)
        flash.writes = list(flash.operations)
    held = _accounts(vault)
    _goes_on(vault, right, held, pins)
    return right, failures, limit, plain, held


def _started():
    clock = HandClock()
    vault = opened(Storage(DATA), clock)
    clock.us += HOUR_US
    return vault, clock


def _content(name):
    try:
        with open(DATA + "/" + name, "rb") as file:
            return file.read()
    except OSError:
        return b""


def _is_plain():
    return any(_content(name)[_VERSION_AT : _VERSION_AT + 1] == b"\x01" for name in _VAULT_FILES)


def _key_records():
    return [content for content in map(_content, key_record.FILE_NAMES) if content]


def _is_key_open():
    return any(record[_STATE_AT] == key_record.OPEN for record in _key_records())


def _good_pins(pins):
    """Those that either file of the key takes."""
    return [each for each in pins if any(_takes(record, each) for record in _key_records())]


def _takes(record, each):
    if record[_STATE_AT] != key_record.PIN:
        return False
    work = RememberedPbkdf2(
        each, key_record.salt_of(record), key_record.rounds_of(record), pin.STRETCHED_BYTES
    )
    work.step(0)
    return pin.Wrapper(work.result()).key(record) is not None


def _attempt(vault, clock, each):
    """Whether this PIN is right, as the lock page or a host finds out."""
    clock.us += HOUR_US
    attempt = vault.keys.unlocking(bytearray(each))
    while not attempt.step(100_000):
        pass
    return attempt.ok


def _unlock(vault, clock, right):
    if not _attempt(vault, clock, right) or vault.keys.failures:
        raise ValueError("the right PIN does not open it")
    vault.unlock()


def _accounts(vault):
    accounts = [vault.account(index) for index in range(len(vault))]
    return [(one.issuer, one.name, bytes(one.secret), one.counter) for one in accounts]


def _goes_on(vault, right, held, pins):
    """It takes one more account, and after the next start a wrong PIN is charged, and the right one
    opens it and finds that account."""
    vault.add(Account("", LATER, b"12345"))
    again, clock = _started()
    if right is not None:
        wrong = pins[0] if pins[1] == right else pins[1]
        if _attempt(again, clock, wrong) or again.keys.failures != 1:
            raise ValueError("a wrong PIN is not charged")
        _unlock(again, clock, right)
    if _accounts(again) != held + [("", LATER, b"12345", 0)]:
        raise ValueError("it takes no more accounts")


def _refuses_everything(vault, pins):
    """A destroyed token opens for nobody; it can be wiped and used anew."""
    if _good_pins(pins) or _is_key_open():
        raise ValueError("its key is still there")
    account = Account("", LATER, b"12345")
    attempts = [lambda each=each: vault.keys.unlocking(bytearray(each)) for each in pins]
    for attempt in attempts + [lambda: vault.add(account)]:
        try:
            attempt()
        except VaultError as error:
            if error.code == "destroyed":
                continue
        raise ValueError("a destroyed token opens")
    vault.wipe()
    _goes_on(vault, None, [], pins)
