"""`picototp provision import`: another app's export, onto the token, in one command."""

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from host_tools.client.printable import printable
from host_tools.client.token_client import TokenClient
from host_tools.commands import desktop, import_plan
from host_tools.commands.backup import Backup, load_and_keep
from host_tools.commands.command_line import command, pass_port
from host_tools.commands.first_codes import show_first_codes
from host_tools.commands.import_plan import Step
from host_tools.commands.loading import count_of_accounts, kind_of
from host_tools.commands.passphrase import VARIABLE, passphrase_of, passwords_option
from host_tools.commands.terminal import say
from host_tools.commands.unlocking import open_accounts
from host_tools.credentials import named_file
from host_tools.credentials.importers import formats
from host_tools.credentials.importers.document import FILE_MAX_BYTES, Document
from host_tools.credentials.importers.entry import Entry, WrongPassword
from host_tools.errors import NoToken, ToolError, UsageProblem

_TRIES = 3


@command("import", short_help="Load the accounts that another app exported.")
@click.argument("files", nargs=-1, metavar="FILE... | -", type=click.Path())
@click.option("--dry-run", is_flag=True, help="Only show what would happen.")
@click.option("--only", multiple=True, metavar="PATTERN", help="Only these; repeatable.")
@click.option("--except", "but", multiple=True, metavar="PATTERN", help="Not these; repeatable.")
@click.option("--choose", is_flag=True, help="Show a list, and ask which.")
@click.option("--clipboard", is_flag=True, help="What is on the clipboard, text or picture.")
@click.option("--screen", is_flag=True, help="The QR codes on the screen.")
@click.option("--codes", is_flag=True, help="Then show the code of each, to try at its service.")
@click.option("--replace", is_flag=True, help="Replace accounts of the same name and issuer.")
@click.option(
    "--backup",
    "backup_path",
    type=click.Path(dir_okay=False),
    help="Keep what was loaded in this encrypted file too; made if it does not exist.",
)
@passwords_option
@pass_port
def import_accounts(
    port: str | None,
    /,
    files: tuple[str, ...],
    only: tuple[str, ...],
    but: tuple[str, ...],
    backup_path: str | None,
    passphrase_fd: int | None,
    **options: Any,
) -> None:
    """Load the accounts that another app exported.

    Lists of otpauth:// URIs, Google Authenticator's QR codes as pictures or text, and what Aegis,
    2FAS, Bitwarden, KeePass, Ente Auth and others export, encrypted too: docs/import.md lists them
    all. A file is recognised by its content. A PATTERN is a part of the issuer or name, or has *
    and ?. A password is asked for, or read from a file descriptor (--passphrase-fd).
    """
    documents = list(_documents(files, options["clipboard"], options["screen"]))
    entries = _read(documents, passphrase_fd)
    entries = import_plan.selected(entries, only, but)
    if not entries:
        raise UsageProblem(
            "--only and --except leave no account; to see all of them: --dry-run alone"
        )
    if options["choose"]:
        entries = _chosen(entries)
    steps = import_plan.without_token(entries)
    if options["dry_run"]:
        with _token_if_any(port) as token:
            if token is not None:
                steps = import_plan.with_token(steps, token, options["replace"])
            _show(steps)
            if token is not None:
                _check_room(steps, token)
        return
    kept = Backup(backup_path, passphrase_fd) if backup_path is not None else None
    with open_accounts(port) as token:
        steps = import_plan.with_token(steps, token, options["replace"])
        _show(steps)
        _check_room(steps, token)
        problems = _load(token, steps, options["replace"], kept)
        if options["codes"]:
            present = [step.credential for step in steps if step.action != import_plan.REFUSED]
            show_first_codes(token, present, int(time.time()), _console())
    problems += [
        UsageProblem(_left_out(step)) for step in steps if step.action == import_plan.REFUSED
    ]
    if problems:
        raise problems[0]


