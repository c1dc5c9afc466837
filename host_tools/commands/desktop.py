"""What the desktop has: a picture or a text on the clipboard, and what is on the screen.

Nothing is kept in a file; where a desktop hands its screen over through a program that writes one,
as on macOS, that program's own file is gone afterwards.
"""

import io
import os
import shutil
import subprocess
import sys

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
