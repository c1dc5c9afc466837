"""The request for a list of the accounts: a host's first, so it has a module of its own."""

from picototp.protocol.request import Part, whole_of
from picototp.vault.vault import MAX_ACCOUNTS

_FIELDS = ("issuer", "name", "kind", "algorithm", "digits", "period", "counter")


class AccountList:
    """The handler by the name of its request."""

    def __init__(self, vault):
        self._vault = vault
        self.handlers = {"list": self._list}

    def _list(self, message: dict) -> dict:
        start = whole_of(message, "from", 0, MAX_ACCOUNTS, 0)
        total = len(self._vault)

        part = Part()
        self._vault.each_summary(start, lambda summary: part.add(dict(zip(_FIELDS, summary))))  # noqa: B905
        return {"accounts": part.entries, "total": total, "next": start + len(part.entries)}