def _documents(files: tuple[str, ...], clipboard: bool, screen: bool) -> Iterator[Document]:
    if not files and not clipboard and not screen:
        raise UsageProblem("nothing to import: give a file, - for standard input, or --clipboard")
    for file in files:
        if file == "-":
            yield Document(sys.stdin.buffer.read(FILE_MAX_BYTES + 1), "standard input")
        else:
            yield Document(named_file.content(file, FILE_MAX_BYTES, "export"), file)
    if clipboard:
        yield Document(desktop.clipboard(), "the clipboard")
    if screen:
        yield Document(desktop.screen(), "the screen")


def _read(documents: list[Document], passphrase_fd: int | None) -> list[Entry]:
    """The entries of the files; a wrong password is asked for again where somebody can answer."""
    interactive = passphrase_fd is None and VARIABLE not in os.environ
    tries = iter(range(_TRIES - 1))

    def ask(what: str) -> str:
        return passphrase_of(f"the export ({what})", passphrase_fd)

    def try_again(problem: WrongPassword) -> bool:
        again = interactive and next(tries, None) is not None
        if again:
            say(problem.message)
        return again

    return formats.read_all(documents, ask, try_again)


def _chosen(entries: list[Entry]) -> list[Entry]:
    if not sys.stdin.isatty():
        raise UsageProblem("there is no terminal to choose on; use --only and --except")
    _show(import_plan.without_token(entries))
    while True:
        answer = click.prompt("Which (as in 1-4,7; Enter for all)", default="", err=True)
        if not answer.strip():
            return entries
        try:
            wanted = import_plan.ranges(answer, len(entries))
        except ValueError:
            say(f"numbers from 1 to {len(entries)} are expected")
            continue
        return [entry for number, entry in enumerate(entries, 1) if number in wanted]


@contextlib.contextmanager
def _token_if_any(port: str | None) -> Iterator[TokenClient | None]:
    """The token; None if there is none and none was named: a dry run can do without."""
    with contextlib.ExitStack() as stack:
        token = None
        try:
            token = stack.enter_context(open_accounts(port))
        except NoToken:
            if port is not None:
                raise
            say("no token is plugged in, so this ignores what it already holds")
        yield token


def _check_room(steps: list[Step], token: TokenClient) -> None:
    """UsageProblem, before anything is written, if the token cannot hold them all."""
    new = sum(step.action == import_plan.ADD for step in steps)
    most = token.info.limits.get("accounts")
    if most is None:
        return
    room = most - len(token.accounts())
    if new > room:
        raise UsageProblem(
            f"{count_of_accounts(new)} are to be added, and the token has room for {room}; choose"
            " with --only or --except"
        )


def _show(steps: list[Step]) -> None:
    table = Table("#", "Issuer", "Account", "Type", "What happens")
    for column in table.columns:
        column.overflow = "fold"
    for number, step in enumerate(steps, 1):
        words = step.action if not step.reason else f"{step.action}: {step.reason}"
        if step.action == import_plan.PRESENT:
            words = step.reason
        if step.entry.credential is None:
            cells = ("", step.entry.title, "", words)
        else:
            one = step.entry.credential
            cells = (one.issuer, one.name, kind_of(one), words)
        table.add_row(str(number), *map(printable, cells))
    _console().print(table)


def _console() -> Console:
    return Console(markup=False, highlight=False, emoji=False)


def _load(
    token: TokenClient, steps: list[Step], replacing: bool, kept: Backup | None
) -> list[ToolError]:
    credentials = import_plan.to_load(steps)
    if not credentials:
        say("nothing to add: the token has these accounts already, or they are left out")
        return []
    problems = load_and_keep(token, credentials, replacing, kept)
    say(
        "only the services can say whether this is what they meant: try a code of each account; "
        "the same command with --codes shows them all"
    )
    return problems


def _left_out(step: Step) -> str:
    return f"left out {step.entry.title}: {step.reason}"
