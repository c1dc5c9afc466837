"""Text of strangers for a terminal: what would steer it, or cannot be seen, is written out.

A token's names and messages, a picture's text, a file's fields: whoever made them can have put
escape sequences, characters that turn the direction of writing, and invisible ones into them.
"""

# Printable by their category, and yet nothing is drawn for them: Default_Ignorable_Code_Point and
# the blank of Braille (Unicode character database, DerivedCoreProperties.txt).
_INVISIBLE = frozenset(
    chr(point)
    for first, last in (
        (0x034F, 0x034F),
        (0x115F, 0x1160),
        (0x17B4, 0x17B5),
        (0x180B, 0x180F),
        (0x2800, 0x2800),
        (0x3164, 0x3164),
        (0xFE00, 0xFE0F),
        (0xFFA0, 0xFFA0),
        (0xE0100, 0xE01EF),
    )
    for point in range(first, last + 1)
)


def printable(text: str, lines: bool = False) -> str:
    r"""The text with everything that is no visible character as \uXXXX.

    `lines`: line feeds and tabs stay. JSON writes such characters like that, so it stays JSON.
    """
    if text.isascii() and text.isprintable():
        return text
    allowed = "\n\t" if lines else ""
    return "".join(one if one in allowed or _is_visible(one) else _escaped(one) for one in text)


def _is_visible(one: str) -> bool:
    return one.isprintable() and one not in _INVISIBLE


def _escaped(one: str) -> str:
    point = ord(one)
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"
