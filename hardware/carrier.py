"""The carrier board as values: a two-layer board for the modules, everything through holes.

Millimetres from the upper left corner, seen from the front; y grows downwards. Display, button and
the optional parts are on the front; the Pico is on the back, its USB socket at the left edge, and
the clock module stands over it. Horizontal tracks are mostly in front, upright ones on the back.
The tracks are laid by hand for the pins as they are: board_rules.py notices when a pin has moved.
"""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from hardware.netlist import (
    CLOCK_HEADER,
    DISPLAY_HEADER,
    DISPLAY_HEADER_SWAPPED,
    PAD_BATTERY,
    PICO_PADS,
    pads_used,
)

WIDTH, HEIGHT, CORNER = 60.0, 40.0, 1.5
THICKNESS = 1.6
_CORNER_STEPS = 8
PITCH = 2.54
TRACK = 0.4
PAD, HOLE = 1.6, 1.0
VIA, VIA_HOLE = 0.8, 0.4

# Raspberry Pi Pico data sheet, 2.2: 51 x 21 mm, pads 2.54 mm apart in two rows 17.78 mm apart.
PICO_SIZE = (51.0, 21.0)
PICO_CORNER = (0.0, 18.5)
PICO_ROWS = (PICO_CORNER[1] + 1.61, PICO_CORNER[1] + 1.61 + 17.78)
PICO_FIRST = 1.37
# Display modules of 0.96 inch: about 27.8 x 27.3 mm, the header in the middle of the upper edge.
DISPLAY_SIZE = (27.8, 27.3)
DISPLAY_MIDDLE, DISPLAY_ROWS = 20.0, (3.0, 5.54)
# ZS-042: 38 x 22 mm, the header of six in the middle of a short edge.
CLOCK_SIZE = (38.0, 22.0)
CLOCK_COLUMN, CLOCK_FIRST = 55.0, 4.65
BUTTON_MIDDLE = (55.5, 29.0)

Spot = tuple[float, float]


class Hole(NamedTuple):
    """A plated pad. `net` is "" if nothing is to be joined to it."""

    name: str
    net: str
    at: Spot


class Part(NamedTuple):
    """A footprint. `side` is where its body is: "front" or "back"."""

    reference: str
    value: str
    side: str
    holes: tuple[Hole, ...]
    box: tuple[float, float, float, float]
    optional: bool = False


class Track(NamedTuple):
    """A way on one layer, "front" or "back"."""

    net: str
    layer: str
    points: tuple[Spot, ...]


def outline() -> tuple[Spot, ...]:
    """The edge of the board as a closed way; its round corners are many short straight pieces."""
    points = []
    for quarter, (x, y) in enumerate(((WIDTH, 0.0), (WIDTH, HEIGHT), (0.0, HEIGHT), (0.0, 0.0))):
        middle = abs(x - CORNER), abs(y - CORNER)
        for step in range(_CORNER_STEPS + 1):
            angle = math.pi / 2 * (quarter - 1 + step / _CORNER_STEPS)
            points.append(
                _at(middle[0] + CORNER * math.cos(angle), middle[1] + CORNER * math.sin(angle))
            )
    return (*points, points[0])


def _at(x: float, y: float) -> Spot:
    return round(x, 3), round(y, 3)


def _pico(pins: Mapping[str, Any]) -> Part:
    """Seen through the board: pads 1 to 20 in the upper row, 40 to 21 in the lower one."""
    nets = pads_used(pins) | {PAD_BATTERY: "VSYS"}
    nets |= {pad: "GND" for pad, name in enumerate(PICO_PADS, start=1) if name == "GND"}
    holes = []
    for pad in range(1, 41):
        column, row = (pad - 1, 0) if pad <= 20 else (40 - pad, 1)
        at = _at(PICO_FIRST + PITCH * column, PICO_ROWS[row])
        holes.append(Hole(str(pad), nets.get(pad, ""), at))
    x, y = PICO_CORNER
    box = (x, y, x + PICO_SIZE[0], y + PICO_SIZE[1])
    return Part("U1", "Pico", "back", tuple(holes), box)


