"""Reads the code off the display's pixels, by matching the firmware's own digits."""

from picototp.screens import digits_font, steam_font

CODE_TOP_Y = 19  # where the code screen draws its digits
PIN_TOP_Y = 14  # and the lock page its one
_FONTS = (
    (digits_font.WIDE, digits_font.WIDE_PX, (5, 6)),
    (digits_font.NARROW, digits_font.NARROW_PX, (7, 8)),
)


def _glyphs(
    font: bytes, width_px: int, characters: str = "0123456789"
) -> dict[tuple[str, ...], str]:
    """Each character's picture, as rows of `#` and `.`, and it (framebuf's MONO_VLSB)."""
    height_px = digits_font.HEIGHT_PX
    size = (height_px + 7) // 8 * width_px
    found = {}
    for number, character in enumerate(characters):
        glyph = font[number * size : (number + 1) * size]
        rows = tuple(
            "".join(
                "#" if glyph[y // 8 * width_px + x] >> y % 8 & 1 else "." for x in range(width_px)
            )
            for y in range(height_px)
        )
        found[rows] = character
    return found


def _letters() -> dict[tuple[str, ...], str]:
    """The letters of Steam's codes, as _glyphs() has the digits."""
    return _glyphs(steam_font.WIDE, digits_font.WIDE_PX, steam_font.LETTERS.decode())


def read_pin_digit(rows: list[str]) -> str | None:
    """The digit that a lock page offers, or None if it offers something else."""
    band = rows[PIN_TOP_Y : PIN_TOP_Y + digits_font.HEIGHT_PX]
    glyphs = _glyphs(digits_font.WIDE, digits_font.WIDE_PX)
    for x in range(len(band[0]) - digits_font.WIDE_PX + 1):
        digit = glyphs.get(tuple(row[x : x + digits_font.WIDE_PX] for row in band))
        if digit is not None:
            return digit
    return None


def read_code(rows: list[str]) -> str | None:
    """The 6 to 8 digits, or Steam's 5 characters, that a code screen shows, or None if there is no
    whole code on it."""
    band = rows[CODE_TOP_Y : CODE_TOP_Y + digits_font.HEIGHT_PX]
    for font, width_px, counts in _FONTS:
        glyphs = _glyphs(font, width_px)
        if font is digits_font.WIDE:
            glyphs |= _letters()
        code, x = "", 0
        while x <= len(band[0]) - width_px:
            digit = glyphs.get(tuple(row[x : x + width_px] for row in band))
            if digit is None:
                if any(row[x] == "#" for row in band):
                    break  # something that is no digit of this font
                x += 1
            else:
                code += digit
                x += width_px
        if len(code) in counts:
            return code
    return None
