"""The console script `picototp`: all tools under one name."""

import importlib
import sys

import click

import picototp
from host_tools.commands.terminal import run

# Each is a module with a command of the same name.
_TOOLS = {
    "bench": "host_tools.commands.bench",
    "demo": "host_tools.commands.demo",
    "image": "host_tools.commands.image",
    "install": "host_tools.commands.install",
    "provision": "host_tools.provision",
    "simulate": "host_tools.commands.simulate",
    "synctime": "host_tools.synctime",
}


class _Tools(click.Group):
    """Loads the tool that is asked for: to load all takes half of a short command's time."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*_TOOLS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _TOOLS:
            return None
        command = getattr(importlib.import_module(_TOOLS[cmd_name]), cmd_name)
        assert isinstance(command, click.Command)
        return command


@click.command(cls=_Tools, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(picototp.__version__, prog_name="picototp")
def picototp_command() -> None:
    """PicoTOTP: an open hardware TOTP token, its tools, and a simulated one to try them on."""


def main() -> None:
    """Entry point of the console script."""
    run(picototp_command, sys.argv[1:])
