"""What is done to the two files of the accounts in between: checking, and rewriting the older one.

Both go in pieces, a few in a turn of the main loop, because the whole of it takes seconds.
"""

# mypy: ignore-errors
# It is a part of a class, in a module of its own, and what it uses is that class's.

from picototp.vault.slot import FLAG_RENEW_OTHER, PIECES, VERSION_PLAIN

_CHECKED_MS = 60_000  # how long check_some() is believed: a question stays for half of that


class Upkeep:
    """The part of TwoFiles (slot_pair.py) that is called when nothing else is to be done."""

    # Checking beforehand

    def check_some(self) -> None:
        """Look a bit further whether the active file is what it was: to be called in every turn
        while a change may come soon, which then need not."""
        if self._active is None or self._is_checked:
            return
        if self._check is None:
            self._check = self._active.digesting()
        try:
            for _ in range(PIECES):
                next(self._check)
        except StopIteration as end:
            self._check = None
            if end.value == self._digest:
                self._checked_ms = self.keys.monotonic.now_ms()
        except OSError:
            self._check = None

    @property
    def _is_checked(self) -> bool:
        at_ms = self._checked_ms
        return at_ms is not None and self.keys.monotonic.now_ms() - at_ms < _CHECKED_MS

    def _forget_check(self) -> None:
        self._checked_ms = None
        if self._check is not None:
            self._check.close()
            self._check = None

    # Renewing the other file

    @property
    def renewing(self) -> bool:
        """Whether the other file may still have a secret that was dropped, and is to be rewritten.
        A plain file may have no key beside it yet: the first change renews both."""
        active = self._active
        if active is None or active.version == VERSION_PLAIN or self._renewal_failed:
            return False
        return active.flags & FLAG_RENEW_OTHER != 0

    def renew_some(self) -> bool:
        """Do a piece of that, if it is to be done; whether there is more. If flash refuses, the
        other file is gone, or the next change or load() has it tried again."""
        if self._renewal is None:
            if not self.renewing:
                return False
            self._renewal = self._renewing()
        try:
            for _ in range(PIECES):
                next(self._renewal)
            return True
        except StopIteration:
            self._give_renewal_up(self.renewing)
            return False

    def tidy(self) -> bool:
        """Do a piece of that, or else of the storage's cleaning; whether there is more."""
        return self.renew_some() or self._storage.clean()

    def renew(self) -> None:
        """Do all of it now."""
        while self.renew_some():
            self._storage.breathe(True)

    def _renewing(self):
        try:
            if self._storage.exists(self._other().name):  # its blocks become free
                self._storage.mark_unclean()
            found = yield from self._active.digesting()
        except OSError:
            return
        if found == self._digest:
            yield from self._writing_other((self._range(0, len(self)),), 0)

    def _give_renewal_up(self, failed: bool) -> None:
        """What it has written is not sound, and is written again by whoever comes next."""
        work, self._renewal, self._renewal_failed = self._renewal, None, failed
        if work is not None:
            try:
                work.close()
            except OSError:
                pass  # it could not be written to its end
