"""`picototp provision list`, `rename`, `move`, `remove` and `wipe`."""

import json
import sys
from collections.abc import Sequence

import click

from host_tools.client import status_words
from host_tools.client.account_names import having, joined, label, resolve
from host_tools.client.answers import Account
from host_tools.client.printable import printable
from host_tools.client.token_client import TokenClient
from host_tools.commands.command_line import command, pass_port
from host_tools.commands.completion import account_argument, complete_account
from host_tools.commands.loading import hash_of
from host_tools.commands.terminal import open_token, say, show
from host_tools.commands.unlocking import open_accounts
from host_tools.credentials import names
from host_tools.errors import ToolError, UsageProblem
from picototp.vault.account import STEAM_CHARACTERS
from picototp.vault.names import name_hash


@command("list")
@click.option("--find", metavar="TEXT", help="Only accounts with TEXT in the issuer or name.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_port
def list_accounts(port: str | None, find: str | None, as_json: bool) -> None:
    """List the accounts.

    In their stored order (the one that `picototp provision order fixed` shows). No secret is ever
    shown. Piped into another program, each is one line: position, issuer:name and type, with tabs
    between, and the hash of a name beyond ASCII.
    """
    with open_accounts(port) as token:
        accounts = token.accounts()
        if not accounts:  # none, or none that can be read any more
            status_words.check_vault(token.status())
    chosen = having(accounts, find or "")
    if as_json:
        show(json.dumps([account.as_json() for account in chosen], indent=2))
        return
    if not accounts:
        say("no accounts yet; add one with: picototp provision add")
        return
    if not chosen:
        raise ToolError(f"no account has {find!r} in issuer or name")
    rows = [(accounts.index(account) + 1, account) for account in chosen]
    if sys.stdout.isatty():
        _show_table(rows)
        return
    for position, account in rows:
        line = f"{position}\t{label(account)}\t{_kind(account)}"
        show(line if label(account).isascii() else f"{line}\t{_hash(account)}")


def _show_table(rows: Sequence[tuple[int, Account]]) -> None:
    from rich.console import Console  # takes a fifth of this command's start
    from rich.table import Table

    table = Table("#", "Issuer", "Account", "Type", "Hash")
    for column in table.columns:
        column.overflow = "fold"  # a name that is cut could not be given to another command
    for position, account in rows:
        issuer, name = printable(account.issuer), printable(account.name)
        table.add_row(str(position), issuer, name, _kind(account), _hash(account))
    Console(markup=False, highlight=False, emoji=False).print(table)


def _hash(account: Account) -> str:
    """As the token's display shows it where a name alone would not tell the account."""
    return name_hash(account.issuer, account.name)


def _kind(account: Account) -> str:
    if account.digits == STEAM_CHARACTERS:
        return "Steam"
    moving = f"{account.period} s" if account.kind == "totp" else "counter"
    return f"{account.algorithm}, {account.digits} digits, {moving}"


@command()
@account_argument
@click.argument("new_name")
@click.option("--issuer", help="The new issuer; the old one stays if not given.")
@pass_port
def rename(port: str | None, account: str, new_name: str, issuer: str | None) -> None:
    """Give an account another name.

    ACCOUNT is any part of its issuer or name that no other account has, or its position.
    """
    with open_accounts(port) as token:
        found = resolve(token.accounts(), account)
        given_issuer = found.issuer if issuer is None else issuer
        new_issuer, new_name = names.checked(given_issuer, new_name)
        token.rename(found, new_issuer, new_name)
    say(f"renamed {label(found)} to {joined(new_issuer, new_name)}")


@command()
@account_argument
@click.argument("position", type=click.IntRange(min=1))
@pass_port
def move(port: str | None, account: str, position: int) -> None:
    """Move an account to a position, counted from 1."""
    with open_accounts(port) as token:
        accounts = token.accounts()
        found = resolve(accounts, account)
        if position > len(accounts):
            raise UsageProblem(f"there are only {len(accounts)} positions")
        token.move(found, position - 1)
    say(f"moved {label(found)} to position {position}")


@command()
@click.argument(
    "accounts", nargs=-1, required=True, metavar="ACCOUNT...", shell_complete=complete_account
)
@pass_port
def remove(port: str | None, accounts: tuple[str, ...]) -> None:
    """Remove accounts, all with one question on the token."""
    with open_accounts(port) as token:
        known = token.accounts()
        wanted = list(dict.fromkeys(resolve(known, account) for account in accounts))
        if len(wanted) > 1 and token.takes_batches:
            _remove_at_once(token, wanted)
            return
        for found in wanted:
            token.remove(found)
            say(f"removed {label(found)}")


def _remove_at_once(token: TokenClient, wanted: list[Account]) -> None:
    token.begin_batch("remove", len(wanted))
    for number, found in enumerate(wanted, 1):
        say(f"{number} of {len(wanted)}: {label(found)}, hash {hash_of(found)}")
        token.put_removal(found)
    token.end_batch(len(wanted))
    for found in wanted:
        say(f"removed {label(found)}")


@command()
@pass_port
def wipe(port: str | None) -> None:
    """Remove all accounts, and the PIN."""
    with open_token(port) as token:
        token.wipe()
    say("the token holds no accounts and no PIN any more")
