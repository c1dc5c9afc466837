"""Text in the display's font: which glyph, how wide, what fits a line. Draws nothing."""

from picototp.screens import text_font

LINE_PX = 126  # width of a line: the display's 128 less the greatest burn-in shift
NAME_GAP_PX = 24  # between the end of a scrolling name and its beginning again

# A glyph's number is the code of an ASCII character; the others follow in the order of the font.
_FIRST = 0x20
_LATIN1 = 0x7F
_EXTRAS = _LATIN1 + 0x40
_BOX = _EXTRAS + len(text_font.EXTRAS)

# Base letters of U+0100 to U+017F (Latin Extended-A), and stand-ins in pairs: character, shown as.
_EXTENDED = (
    b"AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIiJjJjKkkLlLlLlLlLlNnNnNnnNnOoOoOoEe"
    b"RrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs"
)
_STAND_INS = (
    "\u00a0 \u00ad-\u00b7.\u2010-\u2011-\u2012-\u2013-\u2014-\u2015-"
    '\u2018\'\u2019\'\u201a,\u201c"\u201d"\u201e"\u2022*\u2212-\u2009 \u202f '
)


def glyph_number(char: str) -> int:
    """The number of the glyph that shows `char`."""
    return _glyph_numbers(char)[0]


def _glyph_numbers(text: str) -> bytes:
    """One number a character. ASCII text is its own, without a call for each."""
    utf8 = text.encode("utf-8", "surrogatepass")
    if not utf8 or (min(utf8) >= _FIRST and max(utf8) < 0x7F):
        return utf8
    # Over bytes: to walk along a str, MicroPython would keep each different character for ever.
    numbers = bytearray()
    end = len(utf8)
    at = 0
    while at < end:
        first = utf8[at]
        begin = at
        at += 1
        while at < end and 0x80 <= utf8[at] < 0xC0:
            at += 1
        numbers.append(_number_of(first, utf8[begin:at]))
    return bytes(numbers)


def _number_of(first: int, utf8: bytes) -> int:
    """The number for one character in UTF-8, which begins with the byte `first`."""
    if _FIRST <= first < 0x7F:
        return first
    if 0xC3 <= first <= 0xC5:
        code = (first & 0x1F) << 6 | utf8[1] & 0x3F
        return code - 0xC0 + _LATIN1 if code < 0x100 else _EXTENDED[code - 0x100]
    if first >= 0x80:
        char = utf8.decode("utf-8", "replace")
        at = text_font.EXTRAS.find(char)
        if at >= 0:
            return _EXTRAS + at
        at = _STAND_INS.find(char)
        if at >= 0:
            return ord(_STAND_INS[at + 1])
    return _BOX


def text_width_px(text: str) -> int:
    """Width of a text: its glyphs with one dark column between two."""
    glyphs = text_font.GLYPHS
    numbers = _glyph_numbers(text)
    width_px = len(numbers) - 1
    for number in numbers:
        width_px += glyphs[(number - 0x20) * 8]
    return max(width_px, 0)


def name_overflow_px(text: str) -> int:
    """How far a name must scroll until it looks as at the start again; 0 when it fits."""
    width_px = text_width_px(text)
    return 0 if width_px <= LINE_PX else width_px + NAME_GAP_PX


def columns(text: str) -> bytes:
    """The text as a MONO_VLSB bitmap 8 rows high: as many bytes as it is wide."""
    return _columns(text_font.GLYPHS, _glyph_numbers(text))


def _plain_columns(glyphs: bytes, numbers: bytes) -> bytes:
    pieces = []
    for number in numbers:
        at = (number - 0x20) * 8
        pieces.append(glyphs[at + 1 : at + 1 + glyphs[at]])
    return b"\0".join(pieces)


try:
    from picototp.screens.strip_viper import columns as _columns
except (ImportError, SyntaxError, ValueError, AttributeError):  # an interpreter without viper
    _columns = _plain_columns


def fit(text: str, room_px: int) -> str:
    """`text` if it is at most `room_px` wide, else as much of it as fits with an ellipsis."""
    if text_width_px(text) <= room_px:
        return text
    room_px -= text_width_px("…")
    kept = 0
    for number in _glyph_numbers(text):
        room_px -= text_font.GLYPHS[(number - 0x20) * 8] + 1
        if room_px < 0:
            break
        kept += 1
    return text[:kept].rstrip() + "…"


def wrap(text: str, room_px: int = LINE_PX, most_lines: int = 4) -> tuple:
    """Breaks `text` at spaces into at most `most_lines` lines; a rest that does not fit is cut.

    A line feed always breaks. A word that is wider than a line is broken where the line ends.
    """
    lines = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = line + " " + word if line else word
            if text_width_px(longer) <= room_px:
                line = longer
                continue
            if line:
                lines.append(line)
            while text_width_px(word) > room_px:
                head = _longest_head(word, room_px)
                lines.append(word[:head])
                word = word[head:]
            line = word
        lines.append(line)
    if len(lines) > most_lines:
        lines[most_lines - 1 :] = [fit(" ".join(lines[most_lines - 1 :]), room_px)]
    return tuple(lines)


def _longest_head(word: str, room_px: int) -> int:
    """How many of the word's characters fit; at least one."""
    count = len(word) - 1
    while count > 1 and text_width_px(word[:count]) > room_px:
        count -= 1
    return max(count, 1)
