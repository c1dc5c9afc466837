"""Names of accounts as a token takes them, and what its display can show of them.

The token has no room for Unicode's tables. What it cannot judge is judged here: the normal form,
and which characters are assigned.
"""

import unicodedata

from anyascii import anyascii

from host_tools.errors import UsageProblem
from picototp.vault import account
from picototp.vault.errors import VaultError


def normal(text: str) -> str:
    """A name in Unicode normal form C, the only one in which a token keeps it."""
    return unicodedata.normalize("NFC", text)


def checked(issuer: str, name: str) -> tuple[str, str]:
    """(issuer, name) for a new account, or new ones for an old account, in the normal form.

    UsageProblem says what is wrong, and at which position.
    """
    issuer, name = normal(issuer), normal(name)
    try:
        account.check_label(issuer, name)
    except VaultError as error:
        raise UsageProblem(f"{error.message}; change it and try again") from None
    for what, text in (("issuer", issuer), ("name", name)):
        for position, char in enumerate(text, 1):
            if unicodedata.category(char) == "Cn":
                where = f"(U+{ord(char):04X}) at position {position}"
                raise UsageProblem(
                    f"the {what} has an unassigned character {where}; change it and try again"
                )
    return issuer, name


def in_ascii(text: str) -> str:
    """What a display that lacks some of its characters shows in place of a name; "" for ASCII."""
    if text.isascii():
        return ""
    return " ".join(anyascii(text)[: account.ASCII_MAX_BYTES].split())
