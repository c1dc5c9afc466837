"""What the desktop has: a picture or a text on the clipboard, and what is on the screen; and how a
text is put on the clipboard for a while.

Nothing is kept in a file; where a desktop hands its screen over through a program that writes one,
as on macOS, that program's own file is gone afterwards.
"""

import io
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable

import pyperclip
from PIL import Image, ImageGrab

from host_tools.errors import ToolError

_TEXT_COMMANDS = (
    *(("wl-paste", "--no-newline"), ("xclip", "-selection", "clipboard", "-o")),
    *(("xsel", "--clipboard", "--output"), ("pbpaste",)),
    ("powershell", "-NoProfile", "-Command", "Get-Clipboard -Raw"),
)
_TIMEOUT_S = 10


def clipboard() -> bytes:
    """The picture on the clipboard as PNG, or the text. ToolError if there is neither."""
    try:
        found = ImageGrab.grabclipboard()
    except (OSError, NotImplementedError, ValueError):
        found = None
    if isinstance(found, Image.Image):
        return _png(found)
    for command in _TEXT_COMMANDS:
        if shutil.which(command[0]):
            try:
                text = subprocess.run(command, capture_output=True, timeout=_TIMEOUT_S).stdout
            except (OSError, subprocess.SubprocessError):
                continue
            if text.strip():
                return text
    raise ToolError(
        "the clipboard holds no picture or text, or cannot be read here (wl-paste or xclip does"
        " that on Linux); give a file, or pipe it in with -"
    )


class Loan:
    """A text that is on the clipboard for a while. Making one raises ToolError where no clipboard
    can be written: before there is a text that would be lost."""

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        self._copy, self._paste = pyperclip.determine_clipboard()
        self._sleep = sleep
        if not self._copy:
            raise ToolError(
                "there is no clipboard that could be written here; on Linux install wl-clipboard"
                " or xclip, or leave out --copy"
            )

    def lend(self, text: str, seconds: float) -> None:
        """Put it there for so long, or until Ctrl-C, and take it away again, unless something else
        has been copied meanwhile. ToolError if the clipboard refuses."""
        try:
            self._copy(text)
            try:
                self._sleep(seconds)
            except KeyboardInterrupt:
                pass
            finally:
                if self._paste().strip() == text:
                    self._copy("")
        except (pyperclip.PyperclipException, OSError, subprocess.SubprocessError) as error:
            raise ToolError(
                f"the clipboard could not be used ({type(error).__name__}): check what it holds"
            ) from None


def screen() -> bytes:
    """A picture of the whole screen as PNG. ToolError if it cannot be taken."""
    # Named, so that Pillow falls back on no program that writes the screen to a file.
    display = os.environ.get("DISPLAY", "") if sys.platform.startswith("linux") else None
    try:
        return _png(ImageGrab.grab(all_screens=True, xdisplay=display))
    except (OSError, NotImplementedError, ValueError):
        raise ToolError(
            "the screen cannot be read here; save a screenshot and give it as a file"
        ) from None


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
