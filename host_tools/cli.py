"""The console script `picototp`: all tools under one name."""

import sys

import click

from host_tools.commands.command_line import LoadingGroup, port_given, port_option
from host_tools.commands.terminal import run
from host_tools.errors import ToolError

_TOOLS = {
    "bench": "host_tools.commands.bench:bench",
    "completion": "host_tools.commands.completion:completion",
    "demo": "host_tools.commands.demo:demo",
    "doctor": "host_tools.commands.doctor:doctor",
    "image": "host_tools.commands.image:image",
    "install": "host_tools.commands.install:install",
    "provision": "host_tools.provision:provision",
    "simulate": "host_tools.commands.simulate:simulate",
    "synctime": "host_tools.synctime:synctime",
}
_WITH_TOKEN = ("doctor", "install", "provision", "synctime")

_POSIX_ONLY = {"fcntl", "pty", "termios", "tty"}


class _Tools(LoadingGroup):
    """All tools, some of which not every system has."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        try:
            return super().get_command(ctx, cmd_name)
        except ImportError as error:
            if error.name not in _POSIX_ONLY:
                raise
            return _not_on_this_system(cmd_name)


def _not_on_this_system(name: str) -> click.Command:
    """Stands for a tool with a virtual token, whose serial port is a pseudo-terminal."""

    def refuse(**_: object) -> None:
        raise ToolError(
            f"picototp {name} needs a pseudo-terminal, as Linux and macOS have; on Windows use WSL"
        )

    return click.Command(
        name,
        callback=refuse,
        params=[click.Argument(["anything"], nargs=-1, type=click.UNPROCESSED)],
        context_settings={"ignore_unknown_options": True},
        short_help="Not on this system: it needs Linux or macOS.",
    )


@click.command("picototp", cls=_Tools, modules=_TOOLS, invoke_without_command=True)
@port_option
@click.pass_context
def picototp_command(context: click.Context) -> None:
    """PicoTOTP: an open hardware TOTP token, its tools, and a simulated one to try them on."""
    if context.invoked_subcommand is None:
        from host_tools.commands.glance import glance  # what it needs takes time to load

        click.echo(context.get_help())
        glance(port_given(context))
    elif port_given(context) is not None and context.invoked_subcommand not in _WITH_TOKEN:
        raise click.UsageError(f"{context.invoked_subcommand} takes no --port", context)


def main() -> None:
    """Entry point of the console script."""
    run(picototp_command, sys.argv[1:], "picototp")


if __name__ == "__main__":
    main()
