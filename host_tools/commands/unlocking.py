"""A locked token asks for its PIN: where the PIN comes from, and entering it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from host_tools.client import pin_words
from host_tools.client.status import Status
from host_tools.client.token_client import TokenClient
from host_tools.client.wire_errors import TokenError
from host_tools.commands.terminal import open_token, say
from host_tools.errors import Refused, ToolError, UsageProblem

_STDIN_MOST_BYTES = 1024  # many times the longest PIN


@contextmanager
def open_accounts(port: str | None) -> Iterator[TokenClient]:
    """A session with a token whose accounts are open: a locked one asks for the PIN first.

    Without a terminal to ask on, "locked" is the error.
    """
    with open_token(port) as token:
        if "unlock" in token.info.ops:
            status = token.status()
            if status.locked and status.vault == "ok":
                if not sys.stdin.isatty():
                    raise TokenError("locked", "")
                say("the token is locked")
                open_with_pin(token, status)
        yield token


def open_with_pin(token: TokenClient, status: Status, from_stdin: bool = False) -> None:
    """Ask for the PIN, or read it, and enter it: one try."""
    if status.pin_wait_s:
        raise Refused(f"too soon after a wrong PIN: {pin_words.tries_left(status)}")
    if status.pin_failures and not from_stdin:
        say(pin_words.tries_left(status))
    enter(token, piped() if from_stdin else pin_words.checked(asked("PIN")))


def enter(token: TokenClient, entered: str) -> None:
    """Send a PIN; a wrong one is a TokenError that tells how many tries are left."""
    try:
        token.unlock(entered)
    except TokenError as error:
        if error.code != "wrong-pin":
            raise
        raise TokenError(error.code, f"wrong PIN: {pin_words.tries_left(token.status())}") from None


def status_of(token: TokenClient) -> Status:
    """The token's state; ToolError if there can be no PIN now."""
    if "set_pin" not in token.info.ops:
        raise ToolError("this token's firmware does not support PINs; update it: picototp install")
    status = token.status()
    if status.vault == "destroyed":
        raise TokenError("destroyed", "")
    return status


# --- where a PIN comes from ----------------------------------------------------------------------


def asked(question: str) -> str:
    """What the user types without echo. UsageProblem if there is no terminal."""
    if not sys.stdin.isatty():
        raise UsageProblem("there is no terminal to ask for the PIN on; pipe it in, with: -")
    answer: str = click.prompt(question, hide_input=True, err=True)
    return answer


def piped() -> str:
    """The PIN on standard input. Raises UsageProblem."""
    return pin_words.from_bytes(sys.stdin.buffer.read(_STDIN_MOST_BYTES))
