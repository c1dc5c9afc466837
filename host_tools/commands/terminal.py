"""What all command-line tools share: their options, their words, and their exit codes."""

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import click

from host_tools.client.conversation import REFUSED, Withdrawn
from host_tools.client.ports import SerialConnection
from host_tools.client.printable import printable
from host_tools.client.token_client import TokenClient
from host_tools.commands import introduction
from host_tools.commands.any_encoding import print_in_any_encoding
from host_tools.errors import NoToken, ToolError, UsageProblem
from host_tools.pico.boards import BOARDS, PICO
from host_tools.pico.discovery import find_token, who_is_it

emulated_image_option = click.option(
    "--image",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="MicroPython for the emulated Pico (UF2); by default the official one, fetched once.",
)

board_option = click.option(
    "--board",
    "board_name",
    type=click.Choice(list(BOARDS)),
    help=f"The board that it is for, by default {PICO.name}; the others have not been tried.",
)


def read_piped() -> str:
    """All of standard input. UsageProblem if it is no text; it may hold secrets."""
    try:
        return sys.stdin.buffer.read().decode()
    except UnicodeDecodeError:
        raise UsageProblem("standard input is no text in UTF-8") from None


def say(text: str) -> None:
    """Words for people, on standard error: standard output is for results."""
    click.echo(printable(text, lines=True), err=True)


def show(text: str) -> None:
    """A result, on standard output."""
    click.echo(printable(text, lines=True))


def ask_for_button(name_hashes: Sequence[str] = ()) -> None:
    """The token shows a question and waits. Where it shows a hash of a name, it must be that."""
    hashes = f" (hash, if it shows one: {' to '.join(name_hashes)})" if name_hashes else ""
    say(f"confirm on the token: read it, then hold its button for yes{hashes}")


def tell_of_the_delay(why: str, seconds: float) -> None:
    """The token will ask, but not at once."""
    if why == REFUSED:
        say(
            "the last question was not confirmed, so the token will ask this one in "
            f"{math.ceil(seconds)} s"
        )
    else:
        say(f"the token's button is in use: it asks within {math.ceil(seconds)} s, once it is free")


@contextmanager
def open_token(port: str | None) -> Iterator[TokenClient]:
    """A session with the token, which tells the user when it waits for its button, or if this
    computer has never met it; a secret goes to one that is trusted (introduction.py).

    NoToken says what is at the port instead of one.
    """
    path = find_token(port)
    client = TokenClient(
        SerialConnection(path),
        lambda: ask_for_button(client.name_hashes),
        introduction.check_may_hear,
        tell_of_the_delay,
    )
    try:
        introduction.introduce(client.hello(), say)
    except NoToken:
        client.connection.close()
        raise who_is_it(path) from None
    except BaseException:
        client.connection.close()
        raise
    try:
        yield client
    finally:
        client.connection.close()


def run(
    command: click.Command, arguments: Sequence[str] | None = None, name: str | None = None
) -> NoReturn:
    """Run a command, which calls itself `name`, and exit: errors are one line, exit codes have a
    meaning (host_tools/errors.py)."""
    print_in_any_encoding()
    sys.exit(exit_code(lambda: command.main(arguments, name, standalone_mode=False)))


def _end_line() -> None:
    """Behind the "^C" that a terminal shows."""
    if sys.stderr.isatty():
        say("")


def exit_code(action: Callable[[], object]) -> int:
    """Call `action`, print the error if it raises one, and give the exit code."""
    try:
        result = action()
    except ToolError as error:
        if isinstance(error, Withdrawn):
            _end_line()
        say(f"error: {printable(error.message)}")
        return error.exit_code
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        say(error.format_message())
        return error.exit_code
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        hint = f" (see: {context.command_path} --help)" if context is not None else ""
        say(f"error: {printable(error.format_message())}{hint}")
        return error.exit_code
    except (KeyboardInterrupt, click.Abort) as error:
        if isinstance(error, KeyboardInterrupt) or error.__context__ is not None:
            _end_line()  # not after a no: Enter has ended that line
        say("error: stopped")
        return 1
    except BrokenPipeError:
        return 1
    return result if isinstance(result, int) else 0
