"""Accounts as people name them, and the proof that token and host agree on one."""

import time
from collections.abc import Sequence

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
    """What tells an account from all others: issuer and name. Two may have one label."""
    return account.issuer, account.name


def resolve(accounts: Sequence[Account], wanted: str) -> Account:
    """The account that a user means by "issuer:name", by a name alone, or by its position.

    UsageProblem if there is none, or more than one.
    """
    for matches in (
        [account for account in accounts if label(account) == wanted],
        [account for account in accounts if account.name == wanted],
        [account for account in accounts if account.issuer == wanted],
    ):
        if len(matches) == 1:
            return matches[0]
        if matches:
            names = ", ".join(label(account) for account in matches)
            raise UsageProblem(f"{wanted!r} could be any of: {names}")
    if wanted.isdecimal() and 1 <= int(wanted) <= len(accounts):
        return accounts[int(wanted) - 1]
    raise UsageProblem(f"the token has no account {wanted!r}; see: picototp provision list")


def compare(token: TokenClient, credential: Credential) -> None:
    """Disagreement unless token and host compute the same code now."""
    if not token.check(credential, int(time.time())):
        raise Disagreement(
            f"the token computes another code for {label(credential)}; remove it and add it again"
        )
