"""The list of accounts, kept in two files so that a power cut leaves the old or the new one.

"vault.0" and "vault.1" (format: slot.py). The sound one with the newer generation is the active
one. A change streams the records from the active file to the other one, reads that back, and
only then counts; the other file is never looked at for data again. No account is kept in RAM,
only where each record begins.

Nothing that was removed returns: a change that drops a secret is followed by writing the other
file anew too. A flag in the new file says that this is still to be done, so that load() does it
after a power cut. Flash below a file system with wear levelling may still hold old copies in
blocks that are free: only erasing the chip removes those.

A file that is not sound is ignored and overwritten by the next change. If a file is there but
none is sound, the vault is damaged: empty, and closed to changes until wipe().
"""

from array import array

from picototp.vault.account import COUNTER_MAX, Account, check, check_label
from picototp.vault.errors import VaultError, VaultTooNew
from picototp.vault.record import (
    fits_label,
    has_label,
    pack_label,
    pack_record,
    unpack_account,
    unpack_summary,
)
from picototp.vault.slot import (
    CORRUPT,
    FLAG_RENEW_OTHER,
    MISSING,
    SCRATCH_BYTES,
    SOUND,
    TOO_NEW,
    Slot,
    is_newer,
)

MAX_ACCOUNTS = 255
FILE_NAMES = ("vault.0", "vault.1")


