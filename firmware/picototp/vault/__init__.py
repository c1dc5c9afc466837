"""The accounts on flash: their limits, their format, and changes that survive power cuts.

errors.py   what the vault raises
account.py  what an account is and the limits at the door
record.py   one account as bytes
slot.py     the file format, one file of it
vault.py    the two files together: the list of accounts that the rest of the firmware sees
"""
