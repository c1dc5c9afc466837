"""For the emulated Pico: how long it takes to load the accounts."""

import gc
import time

from picototp.board.storage import Storage
from picototp.clock.monotonic import Monotonic
from picototp.vault.vault import open_vault


def load():
    """(microseconds, number of accounts). Nothing is drawn at random for that."""
    monotonic = Monotonic(time.ticks_us, time.ticks_diff)
    gc.collect()
    start = time.ticks_us()
    vault = open_vault(Storage(), None, monotonic)
    return time.ticks_diff(time.ticks_us(), start), len(vault)
