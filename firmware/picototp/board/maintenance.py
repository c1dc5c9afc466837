"""Maintenance mode: the port is MicroPython's plain REPL, through which the firmware is installed.

A start may end in it because the button is down, or once after a restart that was asked for. A file
marks that request; it is removed first, so that the next start is a normal one. It counts only for
that restart: a token whose power fails before is a token when it is back. MicroPython's own
restart at the prompt (Ctrl-D, with which mpremote begins) stays in it.
"""

import os
import time

import machine

from picototp.board.pins import Button

FLAG = "/data/maintenance"
_ENOENT = 2
# WATCHDOG_CTRL is the first register of its block, and bit 30 of it is ENABLE: on the RP2040 (data
# sheet, 4.7.6) and on the RP2350 alike.
_WATCHDOG_ENABLE = 1 << 30
# The chip counts its milliseconds from 0 at every reset, and boot.py comes 0.3 s later. MicroPython
# restarted alone leaves the counter as it is.
_STARTED_MS = 3_000

ASKED = "asked"  # it was asked for, and agreed to
HELD = "held"  # the button is down
RESTARTED = "restarted"  # it is in that mode already


def begins() -> str | None:
    """Why this start may be one in maintenance mode, or None. For boot.py, once. Raises OSError."""
    restarted = time.ticks_diff(time.ticks_ms(), 0) >= _STARTED_MS
    why = None
    if _take_flag() and machine.reset_cause() == machine.WDT_RESET:  # which machine.reset() is
        why = ASKED
    elif restarted:
        why = RESTARTED
    elif Button().is_down():
        why = HELD
    if why:
        _stop_watchdog()
    return why


def request() -> None:
    """Make the next start one in maintenance mode. Raises OSError."""
    with open(FLAG, "wb"):
        pass


def exists(path: str) -> bool:
    """Whether the file is there; OSError if the flash does not work."""
    try:
        os.stat(path)
    except OSError as error:
        if error.errno == _ENOENT:
            return False
        raise  # boot.py ends here, and the REPL comes up
    return True


def _take_flag() -> bool:
    if not exists(FLAG):  # to remove a missing file takes 48 ms: littlefs looks everywhere
        return False
    os.remove(FLAG)
    return True


def _stop_watchdog() -> None:
    """Stop the watchdog: nothing feeds it in the REPL, and it may still run from before the
    restart."""
    from picototp.board import chip  # not needed by a normal start, which has no time

    base = chip.watchdog_base()
    if base is not None:
        machine.mem32[base + chip.CLEAR_BITS] = _WATCHDOG_ENABLE
