"""The schematic as values: parts on a sheet, wires, labels, and frames round what is one group.

Places are in steps of 1.27 mm from the sheet's upper left corner, as in symbols.py. What belongs
together is wired; between the groups nets have labels, and those of the Pico come from the pin
table. kicad_schematic.py makes a KiCad file of it, draw_schematic.py a picture.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from hardware.netlist import PAD_BATTERY, PICO_PADS, pads_used
from hardware.symbols import SYMBOLS, Pin, Spot

PICTURE_STEPS = (190, 156)  # the part of the A4 sheet that is drawn on
PICO_AT: Spot = (64, 62)


class Part(NamedTuple):
    """A symbol on the sheet. `words` is where reference and value stand, from its middle."""

    reference: str
    symbol: str
    value: str
    at: Spot
    words: tuple[Spot, Spot]
    side: str = "left"  # how the words are aligned


class Label(NamedTuple):
    """A name of a net; the flag points away from `at`, to the left or to the right."""

    net: str
    at: Spot
    points: str


_BESIDE = ((1.5, -0.8), (1.5, 1.2))
_OVER = ((0, -3.6), (0, 2.6))

PARTS = (
    Part("U1", "Pico", "Pico, Pico W, Pico 2 or Pico 2 W", PICO_AT, ((-9, -21), (-9, 23)), "left"),
    Part("U2", "OLED_128x64", "SSD1306 or SH1106, 128x64", (138, 32), ((-7, -5), (-7, 8)), "left"),
    Part("U3", "DS3231SN", "DS3231SN", (150, 86), ((-6, -7), (-6, 8)), "left"),
    Part("R2", "R", "4k7", (133, 74), _BESIDE),
    Part("R3", "R", "4k7", (127, 74), _BESIDE),
    Part("R4", "R", "4k7", (121, 74), _BESIDE),
    Part("R5", "R_lying", "200", (154, 68), _OVER, "centre"),
    Part("D2", "Diode_lying", "1N4148", (164, 68), _OVER, "centre"),
    Part("BT1", "Cell", "CR2032", (174, 90), ((2.4, -0.8), (2.4, 1.2))),
    Part("SW1", "Button", "push button", (28, 94), ((3.2, -0.8), (3.2, 1.2))),
    Part("C1", "C", "100n", (18, 94), ((-2.2, -0.8), (-2.2, 1.2)), "right"),
    Part("R1", "R", "10k", (18, 80), ((-2, -0.8), (-2, 1.2)), "right"),
    Part("U4", "Charger_LiPo", "TP4056 with DW01A", (60, 134), ((-6, -5), (-6, 8)), "left"),
    Part("BT2", "Cell", "LiPo 3.7 V", (38, 139), ((-2.4, -0.8), (-2.4, 1.2)), "right"),
    Part("SW2", "Switch_lying", "slide switch", (80, 132), ((0, -4), (0, -2.4)), "centre"),
    Part("D1", "Schottky_lying", "1N5819", (94, 132), ((0, -4), (0, -2.2)), "centre"),
    Part("#FLG1", "PWR_FLAG", "ground of USB", (96, 142), ((-1, -3.4), (2, -1.2)), "left"),
)

WIRES: tuple[tuple[Spot, ...], ...] = (
    # The button and its debounce.
    ((PICO_AT[0] - 11, 82), (28, 82), (28, 91)),
    ((32, 88), (28, 88)),
    ((28, 88), (18, 88)),
    ((18, 83), (18, 91)),
    ((18, 77), (18, 75)),
    ((28, 97), (28, 100), (32, 100)),
    ((18, 97), (18, 100), (28, 100)),
    # The bus inside the clock module.
    ((118, 84), (142, 84)),
    ((118, 86), (142, 86)),
    ((118, 88), (142, 88)),
    ((133, 77), (133, 84)),
    ((127, 77), (127, 86)),
    ((121, 77), (121, 88)),
    # Its supply, and the path that charges the cell.
    ((118, 68), (151, 68)),
    ((121, 68), (121, 71)),
    ((127, 68), (127, 71)),
    ((133, 68), (133, 71)),
    ((140, 68), (140, 82), (142, 82)),
    ((157, 68), (161, 68)),
    ((167, 68), (174, 68), (174, 87)),
    ((158, 82), (174, 82)),
    ((158, 86), (166, 86), (166, 96)),
    ((174, 93), (174, 96), (160, 96)),
    # The battery.
    ((46, 132), (52, 132)),
    ((46, 134), (52, 134)),
    ((52, 136), (38, 136)),
    ((52, 138), (46, 138), (46, 142), (38, 142)),
    ((68, 132), (77, 132)),
    ((83, 132), (91, 132)),
    ((97, 132), (102, 132)),
    ((68, 134), (71, 134)),
    ((96, 142), (92, 142)),
)
JUNCTIONS: tuple[Spot, ...] = (
    *((28, 88), (18, 88), (28, 100)),
    *((133, 84), (127, 86), (121, 88), (121, 68), (127, 68), (133, 68), (140, 68)),
    *((174, 82), (166, 96)),
)
LABELS = (
    *(Label(net, (118, y), "left") for net, y in (("SDA", 84), ("SCL", 86), ("SQW", 88))),
    *(Label(net, at, "left") for net, at in (("3V3", (118, 68)), ("GND", (160, 96)))),
    Label("3V3", (18, 75), "left"),
    Label("GND", (32, 100), "right"),
    Label("BUTTON", (32, 88), "right"),
    *(Label(net, (46, y), "left") for net, y in (("VBUS", 132), ("GND", 134))),
    Label("VSYS", (102, 132), "right"),
    Label("GND", (71, 134), "right"),
    Label("GND", (92, 142), "left"),
)
# Pins that are left free on purpose, besides those of the Pico.
_FREE = (("U3", "32kHz"), ("U3", "RST"))

# Left, top, right, bottom, heading, and lines below it.
FRAMES: tuple[tuple[int, int, int, int, str, tuple[str, ...]], ...] = (
    (6, 62, 46, 106, "Button", ("R1, C1: only to debounce in", "hardware; the firmware does it")),
    (108, 14, 184, 46, "Display module", ("Its pull-ups are on it. Two orders of pins exist.",)),
    (
        *(108, 54, 184, 104, "Clock module (ZS-042)"),
        ("R5 or D2 out before a CR2032 goes in: they charge the cell.",),
    ),
    (
        *(6, 118, 126, 150, "Battery, optional"),
        ("USB charges it through the Pico; D1 keeps battery and USB apart.",),
    ),
)
TITLE = "PicoTOTP: schematic"
NOTES = (
    (108, 112, "SQW is optional: without the wire the token finds the start of a second itself."),
    (108, 115, "All modules run on 3V3. The battery goes to VSYS, and only through D1."),
)


class Sheet(NamedTuple):
    """Everything on the sheet that makes a connection. `free` are the ends of pins left open."""

    parts: tuple[Part, ...]
    wires: tuple[tuple[Spot, ...], ...]
    junctions: tuple[Spot, ...]
    labels: tuple[Label, ...]
    free: tuple[Spot, ...]


def pin_spot(part: Part, pin: Pin) -> Spot:
    """Where a pin of a part on the sheet is met by wires."""
    return part.at[0] + pin.at[0], part.at[1] + pin.at[1]


def sheet(pins: Mapping[str, Any]) -> Sheet:
    """The sheet for these pins. ValueError if the button's pad is not where its wire begins."""
    nets = pads_used(pins) | {PAD_BATTERY: "VSYS", PICO_PADS.index("VBUS") + 1: "VBUS"}
    wires, labels, free = list(WIRES), list(LABELS), []
    for part in PARTS:
        for pin in SYMBOLS[part.symbol].pins:
            at = pin_spot(part, pin)
            if (part.reference, pin.name) in _FREE:
                free.append(at)
            elif part.reference == "U2":
                net = {"VCC": "3V3"}.get(pin.name, pin.name)
                wires.append((at, (at[0] - 6, at[1])))
                labels.append(Label(net, (at[0] - 6, at[1]), "left"))
            elif part.reference == "U1":
                net = nets.get(int(pin.number), "")
                if net == "BUTTON":
                    if at != WIRES[0][0]:
                        raise ValueError("PIN_BUTTON is on another pad now: lay its wire again")
                elif net:
                    step, way = (-6, "left") if pin.side == "R" else (6, "right")
                    wires.append((at, (at[0] + step, at[1])))
                    labels.append(Label(net, (at[0] + step, at[1]), way))
                else:
                    free.append(at)
    return Sheet(PARTS, tuple(wires), JUNCTIONS, tuple(labels), tuple(free))
