"""Draws the fonts of the display and writes them as firmware modules.

    python tools/draw_fonts.py           writes firmware/picototp/screens/*_font.py
    python tools/draw_fonts.py --check   exits 1 when these files are not what this program draws

The big digits are plane geometry: every digit is a few rounded rings, boxes and polygons, sampled
8 x 8 times a pixel; a pixel that is covered by half or more is lit. The text font is the drawing in
tools/text_font.txt; letters with accents are composed of its base letters and accents. Only ASCII
is always in the token's memory: other letters are in a module for each script.

All bitmaps use the layout of MicroPython's framebuf.MONO_VLSB: a byte holds 8 pixels of one column,
bit 0 on top; bytes run left to right, and then page (8 rows) by page downwards.
"""

import sys
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

TOOLS = Path(__file__).resolve().parent
SCREENS = TOOLS.parent / "firmware" / "picototp" / "screens"

Shape = Callable[[float, float], bool]  # is (x, y) inside? in pixels, y grows downwards
Bitmap = list[str]  # rows of '#' and '.'

SAMPLES = 8  # samples per pixel and direction


# ---- plane geometry


def box(x0: float, y0: float, x1: float, y1: float) -> Shape:
    return lambda x, y: x0 <= x <= x1 and y0 <= y <= y1


def rounded(x0: float, y0: float, x1: float, y1: float, radius: float) -> Shape:
    def inside(x: float, y: float) -> bool:
        if not (x0 <= x <= x1 and y0 <= y <= y1):
            return False
        dx = max(x0 + radius - x, x - (x1 - radius), 0)
        dy = max(y0 + radius - y, y - (y1 - radius), 0)
        return dx * dx + dy * dy <= radius * radius

    return inside


def polygon(*corners: tuple[float, float]) -> Shape:
    def inside(x: float, y: float) -> bool:
        odd = False
        for (ax, ay), (bx, by) in zip(corners, corners[1:] + corners[:1], strict=True):
            if (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay):
                odd = not odd
        return odd

    return inside


def union(*shapes: Shape) -> Shape:
    return lambda x, y: any(shape(x, y) for shape in shapes)


def cut(shape: Shape, hole: Shape) -> Shape:
    return lambda x, y: shape(x, y) and not hole(x, y)


def sample(shape: Shape, width: int, height: int) -> Bitmap:
    steps = [(i + 0.5) / SAMPLES for i in range(SAMPLES)]

    def lit(x: int, y: int) -> bool:
        return 2 * sum(shape(x + dx, y + dy) for dx in steps for dy in steps) >= SAMPLES * SAMPLES

    return ["".join("#" if lit(x, y) else "." for x in range(width)) for y in range(height)]


# ---- the big digits


