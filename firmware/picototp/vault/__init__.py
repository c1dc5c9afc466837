"""The accounts on flash: their limits, their format, and changes that survive power cuts.

errors.py      what the vault raises
account.py     what an account is and the limits at the door
record.py      one account as bytes
slot.py        the file format, one file of it
slot_pair.py   the two files together: which counts, and how a change takes effect
vault.py       the list of accounts that the rest of the firmware sees

keystore.py    the data key: none, open, locked by a PIN, destroyed
key_record.py  its record
pin.py         how a PIN wraps it; entering and changing one, in slices
tries.py       wrong PINs in a row, and how long to wait
record_pair.py a small record in two files, which both of these use
settings.py    what the display looks like, and which accounts were shown last
seal.py        encryption of the accounts, with what is made of the data key
entropy.py     random bytes, mixed from several sources
"""
