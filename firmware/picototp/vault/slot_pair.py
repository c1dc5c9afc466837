"""The two files of the accounts: a power cut leaves the old list or the new one.

"vault.0" and "vault.1" (format: slot.py). The sound one with the newer generation is the active
one. A change streams the records from the active file to the other one, reads that back, and
only then counts; the other file is never looked at for data again. No account is kept in RAM,
only where each record begins.

Nothing that was removed returns: a change that drops a secret is followed by rewriting the
other file too, by renew_some() (slot_upkeep.py), once the token has nothing else to do, or by the
next change. A flag in the new file says that this is still to be done, also after a power cut. Old
copies stay in free blocks until the storage cleans them.

The work is in generators, because the whole of it takes seconds, and much longer if flash is slow.

A file that is not sound is ignored and overwritten by the next change. If a file is there but
none is sound, the vault is damaged: empty, and closed to changes until wipe().

What is written is encrypted (seal.py) by the key of the KeyStore, which the first change makes.
Plain files of earlier firmware are read, and the first change rewrites both. With a PIN the
vault is locked until it is entered: nothing is known of it then, and nothing works but wipe().
"""

from array import array

from picototp.vault.errors import VaultError, VaultTooNew
from picototp.vault.slot import (
    CORRUPT,
    FLAG_RENEW_OTHER,
    HEADER_BYTES,
    MISSING,
    RECORD_FLAGS,
    SCRATCH_BYTES,
    SOUND,
    TOO_NEW,
    VERSION_PLAIN,
    Slot,
    at_once,
    flags_of,
    is_newer,
)
from picototp.vault.slot_upkeep import Upkeep

MAX_ACCOUNTS = 255
FILE_NAMES = ("vault.0", "vault.1")
BATCH_NAME = "batch"  # of the file of batch.py


