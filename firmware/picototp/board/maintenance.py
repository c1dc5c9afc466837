"""Maintenance mode: the port is MicroPython's plain REPL, through which the firmware is installed.

The token starts in it when its button is held, or once after a requested restart. A file marks that
request; it is removed first, so that the next start is a normal one.
"""

import os

import machine

from picototp.board import config

FLAG = "/data/maintenance"
_ENOENT = 2
# WATCHDOG_CTRL is the first register of its block, and bit 30 of it is ENABLE: on the RP2040 (data
# sheet, 4.7.6) and on the RP2350 alike.
_WATCHDOG_ENABLE = 1 << 30


def request() -> None:
    """Make the next start one in maintenance mode. Raises OSError."""
    with open(FLAG, "wb"):
        pass


def begins() -> bool:
    """Whether this start is in maintenance mode. For boot.py, once."""
    asked = _take_flag()
    button = machine.Pin(config.PIN_BUTTON, machine.Pin.IN, machine.Pin.PULL_UP)
    if not asked and button.value():
        return False
    _stop_watchdog()
    return True


def _take_flag() -> bool:
    try:
        os.stat(FLAG)  # to remove a missing file takes 48 ms: littlefs looks everywhere
    except OSError as error:
        if error.errno == _ENOENT:
            return False
        raise  # the flash does not work: boot.py ends here, and the REPL comes up
    os.remove(FLAG)
    return True


def _stop_watchdog() -> None:
    """Stop the watchdog: nothing feeds it in the REPL, and it may still run from before the
    restart."""
    from picototp.board import chip  # not needed by a normal start, which has no time

    base = chip.watchdog_base()
    if base is not None:
        machine.mem32[base + chip.CLEAR_BITS] = _WATCHDOG_ENABLE
