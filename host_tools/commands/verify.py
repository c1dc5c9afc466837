"""`picototp provision verify`: whether a token is right."""

from typing import Any

import click

from host_tools.client.account_names import compare, key_of, label, same_key
from host_tools.client.token_client import TokenClient
from host_tools.commands.account_input import UNNAMED, read_credentials
from host_tools.commands.adding import account_options, overrides_of
from host_tools.commands.command_line import command, pass_port
from host_tools.commands.terminal import open_token, show
from host_tools.commands.unlocking import open_accounts
from host_tools.credentials.credential import Credential
from host_tools.doctor.token_checks import self_test
from host_tools.errors import Disagreement


@command()
@click.argument("sources", nargs=-1, metavar="[URI... | -]")
@click.option("--qr", multiple=True, type=click.Path(dir_okay=False), help="Picture; repeatable.")
@account_options
@pass_port
def verify(
    port: str | None, /, sources: tuple[str, ...], qr: tuple[str, ...], **options: Any
) -> None:
    """Test the token.

    Its arithmetic, both copies of its accounts, its display, and its clock against this computer's.
    Given a URI or a secret (also by - or --qr), it also checks that the token computes the same
    code for that account, whatever its name is there.
    """
    credentials: list[Credential] = []
    if sources or qr:
        credentials = read_credentials(sources, qr, overrides_of(options), name_needed=False)
    with (open_accounts if credentials else open_token)(port) as token:
        problems = []
        for name, found in self_test(token):
            show(
                f"ok       {name}: {found.words}"
                if found.problem is None
                else f"NOT OK   {found.words}"
            )
            if found.problem is not None:
                problems.append(found.problem)
        for credential in credentials:
            where = _same_code(token, credential)
            show(f"ok       {where}: token and computer compute the same code")
    if problems:
        raise problems[0]


def _same_code(token: TokenClient, credential: Credential) -> str:
    """What the token calls the account that computes this credential's code; Disagreement if none
    does, or not the one of its name."""
    accounts = token.accounts()
    if key_of(credential) in {key_of(account) for account in accounts}:
        compare(token, credential)
        return label(credential)
    for account in accounts:
        if same_key(token, account, credential):
            return f"{label(account)} (by its key)"
    what = "this key" if credential.name == UNNAMED else label(credential)
    raise Disagreement(
        f"no account on the token computes the code of {what}; see: picototp provision list"
    )
