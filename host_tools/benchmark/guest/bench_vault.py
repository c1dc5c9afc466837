"""For MicroPython on this computer: a vault with COUNT accounts, in a folder.

    micropython bench_vault.py FOLDER COUNT

The accounts are alike but for their names, which are short enough not to scroll.
"""

import os
import sys
import time

from picototp.board.storage import Storage
from picototp.clock.monotonic import Monotonic
from picototp.vault.account import Account
from picototp.vault.vault import open_vault

KEY = b"12345678901234567890"


class Sources:
    """Random bytes of this computer."""

    urandom = staticmethod(os.urandom)

    @staticmethod
    def jitter():
        """There is no further source here."""
        return b""


vault = open_vault(Storage(sys.argv[1]), Sources, Monotonic(time.ticks_us, time.ticks_diff))
for number in range(int(sys.argv[2])):
    vault.add(Account("Issuer " + str(number), "user" + str(number), KEY))
