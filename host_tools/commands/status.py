"""`picototp provision status`: what a token says of itself."""

import contextlib
import json

import click

import picototp
from host_tools.client import status_words
from host_tools.commands.command_line import command, pass_port
from host_tools.commands.terminal import open_token, show
from host_tools.errors import ToolError
from host_tools.pico.log_places import with_source_names


@command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_port
def status(port: str | None, as_json: bool) -> None:
    """Show versions, accounts, clock and faults."""
    with open_token(port) as token:
        info, state = token.info, token.status()
        log = token.error_log() if state.errors_logged else ""
    if as_json:
        show(json.dumps({**info.as_json(), **state.facts}, indent=2))
        return
    for name, value in status_words.status_lines(info, state):
        show(f"{name + ':':<12}{value}")
    if log:
        if info.firmware == picototp.__version__:  # the sources here are the ones that run there
            with contextlib.suppress(ToolError):  # without the drivers' sources the log stays
                log = with_source_names(log)
        show(f"last errors:\n{log.rstrip()}")
