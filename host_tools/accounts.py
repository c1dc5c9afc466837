"""Accounts as people name them, and the proof that token and host agree on one."""

import time

from host_tools.client import Json, TokenClient
from host_tools.errors import Disagreement
from host_tools.otpauth import Credential


def label(account: Json | Credential) -> str:
    """An account's name for people: "issuer:name"."""
    if isinstance(account, Credential):
        issuer, name = account.issuer, account.name
    else:
        issuer, name = account["issuer"], account["name"]
    return f"{issuer}:{name}" if issuer else name


def compare(token: TokenClient, credential: Credential) -> None:
    """Disagreement unless token and host compute the same code now."""
    if not token.check(credential, int(time.time())):
        raise Disagreement(
            f"the token computes another code for {label(credential)}; remove it and add it again"
        )