def _display(reference: str, names: tuple[str, ...], row: float) -> Part:
    nets = {"VCC": "3V3"}
    holes = tuple(
        Hole(name, nets.get(name, name), _at(DISPLAY_MIDDLE + PITCH * (place - 1.5), row))
        for place, name in enumerate(names)
    )
    left, top = DISPLAY_MIDDLE - DISPLAY_SIZE[0] / 2, DISPLAY_ROWS[0] - 2
    room = DISPLAY_SIZE[1] + DISPLAY_ROWS[1] - DISPLAY_ROWS[0]  # for either row
    box = (left, top, left + DISPLAY_SIZE[0], top + room)
    return Part(reference, " ".join(names), "front", holes, box)


def _clock() -> Part:
    """Seen from the back its header is at the left, 32K on top, as the module has it."""
    nets = {"VCC": "3V3", "32K": ""}
    holes = tuple(
        Hole(name, nets.get(name, name), _at(CLOCK_COLUMN, CLOCK_FIRST + PITCH * place))
        for place, name in enumerate(reversed(CLOCK_HEADER))
    )
    right, middle = CLOCK_COLUMN + 2, CLOCK_FIRST + 2.5 * PITCH
    top = middle - CLOCK_SIZE[1] / 2
    box = (right - CLOCK_SIZE[0], top, right, top + CLOCK_SIZE[1])
    return Part("J2", "ZS-042", "back", holes, box)


def _button() -> Part:
    """6 x 6 mm, legs 6.5 x 4.5 mm apart; those 6.5 mm apart are joined inside."""
    x, y = BUTTON_MIDDLE
    holes = tuple(
        Hole(name, net, _at(x + dx, y + dy))
        for name, net, dx in (("1", "BUTTON", -2.25), ("2", "GND", 2.25))
        for dy in (-3.25, 3.25)
    )
    return Part("SW1", "6x6 mm", "front", holes, (x - 3, y - 2.2, x + 3, y + 2.2))


def parts(pins: Mapping[str, Any]) -> tuple[Part, ...]:
    """All footprints, with the nets that the pin table gives them."""
    return (
        _pico(pins),
        _display("J1", DISPLAY_HEADER, DISPLAY_ROWS[0]),
        _display("J3", DISPLAY_HEADER_SWAPPED, DISPLAY_ROWS[1]),
        _clock(),
        _button(),
        Part(
            *("R1", "10k", "front"),
            (Hole("1", "3V3", (58.3, 9.2)), Hole("2", "BUTTON", (58.3, 16.82))),
            *((57.1, 10.0, 59.5, 16.0), True),
        ),
        Part(
            *("C1", "100n", "front"),
            (Hole("1", "BUTTON", (53.25, 36.4)), Hole("2", "GND", (58.33, 36.4))),
            *((53.9, 35.1, 57.7, 37.7), True),
        ),
        Part(
            *("J4", "battery", "front"),
            (Hole("+", "BATTERY", (2.0, 3.0)), Hole("-", "GND", (2.0, 5.54))),
            *((0.7, 1.7, 3.3, 6.8), True),
        ),
        Part(
            *("D1", "1N5819", "front"),
            (Hole("A", "BATTERY", (4.6, 3.0)), Hole("K", "VSYS", (4.6, 10.62))),
            *((3.3, 4.2, 5.9, 9.4), True),
        ),
    )


