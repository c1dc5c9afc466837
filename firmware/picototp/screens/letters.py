"""Letters beyond ASCII: which font has them, and what stands for some that none has.

Only a token that shows such a letter loads this module and the font of the script.
"""

# Characters that are shown as another one, in pairs: such a text is not shown exactly.
_STAND_INS = (
    "\u00a0 \u00ad-\u2010-\u2011-\u2012-\u2015-\u201a,\u2212-\u2009 \u202f \u3000 "
    "\u0138k\u0149n\u017fs"
)


def glyph(utf8: bytes) -> bytes:
    """The columns of a character in UTF-8; b"" if no font has it."""
    if len(utf8) not in (2, 3):
        return b""
    high = utf8[0] & 0x1F if len(utf8) == 2 else (utf8[0] & 0x0F) << 6 | utf8[1] & 0x3F
    point = high << 6 | utf8[-1] & 0x3F
    font = _font_of(point)
    if font is None:
        return b""
    glyphs, at = font.GLYPHS, point - font.FIRST
    extras_at = len(glyphs) // 8 - len(font.EXTRAS)
    if not 0 <= at < extras_at:
        at = font.EXTRAS.find(utf8.decode())
        if at < 0:
            return b""
        at += extras_at
    return glyphs[8 * at + 1 : 8 * at + 1 + glyphs[8 * at]]


def _font_of(point: int):
    """The font that may have a character; loaded if it is not yet."""
    if 0xA1 <= point < 0x100:
        from picototp.screens import latin1_font

        return latin1_font
    if 0x100 <= point < 0x250 or 0x2000 <= point < 0x2100:
        from picototp.screens import latin_a_font

        return latin_a_font
    if 0x370 <= point < 0x400:
        from picototp.screens import greek_font

        return greek_font
    if 0x400 <= point < 0x530:
        from picototp.screens import cyrillic_font

        return cyrillic_font
    return None


def stand_in(utf8: bytes) -> int:
    """The code of the ASCII character that stands for this one; 0 if none does."""
    at = _STAND_INS.find(utf8.decode("utf-8", "replace"))
    return ord(_STAND_INS[at + 1]) if at >= 0 and at % 2 == 0 else 0