class Vault:
    """The accounts, by position from 0. Call load() first.

    `storage` has open_read(name), open_write(name), remove(name) (all raising OSError) and
    exists(name). Methods raise VaultError: "not-found" for a position that is not there,
    "damaged" for a change to a damaged vault, "storage" when flash fails; then the old state
    stands.
    """

    def __init__(self, storage):
        self._storage = storage
        self._scratch = bytearray(SCRATCH_BYTES)
        self._slots = tuple([Slot(storage, name, self._scratch) for name in FILE_NAMES])
        self._unload()

    def _unload(self) -> None:
        self._loaded = self._damaged = False
        self._active: Slot | None = None
        self._digest: bytes | None = None
        self._offsets = array("I", (0,))

    def load(self) -> None:
        """Find the active file. If newer firmware wrote a file, the vault is `too_new`: it shows
        no account, and every change raises VaultTooNew."""
        self._unload()
        first, second = self._slots
        first.look()
        second.look()
        if self.too_new:
            return
        if first.state != SOUND or is_newer(second.generation, first.generation):
            first, second = second, first
        if not (self._adopt(first) or self._adopt(second)):
            first, second = self._slots
            is_fresh = second.state == MISSING and (
                first.state == MISSING or first.is_first_cut_short
            )
            self._damaged = not is_fresh
        self._loaded = True
        if self._active is not None and self._active.flags & FLAG_RENEW_OTHER:
            self._renew_other()

    def _adopt(self, slot: Slot, digest: bytes | None = None) -> bool:
        """Make a slot the active one if its file is sound and, if given, has this digest."""
        if slot.state != SOUND or slot.count > MAX_ACCOUNTS:
            return False
        try:
            found = slot.digest()
            sound = found is not None and found == (digest or found)
            offsets = slot.offsets() if sound else None
        except OSError:
            offsets = None
        if offsets is None:
            return False
        self._active, self._digest, self._offsets = slot, found, offsets
        return True

    def __len__(self) -> int:
        return len(self._offsets) - 1

    @property
    def generation(self) -> int:
        """Of the active file: rises with each change; 0 if there is none."""
        return self._active.generation if self._active else 0

    @property
    def damaged(self) -> bool:
        """Whether accounts were there and no file of them is sound."""
        return self._damaged

    @property
    def too_new(self) -> bool:
        """Whether newer firmware wrote the accounts, so that they stay closed here."""
        return TOO_NEW in (self._slots[0].state, self._slots[1].state)

    def slots(self) -> tuple:
        """Read both files and return (state, generation, accounts) of each for a self test:
        state is "active", "sound" (the older one), "missing", "corrupt" or "too-new"."""
        return tuple([self._health(slot.name) for slot in self._slots])

    def _health(self, name: str) -> tuple:
        slot = Slot(self._storage, name, self._scratch)
        state = slot.look()
        if state == SOUND:
            digest = _digest(slot)
            if self._active is not None and name == self._active.name and digest == self._digest:
                state = "active"
            elif digest is None:
                state = CORRUPT
        return state, slot.generation, slot.count

    # Reading

    def account(self, index: int) -> Account:
        """The account at a position, secret included."""
        return self._read(index, unpack_account)

    def summary(self, index: int) -> tuple:
        """(issuer, name, kind, algorithm, digits, period_s, counter) at a position: no secret."""
        return self._read(index, unpack_summary)

    def label(self, index: int) -> tuple:
        """(issuer, name) at a position."""
        return self.summary(index)[:2]

    def find(self, issuer: str, name: str) -> int:
        """The position of the account with this label, or -1."""
        if not fits_label(issuer, name):
            return -1
        label = pack_label(issuer, name)
        found = -1

        def compare(index: int, body: memoryview) -> bool:
            nonlocal found
            if has_label(body, label):
                found = index
            return found < 0

        self._visit(0, compare)
        return found

    def shortest_period_s(self, first: int = 0, count: int = MAX_ACCOUNTS) -> int | None:
        """The shortest period in seconds of the TOTP accounts among `count` from `first` on; None
        if there are none. Takes some 0.7 ms for each account on an RP2040."""
        shortest = None

        def compare(index: int, body: memoryview) -> bool:
            nonlocal shortest
            if index >= first + count:
                return False
            summary = unpack_summary(body)
            if summary[2] == "totp" and (shortest is None or summary[5] < shortest):
                shortest = summary[5]
            return True

        self._visit(first, compare)
        return shortest

    def _read(self, index: int, unpack):
        self._check_index(index)
        result = None

        def take(_: int, body: memoryview) -> bool:
            nonlocal result
            result = unpack(body)
            return False

        self._visit(index, take)
        return result

    def _visit(self, index: int, visit) -> None:
        """Call visit(index, body) for the records from a position on while it returns True."""
        active, offsets = self._active, self._offsets
        if active is None or index >= len(self):
            return
        try:
            file = active.open()
            try:
                while index < len(self) and visit(
                    index, active.read_record(file, offsets[index], offsets[index + 1])
                ):
                    index += 1
            finally:
                file.close()
        except OSError:
            raise VaultError("storage", "the accounts cannot be read from flash") from None

    # Changing

    def add(self, account: Account, replace: bool = False) -> int:
        """Append an account and return its position; with `replace`, an account with the same
        issuer and name is replaced where it is. Raises VaultError with check()'s codes,
        "duplicate" or "full"."""
        self._check_writable()
        check(account)
        index = self.find(account.issuer, account.name)
        if index >= 0:
            if not replace:
                raise VaultError("duplicate", "an account with this issuer and name exists")
            self._replace(index, account, drops_secret=True)
            return index
        count = len(self)
        if count >= MAX_ACCOUNTS:
            raise VaultError("full", f"the token is full: it holds {MAX_ACCOUNTS} accounts")
        self._commit((self._range(0, count), pack_record(account)))
        return count

    def rename(self, index: int, issuer: str, name: str) -> None:
        """Give an account another label. Raises VaultError bad-issuer, bad-name or
        "duplicate"."""
        self._check_writable()
        check_label(issuer, name)
        account = self.account(index)
        holder = self.find(issuer, name)
        if holder == index:
            return
        if holder >= 0:
            raise VaultError("duplicate", "an account with this issuer and name exists")
        account.issuer, account.name = issuer, name
        self._replace(index, account)

    def move(self, from_index: int, to_index: int) -> None:
        """Take an account out and put it back so that its position is `to_index`."""
        self._check_writable()
        self._check_index(from_index)
        self._check_index(to_index)
        if from_index == to_index:
            return
        moved = self._range(from_index, from_index + 1)
        low, high = min(from_index, to_index), max(from_index, to_index)
        if from_index < to_index:
            second, third = self._range(low + 1, high + 1), moved
        else:
            second, third = moved, self._range(low, high)
        rest = self._range(high + 1, len(self))
        self._commit((self._range(0, low), second, third, rest))

    def remove(self, index: int) -> None:
        """Remove an account for good."""
        self._check_writable()
        self._check_index(index)
        rest = self._range(index + 1, len(self))
        self._commit((self._range(0, index), rest), drops_secret=True)

    def advance_counter(self, index: int) -> int:
        """The counter to use now for an HOTP account; the one after it is saved before this
        returns (RFC 4226 section 7.2). Raises VaultError bad-kind for a TOTP account and
        bad-counter when no counter is left."""
        self._check_writable()
        account = self.account(index)
        if account.kind != "hotp":
            raise VaultError("bad-kind", "only an HOTP account has a counter")
        counter = account.counter
        if counter >= COUNTER_MAX:
            raise VaultError("bad-counter", "the counter of this account is used up")
        account.counter = counter + 1
        self._replace(index, account)
        return counter

    def wipe(self) -> None:
        """Remove all accounts for good, also from a damaged vault: both files are overwritten
        with an empty list, then removed. Raises VaultError "storage" if flash fails: before the
        first file is written, nothing has changed; after it, the list is empty."""
        self._check_loaded()
        if self._active is not None or self._damaged:
            if not self._write_other((), FLAG_RENEW_OTHER):
                raise _write_failed()
            self._damaged = False
            self._renew_other()
        # The older file goes first: at every moment, what is left says that the list is empty.
        other = self._other()
        active = self._slots[1] if other is self._slots[0] else self._slots[0]
        if not (other.discard() and active.discard()):
            raise VaultError("storage", "an old copy could not be erased from flash: wipe again")
        self._unload()
        self._loaded = True

    def _replace(self, index: int, account: Account, drops_secret: bool = False) -> None:
        rest = self._range(index + 1, len(self))
        self._commit((self._range(0, index), pack_record(account), rest), drops_secret)

    def _commit(self, plan: tuple, drops_secret: bool = False) -> None:
        """Make the list what the plan says (see Slot.write()), or raise and leave it as it is."""
        active = self._active
        # Copying from a file that went bad since load() would give bad records a good digest.
        if active is not None and _digest(active) != self._digest:
            raise VaultError("storage", "the accounts on flash changed: restart the token")
        # The first file of all is doubled too: an end that is missing then tells a cut first
        # write, which is no loss, from damage.
        renew = drops_secret or active is None
        if not self._write_other(plan, FLAG_RENEW_OTHER if renew else 0):
            raise _write_failed()
        if renew:
            self._renew_other()

    def _renew_other(self) -> None:
        """Write the other file anew from the active one. If that fails, the other file is gone
        or the active one's flag stays and the next load() tries again."""
        self._write_other((self._range(0, len(self)),), 0)

    def _write_other(self, plan: tuple, flags: int) -> bool:
        """Write the file that is not active, read it back and make it the active one; if it does
        not come back as it was written, try to remove it and return False."""
        target = self._other()
        try:
            digest = target.write(self._next_generation(), flags, plan, self._active)
        except OSError:
            digest = None
        if digest is not None and target.look() == SOUND and self._adopt(target, digest):
            return True
        target.discard()
        return False

    def _next_generation(self) -> int:
        newest = self.generation
        if self._damaged:  # above what any unsound file claims, should it ever read well again
            newest, other = self._slots[0].generation, self._slots[1].generation
            if is_newer(other, newest):
                newest = other
        return (newest + 1) & 0xFFFFFFFF

    def _other(self) -> Slot:
        return self._slots[1] if self._active is self._slots[0] else self._slots[0]

    def _range(self, first: int, end: int) -> tuple:
        return self._offsets[first], self._offsets[end], end - first

    # Refusing

    def _check_index(self, index: int) -> None:
        if not 0 <= index < len(self):
            raise VaultError("not-found", "there is no such account")

    def _check_loaded(self) -> None:
        if not self._loaded:
            if self.too_new:
                raise VaultTooNew
            raise VaultError("storage", "the accounts have not been loaded")

    def _check_writable(self) -> None:
        self._check_loaded()
        if self._damaged:
            raise VaultError("damaged", "the stored accounts are damaged: wipe to start anew")


def _digest(slot: Slot) -> bytes | None:
    try:
        return slot.digest()
    except OSError:
        return None


def _write_failed() -> VaultError:
    return VaultError("storage", "flash is full or failed: nothing was changed")