_UPPER, _LOWER = PICO_ROWS
TRACKS = (
    # Along the bus: from the Pico's upper row up on the back, then to the right in front.
    Track("SDA", "back", ((14.07, _UPPER), (14.07, 12.27))),
    Track("SDA", "front", ((14.07, 12.27), (55.0, 12.27))),
    Track("SDA", "back", ((23.81, 3.0), (23.81, 12.27))),
    Track("SCL", "back", ((16.61, _UPPER), (16.61, 9.73))),
    Track("SCL", "front", ((16.61, 9.73), (55.0, 9.73))),
    Track("SCL", "back", ((21.27, 3.0), (21.27, 9.73))),
    # Supply: between pads 4 and 5, and to both orders of the display's header.
    Track("3V3", "back", ((11.53, _LOWER), (10.26, _LOWER - 1.27), (10.26, 14.81))),
    Track("3V3", "front", ((10.26, 14.81), (56.4, 14.81), (58.3, 12.91), (58.3, 9.2))),
    Track("3V3", "back", ((18.73, 3.0), (16.19, 5.54), (12.2, 9.53), (12.2, 14.81))),
    # The pulse, between pads 11 and 12.
    Track("SQW", "back", ((29.31, _LOWER), (28.04, _LOWER - 1.27), (28.04, 7.19))),
    Track("SQW", "front", ((28.04, 7.19), (55.0, 7.19))),
    # Ground: a line above the upper row, one above the lower, and what hangs on them.
    Track("GND", "front", ((2.0, 5.54), (2.0, 15.35), (4.0, 17.35), (55.0, 17.35))),
    *(Track("GND", "front", ((x, 17.35), (x, _UPPER))) for x in (6.45, 19.15, 31.85, 44.55)),
    Track("GND", "front", ((44.55, _UPPER), (44.55, 35.4))),
    Track("GND", "front", ((6.45, _LOWER), (6.45, 35.4), (44.55, 35.4), (44.55, _LOWER))),
    Track("GND", "front", ((31.85, 35.4), (31.85, _LOWER))),
    Track("GND", "front", ((16.19, 3.0), (18.73, 5.54))),
    Track("GND", "back", ((18.73, 5.54), (18.73, 17.35))),
    Track("GND", "front", ((55.0, 17.35), (57.75, 20.1), (57.75, 35.82), (58.33, 36.4))),
    Track("BUTTON", "front", ((49.63, _UPPER), (53.25, 23.73), (53.25, 36.4))),
    Track("BUTTON", "back", ((58.3, 16.82), (53.25, 21.87), (53.25, 25.75))),
    Track("BATTERY", "front", ((2.0, 3.0), (4.6, 3.0))),
    Track(
        "VSYS", "back", ((4.6, 10.62), (4.6, 15.9), (2.64, 17.86), (2.64, 36.62), (3.91, _LOWER))
    ),
)
VIAS = (
    *(("SDA", at) for at in ((14.07, 12.27), (23.81, 12.27))),
    *(("SCL", at) for at in ((16.61, 9.73), (21.27, 9.73))),
    *(("3V3", at) for at in ((10.26, 14.81), (12.2, 14.81))),
    ("SQW", (28.04, 7.19)),
    ("GND", (18.73, 17.35)),
)


class Print(NamedTuple):
    """Words on the board, their middle at `at`, so high in millimetres."""

    words: str
    side: str
    at: Spot
    high: float = 1.0


PRINTS = (
    Print("PicoTOTP", "front", (43.5, 23.0), 2.0),
    Print("display: use the row whose order is yours", "front", (20.0, 8.2), 0.8),
    Print("GND VCC SCL SDA", "front", (41.5, 3.0), 0.9),
    Print("VCC GND SCL SDA", "front", (41.5, 5.54), 0.9),
    Print("PUSH", "front", (48.6, 29.0), 1.2),
    Print("C1", "front", (51.6, 36.4), 0.9),
    Print("R1", "front", (56.9, 8.0), 0.9),
    Print("LiPo +", "front", (3.0, 1.0), 0.8),
    Print("-", "front", (2.0, 7.6), 1.2),
    Print("D1", "front", (4.6, 12.4), 0.9),
    Print("USB", "back", (3.2, 29.0), 1.4),
    Print("Pico, face up", "back", (30.0, 29.0), 1.6),
    Print("1", "back", (1.37, 22.2), 1.0),
    *(
        Print(name, "back", (52.2, round(CLOCK_FIRST + PITCH * place, 2)), 0.9)
        for place, name in enumerate(reversed(CLOCK_HEADER))
    ),
    Print("ZS-042: take its charging diode out", "back", (40.0, 2.0), 1.0),
)
