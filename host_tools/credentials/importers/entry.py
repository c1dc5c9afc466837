"""What a reader makes of an export, and what it may say about one."""

from collections.abc import Callable
from dataclasses import dataclass

from host_tools.credentials.credential import (
    Credential,
    Fields,
    credential_from_fields,
    meant,
)
from host_tools.credentials.importers.document import Document
from host_tools.errors import UsageProblem

# Asks for the password of a file; the text says of what.
AskPassword = Callable[[str], str]

_TITLE_MAX = 80


class WrongPassword(UsageProblem):
    """The password does not open the export: worth asking again."""


class ImportProblem(UsageProblem):
    """The whole export cannot be read."""


@dataclass(frozen=True)
class Entry:
    """One account of an export: the credential, or the reason why it is refused.

    `title` is what it is called there, for people.
    """

    title: str
    credential: Credential | None = None
    problem: str = ""


@dataclass(frozen=True)
class Format:
    """A format: told by what is in the document, never by the file's name.

    `read` raises UsageProblem if nothing of it can be read, WrongPassword if that was the reason.
    """

    name: str
    recognises: Callable[[Document], bool]
    read: Callable[[Document, AskPassword], list[Entry]]


def entry(title: str, make: Callable[[], Credential]) -> Entry:
    """The entry that `make` gives, or the reason why it does not."""
    try:
        credential = make()
    except UsageProblem as problem:
        return Entry(shown(title), problem=problem.message)
    return Entry(shown(title) or f"{credential.issuer}:{credential.name}".strip(":"), credential)


def entry_of(fields: Fields, title: str = "") -> Entry:
    """The entry of fields as an app keeps them."""

    named = ":".join(str(fields.get(key) or "") for key in ("issuer", "name")).strip(":")
    return entry(
        title or named or "an account without a name", lambda: credential_from_fields(meant(fields))
    )


def shown(text: str) -> str:
    """A name from a file as it may go to a terminal: one line, no control characters."""
    plain = "".join(character if character.isprintable() else " " for character in text)
    plain = " ".join(plain.split())
    return plain if len(plain) <= _TITLE_MAX else plain[: _TITLE_MAX - 1] + "…"
