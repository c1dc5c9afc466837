"""For MicroPython on this computer: a vault with as many accounts as it takes, in a folder.

    micropython bench_vault.py FOLDER

The accounts are alike but for their names, which are short enough not to scroll.
"""

import sys

from picototp.board.storage import Storage
from picototp.vault.account import Account
from picototp.vault.vault import MAX_ACCOUNTS, Vault

KEY = b"12345678901234567890"

vault = Vault(Storage(sys.argv[1]))
vault.load()
for number in range(MAX_ACCOUNTS):
    vault.add(Account("Issuer " + str(number), "user" + str(number), KEY))
