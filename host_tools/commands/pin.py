"""`picototp provision pin`, `unlock`, `lock` and `code`: the PIN over USB, and what it guards."""

import click

from host_tools.client import pin_words
from host_tools.client.account_names import resolve
from host_tools.client.status import Status
from host_tools.client.wire_errors import TokenError
from host_tools.commands import desktop
from host_tools.commands.command_line import command, group, pass_port, port_option
from host_tools.commands.completion import account_argument
from host_tools.commands.terminal import open_token, say, show
from host_tools.commands.unlocking import (
    asked,
    open_accounts,
    open_with_pin,
    piped,
    status_of,
)
from host_tools.errors import ToolError, UsageProblem

COPIED_S = 30


def _only_stdin(context: click.Context, parameter: click.Parameter, value: str | None) -> bool:
    """Whether "-" was given. UsageProblem, which does not repeat it, if it was a PIN."""
    if value not in (None, "-"):
        raise UsageProblem(
            "other users of this computer could see a PIN given here (with ps); leave it out to "
            "be asked, or pipe it in, with: -"
        )
    return value is not None


source = click.argument("from_stdin", required=False, metavar="[-]", callback=_only_stdin)


@group(
    epilog="""\b
Examples:
  picototp provision pin set             asks for the PIN twice without showing it
  pass show token-pin | picototp provision pin change -
  picototp provision pin rekey           another data key, after the board was out of sight
  picototp provision pin limit 5         five wrong PINs in a row destroy the accounts
  picototp provision pin lock-after 0    locks as soon as the display is dark
""",
)
@port_option
def pin() -> None:
    """Set, change or remove the PIN.

    Each needs the token's button. The PIN is asked for, or read from standard input (-).
    """


@pin.command("set")
@source
@pass_port
def set_pin(port: str | None, from_stdin: bool) -> None:
    """Set a PIN; from then on it opens the accounts."""
    with open_token(port) as token:
        if status_of(token).pin:
            raise UsageProblem("the token has a PIN already; see: picototp provision pin change")
        new = new_pin(from_stdin)
        token.set_pin(new)
    say(f"the PIN is set; {pin_words.entered_where(new)}")


@pin.command()
@source
@pass_port
def change(port: str | None, from_stdin: bool) -> None:
    """Replace the PIN."""
    with open_accounts(port) as token:
        check_open(status_of(token))
        new = new_pin(from_stdin)
        token.set_pin(new)
    say(f"the PIN is changed; {pin_words.entered_where(new)}")


@pin.command(short_help="Have the token make another data key, under the same PIN.")
@source
@pass_port
def rekey(port: str | None, from_stdin: bool) -> None:
    """Have the token make another data key, under the same PIN.

    A copy of its flash from before then opens nothing of what comes after. The token is locked,
    and the PIN entered, to find out that it is the right one.
    """
    with open_token(port) as token:
        if not status_of(token).pin:
            raise UsageProblem(pin_words.NO_PIN)
        same = piped() if from_stdin else asked("PIN")
        token.lock()
        token.unlock(same)
        token.set_pin(same)
    say("the accounts are under another key; the PIN is the same")


@pin.command()
@pass_port
def remove(port: str | None) -> None:
    """Remove the PIN; the accounts are open without one."""
    with open_accounts(port) as token:
        check_open(status_of(token))
        token.set_pin(None)
    say("the PIN is removed: whoever holds the board can read the accounts")


@pin.command(short_help="Set how many wrong PINs destroy the accounts.")
@click.argument("number", metavar="N|off")
@pass_port
def limit(port: str | None, number: str) -> None:
    """Set how many wrong PINs in a row destroy the accounts: 5 to 20, or off."""
    wanted = pin_words.limit_from(number)
    with open_accounts(port) as token:
        has_pin = status_of(token).pin
        token.set_limit(wanted)
    if wanted is None:
        say(f"{pin_words.ANY_WRONG}; each makes the next try wait longer, up to an hour")
    else:
        say(f"{wanted} wrong PINs in a row destroy the accounts")
    if not has_pin:
        say(f"but {pin_words.NO_PIN}")


@pin.command("lock-after", short_help="Set how long after its display goes dark the token locks.")
@click.argument("seconds", metavar="SECONDS|never")
@pass_port
def lock_after(port: str | None, seconds: str) -> None:
    """Set how long after its display goes dark the token locks: 0 to 120 seconds, whole minutes
    up to 3600 seconds, or never, as long as it has power."""
    wanted = pin_words.lock_after_from(seconds)
    with open_accounts(port) as token:
        has_pin = status_of(token).pin
        if "set_lock_after" not in token.info.ops:
            raise ToolError(
                "this token's firmware always locks after 60 s; update it: picototp install"
            )
        token.set_lock_after(wanted)
    say(f"the token locks {pin_words.locks_when(wanted)}")
    if not has_pin:
        say(f"but {pin_words.NO_PIN}")


@command()
@source
@pass_port
def unlock(port: str | None, from_stdin: bool) -> None:
    """Enter the PIN.

    The PIN is asked for, or read from standard input (-). It is tried once; exit code 0 means
    unlocked.
    """
    with open_token(port) as token:
        status = status_of(token)
        if not status.pin:
            raise UsageProblem(pin_words.NO_PIN)
        if not status.locked:
            say("the token is not locked")
            return
        open_with_pin(token, status, from_stdin)
    say("the token is unlocked")


@command()
@pass_port
def lock(port: str | None) -> None:
    """Lock the token until its PIN is entered."""
    with open_token(port) as token:
        if not status_of(token).pin:
            raise UsageProblem(pin_words.NO_PIN)
        token.lock()
    say("the token is locked")


@command()
@account_argument
@click.option("--copy", is_flag=True, help=f"Put it on the clipboard for {COPIED_S} s instead.")
@pass_port
def code(port: str | None, account: str, copy: bool) -> None:
    """Print a code of an account; the token asks each time.

    ACCOUNT is any part of its issuer or name that no other account has, or its position.
    An HOTP account counts up. Standard output has the code and nothing else. With --copy it goes to
    the clipboard instead; the command waits, then clears the clipboard. It cannot clear a clipboard
    history.
    """
    loan = desktop.Loan() if copy else None
    with open_accounts(port) as token:
        found = resolve(token.accounts(), account)
        answer = token.code(found)
    if loan is None:
        show(answer.code)
    if answer.left_s is not None:
        say(f"for {answer.left_s} s more")
    if loan is not None:
        say(f"the code is on the clipboard for {COPIED_S} s; Ctrl-C clears it at once")
        loan.lend(answer.code, COPIED_S)


def check_open(status: Status) -> None:
    """UsageProblem if there is no PIN to change, "locked" if it has to be entered first."""
    if not status.pin:
        raise UsageProblem(pin_words.NO_PIN)
    if status.locked:
        raise TokenError("locked", "")


# --- where a PIN comes from ----------------------------------------------------------------------


def new_pin(from_stdin: bool) -> str:
    """A PIN from standard input, or asked for twice. Raises UsageProblem."""
    if from_stdin:
        return piped()
    say(pin_words.RULES)
    typed = asked("New PIN")
    new = pin_words.checked(typed)
    if asked("Again") != typed:
        raise UsageProblem("the two PINs differ; nothing was changed")
    return new
