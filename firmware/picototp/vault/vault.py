"""The list of accounts: reading and changing it.

No account is kept in RAM, only where each record begins. slot_pair.py keeps the records in flash,
so that a power cut leaves the list before a change or the one after it, and a removed secret does
not return. It also wipes, locks and changes the PIN.
"""

from picototp.vault.account import COUNTER_MAX, Account, check, check_ascii_label, check_label
from picototp.vault.errors import VaultError
from picototp.vault.keystore import KeyStore
from picototp.vault.record import (
    fits_label,
    has_label,
    is_plain,
    names_in,
    pack_label,
    pack_record,
    unlike,
    unpack_account,
    unpack_names,
    unpack_summary,
)
from picototp.vault.slot_pair import MAX_ACCOUNTS, TwoFiles


class Vault(TwoFiles):
    """The accounts, by position from 0. `keys` is the KeyStore. Call load() first.

    `storage` is the board's, or has its open_read(), open_write(), remove(), exists(),
    mark_unclean() and breathe(). Methods raise VaultError: "not-found" for a position that is not
    there, "damaged" for a change to a damaged vault, "storage" when flash fails (then the old state
    stands), "locked" for whatever needs the PIN.
    """

    # Reading

    def account(self, index: int) -> Account:
        """The account at a position, secret included."""
        return self._read(index, unpack_account)

    def summary(self, index: int) -> tuple:
        """(issuer, name, kind, algorithm, digits, period_s, counter) at a position: no secret."""
        return self._read(index, unpack_summary)

    def each_summary(self, first: int, visit) -> None:
        """Call visit(summary) for the accounts from a position on while it returns True."""
        self.keys.check_unlocked()
        self._visit(first, lambda _, body: visit(unpack_summary(body)))

    def each_names(self, visit) -> None:
        """Call visit(names), as names() has them, for all accounts while it returns True."""
        self.keys.check_unlocked()
        self._visit(0, lambda _, body: visit(unpack_names(body)))

    def label(self, index: int) -> tuple:
        """(issuer, name) at a position."""
        return self.summary(index)[:2]

    def names(self, index: int) -> tuple:
        """(issuer, name, what is shown for the issuer, and for the name) at a position: see
        Account."""
        return self._read(index, unpack_names)

    def find_with_like(self, issuer: str, name: str) -> tuple:
        """(the position of the account with this label, or -1; those of others that may look like
        it, which unlike() could not tell): in one pass, as a question must not be late."""
        self.keys.check_unlocked()
        label = pack_label(issuer, name) if fits_label(issuer, name) else b"\xff"
        found = -1
        like: list = []

        plain = is_plain(label)

        def compare(index: int, body: memoryview) -> bool:
            nonlocal found
            names = names_in(body)
            if names.startswith(label):
                found = index
            elif not (plain and is_plain(names)) and not unlike(body, label):
                like.append(index)
            return True

        self._visit(0, compare)
        return found, like

    def find(self, issuer: str, name: str) -> int:
        """The position of the account with this label, or -1."""
        self.keys.check_unlocked()
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

    def named(self, issuer: str, name: str) -> int:
        """The position of the account with this label. Raises VaultError not-found."""
        index = self.find(issuer, name)
        if index < 0:
            raise VaultError(
                "not-found", "the token has no such account; see: picototp provision list"
            )
        return index

    def shortest_period_s(self, first: int = 0, count: int = MAX_ACCOUNTS) -> int | None:
        """The shortest period in seconds of the TOTP accounts among `count` from `first` on; None
        if there are none. Takes some 0.7 ms for each account on an RP2040."""
        self.keys.check_unlocked()
        shortest = None

        def compare(index: int, body: memoryview) -> bool:
            nonlocal shortest
            if index >= first + count:
                return False
            summary = unpack_summary(body)
            if summary[2] == "totp":
                shortest = summary[5] if shortest is None else min(shortest, summary[5])
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
        self._storage.breathe(False)
        try:
            file = active.open()
            try:
                while index < len(self) and visit(
                    index, active.read_record(file, offsets[index], offsets[index + 1])
                ):
                    index += 1
                    if not index & 31:
                        self._storage.breathe(False)
            finally:
                file.close()
                active.blank()
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

    def rename(
        self, index: int, issuer: str, name: str, issuer_ascii: str = "", name_ascii: str = ""
    ) -> None:
        """Give an account another label. Raises VaultError bad-issuer, bad-name or
        "duplicate"."""
        self._check_writable()
        check_label(issuer, name)
        check_ascii_label(issuer_ascii, name_ascii)
        account = self.account(index)
        if self.find(issuer, name) not in (-1, index):
            raise VaultError("duplicate", "an account with this issuer and name exists")
        new = (issuer, name, issuer_ascii, name_ascii)
        if new == self.names(index):
            return
        account.issuer, account.name, account.issuer_ascii, account.name_ascii = new
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

    def _replace(self, index: int, account: Account, drops_secret: bool = False) -> None:
        rest = self._range(index + 1, len(self))
        self._commit((self._range(0, index), pack_record(account), rest), drops_secret)

    def _check_index(self, index: int) -> None:
        self.keys.check_unlocked()
        if not 0 <= index < len(self):
            raise VaultError("not-found", "there is no such account")


def open_vault(storage, sources, monotonic) -> Vault:
    """The vault, loaded; its KeyStore is `vault.keys`.

    `sources` see KeyStore; `storage` see Vault; `monotonic` has
    now_ms() and now_us().
    """
    keys = KeyStore(storage, sources, monotonic)
    vault = Vault(storage, keys)
    vault.load()
    return vault
