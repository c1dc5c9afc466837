"""The accounts on flash: their limits, their format, and changes that survive power cuts.

errors.py      what the vault raises
account.py     what an account is and the limits at the door
record.py      one account as bytes
slot.py        the file format, one file of it
slot_pair.py   the two files together: which counts, how a change takes effect, and wiping
slot_upkeep.py what follows a change that dropped a secret
batch.py       many accounts at once, behind one yes
names.py       what a name may be; name_tables.py: Unicode's part of that
vault.py       the list of accounts that the rest of the firmware sees

keystore.py    the data key: none, open, locked by a PIN, destroyed
key_record.py  its record; key_settings.py: the limit of wrong PINs, and when it locks
pin.py         how a PIN wraps it; entering and changing one, in slices
tries.py       wrong PINs in a row, and how long to wait
settings.py    what the display looks like, and which accounts were shown last;
               settings_file.py: its record
record_pair.py a small record in two files: the key's, the tries', the settings'
seal.py        encryption of the accounts, with what is made of the data key
entropy.py     random bytes, mixed from several sources
"""
