"""The commands around the encrypted backup: making one, adding to it, loading tokens from it."""

import os

import click

from host_tools.client import pin_words
from host_tools.client.account_names import compare, key_of, label
from host_tools.client.token_client import TokenClient
from host_tools.client.wire_errors import TokenError
from host_tools.commands.command_line import command, port_given
from host_tools.commands.passphrase import passphrase_for_new, passphrase_of, passphrase_option
from host_tools.commands.terminal import read_piped, say
from host_tools.commands.unlocking import open_accounts
from host_tools.credentials import backup_file, otpauth
from host_tools.credentials.credential import Credential
from host_tools.credentials.qr import read_qr
from host_tools.errors import Disagreement, Refused, ToolError, UsageProblem

# RFC 4226, sections 7.2 and 7.4: a server only looks ahead of its own counter.
HOTP_NOTE = (
    "counts its codes (HOTP): the backup keeps the counter of now, {counter}. A spare loaded from "
    "it later is behind: ask it for new codes until one is accepted, and then use one token only"
)


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
        """Take an account in, in place of one with the same key; UsageProblem if one has its name
        and another key, and is not to be replaced."""
        for index, known in enumerate(self.credentials):
            if key_of(known) == key_of(credential):
                if not (replace or known.secret == credential.secret):
                    raise UsageProblem(
                        f"the backup has another account {label(known)}; see --replace"
                    )
                self.credentials[index] = credential
                return
        self.credentials.append(credential)

    def save(self) -> None:
        """Write the file. BackupError if it cannot be, or was changed meanwhile."""
        data = backup_file.seal(self.credentials, self._passphrase)
        if self._old is None:
            backup_file.write_new(self.path, data)
        else:
            backup_file.rewrite(self.path, data, self._old)
        self._old = data


@command()
@click.argument("sources", nargs=-1, metavar="[URI... | -]")
@click.option(
    "-o", "--output", required=True, type=click.Path(dir_okay=False), help="The file to make."
)
@click.option("--qr", multiple=True, type=click.Path(dir_okay=False), help="Picture; repeatable.")
@click.option("--append", is_flag=True, help="Add to a backup that is there already.")
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
        raise UsageProblem("nothing to keep: give URIs, - for standard input, or --qr")
    if os.path.lexists(output) != append:
        state = "is not there; leave --append out" if append else "exists already; see --append"
        raise UsageProblem(f"{output} {state}")
    kept = Backup(output, passphrase_fd)  # first: its passphrase may come before the URIs
    credentials = _read_sources(sources, qr)
    for credential in credentials:
        kept.put(credential, replace)
    kept.save()
    for credential in credentials:
        tell_of_counter(credential)
    say(f"{output} holds {_accounts(len(kept.credentials))}, encrypted")


def _read_sources(sources: tuple[str, ...], pictures: tuple[str, ...]) -> list[Credential]:
    texts: list[str] = []
    for source in sources:
        if source == "-":
            texts += [line for line in read_piped().splitlines() if line.strip()]
        else:
            texts.append(source)
    if any(source != "-" for source in sources):
        say("warning: other users of this computer can see the secret (with ps); - reads it safely")
    texts += [read_qr(picture) for picture in pictures]
    if not texts:
        raise UsageProblem("standard input was empty; otpauth:// URIs are expected, one on a line")
    found: list[Credential] = []
    for number, text in enumerate(texts, 1):
        try:
            found.append(otpauth.parse_uri(text))
        except UsageProblem as problem:
            # `from None`: the URI holds a secret.
            raise UsageProblem(f"account {number}: {problem.message}") from None
    return found


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
    """Load a token from a backup.

    All accounts that it does not have yet, each with its button; a click leaves that one out. Then
    token and host compare a code. Run it again for a spare token, or give several ports.
    """
    data = backup_file.read_file(file)
    backup_file.read_header(data)
    credentials = backup_file.unseal(data, passphrase_of(file, passphrase_fd))
    problems: list[ToolError] = []
    for one in ports or (port_given(context),):
        if len(ports) > 1:
            say(f"token at {one}:")
        with open_accounts(one) as token:
            problems += Restoring(token, credentials, replace).run()
    if problems:
        raise problems[0]


class Restoring:
    """One token being loaded."""

    def __init__(self, token: TokenClient, credentials: list[Credential], replace: bool) -> None:
        self._token = token
        self._credentials = credentials
        self._replace = replace
        self._loaded = self._present = 0
        self._problems: list[ToolError] = []

    def run(self) -> list[ToolError]:
        """Load what is missing and say what was loaded; the problems that others do not suffer
        from. Raises ToolError, after the same words, for what ends it."""
        present = {key_of(account) for account in self._token.accounts()}
        remark = pin_words.remark(self._token.status())
        if remark is not None:
            say(remark)  # before: a PIN that is set first never lets the key lie open
        try:
            for credential in self._credentials:
                if key_of(credential) in present:
                    self._meet(credential)
                else:
                    self._load(credential, False)
        finally:
            parts = [f"loaded {self._loaded} of {_accounts(len(self._credentials))}"]
            if self._present:
                parts.append(f"{self._present} there already")
            if self._problems:
                parts.append(f"{len(self._problems)} left out")
            say(", ".join(parts))
        return self._problems

    def _meet(self, credential: Credential) -> None:
        """The token has one of this name."""
        try:
            compare(self._token, credential)
        except Disagreement:
            if self._replace:
                self._load(credential, True)
            else:
                what = f"{label(credential)} is on the token with another key; see --replace"
                self._leave_out(Disagreement(what))
            return
        self._present += 1
        say(f"{label(credential)} is on the token already")

    def _load(self, credential: Credential, replace: bool) -> None:
        try:
            self._token.add(credential, replace)
        except TokenError as error:
            if error.code != "refused":
                raise
            self._leave_out(Refused(f"{label(credential)} was refused on the token"))
            return
        compare(self._token, credential)
        self._loaded += 1
        say(f"added {label(credential)}; token and host compute the same code")
        tell_of_counter(credential)

    def _leave_out(self, problem: ToolError) -> None:
        self._problems.append(problem)
        say(f"left out: {problem.message}")


def tell_of_counter(credential: Credential) -> None:
    """What a backup means for an account whose counter moves on without it."""
    if credential.kind == "hotp":
        say(f"note: {label(credential)} " + HOTP_NOTE.format(counter=credential.counter))


def _accounts(count: int) -> str:
    return "1 account" if count == 1 else f"{count} accounts"
