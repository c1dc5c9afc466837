"""Names of accounts as a token takes them, and what its display can show of them.

The token has no room for Unicode's tables. What it cannot judge is judged here: the normal form,
and which characters are assigned.
"""

import unicodedata

from anyascii import anyascii

from host_tools.errors import UsageProblem
from picototp.vault import account, names
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


def tidied(text: str) -> str:
    """A name that earlier tools kept, without what names may not have any more; "" if that is all
    of it. One that may stay is not changed."""
    try:
        return checked(text, "name")[0]
    except UsageProblem:
        kept = "".join(one for one in normal(text) if one.isspace() or not _is_refused(one))
        return normal(" ".join(kept.split()))  # what stood apart may belong together now


def _is_refused(char: str) -> bool:
    """Wherever it stands: no accent belongs into a digit."""
    return unicodedata.category(char) == "Cn" or bool(names.fault(f"0{char}0"))


def in_ascii(text: str) -> str:
    """What a display that lacks some of its characters shows in place of a name; "" for ASCII."""
    if text.isascii():
        return ""
    spelled = "".join(one if one.isprintable() else " " for one in anyascii(text))
    return " ".join(spelled.split())[: account.ASCII_MAX_BYTES].rstrip()
