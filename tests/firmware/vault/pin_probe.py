"""What test_vault_micropython.py runs inside MicroPython: a PIN, with the firmware's own PBKDF2."""

import time

import open_vault
from picototp.board.storage import Storage
from picototp.clock.monotonic import Monotonic
from picototp.vault.account import Account


def _opened(folder):
    return open_vault.opened(Storage(folder), Monotonic(time.ticks_us, time.ticks_diff))


def _done(work):
    while not work.step(1000):
        pass
    return work.ok


def set_pin(folder, pin):
    """The rounds that were chosen for a vault of one account."""
    vault = _opened(folder)
    vault.add(Account("Issuer", "name", b"secret"))
    change = vault.changing_pin(bytearray(pin))
    _done(change)
    return change.rounds


def enter(folder, pin):
    """(ok, failures, secrets) after an attempt at power-up."""
    vault = _opened(folder)
    ok = _done(vault.keys.unlocking(bytearray(pin)))
    if ok:
        vault.unlock()
    return [ok, vault.keys.failures, [vault.account(at).secret for at in range(len(vault))]]
