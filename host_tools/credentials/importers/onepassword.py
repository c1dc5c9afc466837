"""1Password's archive (.1pux): a zip with export.data, a JSON of accounts, vaults and items.

An item: {overview: {title}, details: {loginFields: [{designation, value}], sections: [{fields:
[{title, value: {totp}}]}]}}.
"""

from typing import Any

from host_tools.credentials.importers.document import Document
from host_tools.credentials.importers.entry import AskPassword, Entry, Format
from host_tools.credentials.importers.json_rows import child, rows, text
from host_tools.credentials.importers.totp_field import totp_entry

_DATA = "export.data"
_GONE = ("trashed", "deleted")


def _recognises(document: Document) -> bool:
    if _DATA in document.members:
        return True
    accounts = document.object.get("accounts")
    return isinstance(accounts, list) and any(rows(account, "vaults") for account in accounts)


def _read(document: Document, _ask: AskPassword) -> list[Entry]:
    if document.is_zip:
        document = document.member(_DATA)
    return [
        found
        for account in rows(document.object, "accounts")
        for vault in rows(account, "vaults")
        for item in rows(vault, "items")
        # In older archives each item is wrapped in an object of its own.
        for found in _of(child(item, "item") or item)
    ]


def _of(item: Any) -> list[Entry]:
    details = child(item, "details")
    title = text(child(item, "overview"), "title")
    user = next(
        (
            text(field, "value")
            for field in rows(details, "loginFields")
            if text(field, "designation") == "username"
        ),
        "",
    )
    if text(item, "state") in _GONE:
        return []
    return [
        totp_entry(text(child(field, "value"), "totp"), title, user)
        for section in rows(details, "sections")
        for field in rows(section, "fields")
        if text(child(field, "value"), "totp")
    ]


FORMAT = Format("1Password", _recognises, _read)
