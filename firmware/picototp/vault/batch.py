"""Several changes of the list that become one write of it: all of them, or none.

What is to be added waits, encrypted, in a file of its own, "batch": there is no room for it in RAM,
and the two files of the accounts stay whole until there is a yes. Nothing ever reads that file as
accounts. While it is open littlefs knows nothing of it, so that a power cut leaves none; once it is
closed one may be left behind, which the next start removes. Of what is to be removed only the
positions are kept.
"""

import hashlib
from array import array

from picototp.vault.account import Account, check
from picototp.vault.errors import NoBatch, VaultError
from picototp.vault.record import pack_label, pack_record, unpack_names
from picototp.vault.slot import HEADER_BYTES, VERSION, Slot, flags_of
from picototp.vault.slot_pair import BATCH_NAME, MAX_ACCOUNTS

_LABEL_BYTES = 8  # of a hash by which a label is known again: all the labels would take 32 KB
_NEW = MAX_ACCOUNTS  # in place of a position


class Staging(Slot):
    """The file of what is to be added: a slot's, but that nothing stands where its head would."""

    def __init__(self, storage, scratch: bytearray, keys):
        super().__init__(storage, BATCH_NAME, scratch, keys)
        self._file = self._hashed = None
        self._trailer = b""

    def begin(self) -> None:
        """Open it for append()."""
        seal = self._keys.seal
        self.version = VERSION
        self._nonce = seal.nonce(0)
        self._hashed = seal.mac.begin()
        self._file = self._storage.open_write(self.name)
        self._put(bytes(HEADER_BYTES))

    def append(self, record: bytes) -> None:
        """Write one more, encrypted."""
        chunk = self._view[: len(record)]
        chunk[:] = record
        self._keys.seal.apply(self._nonce, self.payload_bytes, chunk)
        self._put(chunk)
        self.flags |= flags_of(record)
        self.payload_bytes += len(record)
        self.count += 1

    def finish(self) -> None:
        """Close it: now it can be read."""
        trailer = self._keys.seal.mac.finish(self._hashed)
        self._hashed = None
        self._put(trailer)
        self.close()
        self._trailer = trailer

    def _put(self, data: bytes | memoryview) -> None:
        self._storage.make_room()
        if self._hashed is not None:
            self._hashed.update(data)
        written = self._file.write(data)  # type: ignore[attr-defined]
        if written is not None and written != len(data):
            raise OSError(28)  # ENOSPC

    def is_sound(self) -> bool:
        """Whether it still is what was written, to its end."""
        return self.digest() == self._trailer  # which no digest is before finish()

    def close(self) -> None:
        """Close the file, if it is open."""
        file, self._file = self._file, None
        self._hashed = None
        if file is not None:
            file.close()


class Batches:
    """The only one that a vault can have at a time. It is a part of the Vault, in a module of its
    own because few starts need it: it knows what that keeps to itself."""

    def __init__(self, vault):
        self._vault = vault

    def begin_additions(self, total: int) -> None:
        """Begin a batch of at most so many accounts to add or replace. Raises VaultError."""
        vault = self._begin()
        vault.keys.make_key()
        try:
            vault._storage.mark_unclean()
            staging = Staging(vault._storage, vault._scratch, vault.keys)
            vault.batch = Additions(vault, total, staging)
            vault.batch.begin()
        except OSError:
            raise self._failed() from None

    def begin_removals(self, total: int) -> None:
        """Begin a batch of at most so many accounts to remove. Raises VaultError."""
        vault = self._begin()
        vault.batch = Removals(vault, total)

    def _begin(self):
        vault = self._vault
        vault._check_writable()
        vault.drop_batch()
        return vault

    def append_account(self, account: Account, replace: bool) -> None:
        """Put one into a batch of additions: see Additions.append()."""
        try:
            self._open().append(account, replace)
        except OSError:
            raise self._failed() from None

    def finish(self, count: int) -> None:
        """No more entries follow. Raises NoBatch if there are not so many, and "storage"."""
        try:
            self._open().finish(count)
        except OSError:
            raise self._failed() from None

    def names(self, number: int) -> tuple:
        """(the position of an entry of the batch, or -1 if it is new; its names as names() has
        them), after finish()."""
        try:
            return self._open().names(number)
        except OSError:
            raise self._failed() from None

    def commit(self) -> int:
        """Make all its changes, or raise and make none; a position to show then. It ends."""
        vault = self._vault
        vault._check_writable()
        batch = self._open()
        place = batch.first_place()
        try:
            vault._commit(batch.plan(vault._range), batch.drops_secret)
        except OSError:
            raise self._failed() from None
        finally:
            vault.drop_batch()
        return place

    def append_removal(self, index: int) -> None:
        """Put one into a batch of removals: see Removals.append()."""
        self._open().append(index)

    def _open(self):
        """The batch; it ends if the accounts have changed since it began."""
        vault = self._vault
        if vault.batch is not None and not vault.batch.is_current:
            vault.drop_batch()
        if vault.batch is None:
            raise NoBatch
        return vault.batch

    def _failed(self) -> VaultError:
        self._vault.drop_batch()
        return VaultError("storage", "the flash is full or has failed; nothing was changed")


