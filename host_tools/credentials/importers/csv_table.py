"""Tables as password managers export them: CSV with a header that names a one-time password.

Bitwarden (login_totp), KeePassXC (TOTP), 1Password and Apple Passwords (OTPAuth), Proton Pass
(totp), and any other with such a column.
"""

import csv
import io
from collections.abc import Iterator

from host_tools.credentials.importers.document import Document, damaged
from host_tools.credentials.importers.entry import AskPassword, Entry, Format
from host_tools.credentials.importers.totp_field import totp_entry

_TOTP = ("login_totp", "totp", "otpauth", "otp", "otp_auth", "otpurl", "one-time password")
_TITLES = ("name", "title", "account", "issuer")
_USERS = ("login_username", "username", "user name", "login", "user", "email")
_MOST_FIELD = 1 << 20


def _recognises(document: Document) -> bool:
    head = document.text.lstrip("\ufeff").partition("\n")[0]
    names = _names(_first(head))
    return _column(names, _TOTP) is not None and len(names) > 1


def _read(document: Document, _ask: AskPassword) -> list[Entry]:
    table = _rows(document)
    names = _names(next(table, []))
    totp, title, user = (_column(names, choices) for choices in (_TOTP, _TITLES, _USERS))

    def cell(row: list[str], column: int | None) -> str:
        return row[column].strip() if column is not None and column < len(row) else ""

    return [
        totp_entry(cell(row, totp), cell(row, title), cell(row, user))
        for row in table
        if cell(row, totp)
    ]


def _rows(document: Document) -> Iterator[list[str]]:
    before = csv.field_size_limit(_MOST_FIELD)
    try:
        yield from csv.reader(io.StringIO(document.text.lstrip("\ufeff"), newline=""), strict=True)
    except csv.Error:
        raise damaged(document.shown) from None
    finally:
        csv.field_size_limit(before)


def _first(line: str) -> list[str]:
    try:
        return next(csv.reader([line]), [])
    except csv.Error:
        return []


def _names(header: list[str]) -> list[str]:
    return [name.strip().strip('"').lower() for name in header]


def _column(names: list[str], choices: tuple[str, ...]) -> int | None:
    for choice in choices:
        if choice in names:
            return names.index(choice)
    return None


FORMAT = Format("CSV of a password manager", _recognises, _read)
