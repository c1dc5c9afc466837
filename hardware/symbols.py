"""The symbols of the schematic, as values: pins with their kind and place, and a few strokes.

Places are in steps of 1.27 mm, KiCad's grid, from the middle of the symbol; y grows downwards, as
on the sheet. A pin's place is its outer end, where wires meet it.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from hardware.netlist import PICO_PADS

GRID_MM = 1.27
Spot = tuple[float, float]

# KiCad's kinds of pins, as far as they are used here.
PASSIVE, POWER_IN, POWER_OUT = "passive", "power_in", "power_out"
BIDIRECTIONAL, INPUT, OPEN_COLLECTOR = "bidirectional", "input", "open_collector"
# Pins of the Pico that are not plain inputs and outputs. VSYS is fed by USB on the board itself.
_PICO_KINDS = {
    "3V3(OUT)": POWER_OUT,
    "VBUS": POWER_OUT,
    "VSYS": PASSIVE,
    "VREF": PASSIVE,
    "AGND": PASSIVE,
    "GND": PASSIVE,
    "RUN": INPUT,
    "3V3_EN": INPUT,
}


class Pin(NamedTuple):
    """`side` is where the body is seen from the pin's end: R, L, U (above) or D."""

    number: str
    name: str
    kind: str
    at: Spot
    side: str
    length: float = 2


class Symbol(NamedTuple):
    """`box` is left, top, right, bottom; `strokes` are polylines; `names` whether to show them."""

    name: str
    pins: tuple[Pin, ...]
    box: tuple[float, float, float, float] | None = None
    strokes: tuple[tuple[Spot, ...], ...] = ()
    names: bool = True
    in_list: bool = True  # whether it is a part to buy


def block(
    name: str, left: Sequence[Pin], right: Sequence[Pin], half_width: int, pitch: int = 2
) -> Symbol:
    """A rectangle with pins on two sides, from the top; their `at` and `side` are set here."""
    rows = max(len(left), len(right))
    top = -pitch * (rows - 1) // 2 if rows % 2 else -pitch * rows // 2 + pitch
    pins = []
    for side, column, x in (("R", left, -half_width - 2), ("L", right, half_width + 2)):
        for row, pin in enumerate(column):
            pins.append(pin._replace(at=(x, top + pitch * row), side=side))
    bottom = top + pitch * (rows - 1)
    return Symbol(name, tuple(pins), (-half_width, top - pitch, half_width, bottom + pitch))


def _pin(number: int | str, name: str, kind: str = PASSIVE) -> Pin:
    return Pin(str(number), name, kind, (0, 0), "R")


def _pico() -> Symbol:
    pins = [
        _pin(pad, name, _PICO_KINDS.get(name, BIDIRECTIONAL))
        for pad, name in enumerate(PICO_PADS, start=1)
    ]
    return block("Pico", pins[:20], pins[:19:-1], 9)


def _two_pins(
    name: str, strokes: Sequence[Sequence[Spot]], upright: bool = True, source: bool = False
) -> Symbol:
    """A part between two pins 6 steps apart: upright 1 is above, lying 1 is left; 1 may supply."""
    ends: tuple[tuple[Spot, str], ...] = (((0, -3), "D"), ((0, 3), "U"))
    if not upright:
        ends = (((-3, 0), "R"), ((3, 0), "L"))
        strokes = [[(y, x) for x, y in stroke] for stroke in strokes]
    pins = tuple(
        Pin(str(number), "~", POWER_OUT if source and number == 1 else PASSIVE, at, side, 1)
        for number, (at, side) in enumerate(ends, start=1)
    )
    return Symbol(name, pins, None, tuple(tuple(stroke) for stroke in strokes), names=False)


_RESISTOR = (((-0.8, -2), (0.8, -2), (0.8, 2), (-0.8, 2), (-0.8, -2)),)
_CAPACITOR = (
    ((-1.6, -0.4), (1.6, -0.4)),
    ((-1.6, 0.4), (1.6, 0.4)),
    ((0, -2), (0, -0.4)),
    ((0, 0.4), (0, 2)),
)
_CELL = (
    ((-1.6, -0.4), (1.6, -0.4)),
    ((-0.8, 0.4), (0.8, 0.4)),
    ((0, -2), (0, -0.4)),
    ((0, 0.4), (0, 2)),
    ((0.9, -1.4), (1.9, -1.4)),
    ((1.4, -1.9), (1.4, -0.9)),
)
# Pin 1 is the anode, as the current flows.
_DIODE = (
    ((-1.1, -1), (1.1, -1), (0, 1), (-1.1, -1)),
    ((-1.1, 1), (1.1, 1)),
    ((0, -2), (0, -1)),
    ((0, 1), (0, 2)),
)
_SCHOTTKY = (*_DIODE[:1], ((-1.1, 0.6), (-1.1, 1), (1.1, 1), (1.1, 1.4)), *_DIODE[2:])
_BUTTON = (
    ((0, -2), (0, -1.2)),
    ((0, 1.2), (0, 2)),
    ((1.2, -1.6), (1.2, 1.6)),
    ((1.2, 0), (2.4, 0)),
    ((2.4, -0.8), (2.4, 0.8)),
)
_SWITCH = (((0, -2), (0, -1.2)), ((0, 1.2), (0, 2)), ((0, 1.2), (1.4, -1.4)))

_ALL = (
    _pico(),
    block(
        "OLED_128x64",
        [_pin(1, "GND"), _pin(2, "VCC", POWER_IN), _pin(3, "SCL", INPUT)]
        + [_pin(4, "SDA", BIDIRECTIONAL)],
        [],
        7,
    ),
    block(
        "DS3231SN",
        [_pin(2, "VCC", POWER_IN), _pin(15, "SDA", BIDIRECTIONAL), _pin(16, "SCL", INPUT)]
        + [_pin(3, "INT/SQW", OPEN_COLLECTOR), _pin(1, "32kHz", OPEN_COLLECTOR)],
        [_pin(14, "VBAT", POWER_IN), _pin(4, "RST", BIDIRECTIONAL), _pin(13, "GND", POWER_IN)],
        6,
    ),
    block(
        "Charger_LiPo",
        [_pin(1, "IN+", POWER_IN), _pin(2, "IN-"), _pin(3, "B+"), _pin(4, "B-")],
        [_pin(5, "OUT+", POWER_OUT), _pin(6, "OUT-")],
        6,
    ),
    _two_pins("R", _RESISTOR),
    _two_pins("R_lying", _RESISTOR, upright=False),
    _two_pins("C", _CAPACITOR),
    _two_pins("Cell", _CELL, source=True),
    _two_pins("Diode_lying", _DIODE, upright=False),
    _two_pins("Schottky_lying", _SCHOTTKY, upright=False),
    _two_pins("Button", _BUTTON),
    _two_pins("Switch_lying", _SWITCH, upright=False),
    # A supply that comes from somewhere that is not on the sheet.
    Symbol(
        "PWR_FLAG",
        (Pin("1", "pwr", POWER_OUT, (0, 0), "U", 0),),
        None,
        (((0, 0), (0, -1), (-1, -1.6), (0, -2.2), (1, -1.6), (0, -1)),),
        names=False,
        in_list=False,
    ),
)
SYMBOLS: Mapping[str, Symbol] = {symbol.name: symbol for symbol in _ALL}
