"""Tokens that this computer meets for the first time, and those that may be told a secret."""

import contextlib
import sys
from collections.abc import Callable

import click

from host_tools.client import pin_words
from host_tools.client.answers import TokenInfo
from host_tools.client.known_tokens import KnownTokens
from host_tools.client.token_client import TokenClient
from host_tools.errors import Refused, ToolError

_NEW_TOKEN = "host_tools.new_token"  # in the command line's meta, where subcommands find it


def _remember_new_token(context: click.Context, _parameter: click.Parameter, given: bool) -> None:
    if given:
        context.meta[_NEW_TOKEN] = True


# For a group, which only passes it on, and for the commands in it.
new_token_option = click.option(
    "--new-token",
    is_flag=True,
    expose_value=False,
    callback=_remember_new_token,
    help="Trust this token with secrets, although this computer does not know it.",
)


def introduce(info: TokenInfo, say: Callable[[str], None]) -> None:
    """Tell the user of a token that this computer has never met."""
    known = KnownTokens()
    if not known.is_known(info.token):
        say(f"this computer has not seen the token {info.token} before")
        try:
            known.meet(info.token)
        except ToolError as error:  # then it will say so again
            say(f"warning: {error.message}")


def check_may_hear(info: TokenInfo) -> None:
    """Refused unless the user says, or once said, that the token may be told secrets."""
    known = KnownTokens()
    if known.is_trusted(info.token):
        return
    if not click.get_current_context().meta.get(_NEW_TOKEN):
        if not sys.stdin.isatty():
            raise Refused(
                f"this computer does not know the token {info.token}, so it got no secret; if it "
                "is yours, repeat with --new-token"
            )
        question = (
            f"The token {info.token} is new to this computer. Is it yours, and may it get secrets?"
        )
        if not click.confirm(question, err=True):
            raise Refused("the token got no secret; plug in your own")
    try:
        known.trust(info.token)
    except ToolError as error:
        click.echo(f"warning: {error.message}", err=True)


def advise_a_pin(token: TokenClient, say: Callable[[str], None]) -> None:
    """Advise to set a PIN where there is none: once for each token, not after every command."""
    advice = pin_words.remark(token.status())
    known, number = KnownTokens(), token.info.token
    if advice is None or known.is_advised(number):
        return
    say(advice)
    with contextlib.suppress(ToolError):  # then the advice comes once more
        known.advise(number)