class TwoFiles(Upkeep):
    """Which file counts, where its records are, and how another list takes its place. What is in
    the records, vault.py knows. VaultError as there."""

    def __init__(self, storage, keys):
        self._storage = storage
        self.keys = keys
        self._scratch = bytearray(SCRATCH_BYTES)
        self._slots = tuple([Slot(storage, name, self._scratch, keys) for name in FILE_NAMES])
        self.batch = None  # begun, and neither taken nor dropped: see batch.py
        self._renewal = None  # at work
        self._check = None  # the same
        self._checked_ms: int | None = None  # when it was found sound
        self._unload()

    def _unload(self) -> None:
        self.drop_batch()
        self._give_renewal_up(False)
        self._forget_check()
        self._loaded = self._damaged = False
        self._active: Slot | None = None
        self._digest: bytes | None = None
        self._offsets = array("I", (0,))

    def load(self) -> None:
        """Load the keys, then find the active file. If newer firmware wrote a file, the vault is
        `too_new`: it shows no account, and every change raises VaultTooNew."""
        self.keys.load()
        if self._storage.exists(BATCH_NAME):
            self._remove_batch_file()
        self._look()

    def _look(self) -> None:
        self._unload()
        first, second = self._slots
        first.look()
        second.look()
        if self.too_new:
            return
        self._loaded = True
        if self.keys.wiping:
            self._finish_wipe_later()
        elif not self.locked:
            self._choose(first, second)

    def _choose(self, first: Slot, second: Slot) -> None:
        """Make the newer sound one of the two the active one."""
        if first.state != SOUND or is_newer(second.generation, first.generation):
            first, second = second, first
        if not (self._adopt(first) or self._adopt(second)):
            first, second = self._slots
            is_fresh = second.state == MISSING and (
                first.state == MISSING or first.is_first_cut_short
            )
            self._damaged = not is_fresh or self.keys.destroyed

    def _adopt(self, slot: Slot) -> bool:
        """Make a slot the active one if its file is sound."""
        if slot.state != SOUND or slot.count > MAX_ACCOUNTS:
            return False
        if slot.version == VERSION_PLAIN and self.keys.has_pin:
            return False  # setting the PIN left none: somebody put it there
        try:
            found = slot.digest()
            offsets = slot.offsets() if found is not None else None
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
        """The active file's generation. It rises with each change; 0 if there is no file."""
        return self._active.generation if self._active else 0

    @property
    def damaged(self) -> bool:
        """Whether accounts were there and no file of them is sound."""
        return self._damaged

    @property
    def too_new(self) -> bool:
        """Whether newer firmware wrote the accounts, so that they stay closed here."""
        return self.keys.too_new or TOO_NEW in (self._slots[0].state, self._slots[1].state)

    @property
    def locked(self) -> bool:
        """Whether the PIN is needed: the vault is empty and closed until then."""
        return self.keys.locked

    def lock(self) -> None:
        """Forget the key and what was read; does nothing without a PIN."""
        if self.keys.has_pin:
            self.renew()  # nobody can without the key
        self.keys.lock()
        if self.locked:
            self._slots[0].blank()
            self._look()

    def unlock(self) -> None:
        """Look at the accounts, after the KeyStore took the PIN. Raises VaultError locked if it
        did not."""
        self.keys.check_unlocked()
        self._look()

    def changing_pin(self, pin: bytearray | None):
        """Begin to set or to remove (None) the PIN: see KeyStore.changing_pin(). Before the first
        PIN, plain copies of the accounts are removed; in the end they are under another data key.
        Raises VaultError."""
        self._check_writable()
        self.keys.make_key()
        if pin is not None and not self._is_sealed():
            self._seal_files()
        return self.keys.changing_pin(pin, self)

    def come_under(self, seal, keep) -> None:
        """Rewrite the accounts under another data key, so that a copy of the flash from before
        opens nothing of what comes after. `keep()` puts that key into flash, or raises.

        The file that is not active is written first, under the key to come: while flash has the key
        of before, that file is not sound, and as soon as it has the other, the active one is not.
        """
        self._give_renewal_up(False)
        before = self._active, self._digest, self._offsets
        target = self._other()
        target.seal_to_come = seal
        try:
            if self._active is not None:
                if _digest(self._active) != self._digest:
                    raise VaultError("storage", "the accounts on flash changed: restart the token")
                written = self._write_other((self._range(0, len(self)),), FLAG_RENEW_OTHER)
                if not written or _digest(target) != self._digest:  # soon the only one there is
                    raise _write_failed()
            keep()
        except VaultError:
            self._active, self._digest, self._offsets = before
            self._forget_check()
            raise
        finally:
            target.seal_to_come = None
        if self._active is not None:
            self.renew()

    def set_limit(self, limit: int | None) -> None:
        """See KeyStore.set_limit(), which would make a key, and forget a wipe that is not done."""
        self._check_writable()
        self.keys.set_limit(limit)

    def set_lock_after(self, after_s: int | None) -> None:
        """See KeyStore.set_lock_after(), which would do the same."""
        self._check_writable()
        self.keys.set_lock_after(after_s)

    def drop_batch(self) -> None:
        """Leave nothing of a batch that was begun, if there is one."""
        batch, self.batch = self.batch, None
        if batch is not None and batch.drop():
            self._remove_batch_file()

    def _remove_batch_file(self) -> None:
        """Its secrets never counted, and must not stay in free blocks. If flash refuses, the next
        batch or start tries again."""
        try:
            self._storage.mark_unclean()
            self._storage.remove(BATCH_NAME)
        except OSError:
            pass

    def _is_sealed(self) -> bool:
        """Whether no file can have a plain account in it."""
        for name in FILE_NAMES:
            slot = Slot(self._storage, name, self._scratch, self.keys)
            if slot.look() != MISSING and not (
                slot.state == SOUND and slot.version > VERSION_PLAIN
            ):
                return False
        return True

    def _seal_files(self) -> None:
        if self._active is None:
            self._mark_unclean()  # a first write that was cut may have most of an account
            for slot in self._slots:
                slot.erase()
        else:
            self._commit((self._range(0, len(self)),), drops_secret=True)
            self.renew()
        if not self._is_sealed():
            raise VaultError("storage", "an old copy without encryption could not be erased")

    def slots(self) -> tuple:
        """Read both files and return (state, generation, accounts) of each for a self test:
        state is "active", "sound" (the older one), "missing", "corrupt", "too-new" or "locked"."""
        return tuple([self._health(slot.name) for slot in self._slots])

    def _health(self, name: str) -> tuple:
        slot = Slot(self._storage, name, self._scratch, self.keys)
        state = slot.look()
        if state == SOUND and self.locked:
            state = "locked"
        elif state == SOUND:
            digest = _digest(slot)
            if self._active is not None and name == self._active.name and digest == self._digest:
                state = "active"
            elif digest is None:
                state = CORRUPT
        return state, slot.generation, slot.count

    # Changing

    def _commit(self, plan: tuple, drops_secret: bool = False) -> None:
        """Make the list what the plan says (see Slot.writing()), or raise and leave it as it is."""
        self.keys.make_key()
        self._give_renewal_up(False)
        active = self._active
        # Copying from a file that went bad since load() would give bad records a good digest.
        if active is not None and not self._is_checked and _digest(active) != self._digest:
            raise VaultError("storage", "the accounts on flash changed: restart the token")
        # The first file of all is doubled too: an end that is missing then tells a cut first
        # write, which is no loss, from damage. No plain copy stays beside an encrypted file.
        renews_now = active is None or active.version == VERSION_PLAIN
        renew = drops_secret or renews_now
        if active is not None and (renew or active.flags & FLAG_RENEW_OTHER):
            self._mark_unclean()
        if not self._write_other(plan, FLAG_RENEW_OTHER if renew else 0):
            raise _write_failed()
        if renews_now:
            self.renew()

    def _mark_unclean(self) -> None:
        try:
            self._storage.mark_unclean()
        except OSError:
            raise _write_failed() from None

    def _write_other(self, plan: tuple, flags: int) -> bool:
        return at_once(self._writing_other(plan, flags), self._storage, saves=True)

    def _writing_other(self, plan: tuple, flags: int):
        """Write the file that is not active, read it back and make it the active one; if it does
        not come back as it was written, try to remove it and return False."""
        target = self._other()
        try:
            flags |= self._record_flags(plan)
            made = target.writing(self._next_generation(), flags, plan, self._active)
            digest = yield from made
            if target.look() == SOUND and (yield from target.comparing()):
                offsets = self._offsets_after(plan) or target.offsets()
                if offsets is not None:
                    self._active, self._digest, self._offsets = target, digest, offsets
                    self._forget_check()
                    return True
        except OSError:
            pass
        target.discard()
        return False

    def _offsets_after(self, plan: tuple) -> array | None:
        """Where the records are in a file of this plan; None if it takes reading them to tell.
        What comes back as it was written has them where the plan puts them."""
        if any([isinstance(piece, tuple) and len(piece) > 3 for piece in plan]):
            return None
        count = sum([piece[2] if isinstance(piece, tuple) else 1 for piece in plan])
        made = array("I", bytes(4 * (count + 1)))
        old = self._offsets
        number, at = 0, HEADER_BYTES
        for piece in plan:
            if not isinstance(piece, tuple):
                made[number] = at
                number, at = number + 1, at + len(piece)
                continue
            first = 0
            while old[first] != piece[0]:
                first += 1
            for index in range(first, first + piece[2]):
                made[number] = at + old[index] - piece[0]
                number += 1
            at += piece[1] - piece[0]
        made[number] = at
        return made

    def _record_flags(self, plan: tuple) -> int:
        """What the head says of the records in such a list."""
        flags = 0
        for piece in plan:
            if not isinstance(piece, tuple):
                flags |= flags_of(piece)
                continue
            source = piece[3] if len(piece) > 3 else self._active
            if source is not None and piece[2]:
                flags |= source.flags & RECORD_FLAGS
        return flags

    def _next_generation(self) -> int:
        return (self.generation + 1) & 0xFFFFFFFF

    def _other(self) -> Slot:
        return self._slots[1] if self._active is self._slots[0] else self._slots[0]

    def _range(self, first: int, end: int) -> tuple:
        return self._offsets[first], self._offsets[end], end - first

    # Wiping

    def wipe(self) -> None:
        """Remove all accounts, the key and the PIN for good, also from a damaged, locked or
        destroyed vault: first the key is destroyed, then both files are emptied and removed. Raises
        VaultError "storage" if flash fails: before the key is destroyed, nothing has changed; after
        it, the list is empty, and the next start goes on."""
        self._check_known()
        if self.keys.exists or any([self._storage.exists(name) for name in FILE_NAMES]):
            self.keys.begin_wipe()
            self._finish_wipe()

    def _finish_wipe(self) -> None:
        self._unload()
        self._loaded = True
        self._slots[0].blank()
        erased = [slot.erase() for slot in self._slots]
        if not all(erased):
            raise VaultError("storage", "an old copy could not be erased from flash: wipe again")
        self.keys.end_wipe()

    def _finish_wipe_later(self) -> None:
        """If flash refuses, the first change tries again, and so does the next start."""
        try:
            self._finish_wipe()
        except VaultError:
            pass

    # Refusing

    def _check_known(self) -> None:
        if self.too_new:
            raise VaultTooNew
        if not self._loaded:
            raise VaultError("storage", "the accounts have not been loaded")

    def check_open(self) -> None:
        """Raises the VaultError of a vault that takes no change now, but for a wipe."""
        self._check_known()
        self.keys.check_open()
        if self._damaged:
            raise VaultError("damaged", "the stored accounts are damaged: wipe to start over")

    def _check_writable(self) -> None:
        """As check_open(); ends a wipe that flash had refused to end."""
        self.check_open()
        if self.keys.wiping:
            self._finish_wipe()


def _digest(slot: Slot) -> bytes | None:
    try:
        return slot.digest()
    except OSError:
        return None


def _write_failed() -> VaultError:
    return VaultError("storage", "the flash is full or has failed; nothing was changed")
