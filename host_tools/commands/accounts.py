"""`picototp provision add`, `list`, `rename`, `move`, `remove` and `wipe`."""

import json
import sys
from collections.abc import Sequence

import click
from rich.console import Console
from rich.table import Table

from host_tools.client import pin_words, status_words
from host_tools.client.account_names import compare, having, joined, label, resolve
from host_tools.client.answers import Account
from host_tools.commands.account_input import read_credential
from host_tools.commands.backup import Backup, tell_of_counter
from host_tools.commands.command_line import command, pass_port
from host_tools.commands.completion import account_argument, complete_account
from host_tools.commands.passphrase import passphrase_option
from host_tools.commands.terminal import open_token, say
from host_tools.commands.unlocking import open_accounts
from host_tools.errors import ToolError, UsageProblem


@command()
@click.argument("source", required=False, metavar="[URI | -]")
@click.option("--qr", type=click.Path(dir_okay=False), help="Picture with the account's QR code.")
@click.option("--name", help="Account, as in alice@example.com.")
@click.option("--issuer", help="Who issued it, as in Example.")
@click.option("--algorithm", help="SHA1 (the default), SHA256 or SHA512.")
@click.option("--digits", type=int, help="6 (the default), 7 or 8.")
@click.option("--period", type=int, help="Seconds that a code lasts: 30 if not given.")
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
    source: str | None,
    qr: str | None,
    name: str | None,
    issuer: str | None,
    algorithm: str | None,
    digits: int | None,
    period: int | None,
    replace: bool,
    backup_path: str | None,
    passphrase_fd: int | None,
) -> None:
    """Add an account.

    From an otpauth:// URI, from standard input (-), from a picture with a QR code, or from a
    prompt. Then token and host compare a code.
    """
    overrides = {
        "name": name,
        "issuer": issuer,
        "algorithm": algorithm,
        "digits": digits,
        "period": period,
    }
    kept = Backup(backup_path, passphrase_fd) if backup_path is not None else None
    credential = read_credential(source, qr, overrides)
    if kept is not None:
        kept.put(credential, replace)
    with open_accounts(port) as token:
        token.add(credential, replace)
        compare(token, credential)
        remark = pin_words.remark(token.status())
    say(f"added {label(credential)}; token and host compute the same code")
    if remark is not None:
        say(remark)
    if kept is not None:
        try:
            kept.save()
        except ToolError as error:
            raise ToolError(f"the token has the account, the backup not: {error.message}") from None
        say(f"kept in {backup_path}, encrypted")
        tell_of_counter(credential)


@command("list")
@click.option("--find", metavar="TEXT", help="Only those that have this in issuer or name.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_port
def list_accounts(port: str | None, find: str | None, as_json: bool) -> None:
    """List the accounts.

    In the order of the display; no secret is ever shown. Piped into another program, each is one
    line: position, issuer:name and type, with tabs between.
    """
    with open_accounts(port) as token:
        accounts = token.accounts()
        if not accounts:  # none, or none that can be read any more
            status_words.check_vault(token.status())
    chosen = having(accounts, find or "")
    if as_json:
        click.echo(json.dumps([account.as_json() for account in chosen], indent=2))
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
        click.echo(f"{position}\t{label(account)}\t{_kind(account)}")


def _table(rows: Sequence[tuple[int, Account]]) -> Table:
    table = Table("#", "Issuer", "Account", "Type")
    for column in table.columns:
        column.overflow = "fold"  # a name that is cut could not be given to another command
    for position, account in rows:
        table.add_row(str(position), account.issuer, account.name, _kind(account))
    return table


def _kind(account: Account) -> str:
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
        new_issuer = found.issuer if issuer is None else issuer
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
    """Remove accounts; each needs the button."""
    with open_accounts(port) as token:
        known = token.accounts()
        for found in [resolve(known, account) for account in accounts]:
            token.remove(found)
            say(f"removed {label(found)}")


@command()
@pass_port
def wipe(port: str | None) -> None:
    """Remove all accounts, and the PIN."""
    with open_token(port) as token:
        token.wipe()
    say("the token holds no accounts and no PIN any more")
