"""The token's display in a terminal, redrawn in place, with the keyboard as its button."""

import contextlib
import os
import select
import sys
import termios
import tty
from collections.abc import Iterator

from .virtual_token import VirtualToken

CLICK_S, HOLD_S = 0.08, 1.0
REDRAW_S = 0.05
# Two display rows make one line of the terminal: by (upper, lower) pixel.
_HALF_BLOCKS = {"..": " ", "#.": "▀", ".#": "▄", "##": "█"}
_HOME, _CLEAR, _CURSOR_OFF, _CURSOR_ON = "\x1b[H", "\x1b[2J", "\x1b[?25l", "\x1b[?25h"
_HELP = "space: click   h: hold (menu, yes)   q: quit"


def picture(rows: list[str]) -> str:
    """The display as 32 lines of 128 characters in a frame, for a terminal."""
    edge = "─" * len(rows[0])
    lines = [
        "│" + "".join(_HALF_BLOCKS[a + b] for a, b in zip(upper, lower, strict=True)) + "│"
        for upper, lower in zip(rows[::2], rows[1::2], strict=True)
    ]
    return "\n".join([f"╭{edge}╮", *lines, f"╰{edge}╯"])


@contextlib.contextmanager
def _keyboard() -> Iterator[int]:
    """Keys one by one and unseen; the terminal is as before afterwards."""
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
    """Show the display and obey the keys until q."""
    shown = None
    with _keyboard() as keyboard:
        while True:
            width = os.get_terminal_size().columns
            rows = token.screen()
            if (rows, width) != shown:
                shown = (rows, width)
                _draw(token, rows, width)
            if not select.select([keyboard], [], [], REDRAW_S)[0]:
                continue
            key = os.read(keyboard, 1)
            if key == b"q":
                return
            if key == b" ":
                token.press(CLICK_S)
            elif key == b"h":
                token.press(HOLD_S)


def _draw(token: VirtualToken, rows: list[str], width: int) -> None:
    if width < len(rows[0]) + 2:
        text = f"{_CLEAR}The display needs {len(rows[0]) + 2} columns; this window has {width}."
    else:
        text = picture(rows)
    state = "lit " if token.screen_on else "dark"
    print(f"{_HOME}{text}\n display {state}  port {token.port.path}   {_HELP}\x1b[K", flush=True)
