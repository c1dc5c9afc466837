"""Commands as the documentation shows them, checked against what there is. Nothing is run."""

import re
import shlex

import click

from host_tools.cli import picototp_command
from host_tools.provision import provision
from host_tools.synctime import synctime
from tests.docs.pages import ROOT

FILE_FORMS = {"host_tools/provision.py": provision, "host_tools/synctime.py": synctime}
_SETTING = re.compile(r"[A-Z][A-Z_]*=\S*")


class WrongCommand(Exception):
    """A command that a user could not type."""


def commands_in(line: str) -> list[list[str]]:
    """The words of each command in a line of a shell: a pipe parts them, # begins a comment."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|;&")
    lexer.whitespace_split = True
    lexer.commenters = "#"
    found: list[list[str]] = [[]]
    for word in lexer:
        if set(word) <= set("|;&"):
            found.append([])
        elif found[-1] or not _SETTING.fullmatch(word):
            found[-1].append(word)
    return [words for words in found if words]


def check(words: list[str], whole: bool = True) -> bool:
    """Whether a command is one of ours; WrongCommand if it is, and nobody could type it so.

    Unless `whole`, as in a sentence that only names it, arguments may be missing at its end.
    """
    match words:
        case ["picototp", *rest]:
            _parse(picototp_command, "picototp", rest, whole)
        case ["python", "-m", "pytest", *rest]:
            _must_exist([word for word in rest if "/" in word])
        case ["python", path, *rest] if path in FILE_FORMS:
            _parse(FILE_FORMS[path], path, rest, whole)
        case ["python", path, *_]:
            _must_exist([path])
        case ["make", *rest]:
            _check_targets(rest)
        case _:
            return False
    return True


def _parse(command: click.Command, name: str, rest: list[str], whole: bool) -> None:
    """Parse the words behind a command's name, with the real commands, down to the last one."""
    context: click.Context | None = None
    while True:
        try:
            context = command.make_context(name, rest, parent=context)
            if not isinstance(command, click.Group):
                return
            name, found, rest = command.resolve_command(
                context, [*context._protected_args, *context.args]
            )
        except click.exceptions.Exit:  # --help, --version
            return
        except (click.MissingParameter, click.exceptions.NoArgsIsHelpError) as error:
            if whole:
                raise WrongCommand(error.format_message()) from error
            return
        except click.ClickException as error:
            raise WrongCommand(error.format_message()) from error
        assert name is not None and found is not None
        command = found


def _must_exist(paths: list[str]) -> None:
    for path in paths:
        if not (ROOT / path).exists():
            raise WrongCommand(f"{path} is not there")


def _check_targets(words: list[str]) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for word in words:
        if not _SETTING.fullmatch(word) and word not in targets:
            raise WrongCommand(f"make has no target {word}")


def looks_like_ours(span: str) -> bool:
    """Whether code within a sentence is a command of ours; one with an ellipsis stands for many."""
    return span.startswith(("picototp ", "make ", "python host_tools", "python tools")) and (
        "..." not in span
    )
