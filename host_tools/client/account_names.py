"""Accounts as people name them, and the proof that token and host agree on one."""

import time
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from host_tools.client.answers import Account
from host_tools.client.token_client import TokenClient
from host_tools.credentials.credential import Credential
from host_tools.errors import Disagreement, UsageProblem


def label(account: Account | Credential) -> str:
    """An account's name for people: "issuer:name"."""
    return joined(account.issuer, account.name)


def joined(issuer: str, name: str) -> str:
    """What people call the account of this name and issuer."""
    return f"{issuer}:{name}" if issuer else name


def key_of(account: Account | Credential) -> tuple[str, str]:
    """What identifies an account: issuer and name. Two accounts can have the same label."""
    return account.issuer, account.name


def resolve(accounts: Sequence[Account], wanted: str) -> Account:
    """The account that a user means: by "issuer:name", name or issuer, by its position counted
    from 1, or by any part of issuer and name that only one has, in any case.

    The first of these that fits counts. UsageProblem if there is none, or more than one.
    """
    position = int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 6 else 0
    for matches in (
        [account for account in accounts if label(account) == wanted],
        [account for account in accounts if account.name == wanted],
        [account for account in accounts if account.issuer == wanted],
        list(accounts[position - 1 : position]) if position else [],
        having(accounts, wanted),
    ):
        if len(matches) == 1:
            return matches[0]
        if matches:
            names = ", ".join(label(account) for account in matches)
            raise UsageProblem(f"{wanted!r} could be any of: {names}")
    raise UsageProblem(f"the token has no account {wanted!r}; see: picototp provision list")


def having(accounts: Sequence[Account], part: str) -> list[Account]:
    """The accounts whose "issuer:name" has this part, in any case and way to write it."""
    wanted = _folded(part)
    return [account for account in accounts if wanted in _folded(label(account))]


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def same_key(token: TokenClient, account: Account, credential: Credential) -> bool:
    """Whether an account of the token, whatever its name, computes the credential's code now."""
    kinds = (account.kind, account.algorithm, account.digits)
    if kinds != (credential.kind, credential.algorithm, credential.digits):
        return False
    if account.kind == "totp" and account.period != credential.period_s:
        return False
    there = replace(credential, issuer=account.issuer, name=account.name)
    return token.check(there, int(time.time()))


def compare(token: TokenClient, credential: Credential) -> None:
    """Disagreement unless token and host compute the same code now."""
    if not token.check(credential, int(time.time())):
        raise Disagreement(
            f"the token computes a different code for {label(credential)}; "
            "remove it and add it again"
        )
