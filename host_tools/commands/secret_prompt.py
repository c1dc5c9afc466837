"""Asking for a secret without echo, also for one that is pasted in several lines.

getpass reads one line: of a key that a page shows in two, the rest would go to the next question,
or be lost. What is pasted arrives at once; so a line that follows at once belongs to the same key.
"""

import os
import sys
from collections.abc import Iterator

import click

from host_tools.commands.terminal import say

_PASTED_WITHIN_S = 0.2  # a terminal hands over what is pasted much faster, nobody types as fast
_ERASE, _ERASE_ALL, _END = ("\x7f", "\b"), "\x15", ("\x04", "")
_INTERRUPT = "\x03"
_PASTE_MARKS = ("\x1b[200~", "\x1b[201~")


def ask_secret(question: str) -> str:
    """What the user types or pastes, its lines joined by newlines; only Enter ends it."""
    if not sys.stdin.isatty() or sys.platform == "win32":
        answer: str = click.prompt(question, hide_input=True, err=True)
        return answer
    while True:
        try:
            text = _typed(question)
        finally:
            click.echo("", err=True)
        for mark in _PASTE_MARKS:
            text = text.replace(mark, "")
        if text.strip():
            break
    lines = text.strip().splitlines()
    if len(lines) > 1:
        say(f"taken in {len(lines)} lines")
    return text.strip()


def _typed(question: str) -> str:
    """Characters up to an Enter that nothing follows at once. KeyboardInterrupt for Ctrl-C."""
    import select
    import termios

    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    quiet = termios.tcgetattr(descriptor)
    quiet[3] &= ~(termios.ECHO | termios.ICANON)
    text: list[str] = []
    try:
        termios.tcsetattr(descriptor, termios.TCSAFLUSH, quiet)
        # Not before: what is pasted as soon as the question is seen must not be echoed.
        click.echo(f"{question}: ", err=True, nl=False)
        for character in _characters(descriptor):
            if character in "\r\n" and character:
                if not select.select([descriptor], [], [], _PASTED_WITHIN_S)[0]:
                    break
                text.append("\n")
            elif character == _INTERRUPT:
                raise KeyboardInterrupt
            elif character in _END:
                if not text:
                    raise click.Abort
                break
            elif character in _ERASE:
                del text[-1:]
            elif character == _ERASE_ALL:
                text.clear()
            else:
                text.append(character)
    finally:
        termios.tcsetattr(descriptor, termios.TCSAFLUSH, before)
    return "".join(text)


def _characters(descriptor: int) -> Iterator[str]:
    """What arrives, character by character; an empty text at the end of it."""
    pending = b""
    while True:
        byte = os.read(descriptor, 1)
        pending += byte
        try:
            yield pending.decode()
        except UnicodeDecodeError:
            if len(pending) < 4 and byte:
                continue
            yield "\ufffd"
        pending = b""
