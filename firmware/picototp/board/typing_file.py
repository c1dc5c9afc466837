"""Keeps how the token types codes: in a file, which is there if it does.

boot.py looks for the file, and keyboard.py reads it.
"""

import os

from picototp.mode import TYPING_FILE


def write(setting: tuple | None) -> None:
    """Keep it for the next start, as typing_setting.py has it; None: do not type. Raises
    OSError."""
    if setting is not None:
        with open(TYPING_FILE, "w") as file:
            file.write(" ".join(setting))
        return
    try:
        os.stat(TYPING_FILE)  # to remove a missing file takes 48 ms
    except OSError:
        return
    os.remove(TYPING_FILE)
