"""`picototp provision add`, `list`, `rename`, `move`, `remove` and `wipe`."""

import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from host_tools.client import status_words
from host_tools.client.account_names import compare, having, joined, label, resolve
from host_tools.client.answers import Account
from host_tools.client.conversation import Json
from host_tools.client.printable import printable
from host_tools.client.token_client import TokenClient
from host_tools.commands.account_input import read_credentials
from host_tools.commands.backup import Backup, load_and_keep
from host_tools.commands.command_line import command, pass_port
from host_tools.commands.completion import account_argument, complete_account
from host_tools.commands.introduction import advise_a_pin
from host_tools.commands.loading import hash_of, tell_of_counter
from host_tools.commands.passphrase import passphrase_option
from host_tools.commands.terminal import open_token, say, show
from host_tools.commands.unlocking import open_accounts
from host_tools.credentials import names
from host_tools.credentials.credential import Credential
from host_tools.errors import ToolError, UsageProblem
from picototp.vault.account import STEAM_CHARACTERS
from picototp.vault.names import name_hash


def account_options(function: Callable[..., None]) -> Callable[..., None]:
    """The options that say more of an account than its URI does, or something else."""
    for option in (
        click.option("--counter", type=int, help="Where an account that counts stands (HOTP)."),
        click.option("--hotp", is_flag=True, help="Its codes are counted (HOTP), not timed."),
        click.option("--period", type=int, help="Seconds that a code lasts: 30 if not given."),
        click.option("--digits", type=int, help="6 (the default), 7 or 8."),
        click.option("--algorithm", help="SHA1 (the default), SHA256 or SHA512."),
        click.option("--issuer", help="Service, such as Example."),
        click.option("--name", help="Account, such as alice@example.com."),
    ):
        function = option(function)
    return function


def overrides_of(options: dict[str, Any]) -> Json:
    """What those options say, as read_credentials takes it; None for what was not given."""
    fields = ("name", "issuer", "algorithm", "digits", "period", "counter")
    overrides: Json = {name: options.get(name) for name in fields}
    overrides["kind"] = "hotp" if options.get("hotp") else None
    return overrides


@command()
@click.argument("sources", nargs=-1, metavar="[URI... | -]")
@click.option("--qr", multiple=True, type=click.Path(dir_okay=False), help="Picture; repeatable.")
@account_options
@click.option("--replace", is_flag=True, help="Replace the account of the same name and issuer.")
@click.option(
    "--backup",
    "backup_path",
    type=click.Path(dir_okay=False),
    help="Keep the account in this encrypted file too; made if it is not there.",
)
@passphrase_option
@pass_port
def add(
    port: str | None,
    /,
    sources: tuple[str, ...],
    qr: tuple[str, ...],
    replace: bool,
    backup_path: str | None,
    passphrase_fd: int | None,
    **options: Any,
) -> None:
    """Add accounts.

    From otpauth:// URIs, from standard input (-), from pictures with QR codes, or from a prompt.
    Then token and host compare a code.
    """
    kept = Backup(backup_path, passphrase_fd) if backup_path is not None else None
    credentials = read_credentials(sources, qr, overrides_of(options))
    if len(credentials) > 1:
        with open_accounts(port) as token:
            problems = load_and_keep(token, credentials, replace, kept)
        if problems:
            raise problems[0]
        return
    (credential,) = credentials
    if kept is not None:
        kept.put(credential, replace)
    with open_accounts(port) as token:
        _add_one(token, credential, replace)
    if kept is not None:
        kept.save_what_is_loaded()
        tell_of_counter(credential)


def _add_one(token: TokenClient, credential: Credential, replace: bool) -> None:
    token.add(credential, replace)
    compare(token, credential)
    say(f"added {label(credential)}; token and host compute the same code")
    advise_a_pin(token, say)


@command("list")
@click.option("--find", metavar="TEXT", help="Only those that have this in issuer or name.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_port
def list_accounts(port: str | None, find: str | None, as_json: bool) -> None:
    """List the accounts.

    In the order of the display; no secret is ever shown. Piped into another program, each is one
    line: position, issuer:name and type, with tabs between, and the hash of a name beyond ASCII.
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
        Console(markup=False, highlight=False, emoji=False).print(_table(rows))
        return
    for position, account in rows:
        line = f"{position}\t{label(account)}\t{_kind(account)}"
        show(line if label(account).isascii() else f"{line}\t{_hash(account)}")


def _table(rows: Sequence[tuple[int, Account]]) -> Table:
    table = Table("#", "Issuer", "Account", "Type", "Hash")
    for column in table.columns:
        column.overflow = "fold"  # a name that is cut could not be given to another command
    for position, account in rows:
        issuer, name = printable(account.issuer), printable(account.name)
        table.add_row(str(position), issuer, name, _kind(account), _hash(account))
    return table


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
