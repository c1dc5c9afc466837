"""The pin table: what is wired where, taken from the firmware's own config.py.

Every drawing, list and board in this folder takes its pins from here, and so do the tests that
compare them. Pads are the forty of a Pico, which Pico W, Pico 2 and Pico 2 W share; modules are
named by the pins of their headers. A pin is written "part:name", such as "pico:6" or "clock:SDA".
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

# Names of pads 1 to 40, counted down the left side and up the right one, USB socket on top
# (Raspberry Pi Pico datasheet, section 2.1; the same in those of Pico W, Pico 2 and Pico 2 W).
# fmt: off
PICO_PADS = (
    "GP0", "GP1", "GND", "GP2", "GP3", "GP4", "GP5", "GND", "GP6", "GP7",
    "GP8", "GP9", "GND", "GP10", "GP11", "GP12", "GP13", "GND", "GP14", "GP15",
    "GP16", "GP17", "GND", "GP18", "GP19", "GP20", "GP21", "GND", "GP22", "RUN",
    "GP26", "GP27", "AGND", "GP28", "VREF", "3V3(OUT)", "3V3_EN", "GND", "VSYS", "VBUS",
)
# fmt: on
# Ground and supply pads that leave the wires the fewest crossings; any other GND does as well.
PAD_SUPPLY = 36
PAD_GROUND_DISPLAY = 38
PAD_GROUND_CLOCK = 28
PAD_GROUND_BUTTON = 18
PAD_BATTERY = 39  # VSYS, 1.8 to 5.5 V; from a battery only through a Schottky diode

# Left to right, as most modules have them; seen from the side of the glass, or of the chip.
DISPLAY_HEADER = ("GND", "VCC", "SCL", "SDA")
DISPLAY_HEADER_SWAPPED = ("VCC", "GND", "SCL", "SDA")
CLOCK_HEADER = ("GND", "VCC", "SDA", "SCL", "SQW", "32K")
# The sides of the Pico that the ways of the wires are laid out for.
LAYOUT_SIDES = {"SDA": "left", "SCL": "left", "BUTTON": "left", "SQW": "right"}
OPTIONAL_NETS = ("SQW",)

# Net: colour to draw, colour's name, meaning. Nets drawn later pass over those before.
NETS = {
    "SQW": ("#8b3fc7", "violet", "SQW (optional)"),
    "GND": ("#20242a", "black", "ground"),
    "3V3": ("#d62828", "red", "3.3 V, to VCC"),
    "SCL": ("#e0a000", "yellow", "SCL, I2C clock"),
    "SDA": ("#1769d2", "blue", "SDA, I2C data"),
    "BUTTON": ("#16914a", "green", "button"),
}


class Board(NamedTuple):
    """A member of the family, which differ in what is on the board and not in their pads."""

    title: str
    chip: str
    wireless: bool

    @property
    def slug(self) -> str:
        """For names of files: "pico-2-w"."""
        return self.title.lower().replace(" ", "-")


BOARDS = (
    Board("Pico", "RP2040", False),
    Board("Pico W", "RP2040", True),
    Board("Pico 2", "RP2350", False),
    Board("Pico 2 W", "RP2350", True),
)


def pads_used(pins: Mapping[str, Any]) -> dict[int, str]:
    """Net of each wired pad of the Pico. ValueError if a pin is not on the side laid out for it."""
    pads = {PICO_PADS.index(f"GP{pins[f'PIN_{net}']}") + 1: net for net in LAYOUT_SIDES}
    for pad, net in pads.items():
        side = "left" if pad <= 20 else "right"
        if side != LAYOUT_SIDES[net]:
            raise ValueError(f"PIN_{net} is on the {side} side now: lay its wire again")
    grounds = dict.fromkeys((PAD_GROUND_DISPLAY, PAD_GROUND_CLOCK, PAD_GROUND_BUTTON), "GND")
    return pads | grounds | {PAD_SUPPLY: "3V3"}


def nets(pins: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """The pins that each net joins, the optional wire included. ValueError as above."""
    joined: dict[str, set[str]] = {net: set() for net in NETS}
    for pad, net in pads_used(pins).items():
        joined[net].add(f"pico:{pad}")
    header_nets = {"GND": "GND", "VCC": "3V3", "SDA": "SDA", "SCL": "SCL", "SQW": "SQW"}
    for part, header in (("display", DISPLAY_HEADER), ("clock", CLOCK_HEADER)):
        for name in header:
            if name in header_nets:
                joined[header_nets[name]].add(f"{part}:{name}")
    joined["BUTTON"].add("button:1")
    joined["GND"].add("button:2")
    return {net: frozenset(ends) for net, ends in joined.items()}
