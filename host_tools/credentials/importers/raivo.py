"""Raivo OTP's export: raivo-otp-export.json, alone or in a zip with a password.

Rows of {account, issuer, algorithm, digits, timer, kind, secret, counter}, all of them texts.
"""

import io
import zlib
from typing import Any

from host_tools.credentials.importers import ciphers
from host_tools.credentials.importers.document import Document, damaged, limited
from host_tools.credentials.importers.entry import (
    AskPassword,
    Entry,
    Format,
    ImportProblem,
    entry_of,
)
from host_tools.credentials.importers.extras import needed
from host_tools.credentials.importers.json_rows import number, text
from host_tools.credentials.library_errors import LIBRARY_ERRORS

_MEMBER = "raivo-otp-export.json"


def _recognises(document: Document) -> bool:
    if any(name.endswith(_MEMBER) for name in document.members):
        return True
    return document.array_of("account", "issuer", "secret", "timer")


def _read(document: Document, ask: AskPassword) -> list[Entry]:
    if document.is_zip:
        document = Document(_unpacked(document, ask), document.shown)
    if not isinstance(document.json, list):
        raise ImportProblem("this Raivo export holds something other than a list of accounts")
    return [_entry(row) for row in document.json]


def _unpacked(document: Document, ask: AskPassword) -> bytes:
    zipper = needed("pyzipper", "Raivo")
    name = next(name for name in document.members if name.endswith(_MEMBER))
    # Whoever answers may stop it all, which is no fault of the password.
    password = ciphers.encoded(ask("Raivo")) if document.is_encrypted(name) else None
    try:
        with zipper.AESZipFile(io.BytesIO(document.data)) as archive:
            archive.setpassword(password)
            with archive.open(name) as file:
                return limited(file, name)
    except NotImplementedError:  # another way to pack, which no Raivo has
        raise damaged(document.shown) from None
    except RuntimeError:  # how it says that a password is wrong
        raise ciphers.wrong_password() from None
    except (zipper.BadZipFile, zlib.error) as error:
        # A wrong password of the old encryption is noticed one time in 256 only here.
        if "Bad password" in str(error) or "CRC" in str(error) or isinstance(error, zlib.error):
            raise ciphers.wrong_password() from None
        raise damaged(document.shown) from None
    except LIBRARY_ERRORS:
        raise damaged(document.shown) from None


def _entry(row: Any) -> Entry:
    return entry_of(
        {
            "issuer": text(row, "issuer"),
            "name": text(row, "account"),
            "kind": text(row, "kind") or "totp",
            "secret": text(row, "secret"),
            "algorithm": text(row, "algorithm"),
            "digits": number(row, "digits"),
            "period": number(row, "timer"),
            "counter": number(row, "counter"),
        }
    )


FORMAT = Format("Raivo", _recognises, _read)
