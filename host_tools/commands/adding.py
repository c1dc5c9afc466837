"""`picototp provision add`, and the options that say what an account is."""

from collections.abc import Callable
from typing import Any

import click

from host_tools.client.account_names import compare, label
from host_tools.client.conversation import Json
from host_tools.client.token_client import TokenClient
from host_tools.commands.account_input import read_credentials
from host_tools.commands.backup import Backup, load_and_keep
from host_tools.commands.command_line import command, pass_port
from host_tools.commands.introduction import advise_a_pin
from host_tools.commands.loading import tell_of_counter
from host_tools.commands.passphrase import passphrase_option
from host_tools.commands.terminal import say
from host_tools.commands.unlocking import open_accounts
from host_tools.credentials.credential import Credential


def account_options(function: Callable[..., None]) -> Callable[..., None]:
    """The options that say more of an account than its URI does, or something else."""
    for option in (
        click.option("--counter", type=int, help="Counter of an HOTP account."),
        click.option(
            "--hotp",
            is_flag=True,
            help="The account is counter-based (HOTP), not time-based (TOTP).",
        ),
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
    help="Keep the account in this encrypted file too; made if it does not exist.",
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
    Then token and computer compare a code.
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
    say(f"added {label(credential)}; token and computer compute the same code")
    advise_a_pin(token, say)
