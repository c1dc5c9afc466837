"""The requests that make several changes with one question: batch_begin, batch_entry, batch_end.

The question has pages: how many accounts, their names, and, if there are more names than anybody
would read, how many more. The last page takes the answer.
"""

from picototp.protocol.account_question import label, line_about
from picototp.protocol.request import Consent, Pages, RequestError, text_of, whole_of
from picototp.vault.batch import Batches
from picototp.vault.errors import VaultError
from picototp.vault.vault import MAX_ACCOUNTS

NAMES_A_PAGE = 3
NAME_PAGES = 3  # before the one that says how many more; a fourth one may be the last


class BatchService:
    """Handlers by the name of their request. `accounts` is the AccountService."""

    def __init__(self, vault, accounts):
        self._vault = vault
        self._batches = Batches(vault)
        self._accounts = accounts
        self._removes = False  # the batch that was begun
        self.handlers = {
            "batch_begin": self._begin,
            "batch_entry": self._entry,
            "batch_end": self._end,
        }

    def _begin(self, message: dict) -> dict:
        count, what = whole_of(message, "count", 1, MAX_ACCOUNTS), text_of(message, "what")
        if what not in ("add", "remove"):
            raise RequestError("bad-request", "the field what must be add or remove")
        self._removes = what == "remove"
        if self._removes:
            self._batches.begin_removals(count)
        else:
            self._batches.begin_additions(count)
        return self._so_far("")

    def _so_far(self, line: str) -> dict:
        """The answer, with what the display is to say: link.py takes that out."""
        batch = self._vault.batch
        return {"count": batch.count, "of": batch.total, "line": line}

    def _entry(self, message: dict) -> dict:
        if self._removes:
            self._batches.append_removal(self._accounts.named(message))
            return self._so_far(label((message["issuer"], message["name"], "", "")))
        account = self._accounts.account_from(message)
        self._batches.append_account(account, message.get("replace") is True)
        names = (account.issuer, account.name, account.issuer_ascii, account.name_ascii)
        return self._so_far(label(names))

    def _end(self, message: dict) -> Consent:
        count = whole_of(message, "count", 1, MAX_ACCOUNTS)
        self._batches.finish(count)

        def then() -> dict:
            return {"index": self._batches.commit()}

        some = "1 account" if count == 1 else f"{count} accounts"
        if self._removes:
            title, lines = f"Remove {some}?", ("This cannot be undone.",)
        else:
            title, lines = f"Add {some}?", self._kinds()
        pages = Pages(_page_count(count), lambda number: self._names(number, count))
        return Consent(title, lines, then, None, self._vault.drop_batch, pages)

    def _kinds(self) -> tuple:
        new, replaced = self._vault.batch.counts()
        what = "1 replaces an account" if replaced == 1 else f"{replaced} replace accounts"
        replacing = (what, "of the same name")
        return (f"{new} new",) + (replacing if replaced else ())

    def _names(self, page: int, count: int) -> tuple:
        """The lines of a page of names, or of how many more there are."""
        first = page * NAMES_A_PAGE
        if page == NAME_PAGES and page + 1 == _page_count(count) < _pages_of_names(count):
            return f"and {count - first} more:", "see the list on the", "computer"
        try:
            numbers = range(first, min(count, first + NAMES_A_PAGE))
            return tuple([self._line(number) for number in numbers])
        except VaultError as error:  # the batch has ended: a yes changes nothing
            return ("Not readable:", error.message)

    def _line(self, number: int) -> str:
        index, names = self._batches.names(number)
        return line_about(self._vault, names, index)


def _pages_of_names(count: int) -> int:
    return (count + NAMES_A_PAGE - 1) // NAMES_A_PAGE


def _page_count(count: int) -> int:
    return min(_pages_of_names(count), NAME_PAGES + 1)
