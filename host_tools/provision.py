"""Load accounts into the token and look after them.

provision.py add 'otpauth://totp/...'      provision.py add --qr picture.png
provision.py list                          provision.py remove example.com:alice
"""

import json
import sys
import time
from pathlib import Path

if not __package__:  # run as a file: the folder above holds the packages
    sys.path[0] = str(Path(__file__).resolve().parent.parent)
    sys.path.insert(1, str(Path(sys.path[0]) / "firmware"))

import click
from rich.console import Console
from rich.table import Table

from host_tools.client import pin_words, status_words
from host_tools.client.account_names import compare, label, reference, resolve
from host_tools.client.token_client import Json, TokenClient
from host_tools.commands.backup import Backup, backup, restore, tell_of_counter
from host_tools.commands.passphrase import passphrase_option
from host_tools.commands.pin import code, lock, pin, unlock
from host_tools.commands.terminal import open_token, port_option, read_piped, run, say
from host_tools.credentials import otpauth
from host_tools.credentials.otpauth import Credential
from host_tools.credentials.qr import read_qr
from host_tools.errors import Disagreement, ToolError, UsageProblem

# How far the token's clock may be off before `verify` calls it wrong: a third of a usual period.
VERIFY_CLOCK_S = 10


@click.group(
    short_help="Load accounts into the token and look after them.",
    epilog="""\b
Examples:
  provision.py add                       asks for the secret without showing it
  provision.py add --qr shot.png         reads a QR code from a picture
  pass show otp/web | provision.py add - reads a URI from standard input
  provision.py list --json
  provision.py move example.com:alice 1
  provision.py remove example.com:alice
  provision.py add --qr shot.png --backup accounts.backup
  provision.py restore accounts.backup   loads a spare token
  provision.py pin set                   then: unlock, lock
  provision.py code example.com:alice    prints a code, after a yes on the token
""",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@port_option
@click.pass_context
def provision(context: click.Context, port: str | None) -> None:
    """Load accounts into the token, and list, rename, move, remove or check them.

    Every change is shown on the token's display and needs its button.
    """
    context.obj = port


for command in (pin, unlock, lock, code):
    provision.add_command(command)


@provision.command()
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
@click.pass_obj
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
    with open_token(port) as token:
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


def read_credential(source: str | None, qr: str | None, overrides: Json) -> Credential:
    """The credential that the user gives in one of the four ways. Raises UsageProblem."""
    if source is not None and qr is not None:
        raise UsageProblem("give a URI or a picture, not both")
    if qr is not None:
        return from_uri(read_qr(qr), overrides)
    if source == "-":
        text = read_piped().strip()
        if not text:
            raise UsageProblem("standard input was empty; a URI or a base32 secret is expected")
        return from_uri(text, overrides) if ":" in text else from_secret(text, overrides)
    if source is not None:
        say("warning: other users of this computer can see the secret (with ps); - reads it safely")
        return from_uri(source, overrides)
    if not sys.stdin.isatty():
        raise UsageProblem("there is no terminal to ask for the secret on; pipe it in, with: add -")
    if overrides["name"] is None:
        overrides["name"] = click.prompt("Account (as in alice@example.com)", err=True)
        overrides["issuer"] = overrides["issuer"] or click.prompt("Issuer", "", err=True)
    return from_secret(click.prompt("Secret (base32)", hide_input=True, err=True), overrides)


def from_uri(text: str, overrides: Json) -> Credential:
    """The credential of a URI; what was given as an option counts more."""
    credential = otpauth.parse_uri(text)
    return otpauth.with_overrides(credential, overrides)


def from_secret(text: str, overrides: Json) -> Credential:
    """The credential of a base32 secret and options."""
    if not overrides["name"]:
        raise UsageProblem("an account needs a name; give it with --name")
    return otpauth.credential_from_options(text, **overrides)


@provision.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_accounts(port: str | None, as_json: bool) -> None:
    """List the accounts.

    In the order of the display; no secret is ever shown.
    """
    with open_token(port) as token:
        accounts = token.accounts()
        if not accounts:  # none, or none that can be read any more
            status_words.check_vault(token.status())
    if as_json:
        click.echo(json.dumps(accounts, indent=2, ensure_ascii=False))
        return
    if not accounts:
        say("no accounts yet; add one with: provision.py add")
        return
    table = Table("#", "Issuer", "Account", "Type")
    for column in table.columns:
        column.overflow = "fold"  # a name that is cut could not be given to another command
    for position, account in enumerate(accounts, 1):
        kind = f"{account['algorithm']}, {account['digits']} digits, " + (
            f"{account['period']} s" if account["kind"] == "totp" else "counter"
        )
        table.add_row(str(position), account["issuer"], account["name"], kind)
    Console(markup=False, highlight=False, emoji=False).print(table)


provision.add_command(backup)
provision.add_command(restore)


@provision.command()
@click.argument("account")
@click.argument("new_name")
@click.option("--issuer", help="The new issuer; the old one stays if not given.")
@click.pass_obj
def rename(port: str | None, account: str, new_name: str, issuer: str | None) -> None:
    """Give an account another name.

    ACCOUNT is "issuer:name", the name alone if there is only one, or its position.
    """
    with open_token(port) as token:
        found = resolve(token.accounts(), account)
        new_issuer = found["issuer"] if issuer is None else issuer
        token.request("rename", **reference(found), new_issuer=new_issuer, new_name=new_name)
    say(f"renamed {label(found)} to {label({'issuer': new_issuer, 'name': new_name})}")


@provision.command()
@click.argument("account")
@click.argument("position", type=click.IntRange(min=1))
@click.pass_obj
def move(port: str | None, account: str, position: int) -> None:
    """Move an account to a position, counted from 1."""
    with open_token(port) as token:
        accounts = token.accounts()
        found = resolve(accounts, account)
        if position > len(accounts):
            raise UsageProblem(f"there are only {len(accounts)} positions")
        token.request("move", **reference(found), to=position - 1)
    say(f"moved {label(found)} to position {position}")


@provision.command()
@click.argument("accounts", nargs=-1, required=True, metavar="ACCOUNT...")
@click.pass_obj
def remove(port: str | None, accounts: tuple[str, ...]) -> None:
    """Remove accounts; each needs the button."""
    with open_token(port) as token:
        known = token.accounts()
        for found in [resolve(known, account) for account in accounts]:
            token.request("remove", **reference(found))
            say(f"removed {label(found)}")


@provision.command()
@click.pass_obj
def wipe(port: str | None) -> None:
    """Remove all accounts."""
    with open_token(port) as token:
        token.request("wipe")
    say("the token holds no accounts any more")


@provision.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def status(port: str | None, as_json: bool) -> None:
    """Show versions, accounts, clock and faults."""
    with open_token(port) as token:
        answer = {**token.info, **token.status()}
        log = token.request("log")["text"] if answer["errors_logged"] else ""
    facts = {key: value for key, value in answer.items() if key not in ("id", "s", "ok", "v")}
    if as_json:
        click.echo(json.dumps(facts, indent=2, ensure_ascii=False))
        return
    for name, value in status_words.status_lines(facts):
        click.echo(f"{name + ':':<12}{value}")
    if log:
        click.echo(f"last errors:\n{log.rstrip()}")


@provision.command()
@click.argument("source", required=False, metavar="[URI | -]")
@click.option("--qr", type=click.Path(dir_okay=False), help="Picture with the account's QR code.")
@click.pass_obj
def verify(port: str | None, source: str | None, qr: str | None) -> None:
    """Test the token.

    Its arithmetic, both copies of its accounts, its display, and its clock against this computer's.
    With a URI (or -, or --qr), also whether the token computes the same code for that account.
    """
    credential = None
    if source is not None or qr is not None:
        credential = read_credential(source, qr, {"name": None})
    with open_token(port) as token:
        problems = list(self_test(token))
        if credential is not None:
            compare(token, credential)
            click.echo(f"ok       {label(credential)}: token and host compute the same code")
    if problems:
        raise problems[0]


def self_test(token: TokenClient) -> list[ToolError]:
    """Print what is right and what is not; the problems found, gravest first."""
    result, answer = token.request("selftest"), token.status()
    problems: list[ToolError] = []

    def judge(good: bool, what: str, problem: ToolError) -> None:
        click.echo(f"{'ok' if good else 'NOT OK':<8} {what if good else problem.message}")
        if not good:
            problems.append(problem)

    judge(
        result["codes"],
        "codes: RFC 6238 test vectors",
        Disagreement("the token computes wrong codes: install its firmware again"),
    )
    judge(
        answer["vault"] == "ok" and "corrupt" not in result["slots"],
        f"accounts: {status_words.account_count(answer)}, copies {' and '.join(result['slots'])}",
        ToolError(
            status_words.vault_problem(answer)
            or "a copy of the accounts is damaged; any change to an account renews it"
        ),
    )
    judge(answer["display"] == "ok", "display", ToolError("the display does not answer"))
    clock = answer["clock"]
    if clock["state"] != "ok":
        judge(False, "", ToolError(f"clock: {status_words.CLOCK_STATES[clock['state']]}"))
        return problems
    error_s = clock["unix_us"] / 1e6 - time.time()
    judge(
        abs(error_s) < VERIFY_CLOCK_S,
        f"clock: {error_s:+.1f} s from this computer's",
        Disagreement(
            f"token and computer differ by {error_s:+.0f} s; find out which is right: synctime.py"
        ),
    )
    return problems


if __name__ == "__main__":
    run(provision)