def digit_shapes(w: float, h: float, s: float) -> dict[str, Shape]:
    """The digits and the dash in a cell of w x h pixels with strokes of s pixels.

    Shapes of an industrial sans: open 6 and 9, open 4, a 1 with a flag and no foot, a 7 with a
    straight leg, a 3 and a 5 whose upper halves (bowl, angle) cannot be confused.
    """

    def ring(x0: float, y0: float, x1: float, y1: float, radius: float) -> Shape:
        hole = rounded(x0 + s, y0 + s, x1 - s, y1 - s, max(radius - s, 0.5))
        return cut(rounded(x0, y0, x1, y1, radius), hole)

    r = w / 2 - 0.5  # outer radius of full-width arcs
    middle = h / 2
    waist = round(middle + s / 2 - 1)  # lower edge of the upper bowl of 3 and 8
    r_up = min(r, waist / 2)
    r_low = min(r, (h - waist + s) / 2)
    lower_bowl = ring(0, waist - s, w, h, r_low)

    stem = (w + s) // 2 - 1  # left edge of the 1
    one = union(
        box(stem, 0, stem + s, h),
        polygon(
            (stem, 0), (stem, s + 1.5), (stem - s - 1.5, 2 * s + 1.5), (stem - s - 1.5, s + 0.5)
        ),
    )

    arch = cut(ring(0, 0, w, 2 * r + 1, r), union(box(0, r - 0.5, w / 2, h), box(0, r + 1.5, w, h)))
    two = union(
        arch,
        box(0, h - s, w, h),
        polygon(
            (w - s - 0.6, r + 0.8),
            (w, r + 1.2),
            (w - 0.8, r + 3.6),
            (s + 1.2, h - s),
            (0, h - s),
            (0, h - s - 1),
        ),
    )

    three = cut(
        union(ring(0, 0, w, waist, r_up), lower_bowl), box(0, r_up - 0.5, w * 0.35, h - r_low + 0.5)
    )

    bar = h - 2 * s - 2  # upper edge of the crossbar of the 4
    four = union(
        box(0, bar, w, bar + s),
        box(w - 2 * s + 1, middle - 2, w - s + 1, h),
        polygon((w / 2, 0), (w / 2 + s + 0.6, 0), (s + 0.6, bar + 0.5), (0, bar), (0, bar - 1)),
    )

    bowl = h - round(h * 0.64)
    r_bowl = min(r, (h - bowl) / 2)
    five = union(
        box(1, 0, w - 1, s),
        box(1, 0, 1 + s, bowl + s),
        box(1, bowl, w / 2, bowl + s),
        cut(ring(0, bowl, w, h, r_bowl), box(0, bowl, w / 2, h - r_bowl + 0.5)),
    )

    eye = h - round(h * 0.61)
    six = union(
        ring(0, eye, w, h, min(r, (h - eye) / 2)), cut(ring(0, 0, w, h, r), box(w / 2, r - 1, w, h))
    )

    seven = union(
        box(0, 0, w, s),
        polygon(
            (w - s - 0.8, s - 0.1), (w, s - 0.1), (w, s + 1), (w * 0.24 + s + 0.9, h), (w * 0.24, h)
        ),
    )

    dash_top = round(middle - s / 2)
    return {
        "0": ring(0, 0, w, h, r),
        "1": one,
        "2": two,
        "3": three,
        "4": four,
        "5": five,
        "6": six,
        "7": seven,
        "8": union(ring(1, 0, w - 1, waist, r_up), lower_bowl),
        "9": lambda x, y: six(w - x, h - y),
        "-": box(2, dash_top, w - 2, dash_top + s),
    }


