"""What `picototp` alone says of a token that is plugged in: one line."""

import os

from host_tools.client import status_words
from host_tools.client.ports import PORT_VARIABLE, pico_ports
from host_tools.commands.terminal import open_token, show
from host_tools.errors import ToolError


def glance(port: str | None) -> None:
    """Print the state of the token at the port, or of the one that is plugged in, if any."""
    if not (port or os.environ.get(PORT_VARIABLE) or pico_ports()):
        show("\nNo token is plugged in.")
        return
    try:
        with open_token(port) as token:
            status = token.status()
            where = token.connection.name
    except ToolError as error:
        show(f"\n{error.message}")
        return
    accounts = status_words.vault_problem(status) or _accounts(status_words.account_count(status))
    clock = f"clock {status_words.CLOCK_STATES[status.clock.state]}"
    show(f"\nToken at {where}: firmware {status.firmware}; {accounts}; {clock}.")


def _accounts(count: str) -> str:
    return "locked" if not count.isdecimal() else f"{count} account{'s' if count != '1' else ''}"
