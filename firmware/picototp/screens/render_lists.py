"""Draws what is chosen from: the menu, and the symbols of a PIN. Loaded with the first of them.

render.py hands in its own functions for texts, titles and big digits.
"""

from picototp.screens import digits_font, values
from picototp.screens.text import LINE_PX, columns

_BOTTOM_Y = 56  # the last text line, as in render.py
_PIN_Y = 14  # the symbol of a PIN that is being entered
_DOTS_Y = 46  # and what was entered of it
_FEW_DOTS = 15  # more than that are drawn smaller


def draw_menu(screen, frame, draw_text):
    """A MenuScreen."""
    left = screen.shift_px
    draw_text(frame, screen.title, left, 0)
    frame.hline(left, 8, LINE_PX, 1)
    items, rows = screen.items, values.MENU_ROWS
    first = max(0, min(screen.selected - rows // 2, len(items) - rows))
    row_px = LINE_PX if len(items) <= rows else LINE_PX - 5
    for row, item in enumerate(items[first : first + rows]):
        y = 11 + 9 * row
        chosen = first + row == screen.selected
        if chosen:
            frame.fill_rect(left, y - 1, row_px, 9, 1)
        draw_text(frame, item, left + 2, y, row_px - 4, inverted=chosen)
    if len(items) > rows:
        track_px = 9 * rows
        top = track_px * first // len(items)
        frame.vline(left + LINE_PX - 2, 10, track_px, 1)
        frame.fill_rect(left + LINE_PX - 3, 10 + top, 3, track_px * rows // len(items) + 1, 1)
    draw_text(frame, "hold = yes  click = next", left, _BOTTOM_Y)


def draw_pin(screen, frame, draw_text, draw_title, draw_digit):
    """A PinScreen."""
    left = screen.shift_px
    draw_title(frame, screen.title, left)
    if screen.symbol.isdigit():
        width_px = digits_font.WIDE_PX
        at = (LINE_PX - width_px) // 2 + left
        draw_digit(frame, ord(screen.symbol) - 48, digits_font.WIDE, width_px, at, _PIN_Y)
    else:
        _draw_double(frame, screen.symbol, left, _PIN_Y + (digits_font.HEIGHT_PX - 16) // 2)
    few = screen.entered <= _FEW_DOTS
    dot_px, pitch_px = (4, 8) if few else (2, 3)
    x = left + (LINE_PX - screen.entered * pitch_px) // 2
    for _ in range(screen.entered):
        frame.fill_rect(x, _DOTS_Y, dot_px, dot_px, 1)
        x += pitch_px
    draw_text(frame, screen.hint, left, _BOTTOM_Y)


def _draw_double(frame, text, left, y):
    """A short text in the middle, each pixel of its letters two by two."""
    strip = columns(text)
    x = left + LINE_PX // 2 - len(strip)
    for column in strip:
        for row in range(8):
            if column >> row & 1:
                frame.fill_rect(x, y + 2 * row, 2, 2, 1)
        x += 2
