"""For MicroPython on this computer: a vault with COUNT accounts of a size, in a folder.

    micropython fill_vault.py FOLDER COUNT small|largest [PIN]

The first account is a counter's; the largest have everything as long as it may be.
"""

import os
import sys
import time

from picototp.board.storage import Storage
from picototp.clock.monotonic import Monotonic
from picototp.vault import account as limits
from picototp.vault.account import Account
from picototp.vault.batch import Batches
from picototp.vault.vault import open_vault


class Sources:
    """Random bytes of this computer."""

    urandom = staticmethod(os.urandom)

    @staticmethod
    def jitter():
        """There is no further source here."""
        return b""


def made(number: int, largest: bool) -> Account:
    """An account of its own name; those of one size are of one length."""
    kind = "totp" if number else "hotp"
    if not largest:
        return Account("Issuer", f"user{number:03}", b"12345678901234567890", kind=kind)
    wide = "\u6f22" * ((limits.NAME_MAX_BYTES - 4) // 3)  # the display's fonts lack it
    shown = "u" * (limits.ASCII_MAX_BYTES - 3)
    return Account(
        wide + "ab00",
        wide + f"b{number:03}",
        bytes((number + at) & 0xFF for at in range(limits.SECRET_MAX_BYTES)),
        "SHA512",
        8,
        limits.PERIOD_MAX_S if kind == "totp" else 30,
        kind,
        0,
        shown + "b00",
        shown + f"{number:03}",
    )


vault = open_vault(Storage(sys.argv[1]), Sources, Monotonic(time.ticks_us, time.ticks_diff))
count = int(sys.argv[2])
if count:
    batches = Batches(vault)
    batches.begin_additions(count)
    for number in range(count):
        batches.append_account(made(number, sys.argv[3] == "largest"), False)
    batches.finish(count)
    batches.commit()
if sys.argv[4:] and sys.argv[4]:
    change = vault.changing_pin(bytearray(sys.argv[4].encode()))
    while not change.step(10_000):
        pass
