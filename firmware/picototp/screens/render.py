"""Draws a screen value into a picture: a framebuf.FrameBuffer of 128 x 64 pixels, MONO_VLSB.

Everything is strips of whole text lines and whole digits, rectangles and lines. A screen uses the
leftmost 126 columns, moved to the right by `shift_px`.
"""

from framebuf import MONO_VLSB, FrameBuffer

from picototp.screens import digits_font, values
from picototp.screens.text import LINE_PX, NAME_GAP_PX, columns, fit

_BOTTOM_Y = 56  # the last text line
_BAR_Y = 47  # the bar and the seconds left
_DIGITS_Y = 19
_SWAP = (b"\x01\x00", 2, 1, MONO_VLSB)  # palette: lit text becomes dark, and dark ground lit

# By number of digits: pixels between digits, between the two groups, and left of the first.
_SPACING = {5: (6, 6, 8), 6: (3, 10, 1), 7: (3, 12, 4), 8: (2, 8, 1)}
_DASHES = b"------"


def _plain_put(frame, strip, width_px, pages, x, y, inverted):
    bitmap = (strip, width_px, 8 * pages, MONO_VLSB)
    if inverted:
        frame.blit(bitmap, x, y, -1, _SWAP)
    else:
        frame.blit(bitmap, x, y, 0)


try:
    from picototp.screens.strip_viper import put as _put
except (ImportError, SyntaxError, ValueError, AttributeError):  # an interpreter without viper
    _put = _plain_put

_LEFT, _CENTRE, _RIGHT = 0, 1, 2  # of the room that a text does not need, how many halves go left


def render(screen: tuple, frame: FrameBuffer) -> None:
    """Draws any value of `values` except BLANK over whatever `frame` held."""
    frame.fill(0)
    if isinstance(screen, values.CodeScreen):
        _draw_code(screen, frame)
    elif isinstance(screen, values.MessageScreen):
        _draw_message(screen, frame)
    elif isinstance(screen, values.ConfirmScreen):
        _draw_confirm(screen, frame)
    else:
        from picototp.screens import render_lists  # a token that shows its codes needs none

        if isinstance(screen, values.PinScreen):
            render_lists.draw_pin(screen, frame, _text, _draw_title, _draw_digit)
        else:
            render_lists.draw_menu(screen, frame, _text)


def _draw_code(screen, frame):
    left = screen.shift_px
    room_px = LINE_PX
    if screen.total:
        place = f"{screen.position}/{screen.total}"
        room_px -= _text(frame, place, left, 0, align=_RIGHT) + 6
    _text(frame, screen.issuer, left, 0, room_px)
    _draw_scrolling(frame, screen.name, left, 9, screen.scroll_px)
    _draw_digits(frame, screen.code or _DASHES, left)
    if screen.bar_px >= 0:
        _draw_bar(frame, left, screen.bar_px, values.BAR_WIDTH_PX)
        _draw_seconds(frame, screen.seconds_left, left)
    if screen.next_code:
        frame.fill_rect(left, _BOTTOM_Y - 1, LINE_PX, 9, 1)
        _text(
            frame,
            "next " + grouped(screen.next_code.decode()),
            left,
            _BOTTOM_Y,
            align=_CENTRE,
            inverted=True,
        )
    else:
        _text(frame, screen.clock_line, left, _BOTTOM_Y)


def _draw_scrolling(frame, text, left, y, scroll_px):
    """A text that comes around again behind itself, if it does not fit the line."""
    strip = columns(text)
    width_px = len(strip)
    if not width_px:
        return
    if width_px <= LINE_PX:
        scroll_px = 0
    loop_px = width_px + NAME_GAP_PX
    x = left - scroll_px % loop_px
    _put(frame, strip, width_px, 1, x, y, 0)
    if x + loop_px < left + LINE_PX and width_px > LINE_PX:
        _put(frame, strip, width_px, 1, x + loop_px, y, 0)


def _draw_digits(frame, code, left):
    if len(code) <= 6:
        font, width_px = digits_font.WIDE, digits_font.WIDE_PX
    else:
        font, width_px = digits_font.NARROW, digits_font.NARROW_PX
    gap_px, group_gap_px, x = _SPACING[len(code)]
    x += left
    for i, digit in enumerate(code):
        if i:
            x += width_px + (group_gap_px if i == len(code) // 2 else gap_px)
        if digit > 0x39:
            _draw_letter(frame, digit, x)
        else:
            _draw_digit(frame, 10 if digit == 0x2D else digit - 48, font, width_px, x, _DIGITS_Y)


def _draw_letter(frame, letter, x):
    from picototp.screens import steam_font  # few accounts have letters in their codes

    number = steam_font.LETTERS.find(bytes((letter,)))
    _draw_digit(frame, number, steam_font.WIDE, digits_font.WIDE_PX, x, _DIGITS_Y)


def _draw_digit(frame, number, font, width_px, x, y):
    pages = (digits_font.HEIGHT_PX + 7) // 8
    glyph_bytes = pages * width_px
    at = number * glyph_bytes
    _put(frame, memoryview(font)[at : at + glyph_bytes], width_px, pages, x, y, 0)


def _draw_bar(frame, left, lit_px, width_px):
    frame.rect(left, _BAR_Y, width_px + 2, 7, 1)
    frame.fill_rect(left + 1, _BAR_Y + 1, lit_px, 5, 1)


def _draw_seconds(frame, seconds, left):
    if seconds < 1000:
        text = f"{seconds}s"
    elif seconds < 60000:
        text = f"{seconds // 60}m"
    else:
        text = f"{seconds // 3600}h"
    _text(frame, text, left, _BAR_Y, align=_RIGHT)


def _draw_message(screen, frame):
    left = screen.shift_px
    _draw_title(frame, screen.title, left)
    lines = screen.lines[: values.MESSAGE_LINES]
    _draw_lines(frame, lines, left, 33 - 5 * len(lines))
    _text(frame, screen.hint, left, _BOTTOM_Y)


def _draw_confirm(screen, frame):
    left = screen.shift_px
    _draw_title(frame, screen.title, left)
    lines = screen.lines[: values.CONFIRM_LINES]
    y, pitch_px = (13, 10) if len(lines) < values.CONFIRM_LINES else (11, 9)
    for row, line in enumerate(lines):
        _draw_scrolling(frame, line, left, y + pitch_px * row, screen.scrolls_px[row])
    _draw_bar(frame, left, screen.held_px, values.HOLD_WIDTH_PX)
    _draw_seconds(frame, screen.seconds_left, left)
    _text(frame, screen.hint, left, _BOTTOM_Y)


def _draw_title(frame, title, left):
    frame.fill_rect(left, 0, LINE_PX, 9, 1)
    _text(frame, title, left + 2, 1, LINE_PX - 4, _CENTRE, inverted=True)


def _draw_lines(frame, lines, left, y):
    for line in lines:
        _text(frame, line, left, y)
        y += 10


def grouped(code: str) -> str:
    """A code as people read it: "123 456", "123 4567", "1234 5678", "2BC3D"."""
    if len(code) < 6:
        return code
    half = len(code) // 2
    return code[:half] + " " + code[half:]


def _text(frame, text, x, y, room_px=LINE_PX, align=_LEFT, inverted=False):
    """Draws `text`, cut to `room_px` columns from x on; returns its width in pixels."""
    strip = columns(text)
    if len(strip) > room_px:
        strip = columns(fit(text, room_px))
    width_px = len(strip)
    if width_px:
        x += (room_px - width_px) * align // 2
        _put(frame, strip, width_px, 1, x, y, inverted)
    return width_px
