"""A backup's passphrase: asked for without echo, or given by a script."""

import os
from collections.abc import Callable

import click

from host_tools.commands.command_line import Function
from host_tools.commands.terminal import say
from host_tools.errors import UsageProblem

VARIABLE = "PICOTOTP_PASSPHRASE"
SHORTEST = 8
_LONGEST_BYTES = 4096


def _descriptor_option(words: str) -> Callable[[Function], Function]:
    return click.option("--passphrase-fd", type=click.IntRange(min=0), metavar="N", help=words)


passphrase_option = _descriptor_option(
    "Read the backup's passphrase from file descriptor N, up to its first newline."
)
passwords_option = _descriptor_option(
    "Read passwords from file descriptor N, one per line: the files' in order, then the backup's."
)


def passphrase_for_new(descriptor: int | None) -> str:
    """The passphrase of a backup that is to be made: asked for twice. Raises UsageProblem."""
    given = _given(descriptor)
    if given is None:
        _check_terminal()
        say("anyone who has the file can guess at its passphrase: take five random words, or more")
        given = _asked("New passphrase of the backup", confirm=True)
    if len(given) < SHORTEST:
        raise UsageProblem(
            f"the passphrase needs at least {SHORTEST} characters; five random words are better"
        )
    return given


def passphrase_of(path: str, descriptor: int | None) -> str:
    """The passphrase of the backup at `path`: asked for once. Raises UsageProblem."""
    given = _given(descriptor)
    return _asked(f"Passphrase of {path}", confirm=False) if given is None else given


def _given(descriptor: int | None) -> str | None:
    if descriptor is not None:
        return _first_line(descriptor)
    given = os.environ.get(VARIABLE)
    if given is not None:
        say(f"warning: other programs that you run can see ${VARIABLE}; use --passphrase-fd")
    return given


def _first_line(descriptor: int) -> str:
    data = b""
    try:
        # Byte by byte: what follows the line may be meant for another reader, such as URIs.
        while not data.endswith(b"\n") and len(data) < _LONGEST_BYTES:
            byte = os.read(descriptor, 1)
            if not byte:
                break
            data += byte
        return data.decode().rstrip("\r\n")
    except OSError:
        raise UsageProblem(f"file descriptor {descriptor} cannot be read") from None
    except UnicodeDecodeError:
        raise UsageProblem("the passphrase is not UTF-8 text") from None


def _asked(question: str, confirm: bool) -> str:
    _check_terminal()
    answer: str = click.prompt(question, hide_input=True, confirmation_prompt=confirm, err=True)
    return answer


def _check_terminal() -> None:
    """Standard input may be a pipe with URIs, so the question goes to the terminal itself."""
    if os.isatty(0):
        return
    try:
        os.close(os.open("/dev/tty", os.O_RDWR))
    except OSError:
        raise UsageProblem(
            "there is no terminal to ask for the passphrase on; give it with --passphrase-fd"
        ) from None