def letter_shapes(w: float, h: float, s: float) -> dict[str, Shape]:
    """The letters of Steam's codes, in the style of the digits."""
    r = w / 2 - 0.5
    middle = h / 2
    left, right = box(0, 0, s, h), box(w - s, 0, w, h)

    def ring(x0: float, y0: float, x1: float, y1: float, radius: float) -> Shape:
        hole = rounded(x0 + s, y0 + s, x1 - s, y1 - s, max(radius - s, 0.5))
        return cut(rounded(x0, y0, x1, y1, radius), hole)

    def bow(y0: float, y1: float, x1: float = w) -> Shape:
        """The right half of a ring from a stem: of B, D, P and R."""
        radius = min(r, (y1 - y0) / 2)
        open_ring = cut(ring(x1 - 2 * radius, y0, x1, y1, radius), box(-w, y0, x1 - radius, y1))
        bars = union(box(0, y0, x1 - radius, y0 + s), box(0, y1 - s, x1 - radius, y1))
        return union(left, bars, open_ring)

    def stroke(x0: float, y0: float, x1: float, y1: float, wide: float) -> Shape:
        """A slanting stroke, `wide` pixels from left to right."""
        return polygon((x0, y0), (x0 + wide, y0), (x1 + wide, y1), (x1, y1))

    slant = s + 0.8
    waist = round(middle + s / 2 - 1)
    bowl = ring(0, 0, w, h, r)
    c = cut(bowl, box(w / 2, r - 0.5, w, h - r + 0.5))
    thin = s - 0.5
    inner = w / 2 - thin / 2
    return {
        "B": union(bow(0, waist, w - 1), bow(waist - s, h)),
        "C": c,
        "D": bow(0, h),
        "F": union(left, box(0, 0, w, s), box(0, middle - s / 2, w - 3, middle + s / 2)),
        "G": union(
            c,
            box(w - s, middle, w, h - r + 1),
            box(w / 2, middle - s / 2 + 1, w, middle + s / 2 + 1),
        ),
        "H": union(left, right, box(0, middle - s / 2, w, middle + s / 2)),
        "J": union(cut(bowl, box(0, 0, w, h - r - 1.5)), box(w - s, 0, w, h - r)),
        "K": union(
            left,
            stroke(w - slant, 0, s - 1, middle + 1, slant),
            stroke(s + 1, middle - 2, w - slant, h, slant),
        ),
        "M": union(
            box(0, 0, thin, h),
            box(w - thin, 0, w, h),
            stroke(0, 0, inner, h * 0.6, thin),
            stroke(w - thin, 0, inner, h * 0.6, thin),
        ),
        "N": union(left, right, stroke(0, 0, w - slant, h, slant)),
        "P": bow(0, waist + 2),
        "Q": union(bowl, stroke(w / 2 - 1, h * 0.62, w - slant + 0.5, h, slant)),
        "R": union(bow(0, waist + 1), stroke(w / 2 - 2, waist, w - slant, h, slant)),
        "T": union(box(0, 0, w, s), box((w - s) // 2, 0, (w - s) // 2 + s, h)),
        "V": union(
            stroke(0, 0, (w - slant) / 2, h, slant), stroke(w - slant, 0, (w - slant) / 2, h, slant)
        ),
        "W": union(
            box(0, 0, thin, h),
            box(w - thin, 0, w, h),
            stroke(inner, h * 0.4, 0, h, thin),
            stroke(inner, h * 0.4, w - thin, h, thin),
        ),
        "X": union(stroke(0, 0, w - slant, h, slant), stroke(w - slant, 0, 0, h, slant)),
        "Y": union(
            stroke(0, 0, (w - slant) / 2, middle + 1, slant),
            stroke(w - slant, 0, (w - slant) / 2, middle + 1, slant),
            box((w - s) // 2, middle, (w - s) // 2 + s, h),
        ),
    }


# ---- the text font


def read_drawing(path: Path) -> dict[str, Bitmap]:
    """Glyph name -> bitmap of 8 rows, from the format that the file's head describes."""
    glyphs: dict[str, Bitmap] = {}
    lines = [line for line in path.read_text("utf-8").splitlines() if line and line[:2] != "; "]
    for start in range(0, len(lines), 9):
        names = lines[start].split()[1:]
        rows = [line.split() for line in lines[start + 1 : start + 9]]
        for i, name in enumerate(names):
            glyph = [row[i] for row in rows]
            if len({len(row) for row in glyph}) != 1 or any(len(row) != len(names) for row in rows):
                raise ValueError(f"{path.name}: the rows of {name!r} do not agree")
            glyphs[name] = glyph
    return glyphs


# Letters of other alphabets that look as a Latin one: pairs of a letter and that one.
LOOKS_LIKE = dict(
    zip(
        "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοАВЕКМНОРСТХаеорсухіјѕЅІЈҮһĐ",
        "ABEZHIKMNOPTYXoABEKMHOPCTXaeopcyxijsSIJYhÐ",
        strict=True,
    )
)
LOOKS_LIKE |= {"З": "3", "к": "κ", "Г": "Γ", "П": "Π", "Ф": "Φ", "Ө": "Θ"}
BESIDE = "dtlL"  # these have their caron on the right, longer than an apostrophe


def glyph(char: str, drawing: dict[str, Bitmap]) -> Bitmap | None:
    """The picture of a character: drawn, borrowed or composed; None if there is none."""
    drawn = drawing.get(LOOKS_LIKE.get(char, char))
    if drawn is not None:
        return drawn
    parts = unicodedata.normalize("NFD", char)
    base, marks = parts[0], parts[1:]
    if not marks:
        return None
    names = [unicodedata.name(mark).removeprefix("COMBINING ").split()[0].lower() for mark in marks]
    accent = "tonos" if names == ["diaeresis", "acute"] else "".join(names)
    base = LOOKS_LIKE.get(base, base)
    if "_" + accent in drawing:
        return hung_below(drawing[base], drawing["_" + accent][7], accent)
    if accent == "caron" and base in BESIDE:
        rows = enumerate(drawing[base])
        return [row + "." + ("#" if number < 3 else ".") for number, row in rows]
    if "'" + accent not in drawing:
        return None
    low = "ı" if base == "i" else "^" + base if base.isupper() else base
    return compose(drawing[low], drawing["'" + accent], accent) if low in drawing else None


def hung_below(letter: Bitmap, mark: str, name: str) -> Bitmap:
    """A letter with a mark in its last row: in the middle, or on the right (ogonek)."""
    width = len(letter[0])
    left = width - 1 if name == "ogonek" else (width - len(mark) + 1) // 2
    row = "." * left + mark.ljust(width - left, ".")
    return [*letter[:7], row]


def compose(letter: Bitmap, accent: Bitmap, name: str) -> Bitmap:
    """A letter with an accent above, which takes the first two rows."""
    width = max(len(letter[0]), len(accent[0]))
    lean = 1 if name == "acute" else 0  # off-centre: grave left, acute right
    left = (width - len(accent[0]) + lean) // 2
    letter = [row.center(width, ".") for row in letter]
    top = ["." * left + row.ljust(width - left, ".") for row in accent[:2]]
    return top + letter[2:]


class Font(NamedTuple):
    """A module of letters, loaded when the first of them is shown."""

    script: str
    first: int
    last: int
    extras: str  # characters elsewhere that belong to it


FONTS = {
    "latin1_font.py": Font("Latin-1", 0xA1, 0xFF, ""),
    "latin_a_font.py": Font("Latin Extended-A", 0x100, 0x17F, "ȘșȚț€–—‘’“”„•"),
    "greek_font.py": Font("Greek", 0x386, 0x3CE, ""),
    "cyrillic_font.py": Font("Cyrillic", 0x400, 0x45F, "ҐґҒғҚқҢңҮүҰұҺһӘәӨө"),
}
EXTRAS = "±…°←→▲≈"
NO_GLYPH: Bitmap = [""] * 8


def base_glyphs(drawing: dict[str, Bitmap]) -> list[tuple[str, Bitmap]]:
    """The glyphs that are always loaded, in the firmware's order: ASCII, extras, the box."""
    names = ["space", *map(chr, range(0x21, 0x7F)), *EXTRAS, "box"]
    return [(name, drawing[name]) for name in names]


def font_glyphs(font: Font, drawing: dict[str, Bitmap]) -> list[tuple[str, Bitmap]]:
    """The glyphs of a font, in its order; a character that it lacks is 0 wide."""
    chars = [*map(chr, range(font.first, font.last + 1)), *font.extras]
    return [(f"U+{ord(char):04X}", glyph(char, drawing) or NO_GLYPH) for char in chars]


# ---- output


def vlsb(bitmap: Bitmap) -> bytes:
    """Rows of '#' and '.' as MONO_VLSB bytes; a last page that is not full is padded with dark."""
    pages = range(0, len(bitmap), 8)
    columns = range(len(bitmap[0]))
    return bytes(
        sum((row[x] == "#") << bit for bit, row in enumerate(bitmap[page : page + 8]))
        for page in pages
        for x in columns
    )


def literal(name: str, pieces: Sequence[tuple[str, bytes]]) -> str:
    """`name = (b"..." ...)`: a comment names each piece; at most 20 bytes a line."""
    lines = []
    for comment, data in pieces:
        lines.append(f"    # {comment}")
        for start in range(0, len(data), 20):
            part = "".join(f"\\x{byte:02x}" for byte in data[start : start + 20])
            lines.append(f'    b"{part}"')
    return "\n".join([f"{name} = (", *lines, ")", ""])


def digits_module() -> str:
    sizes = (("WIDE", 17, 26, 4), ("NARROW", 13, 26, 3))
    parts = [DIGITS_HEAD, f"HEIGHT_PX = {sizes[0][2]}\n"]
    for name, width, height, stroke in sizes:
        shapes = digit_shapes(width, height, stroke)
        pieces = [(c, vlsb(sample(shapes[c], width, height))) for c in "0123456789-"]
        parts.append(f"{name}_PX = {width}\n" + literal(name, pieces))
    return "\n".join(parts)


def steam_module() -> str:
    shapes = letter_shapes(17, 26, 4)
    letters = "".join(shapes)
    pieces = [(c, vlsb(sample(shapes[c], 17, 26))) for c in letters]
    return "\n".join([STEAM_HEAD, f'LETTERS = b"{letters}"', literal("WIDE", pieces)])


def glyph_lines(glyphs: Sequence[tuple[str, Bitmap]]) -> list[str]:
    """8 bytes a glyph, one a line."""
    lines = []
    for name, bitmap in glyphs:
        data = vlsb(bitmap)
        escaped = "".join(f"\\x{byte:02x}" for byte in (len(data), *data.ljust(7, b"\0")))
        lines.append(f'    b"{escaped}"  # {name}')
    return lines


def text_module(drawing: dict[str, Bitmap]) -> str:
    lines = glyph_lines(base_glyphs(drawing))
    return "\n".join([TEXT_HEAD, f'EXTRAS = "{EXTRAS}"', "GLYPHS = (", *lines, ")", ""])


def font_module(font: Font, drawing: dict[str, Bitmap]) -> str:
    lines = glyph_lines(font_glyphs(font, drawing))
    head = FONT_HEAD.format(script=font.script, last=f"U+{font.last:04X}")
    names = [f"FIRST = 0x{font.first:04X}", f'EXTRAS = "{font.extras}"']
    return "\n".join([head, *names, "GLYPHS = (", *lines, ")", ""])


DIGITS_HEAD = '''"""The big digits of the code: two sets of the glyphs 0 to 9 and dash.

Drawn for this project (MIT) by tools/draw_fonts.py; do not edit, run that instead.
WIDE and NARROW hold 11 bitmaps one after the other, each of WIDE_PX or NARROW_PX columns by
HEIGHT_PX rows in the layout of framebuf.MONO_VLSB: 4 pages of one byte a column, bit 0 on top.
"""
'''

STEAM_HEAD = '''"""The big letters of Steam's codes, loaded when one is first shown.

Drawn for this project (MIT) by tools/draw_fonts.py; do not edit, run that instead.
WIDE holds a bitmap for each of LETTERS, as WIDE of digits_font.py does for the digits.
"""
'''

TEXT_HEAD = '''"""The text font: proportional, capitals 7 pixels high, cells of 8 rows.

Drawn for this project (MIT) in tools/text_font.txt, made by tools/draw_fonts.py; do not edit.
GLYPHS holds 8 bytes a glyph: its width in columns (1 to 7), then its columns (framebuf.MONO_VLSB,
bit 0 on top), padded. Order: 0x20-0x7e, EXTRAS, and last the box (unknown characters).
"""
'''

FONT_HEAD = '''"""{script}: letters beside those of text_font.py, loaded when one is first shown.

Drawn for this project (MIT) in tools/text_font.txt, made by tools/draw_fonts.py; do not edit.
GLYPHS is as in text_font.py; a width of 0 means that there is no such glyph. Order: FIRST to
{last}, then EXTRAS.
"""
'''


def main(arguments: Sequence[str]) -> int:
    drawing = read_drawing(TOOLS / "text_font.txt")
    modules = {"digits_font.py": digits_module(), "text_font.py": text_module(drawing)}
    modules["steam_font.py"] = steam_module()
    modules |= {name: font_module(font, drawing) for name, font in FONTS.items()}
    if list(arguments) == ["--check"]:
        stale = [
            name
            for name, text in modules.items()
            if not (SCREENS / name).exists() or (SCREENS / name).read_text("utf-8") != text
        ]
        for name in stale:
            print(f"{name} is not what tools/draw_fonts.py draws: run it", file=sys.stderr)
        return 1 if stale else 0
    if arguments:
        print("usage: draw_fonts.py [--check]", file=sys.stderr)
        return 2
    for name, text in modules.items():
        (SCREENS / name).write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
