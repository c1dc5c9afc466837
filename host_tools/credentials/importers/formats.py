"""The registry of all formats, and the reading of files: by content, never by name.

Pictures give the texts of their QR codes, and these and lists of URIs are read together, whatever
files they came in: an export that was shown in several codes is one.
"""

from collections.abc import Callable, Iterable

from host_tools.credentials import picture, qr
from host_tools.credentials.importers import (
    aegis,
    andotp,
    bitwarden,
    csv_table,
    ente,
    freeotp,
    keepass,
    lastpass,
    onepassword,
    otpauth_list,
    own_backup,
    proton,
    pskc,
    raivo,
    stratum,
    twofas,
)
from host_tools.credentials.importers.document import Document
from host_tools.credentials.importers.entry import (
    AskPassword,
    Entry,
    Format,
    ImportProblem,
    WrongPassword,
)
from host_tools.credentials.qr_sequence import Code
from host_tools.errors import UsageProblem

# Those with a mark of their own first; what only looks like text, or like nothing, last.
FORMATS: tuple[Format, ...] = (
    *(own_backup.FORMAT, keepass.DATABASE, keepass.XML, pskc.FORMAT, stratum.FORMAT),
    *(freeotp.FORMAT, aegis.FORMAT, twofas.FORMAT, ente.FORMAT, bitwarden.FORMAT),
    *(proton.AUTHENTICATOR, proton.PASS, onepassword.FORMAT, lastpass.FORMAT, raivo.FORMAT),
    *(andotp.FORMAT, csv_table.FORMAT, otpauth_list.FORMAT, andotp.SEALED),
)
_KNOWN = "docs/import.md lists what can be read"


def format_of(document: Document) -> Format:
    """The format of a document. ImportProblem if it is none that is known."""
    if not document.data.strip():
        raise ImportProblem(f"{document.shown} is empty; export it again")
    for one in FORMATS:
        if one.recognises(document):
            return one
    if document.is_text_of_another_kind:
        raise ImportProblem(
            f"{document.shown} is not text in UTF-8; save it in UTF-8, and try again"
        )
    if document.is_zip and not document.members:
        raise ImportProblem(f"{document.shown} is an archive that is damaged or cut short")
    raise ImportProblem(f"{document.shown} is not a known export; {_KNOWN}")


def read_all(
    documents: Iterable[Document],
    ask: AskPassword,
    try_again: Callable[[WrongPassword], bool] = lambda _problem: False,
) -> list[Entry]:
    """The entries of all these files, in their order. UsageProblem names the file it is about.

    `ask` is asked for a password, and again if it was wrong and `try_again`, which gets the
    problem, says so.
    """
    found: list[Entry] = []
    codes: list[Code] = []
    lists: list[str] = []
    for document in documents:
        if picture.is_picture(document.data):
            codes += qr.codes_in(document.data, document.shown)
            continue
        one = format_of(document)
        if one is otpauth_list.FORMAT and document.json is None:
            lists.append(document.text)
        else:
            found += _read(one, document, ask, try_again)
    texts = qr.accounts_of(codes) if codes else []
    together = Document("\n".join(lists + texts).encode("utf-8", "replace"))
    if texts and not otpauth_list.FORMAT.recognises(together):
        raise UsageProblem(
            "the QR code in this picture is not an account; give a picture of the account's QR code"
        )
    return found + (otpauth_list.FORMAT.read(together, ask) if lists or texts else [])


def _read(
    one: Format,
    document: Document,
    ask: AskPassword,
    try_again: Callable[[WrongPassword], bool],
) -> list[Entry]:
    while True:
        try:
            entries = one.read(document, ask)
            break
        except WrongPassword as problem:
            _name(problem, document)
            if not try_again(problem):
                raise
        except UsageProblem as problem:
            _name(problem, document)
            raise
    if not entries:
        raise ImportProblem(f"{document.shown} has no account with a one-time password")
    return entries


def _name(problem: UsageProblem, document: Document) -> None:
    """Say which of several files a problem is about."""
    if document.shown not in problem.message:
        problem.message = f"{document.shown}: {problem.message}"
