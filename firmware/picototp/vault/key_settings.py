"""What the key's record keeps beside the key: the limit of wrong PINs, and when a dark token locks.

These change so rarely that keystore.py loads this module only then. The host tools import the rules
from here.
"""

from picototp.vault import key_record
from picototp.vault.errors import VaultError

LOCK_AFTER_RULE = "the time must be 0 to 120 s, 3 to 60 whole minutes, or never"


def set_limit(keys, limit: int | None) -> None:
    """See KeyStore.set_limit(). Raises VaultError."""
    if limit is not None and limit not in key_record.LIMITS:
        raise VaultError("bad-limit", "the limit must be 5 to 20 wrong PINs, or off")
    keys.keep_settings(limit, lock_code(keys.lock_after_s))


def set_lock_after(keys, after_s: int | None) -> None:
    """See KeyStore.set_lock_after(). Raises VaultError."""
    keys.keep_settings(keys.limit, lock_code(after_s))


def lock_code(after_s: int | None) -> int:
    """What a record has for this time, see key_record.lock_after_s(). VaultError bad-lock-after if
    it is none that a record can have."""
    if after_s is None:
        return key_record.NEVER_LOCKS
    for code in key_record.LOCK_CODES:
        if key_record.lock_after_s(code) == after_s:
            return code
    raise VaultError("bad-lock-after", LOCK_AFTER_RULE)
