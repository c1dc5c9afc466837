"""The commands around the encrypted backup: making one, adding to it, loading tokens from it."""

import os

import click

from host_tools.client.account_names import key_of, label
from host_tools.client.token_client import TokenClient
from host_tools.commands.account_input import read_credentials
from host_tools.commands.command_line import command, port_given
from host_tools.commands.loading import count_of_accounts, load, tell_of_counter
from host_tools.commands.passphrase import passphrase_for_new, passphrase_of, passphrase_option
from host_tools.commands.terminal import say
from host_tools.commands.unlocking import open_accounts
from host_tools.credentials import backup_file
from host_tools.credentials.credential import Credential
from host_tools.errors import ToolError, UsageProblem


class Backup:
    """A backup that accounts are put into; it reaches the disk by `save`.

    Reads and decrypts the file if it is there; else `save` makes it. The passphrase is asked for
    at once, so that nothing else has happened if it is wrong.
    """

    def __init__(self, path: str, descriptor: int | None) -> None:
        self.path = path
        self.credentials: list[Credential] = []
        self._old: bytes | None = None
        if os.path.lexists(path):
            self._old = backup_file.read_file(path)
            backup_file.read_header(self._old)  # before anybody types a passphrase for nothing
            self._passphrase = passphrase_of(path, descriptor)
            self.credentials = backup_file.unseal(self._old, self._passphrase)
        else:
            self._passphrase = passphrase_for_new(descriptor)

    def put(self, credential: Credential, replace: bool = False) -> None:
        """Add an account, or replace the one with the same key; UsageProblem if one has its name
        and another key, and must not be replaced."""
        index = self.check(credential, replace)
        if index is None:
            self.credentials.append(credential)
        else:
            self.credentials[index] = credential

    def check(self, credential: Credential, replace: bool) -> int | None:
        """Where the backup has an account of this name, or None; UsageProblem as `put`."""
        for index, known in enumerate(self.credentials):
            if key_of(known) == key_of(credential):
                if not (replace or known.secret == credential.secret):
                    raise UsageProblem(
                        f"the backup has {label(known)} with another key; to replace it, use "
                        "--replace"
                    )
                return index
        return None

    def save(self) -> None:
        """Write the file. BackupError if that fails, or if the file was changed in the meantime."""
        data = backup_file.seal(self.credentials, self._passphrase)
        if self._old is None:
            backup_file.write_new(self.path, data)
        else:
            backup_file.rewrite(self.path, data, self._old)
        self._old = data

    def save_what_is_loaded(self) -> None:
        """Save, and say so; the error says which accounts are on the token but not in the
        backup."""
        try:
            self.save()
        except ToolError as error:
            raise ToolError(
                f"the account is on the token, but not in the backup: {error.message}"
            ) from None
        say(f"kept in {self.path}, encrypted")


def load_and_keep(
    token: TokenClient, credentials: list[Credential], replace: bool, kept: Backup | None
) -> list[ToolError]:
    """Load accounts as `load` does, and keep in the backup those that the token has then.

    UsageProblem, before anything is loaded, if the backup has others of their names. What was
    loaded is kept also if something ends the loading.
    """
    if kept is None:
        return load(token, credentials, replace)
    for credential in credentials:
        kept.check(credential, replace)
    loaded: list[Credential] = []
    try:
        return load(token, credentials, replace, loaded.append)
    finally:
        if loaded:
            for credential in loaded:
                kept.put(credential, replace)
            kept.save_what_is_loaded()


@command()
@click.argument("sources", nargs=-1, metavar="[URI... | -]")
@click.option(
    "-o", "--output", required=True, type=click.Path(dir_okay=False), help="The file to make."
)
@click.option("--qr", multiple=True, type=click.Path(dir_okay=False), help="Picture; repeatable.")
@click.option("--append", is_flag=True, help="Add to an existing backup.")
@click.option("--replace", is_flag=True, help="With --append: replace accounts of the same name.")
@passphrase_option
def backup(
    sources: tuple[str, ...],
    output: str,
    qr: tuple[str, ...],
    append: bool,
    replace: bool,
    passphrase_fd: int | None,
) -> None:
    """Make an encrypted backup, without a token.

    From otpauth:// URIs, from standard input (-) with one on each line, or from pictures with QR
    codes. A token gives no secret back: keep what you load, here or with add --backup.
    """
    if not sources and not qr:
        raise UsageProblem("nothing to back up: give URIs, - for standard input, or --qr")
    if os.path.lexists(output) != append:
        if append:
            raise UsageProblem(f"{output} does not exist; leave out --append")
        raise UsageProblem(f"{output} exists already; to add to it, use --append")
    kept = Backup(output, passphrase_fd)  # first: its passphrase may come before the URIs
    credentials = read_credentials(sources, qr, {"name": None}, every_line=True)
    for credential in credentials:
        kept.put(credential, replace)
    kept.save()
    for credential in credentials:
        tell_of_counter(credential)
    say(f"{output} holds {count_of_accounts(len(kept.credentials))}, encrypted")


@command()
@click.argument("file", type=click.Path(dir_okay=False))
@click.option("--port", "ports", multiple=True, metavar="PORT", help="Repeatable: several tokens.")
@click.option("--replace", is_flag=True, help="Replace accounts of the same name and issuer.")
@passphrase_option
@click.pass_context
def restore(
    context: click.Context,
    file: str,
    ports: tuple[str, ...],
    replace: bool,
    passphrase_fd: int | None,
) -> None:
    """Load the accounts of a backup onto a token.

    It takes all that it does not have yet, with one question on its display. Then token and
    computer compare a code of each. Run it again for a spare token, or give several ports.
    """
    data = backup_file.read_file(file)
    backup_file.read_header(data)
    credentials = backup_file.unseal(data, passphrase_of(file, passphrase_fd))
    problems: list[ToolError] = []
    for one in ports or (port_given(context),):
        if len(ports) > 1:
            say(f"token at {one}:")
        with open_accounts(one) as token:
            problems += load(token, credentials, replace)
    if problems:
        raise problems[0]
