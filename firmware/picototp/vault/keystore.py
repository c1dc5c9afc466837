"""The data key: made once, kept in flash, open or wrapped by a PIN, destroyed after wrong PINs.

key_record.py has the record, tries.py the count of wrong PINs, pin.py the wrapping and the slow
work of entering and changing a PIN, seal.py what is made of the key. Without a PIN the key is in
flash as it is: whoever holds the board can read it.

Earlier records (the key before it got a PIN, or under an earlier one) may stay in flash for a
while, so the storage is told before one becomes old. What cannot be helped: Python makes copies of
short-lived values. Buffers of ours are wiped.
"""

from picototp.vault import key_record
from picototp.vault.errors import VaultError, VaultTooNew
from picototp.vault.key_record import DESTROYED, OPEN, PIN, WIPING, blank
from picototp.vault.seal import Seal

LIMIT_AT_FIRST = 10


class KeyStore:
    """The key. Call load() first.

    `storage` as for the Vault; `sources` of entropy have urandom(count) and jitter(), see Entropy;
    `monotonic` has now_ms() and now_us() since power-up.

    After load(): `seal` encrypts the accounts, None if there is no key or it is locked.
    Methods raise VaultError: "storage" when flash fails (then the old state stands), "locked",
    "destroyed", "too-soon", "bad-pin", "bad-limit", "bad-lock-after".
    """

    def __init__(self, storage, sources, monotonic):
        self._storage = storage
        self._sources = sources
        self._entropy = None
        self.monotonic = monotonic
        self._files = key_record.files(storage)
        self._tries = None
        self._key: bytearray | None = None
        self._wrapper = None  # what the PIN makes, once it was entered
        self.seal: Seal | None = None
        self.forgotten = 0  # how often a key or a PIN was let go

    def load(self) -> None:
        """Read the state; finish what a power cut interrupted."""
        self._forget()
        self._ended = False  # destroyed, even if flash refused to keep that
        self._files.load()
        self._tries = None
        if self._state == PIN:
            self._count_tries()
        if self.too_new:
            return
        try:
            self._files.double()
        except OSError:
            pass  # the next start tries again
        if self._state == OPEN:
            self._open(key_record.open_key(self._files.record))
        elif self.has_pin and self._is_used_up():
            self._end()

    def _count_tries(self):
        """The count of wrong PINs, which no start without a PIN has to load."""
        if self._tries is None:
            from picototp.vault.tries import Tries

            self._tries = Tries(self._storage, self.monotonic)
            self._tries.load()
        return self._tries

    @property
    def entropy(self):
        """The Entropy; made when it is first needed."""
        if self._entropy is None:
            from picototp.vault.entropy import Entropy

            self._entropy = Entropy(self._sources.urandom, self._sources.jitter)
        return self._entropy

    def _forget(self) -> None:
        self.forgotten += 1
        for secret in (self.seal, self._wrapper):
            if secret is not None:
                secret.forget()
        if self._key is not None:
            blank(self._key)
        self._key = self._wrapper = self.seal = None

    def _open(self, key: bytearray) -> None:
        self._key = key
        self.seal = Seal(key, self)

    # What it is

    @property
    def _state(self) -> int | None:
        record = self._files.record
        return key_record.state_of(record) if record else None

    @property
    def too_new(self) -> bool:
        """Whether newer firmware wrote a file."""
        return self._files.too_new or (self._tries is not None and self._tries.too_new)

    @property
    def has_pin(self) -> bool:
        """Whether a PIN is set, and the key not destroyed."""
        return self._state == PIN and not self._ended

    @property
    def locked(self) -> bool:
        """Whether there is a PIN that was not entered."""
        return self.has_pin and self._key is None

    @property
    def destroyed(self) -> bool:
        """Whether too many wrong PINs destroyed the key, and so the accounts."""
        return self._ended or self._state == DESTROYED

    @property
    def wiping(self) -> bool:
        """Whether a wipe destroyed the key and has not been finished."""
        return self._state == WIPING

    @property
    def exists(self) -> bool:
        """Whether flash has anything of a key."""
        return self._files.found

    @property
    def failures(self) -> int:
        """Wrong PINs in a row; 0 without a PIN."""
        return self._count_tries().failures if self.has_pin else 0

    @property
    def limit(self) -> int | None:
        """After how many wrong PINs the key is destroyed; None if never."""
        record = self._files.record
        return key_record.limit_of(record) if record else LIMIT_AT_FIRST

    @property
    def lock_after_s(self) -> int | None:
        """How long after its display went dark it locks if it has a PIN; None if it does not."""
        record = self._files.record
        return key_record.lock_after_s(key_record.lock_code_of(record) if record else 0)

    def wait_ms(self) -> int:
        """How long until the next attempt is allowed; 0 if it is."""
        return self._count_tries().wait_ms() if self.locked else 0

    def wait_s(self) -> int:
        """The same in whole seconds, for people: 0 only if it is allowed."""
        return (self.wait_ms() + 999) // 1000

    # Changes

    def make_key(self) -> None:
        """Make the data key, if there is none."""
        self.check_open()
        if self._key is None:
            key = self.entropy.draw(key_record.KEY_BYTES)
            self._save(key_record.body(OPEN, self.limit, self._files.next_generation(), key))
            self._open(key)

    def set_limit(self, limit: int | None) -> None:
        """Destroy the key after 5 to 20 wrong PINs in a row, or never (None)."""
        from picototp.vault import key_settings  # seldom changed

        key_settings.set_limit(self, limit)

    def set_lock_after(self, after_s: int | None) -> None:
        """With a PIN, lock so long after the display went dark, or not by itself (None)."""
        from picototp.vault import key_settings

        key_settings.set_lock_after(self, after_s)

    def unlocking(self, pin: bytearray):
        """Begin an attempt (pin.Unlocking), which is charged in flash first; `pin` is wiped.

        Call step() until it says True; `ok` then tells whether the token is unlocked."""
        from picototp.vault import pin as entering  # no token without a PIN needs it

        try:
            self.check_open(locked_is_fine=True)
            if not self.locked:
                raise VaultError("bad-pin", "there is no PIN to enter")
            entering.check(pin)
            if self.wait_ms():
                raise VaultError("too-soon", "wait before the next PIN")
            try:
                self._count_tries().charge()
            except OSError:
                raise _failed() from None
            return entering.Unlocking(self, self._files.record, pin)
        finally:
            blank(pin)

    def changing_pin(self, pin: bytearray | None, accounts=None):
        """Begin to set another PIN, or to remove it (None): a pin.PinChange. `pin` is wiped.

        Vault.changing_pin() is the one to call: it sees to the `accounts`, which come under another
        data key by this."""
        from picototp.vault import pin as entering

        try:
            self.check_open()
            return entering.PinChange(self, pin, accounts)
        finally:
            if pin is not None:
                blank(pin)

    def lock(self) -> None:
        """Forget the key until the PIN is entered; does nothing without a PIN."""
        if self.has_pin:
            self._forget()

    def destroy(self) -> None:
        """Destroy the key, as too many wrong PINs do."""
        self._end()

    def begin_wipe(self) -> None:
        """Destroy the key, and remember that the accounts are to go too."""
        self._count_tries()
        self._check_known()
        try:
            self._storage.mark_unclean()
        except OSError:
            raise _failed() from None
        self._save(key_record.body(WIPING, None, self._files.next_generation()))
        self._forget()
        self._ended = False

    def end_wipe(self) -> None:
        """All is gone: be as new."""
        try:
            self._count_tries().remove()
            self._files.remove()
        except OSError:
            raise VaultError("storage", "flash failed: wipe again") from None
        self._forget()

    # For pin.py and key_settings.py

    def finish_unlocking(self, wrapper) -> bool:
        """Whether the PIN behind it was right; the consequences are in flash when this returns."""
        record = self._files.record
        key = wrapper.key(record) if self.has_pin else None
        if key is None:
            wrapper.forget()
            self.forgotten += 1
            self._count_tries().wait_anew()
            if self.has_pin and self._is_used_up():
                self._end()
            return False
        try:
            self._count_tries().reset()
        except OSError:
            pass  # they go on counting
        self._forget()
        self._wrapper = wrapper
        self._open(key)
        return True

    def begin_change(self) -> None:
        """Get ready for another record: it makes the one there is an old copy."""
        self.check_open()
        if self._key is None:  # wiped since the change began: there is nothing to wrap
            raise VaultError("not-found", "the token was wiped meanwhile: set the PIN again")
        try:
            self._storage.mark_unclean()
            self._count_tries().reset()
        except OSError:
            raise _failed() from None

    def keep_key(self, wrapper, rounds: int, salt, key: bytearray, seal: Seal) -> None:
        """Put this key into flash, wrapped, or open if there is no wrapper, and use it from now
        on."""
        lock_code = key_record.lock_code_of(self._files.record)
        self._keep(wrapper, rounds, salt, self.limit, lock_code, key)
        self._forget()  # the key and the wrapper of before
        self._key, self.seal, self._wrapper = key, seal, wrapper

    def keep_settings(self, limit: int | None, lock_code: int) -> None:
        """Put these into the record, which stays what it is."""
        self.make_key()
        record = self._files.record
        rounds, salt = key_record.rounds_of(record), key_record.salt_of(record)
        self._keep(self._wrapper, rounds, salt, limit, lock_code)

    # Within

    def _keep(
        self, wrapper, rounds: int, salt, limit: int | None, lock_code: int, key=None
    ) -> None:
        """Save a record: of this `key`, or of the one that there is."""
        key = self._key if key is None else key
        generation = self._files.next_generation()
        if wrapper is None:
            self._save(key_record.body(OPEN, limit, generation, key, lock_code))
        else:
            self._save(wrapper.body(limit, generation, rounds, salt, key, lock_code))

    def _is_used_up(self) -> bool:
        return self.limit is not None and self._count_tries().failures >= self.limit

    def _end(self) -> None:
        self._forget()
        self._ended = True
        try:
            self._storage.mark_unclean()
        except OSError:
            pass  # to destroy it is worth more
        try:
            self._save(key_record.body(DESTROYED, self.limit, self._files.next_generation()))
        except VaultError:
            pass  # the count of wrong PINs has the next start try again

    def _save(self, body: bytearray) -> None:
        """Put a record into both files. VaultError if it is in none; the other can wait until the
        next load()."""
        old = self._files.record
        try:
            self._files.write(body)
        except OSError:
            raise _failed() from None
        finally:
            blank(body)
        if old is not None:
            blank(old)
        try:
            self._files.double()
        except OSError:
            pass

    # Refusing

    def _check_known(self) -> None:
        if self.too_new:
            raise VaultTooNew

    def check_unlocked(self) -> None:
        """Raises VaultError locked if the PIN is needed."""
        if self.locked:
            raise VaultError("locked", "the token is locked: enter the PIN on it")

    def check_open(self, locked_is_fine: bool = False) -> None:
        """Raises the VaultError of a key that cannot be used now."""
        self._check_known()
        if self.destroyed:
            raise VaultError("destroyed", "too many wrong PINs: wipe to start over")
        if not locked_is_fine:
            self.check_unlocked()


def _failed() -> VaultError:
    return VaultError("storage", "the flash is full or has failed; nothing was changed")
