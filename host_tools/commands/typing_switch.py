"""`picototp provision typing`: whether the token types codes as a USB keyboard."""

import click

from host_tools.client import status_words
from host_tools.client.status import Typing
from host_tools.client.token_client import TokenClient
from host_tools.commands.command_line import group, pass_port, port_option
from host_tools.commands.terminal import say
from host_tools.commands.unlocking import open_accounts, status_of
from host_tools.errors import ToolError
from picototp import typing_setting

RESTARTS = "it restarts now, and is locked if it has a PIN"


@group(
    epilog="""\b
Examples:
  picototp provision typing on             hold the button for 1.6 s on a code: it is typed
  picototp provision typing on --enter     and then Enter
  picototp provision typing on --no-num-lock   for Macs, iPhones and iPads, which have none
  picototp provision typing off
""",
)
@port_option
def typing() -> None:
    """Switch typing of codes, as a USB keyboard, on or off.

    Both need the token's button, and restart it. It is off by default.
    """


@typing.command()
@click.option("--enter", "end", flag_value="enter", help="Press Enter after the code.")
@click.option("--tab", "end", flag_value="tab", help="Press Tab after the code.")
@click.option(
    "--no-num-lock",
    is_flag=True,
    help="Do not look at Num Lock: for a computer that has none, such as a Mac.",
)
@click.option(
    "--layout",
    type=click.Choice([one for one in typing_setting.LAYOUTS if one != "none"]),
    help="The computer's keyboard layout, for codes with letters.",
)
@pass_port
def on(port: str | None, end: str | None, no_num_lock: bool, layout: str | None) -> None:
    """Switch typing on. Options that are not given are off."""
    num_lock = "ignore" if no_num_lock else "keep"
    setting = Typing(end or "none", num_lock, layout or "none")
    with open_accounts(port) as token:
        _check_knows(token)
        token.set_typing(setting)
    say(f"typing is on: {status_words.typed_how(setting)}")
    say(RESTARTS)


@typing.command()
@pass_port
def off(port: str | None) -> None:
    """Switch typing off."""
    with open_accounts(port) as token:
        _check_knows(token)
        if status_of(token).typing is None:
            say("typing is off already")
            return
        token.set_typing(None)
    say(f"typing is off; {RESTARTS}")


def _check_knows(token: TokenClient) -> None:
    if "typing" not in token.info.ops:
        raise ToolError("this token's firmware cannot type codes; update it: picototp install")
