# ruff: noqa: F821
# mypy: ignore-errors
"""Strips of columns in MicroPython's viper: making them of glyphs, and drawing them.

A line of 21 characters takes a Pico a third of a millisecond to make and to draw; in bytecode and
with framebuf's blit, which goes pixel by pixel, it takes two and a half.
"""

import micropython

_GLYPH_BYTES_MAX = 8  # a column between two glyphs included


@micropython.viper
def _write(glyphs: ptr8, numbers: ptr8, count: int, strip: ptr8) -> int:
    """Writes the strip and returns its length."""
    at = 0
    index = 0
    while index < count:
        glyph = (numbers[index] - 0x20) * 8
        end = glyph + glyphs[glyph]
        if index:
            strip[at] = 0
            at += 1
        while glyph < end:
            glyph += 1
            strip[at] = glyphs[glyph]
            at += 1
        index += 1
    return at


def columns(glyphs: bytes, numbers: bytes) -> bytes:
    """A strip of these glyphs, side by side, one dark column between two."""
    strip = bytearray(_GLYPH_BYTES_MAX * len(numbers))
    width_px = _write(glyphs, numbers, len(numbers), strip)
    return bytes(memoryview(strip)[:width_px])


@micropython.viper
def put(frame, strip, width_px: int, pages: int, left_x: int, y: int, inverted: int):
    """Draws a strip of that many times 8 rows; what is dark in it stays as it was. `inverted` makes
    dark what is lit in it. What lies outside the 128 columns of the frame is left out."""
    there = ptr8(frame)
    here = ptr8(strip)
    shift = y & 7
    row = (y >> 3) * 128
    source = 0
    while pages > 0:
        x = left_x
        end = left_x + width_px
        while x < end:
            if x >= 0 and x < 128:
                bits = here[source] << shift
                at = row + x
                if inverted:
                    there[at] = there[at] & (bits ^ 0xFF)
                else:
                    there[at] = there[at] | bits
                bits = bits >> 8
                at += 128
                if bits and at < 1024:
                    if inverted:
                        there[at] = there[at] & (bits ^ 0xFF)
                    else:
                        there[at] = there[at] | bits
            x += 1
            source += 1
        row += 128
        pages -= 1
