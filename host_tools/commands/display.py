"""`picototp provision show`, `order` and `display`: what the token's own display shows, and how."""

import json
import time

import click

from host_tools.client.account_names import label, resolve
from host_tools.client.token_client import TokenClient
from host_tools.client.wire_errors import TokenError
from host_tools.commands.command_line import command, pass_port
from host_tools.commands.completion import account_argument
from host_tools.commands.terminal import open_token, say, show
from host_tools.errors import ToolError, UsageProblem
from picototp.vault.settings_file import BRIGHTNESS, DARK_AFTER_S, ORDERS

_PIN_PATIENCE_S = 120
_LOOK_EVERY_S = 0.5
_TOO_OLD = "this token's firmware cannot do that; update it: picototp install"


@command("show", short_help="Show an account on the token's display.")
@account_argument
@pass_port
def show_account(port: str | None, account: str) -> None:
    """Show an account on the token's display.

    No code leaves the token, so it does not ask. A locked token asks for its PIN first, on its own
    display. ACCOUNT is any part of its issuer or name that no other account has, or its position.
    """
    with open_token(port) as token:
        _check_new_enough(token)
        if token.status().locked:
            token.show()
            say("enter the PIN on the token")
            _wait_for_the_pin(token)
        found = resolve(token.accounts(), account)
        token.show(found)
    say(f"{label(found)} is on the token's display")


def _wait_for_the_pin(token: TokenClient) -> None:
    """Until it was entered on the token. TokenError "locked" if it is not in time."""
    end_s = time.monotonic() + _PIN_PATIENCE_S
    while token.status().locked:
        if time.monotonic() >= end_s:
            raise TokenError("locked", "")
        time.sleep(_LOOK_EVERY_S)


@command()
@click.argument("order", type=click.Choice(ORDERS))
@pass_port
def order(port: str | None, order: str) -> None:
    """Set in which order clicks go through the accounts.

    fixed: as `picototp provision list` has them. recent: the most recently used come first.
    name: by issuer and name.
    """
    with open_token(port) as token:
        _check_new_enough(token)
        token.set_order(order)
    say(f"clicks go through the accounts in this order: {order}")


@command(short_help="Set brightness, timeout and orientation.")
@click.option(
    "--brightness", type=click.IntRange(min(BRIGHTNESS), max(BRIGHTNESS)), help="Per cent."
)
@click.option(
    "--dark-after",
    "dark_after_s",
    type=click.IntRange(min(DARK_AFTER_S), max(DARK_AFTER_S)),
    help="Seconds after the last press.",
)
@click.option("--upside-down/--upright", default=None, help="Which way is up.")
@click.option("--json", "as_json", is_flag=True, help="Print the settings as JSON.")
@pass_port
def display(
    port: str | None,
    brightness: int | None,
    dark_after_s: int | None,
    upside_down: bool | None,
    as_json: bool,
) -> None:
    """Set how the token's display looks; without options, show the settings.

    The question is shown with the new settings. If you cannot read it, wait 30 s: without a yes,
    the old settings return.
    """
    given = {"brightness": brightness, "dark_after_s": dark_after_s, "upside_down": upside_down}
    changes = {name: value for name, value in given.items() if value is not None}
    if changes and as_json:
        raise UsageProblem("--json prints the settings; give it without other options")
    with open_token(port) as token:
        _check_new_enough(token)
        if changes:
            token.set_display(**changes)
            say("the display stays like that")
            return
        now = token.display()
    if as_json:
        show(json.dumps(now.as_json()))
        return
    show(f"brightness   {now.brightness} %")
    show(f"dark after   {now.dark_after_s} s")
    show(f"which way    {'upside down' if now.upside_down else 'upright'}")
    show(f"order        {now.order}")


def _check_new_enough(token: TokenClient) -> None:
    if "set_display" not in token.info.ops:
        raise ToolError(_TOO_OLD)
