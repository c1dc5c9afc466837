"""PicoTOTP's own encrypted backup (backup_file.py)."""

from host_tools.credentials import backup_file
from host_tools.credentials.importers.document import Document
from host_tools.credentials.importers.entry import (
    AskPassword,
    Entry,
    Format,
    ImportProblem,
    WrongPassword,
)


def _recognises(document: Document) -> bool:
    return b'"picototp-backup"' in document.data[: backup_file.HEADER_MAX_BYTES]


def _read(document: Document, ask: AskPassword) -> list[Entry]:
    try:
        backup_file.read_header(document.data)  # before anybody types a passphrase for nothing
    except backup_file.BackupError as error:
        raise ImportProblem(error.message) from None
    passphrase = ask("the backup")
    try:
        credentials = backup_file.unseal(document.data, passphrase)
    except backup_file.BackupError as error:
        raise WrongPassword(error.message) from None
    return [Entry(f"{one.issuer}:{one.name}".strip(":"), one) for one in credentials]


FORMAT = Format("PicoTOTP backup", _recognises, _read)