class _Batch:
    """At most `total` entries are to come, and `count` are here. `vault` is the Vault."""

    drops_secret = False  # whether the change does: slot_pair.py, _commit

    def __init__(self, vault, total: int):
        self._vault = vault
        self._generation = vault.generation
        self.total = total
        self.count = 0

    @property
    def is_current(self) -> bool:
        """Whether the accounts are those of when it began."""
        return self._vault.generation == self._generation

    def _check_more(self) -> None:
        if self.count >= self.total:
            raise VaultError("full", "the batch has all the entries that it was to have")

    def finish(self, count: int) -> None:
        """No more entries follow. NoBatch if not so many are here: one was lost."""
        if self.count != count:
            raise NoBatch

    def drop(self) -> bool:
        """Leave nothing of it in RAM; whether there is a file of it to be removed."""
        return False


class Additions(_Batch):
    """Accounts to add, or to put in the place of others. The key must be there."""

    def __init__(self, vault, total: int, staging: Staging):
        super().__init__(vault, total)
        self._staging = staging
        self._places: list = []  # of each: the position that it takes, or _NEW
        self._ends = array("I", (HEADER_BYTES,))  # of the records in the file
        self._labels = bytearray()
        self._replaced = 0

    def begin(self) -> None:
        """Open its file."""
        self._staging.begin()

    @property
    def drops_secret(self) -> bool:  # type: ignore[override]
        """Whether there are some to replace."""
        return self._replaced > 0

    def counts(self) -> tuple:
        """(how many are new, how many replace another)."""
        return self.count - self._replaced, self._replaced

    def append(self, account: Account, replace: bool) -> None:
        """Take one more. VaultError as Vault.add(), "duplicate" for a label that the batch has,
        too: then it is as before. "storage" ends it."""
        self._check_more()
        check(account)
        packed = pack_label(account.issuer, account.name)
        label = hashlib.sha256(packed).digest()[:_LABEL_BYTES]
        if self._has(label):
            raise VaultError("duplicate", "the batch has an account with this issuer and name")
        index = self._vault.find(account.issuer, account.name)
        if index >= 0 and not replace:
            raise VaultError("duplicate", "the token has this account already; see --replace")
        if index < 0 and len(self._vault) + self.counts()[0] >= MAX_ACCOUNTS:
            raise VaultError("full", f"the token is full: it holds {MAX_ACCOUNTS} accounts")
        self._staging.append(pack_record(account))
        self._labels.extend(label)
        self._places.append(_NEW if index < 0 else index)
        self._ends.append(HEADER_BYTES + self._staging.payload_bytes)
        self._replaced += index >= 0
        self.count += 1

    def _has(self, label: bytes) -> bool:
        labels = self._labels
        for at in range(0, len(labels), _LABEL_BYTES):
            if labels[at] == label[0] and labels[at : at + _LABEL_BYTES] == label:
                return True
        return False

    def finish(self, count: int) -> None:
        """As _Batch.finish()."""
        super().finish(count)
        self._staging.finish()

    def names(self, number: int) -> tuple:
        """(its position now or -1, its names as Vault.names() has them), after finish()."""
        start, end = self._ends[number], self._ends[number + 1]
        file = self._staging.open()
        try:
            names = unpack_names(self._staging.read_record(file, start, end))
        finally:
            file.close()
            self._staging.blank()
        place = self._places[number]
        return -1 if place == _NEW else place, names

    def plan(self, between) -> tuple:
        """What the list becomes, for Slot.writing(). `between(first, end)`: a piece of the list."""
        if not self._staging.is_sound():
            raise OSError(5)  # EIO
        plan: list = []
        places, first = self._places, 0
        for index in sorted([place for place in places if place != _NEW]):
            _join(plan, between(first, index))
            _join(plan, self._piece(places.index(index)))
            first = index + 1
        _join(plan, between(first, len(self._vault)))
        for number, place in enumerate(places):
            if place == _NEW:
                _join(plan, self._piece(number))
        return tuple(plan)

    def _piece(self, number: int) -> tuple:
        return self._ends[number], self._ends[number + 1], 1, self._staging

    def first_place(self) -> int:
        """The position of the first entry, before the change is made."""
        place = self._places[0]
        return len(self._vault) if place == _NEW else place

    def drop(self) -> bool:
        """As _Batch.drop()."""
        self._staging.blank()
        try:
            self._staging.close()
        except OSError:
            pass  # it could not be written to its end
        return True


class Removals(_Batch):
    """Accounts to remove."""

    drops_secret = True

    def __init__(self, vault, total: int):
        super().__init__(vault, total)
        self._places: list = []

    def append(self, index: int) -> None:
        """Take one more, by its position."""
        self._check_more()
        if index in self._places:
            raise VaultError("duplicate", "the batch has this account already")
        self._places.append(index)
        self.count += 1

    def names(self, number: int) -> tuple:
        """As Additions.names()."""
        place = self._places[number]
        return place, self._vault.names(place)

    def plan(self, between) -> tuple:
        """As Additions.plan()."""
        plan: list = []
        first = 0
        for index in sorted(self._places):
            _join(plan, between(first, index))
            first = index + 1
        _join(plan, between(first, len(self._vault)))
        return tuple(plan)

    def first_place(self) -> int:
        """The position of the account that follows the first one that goes, or of the last."""
        first = min(self._places)
        return max(0, min(first, len(self._vault) - self.count - 1))


def _join(plan: list, piece: tuple) -> None:
    """Append a piece of a file to a plan, or make the one before it longer."""
    if not piece[2]:
        return
    if plan and plan[-1][1] == piece[0] and plan[-1][3:] == piece[3:]:
        last = plan.pop()
        piece = (last[0], piece[1], last[2] + piece[2]) + piece[3:]
    plan.append(piece)
