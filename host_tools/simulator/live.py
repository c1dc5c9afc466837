"""The token's display in a terminal, redrawn in place, with the keyboard as its button."""

import contextlib
import os
import select
import sys
import termios
import tty
from collections.abc import Iterator

from host_tools.simulator.virtual_token import VirtualToken

CLICK_S, HOLD_S = 0.08, 1.0
REDRAW_S = 0.05
# Two display rows make one line of a large terminal: by (upper, lower) pixel.
_HALF_BLOCKS = {"..": " ", "#.": "▀", ".#": "▄", "##": "█"}
_HOME, _CLEAR, _CURSOR_OFF, _CURSOR_ON = "\x1b[H", "\x1b[2J", "\x1b[?25l", "\x1b[?25h"
_HELP = "space = click   h = hold (menu, yes)   q = quit"


def picture(rows: list[str], columns: int, lines: int) -> str:
    """The display in a frame, for a terminal of that size: large where it fits, else in Braille.

    Large takes 130 x 34 characters, Braille 66 x 18, which any terminal has.
    """
    large = columns >= len(rows[0]) + 2 and lines >= len(rows) // 2 + 3
    drawn = _half_blocks(rows) if large else _braille(rows)
    edge = "─" * len(drawn[0])
    return "\n".join([f"╭{edge}╮", *(f"│{line}│" for line in drawn), f"╰{edge}╯"])


def _half_blocks(rows: list[str]) -> list[str]:
    return [
        "".join(_HALF_BLOCKS[a + b] for a, b in zip(upper, lower, strict=True))
        for upper, lower in zip(rows[::2], rows[1::2], strict=True)
    ]


def _braille(rows: list[str]) -> list[str]:
    """Two by four pixels in one character (Unicode block U+2800)."""
    dots = ((0, 0, 0x01), (1, 0, 0x02), (2, 0, 0x04), (3, 0, 0x40),
            (0, 1, 0x08), (1, 1, 0x10), (2, 1, 0x20), (3, 1, 0x80))  # fmt: skip
    return [
        "".join(
            chr(0x2800 + sum(bit for dy, dx, bit in dots if rows[y + dy][x + dx] == "#"))
            for x in range(0, len(rows[0]), 2)
        )
        for y in range(0, len(rows), 4)
    ]


@contextlib.contextmanager
def _keyboard() -> Iterator[int]:
    """Reads single keys without echo; restores the terminal afterwards."""
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor)
        print(_CURSOR_OFF + _CLEAR, end="")
        yield descriptor
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
        print(_CURSOR_ON)


def run_live(token: VirtualToken) -> None:
    """Show the display and handle keys until q."""
    shown = None
    with _keyboard() as keyboard:
        while True:
            token.check()
            size = os.get_terminal_size()
            rows = token.screen()
            if shown is None or shown[1] != size:
                print(_CLEAR, end="")
            if (rows, size) != shown:
                shown = (rows, size)
                _draw(token, rows, size)
            if not select.select([keyboard], [], [], REDRAW_S)[0]:
                continue
            key = os.read(keyboard, 1)
            if key == b"q":
                return
            if key == b" ":
                token.press(CLICK_S)
            elif key == b"h":
                token.press(HOLD_S)


def _draw(token: VirtualToken, rows: list[str], size: os.terminal_size) -> None:
    text = picture(rows, size.columns, size.lines)
    state = "lit " if token.screen_on else "dark"
    lines = [text, f" {_HELP}\x1b[K", f" display {state} port {token.port.path}\x1b[K"]
    print(_HOME + "\n".join(lines), end="", flush=True)
