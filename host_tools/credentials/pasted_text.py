"""The otpauth URIs in a text that people pipe or paste: a list, a note, an entry of `pass`.

Many lines are many accounts. Around the URIs may stand other lines, a password or a user's name; a
line that a URI may have been broken into is no such line, and then the text is refused.
"""

import re
from typing import NamedTuple

from host_tools.credentials.otpauth import bare
from host_tools.errors import UsageProblem

_URI = re.compile(r"(?:apple-)?otpauth(?:-migration)?:(?://|\\/\\/)", re.IGNORECASE)
_NEXT = re.compile(r"\s+(?=[\"'<]?(?:apple-)?otpauth(?:-migration)?://)", re.IGNORECASE)
# How the rest of a broken URI begins: a parameter, or nothing but base32 and percent-encoding.
_REST = re.compile(
    r"[?&]"
    r"|(?:secret|issuer|algorithm|digits|period|counter|image|icon|data)="
    r"|\S*&(?:amp;)?[a-z]+="
    r"|(?:[A-Z2-7]{2,}=*|[A-Za-z0-9+/]{20,}=*|\S*%[0-9A-Fa-f]{2}\S*)$",
    re.IGNORECASE,
)
_BEFORE = ":=\"'<(,;"
_SPEAKS_OF_ONE = re.compile(r"otpauth|[?&]secret=|^secret=", re.IGNORECASE)
_BASE32_IN_LOWER_CASE = re.compile(r"[a-z]+$")


class Line(NamedTuple):
    """A URI and the number of its line, from 1."""

    number: int
    uri: str


def uri_lines(text: str) -> list[Line]:
    """The URIs of a text, in its order; none if it has none.

    UsageProblem if one of them seems to go on in the next line.
    """
    found: list[Line] = []
    follows_uri = False
    for number, raw in enumerate(text.splitlines(), 1):
        line = bare(raw)
        start = _URI.search(line)
        if start:
            # `URI: otpauth://...` too, but not a link that has one inside.
            head = line[: start.start()]
            if "://" in head or (head and not head[-1].isspace() and head[-1] not in _BEFORE):
                follows_uri = False
                continue
            pieces = _NEXT.split(line[start.start() :])
            found += [Line(number, bare(piece)) for piece in pieces]
        elif line and follows_uri and _goes_on(line):
            raise UsageProblem(
                f"line {number} seems to be the rest of the URI above it; join them to one line"
            )
        follows_uri = bool(start)
    return found


def spoilt_lines(text: str) -> list[int]:
    """The numbers of lines that speak of an account and have no URI: something went wrong there."""
    return [
        number
        for number, line in enumerate(text.splitlines(), 1)
        if _SPEAKS_OF_ONE.search(line) and not uri_lines(line)
    ]


def _goes_on(line: str) -> bool:
    # A word of a note; another link, or what was one.
    if _BASE32_IN_LOWER_CASE.match(line) or re.match(r"[a-z-]+:/", line, re.IGNORECASE):
        return False
    return _REST.match(line) is not None
