"""LastPass Authenticator's export: {accounts: [{issuerName, userName, secret, timeStep, digits,
algorithm, originalIssuerName, originalUserName}]}."""

from typing import Any

from host_tools.credentials.importers.document import Document
from host_tools.credentials.importers.entry import AskPassword, Entry, Format, entry_of
from host_tools.credentials.importers.json_rows import number, rows, text


def _recognises(document: Document) -> bool:
    accounts = document.object.get("accounts")
    return (
        isinstance(accounts, list)
        and bool(accounts)
        and all(isinstance(row, dict) and "issuerName" in row for row in accounts)
    )


def _read(document: Document, _ask: AskPassword) -> list[Entry]:
    return [_entry(row) for row in rows(document.object, "accounts")]


def _entry(row: Any) -> Entry:
    return entry_of(
        {
            "issuer": text(row, "issuerName") or text(row, "originalIssuerName"),
            "name": text(row, "userName") or text(row, "originalUserName"),
            "secret": text(row, "secret"),
            "algorithm": text(row, "algorithm"),
            "digits": number(row, "digits"),
            "period": number(row, "timeStep"),
        }
    )


FORMAT = Format("LastPass Authenticator", _recognises, _read)
