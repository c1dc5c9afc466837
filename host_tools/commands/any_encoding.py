"""Standard output in whatever encoding: a character that it lacks is no reason to fail.

A pipe on Windows and the locale C lack what a table and a picture of the display are drawn with.
"""

import codecs
import io
import sys

# What the tools print beside ASCII and names, and how it is drawn instead.
_IN_ASCII = {
    **dict.fromkeys("╭╮╰╯┌┐└┘├┤┬┴┼┏┓┗┛┡┩┳╇┻╋┠┨", "+"),
    **dict.fromkeys("─━═╌╍", "-"),
    **dict.fromkeys("│┃║", "|"),
    **{"█": "#", "▀": "'", "▄": ".", "±": "+/-", "µ": "u", "…": "...", "×": "x", "°": " deg"},
}
_BRAILLE, _BRAILLE_END = "\u2800", "\u28ff"
HANDLER = "picototp"


def print_in_any_encoding() -> None:
    """Replace missing characters on both streams of this program from now on."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=HANDLER)


def _in_ascii(error: UnicodeError) -> tuple[str, int]:
    """The error handler for codecs. It names letters by number, so that no two names look alike."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join(map(_drawn, text)), error.end


def _drawn(character: str) -> str:
    if _BRAILLE <= character <= _BRAILLE_END:  # eight pixels of the display
        return " " if character == _BRAILLE else ":"
    return _IN_ASCII.get(character) or character.encode("ascii", "backslashreplace").decode()


codecs.register_error(HANDLER, _in_ascii)
