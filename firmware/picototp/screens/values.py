"""The screens as values: what the user interface decides on, and `render` draws.

Comparable with `==`, so a screen needs drawing only when its value differs from the last one. A
display that is off has no screen: BLANK. All texts may hold any character; unknown ones are drawn
as a box, and what is too long for its line scrolls or is cut with an ellipsis. `shift_px` (0 to
SHIFT_MAX_PX) moves the whole picture to the right against burn-in.
"""

from collections import namedtuple

WIDTH_PX = 128
HEIGHT_PX = 64
SHIFT_MAX_PX = 2

BAR_WIDTH_PX = 98  # what CodeScreen.bar_px counts
HOLD_WIDTH_PX = 98  # what ConfirmScreen.held_px counts
MENU_ROWS = 5  # items of a menu that are visible at once
MESSAGE_LINES = 4
CONFIRM_LINES = 4

BLANK = None  # the display is off

# One account. `code`: 6 to 8 digits, or Steam's 5 characters, as ASCII bytes, or b"" to show
# dashes. `next_code`: b"" unless it is to be shown, in place of `clock_line` (21 characters).
# `bar_px`: how much of the bar is lit, 0 to BAR_WIDTH_PX; -1 = no bar and no seconds. `position` of
# `total`: from 1; total 0 = not shown.
# `scroll_px`: how far the name has moved to the left, 0 to text.name_overflow_px(name).
CodeScreen = namedtuple(
    "CodeScreen",
    (
        "issuer",
        "name",
        "code",
        "next_code",
        "seconds_left",
        "bar_px",
        "position",
        "total",
        "clock_line",
        "scroll_px",
        "shift_px",
    ),
)

# Something to read. `lines`: up to MESSAGE_LINES strings, wrapped already (text.wrap).
MessageScreen = namedtuple("MessageScreen", ("title", "lines", "hint", "shift_px"))

# A yes-or-no question. `lines`: up to CONFIRM_LINES strings. `scrolls_px`: for each line, how far
# it has moved to the left, 0 to text.name_overflow_px(line). `held_px`: 0 to HOLD_WIDTH_PX, how far
# the button has been held towards "yes". `hint`: what the button does.
ConfirmScreen = namedtuple(
    "ConfirmScreen",
    ("title", "lines", "scrolls_px", "seconds_left", "held_px", "hint", "shift_px"),
)

# A choice. `items`: tuple of strings; `selected`: index from 0.
MenuScreen = namedtuple("MenuScreen", ("title", "items", "selected", "shift_px"))

# Entering a PIN. `entered`: number of digits, shown as dots. `symbol`: a digit, shown as large as
# those of a code, or a short word, at twice the size of other text.
PinScreen = namedtuple("PinScreen", ("title", "entered", "symbol", "hint", "shift_px"))
