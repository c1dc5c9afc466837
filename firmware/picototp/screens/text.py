"""Text in the display's font: which glyph, how wide, what fits a line. Draws nothing."""

from picototp.screens import text_font

LINE_PX = 126  # width of a line: the display's 128 less the greatest burn-in shift
NAME_GAP_PX = 24  # between the end of a scrolling name and its beginning again
SCROLL_PAUSE_MS = 1_500  # a text that is too long for its line stands still at first
SCROLL_STEP_MS = 60  # and then moves by a pixel in that time
MARK = "≈"  # stands before what is shown in place of a name, and nowhere else

# A glyph's number is the code of an ASCII character; the others follow in the order of the font.
_FIRST = 0x20
_EXTRAS = 0x7F
_BOX = _EXTRAS + len(text_font.EXTRAS)


def is_exact(text: str) -> bool:
    """Whether the display shows each character of a name by a glyph of its own, and no white space
    that cannot be seen."""
    if text != text.strip() or "  " in text or MARK in text:
        return False
    utf8 = text.encode("utf-8", "surrogatepass")
    return _is_ascii(utf8) or all([_has_glyph(char) for char in _characters(utf8)])


def shown(text: str, ascii_text: str) -> str:
    """What the display shows of a name: itself if that is exact, else, marked, what the host sent
    in place of it, or what there is of it."""
    return text if is_exact(text) else MARK + (ascii_text or text)


def _has_glyph(utf8: bytes) -> bool:
    return _base_number(utf8) != _BOX or bool(_letters().glyph(utf8))


def _is_ascii(utf8: bytes) -> bool:
    return not utf8 or (min(utf8) >= _FIRST and max(utf8) < 0x7F)


def _characters(utf8: bytes):
    """The characters, each as bytes: to walk along a str, MicroPython would keep each different one
    forever."""
    at = 0
    while at < len(utf8):
        begin = at
        at += 1
        while at < len(utf8) and 0x80 <= utf8[at] < 0xC0:
            at += 1
        yield utf8[begin:at]


def _base_number(utf8: bytes) -> int:
    """The number of a character in the font that is always there, or of its box."""
    if len(utf8) == 1:
        return utf8[0] if _FIRST <= utf8[0] < 0x7F else _BOX
    at = text_font.EXTRAS.find(utf8.decode("utf-8", "replace"))
    return _EXTRAS + at if at >= 0 else _BOX


def _letters():
    from picototp.screens import letters  # few names need it

    return letters


def _base_numbers(utf8: bytes) -> bytes | None:
    """The numbers of a text that needs only that font, else None."""
    if _is_ascii(utf8):
        return utf8
    numbers = bytearray()
    for char in _characters(utf8):
        number = _base_number(char)
        if number == _BOX:
            return None
        numbers.append(number)
    return bytes(numbers)


def _strips(utf8: bytes) -> list:
    """The columns of each character, from whatever font has it."""
    return [_strip(char) for char in _characters(utf8)]


def _strip(utf8: bytes) -> bytes:
    number = _base_number(utf8)
    if number == _BOX:
        letters = _letters()
        columns = letters.glyph(utf8)
        if columns:
            return columns
        number = letters.stand_in(utf8) or _BOX
    glyphs, at = text_font.GLYPHS, (number - _FIRST) * 8
    return glyphs[at + 1 : at + 1 + glyphs[at]]


def _widths_px(text: str) -> list:
    """The width of each character."""
    utf8 = text.encode("utf-8", "surrogatepass")
    numbers = _base_numbers(utf8)
    if numbers is None:
        return [len(strip) for strip in _strips(utf8)]
    glyphs = text_font.GLYPHS
    return [glyphs[(number - _FIRST) * 8] for number in numbers]


def text_width_px(text: str) -> int:
    """Width of a text: its glyphs with one dark column between two."""
    widths_px = _widths_px(text)
    return max(sum(widths_px) + len(widths_px) - 1, 0)


def name_overflow_px(text: str) -> int:
    """How far a name must scroll until it looks as at the start again; 0 when it fits."""
    width_px = text_width_px(text)
    return 0 if width_px <= LINE_PX else width_px + NAME_GAP_PX


def columns(text: str) -> bytes:
    """The text as a MONO_VLSB bitmap 8 rows high: as many bytes as it is wide."""
    utf8 = text.encode("utf-8", "surrogatepass")
    numbers = _base_numbers(utf8)
    if numbers is None:
        return b"\0".join(_strips(utf8))
    return _columns(text_font.GLYPHS, numbers)


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
    for width_px in _widths_px(text):
        room_px -= width_px + 1
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


def scrolled_px(overflow_px: int, shown_for_ms: int, round_ms: int) -> int:
    """How far a text has moved that stands still, runs around in `round_ms`, and stands still."""
    if not overflow_px:
        return 0
    into_ms = shown_for_ms % (SCROLL_PAUSE_MS + round_ms) - SCROLL_PAUSE_MS
    return max(0, into_ms) * overflow_px // round_ms
