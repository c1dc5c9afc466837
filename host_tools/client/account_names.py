"""Accounts as people name them, and the proof that token and host agree on one."""

import time

from host_tools.client.token_client import Json, TokenClient
from host_tools.credentials.otpauth import Credential
from host_tools.errors import Disagreement, UsageProblem


def label(account: Json | Credential) -> str:
    """An account's name for people: "issuer:name"."""
    issuer, name = key_of(account)
    return f"{issuer}:{name}" if issuer else name


def key_of(account: Json | Credential) -> tuple[str, str]:
    """What tells an account from all others: issuer and name. Two may have one label."""
    if isinstance(account, Credential):
        return account.issuer, account.name
    return account["issuer"], account["name"]


def resolve(accounts: list[Json], wanted: str) -> Json:
    """The account that a user means by "issuer:name", by a name alone, or by its position.

    UsageProblem if there is none, or more than one.
    """
    for matches in (
        [account for account in accounts if label(account) == wanted],
        [account for account in accounts if account["name"] == wanted],
        [account for account in accounts if account["issuer"] == wanted],
    ):
        if len(matches) == 1:
            return matches[0]
        if matches:
            names = ", ".join(label(account) for account in matches)
            raise UsageProblem(f"{wanted!r} could be any of: {names}")
    if wanted.isdecimal() and 1 <= int(wanted) <= len(accounts):
        return accounts[int(wanted) - 1]
    raise UsageProblem(f"the token has no account {wanted!r}; see: provision.py list")


def reference(account: Json) -> Json:
    """The fields by which a request names an account."""
    return {"issuer": account["issuer"], "name": account["name"]}


def compare(token: TokenClient, credential: Credential) -> None:
    """Disagreement unless token and host compute the same code now."""
    if not token.check(credential, int(time.time())):
        raise Disagreement(
            f"the token computes another code for {label(credential)}; remove it and add it again"
        )
