"""`picototp provision status` and `verify`: what a token says, and whether it is right."""

import json

import click

from host_tools.client import status_words
from host_tools.client.account_names import compare, label
from host_tools.commands.account_input import read_credential
from host_tools.commands.command_line import command, pass_port
from host_tools.commands.terminal import open_token
from host_tools.commands.unlocking import open_accounts
from host_tools.doctor.token_checks import self_test


@command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_port
def status(port: str | None, as_json: bool) -> None:
    """Show versions, accounts, clock and faults."""
    with open_token(port) as token:
        info, state = token.info, token.status()
        log = token.error_log() if state.errors_logged else ""
    if as_json:
        click.echo(json.dumps({**info.as_json(), **state.facts}, indent=2))
        return
    for name, value in status_words.status_lines(info, state):
        click.echo(f"{name + ':':<12}{value}")
    if log:
        click.echo(f"last errors:\n{log.rstrip()}")


@command()
@click.argument("source", required=False, metavar="[URI | -]")
@click.option("--qr", type=click.Path(dir_okay=False), help="Picture with the account's QR code.")
@pass_port
def verify(port: str | None, source: str | None, qr: str | None) -> None:
    """Test the token.

    Its arithmetic, both copies of its accounts, its display, and its clock against this computer's.
    With a URI (or -, or --qr), also whether the token computes the same code for that account.
    """
    credential = None
    if source is not None or qr is not None:
        credential = read_credential(source, qr, {"name": None})
    with (open_token if credential is None else open_accounts)(port) as token:
        problems = []
        for found in self_test(token):
            click.echo(
                f"ok       {found.words}"
                if found.problem is None
                else f"NOT OK   {found.problem.message}"
            )
            if found.problem is not None:
                problems.append(found.problem)
        if credential is not None:
            compare(token, credential)
            click.echo(f"ok       {label(credential)}: token and host compute the same code")
    if problems:
        raise problems[0]
