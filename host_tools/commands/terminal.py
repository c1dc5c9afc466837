"""What all command-line tools share: their options, their words, and their exit codes."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

import click

from host_tools.client.ports import PORT_VARIABLE, SerialConnection, find_port
from host_tools.client.token_client import TokenClient
from host_tools.errors import ToolError, UsageProblem

port_option = click.option(
    "--port",
    metavar="PORT",
    help=f"Serial port of the token; else ${PORT_VARIABLE}, else the one that is plugged in.",
)

emulated_image_option = click.option(
    "--image",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="MicroPython for the emulated Pico (UF2); by default the official one, fetched once.",
)


def read_piped() -> str:
    """All of standard input. UsageProblem if it is no text; it may hold secrets."""
    try:
        return sys.stdin.buffer.read().decode()
    except UnicodeDecodeError:
        raise UsageProblem("standard input is no text in UTF-8") from None


def say(text: str) -> None:
    """A line for people, on standard error: standard output is for results."""
    click.echo(text, err=True)


def ask_for_button() -> None:
    """The token shows a question and waits."""
    say("confirm on the token: hold its button for yes")


def open_token(port: str | None) -> TokenClient:
    """A client that tells the user when the token waits for its button."""
    return TokenClient(SerialConnection(find_port(port)), on_wait=ask_for_button)


def run(command: click.Command, arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command and exit as DESIGN says: errors are one line, exit codes have a meaning."""
    sys.exit(exit_code(lambda: command.main(args=arguments, standalone_mode=False)))


def exit_code(action: Callable[[], object]) -> int:
    """Call `action`, print the error if it raises one, and give the exit code."""
    try:
        result = action()
    except ToolError as error:
        say(f"error: {error.message}")
        return error.exit_code
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        say(error.format_message())
        return error.exit_code
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        hint = f" (see: {context.command_path} --help)" if context is not None else ""
        say(f"error: {error.format_message()}{hint}")
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        say("error: stopped")
        return 1
    except BrokenPipeError:
        return 1
    return result if isinstance(result, int) else 0
