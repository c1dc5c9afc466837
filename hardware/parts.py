"""The bill of materials: hardware/bom.csv, and the tables of the README.

Prices are what single pieces cost in European shops, in euros, roughly, at PRICED_ON.
"""

import csv
import io
from typing import NamedTuple

PRICED_ON = "2026-11"
ALWAYS, BREADBOARD, CARRIER, BATTERY = "always", "breadboard", "carrier board", "battery"


class Item(NamedTuple):
    """`reference` as in the schematic; `build` is what it is needed for."""

    build: str
    reference: str
    part: str
    variant: str
    quantity: int
    check: str
    price_eur: tuple[float, float]
    alternatives: str


ITEMS = (
    Item(
        *(ALWAYS, "U1", "microcontroller board", "Raspberry Pi Pico H (header soldered on)", 1),
        "made by Raspberry Pi; clones with USB-C may have other pads in other places",
        (5, 8),
        "Pico with a loose header; Pico W, Pico 2, Pico 2 W: same pads, never run by us",
    ),
    Item(
        *(ALWAYS, "U3", "clock module", "ZS-042 with DS3231SN (or DS3231S)", 1),
        "the chip's marking: DS3231SN, ±2 ppm; DS3231M, ±5 ppm, drifts more; a straight header",
        (3, 15),
        "any module with DS3231SN that runs on 3.3 V; named makers' have no charging path",
    ),
    Item(
        *(ALWAYS, "U2", "display", "0.96 inch OLED, 128x64, I2C, 4 pins, SSD1306", 1),
        "I2C with 4 pins, not SPI with 7; 128x64, not 128x32; the order of GND and VCC",
        (3, 8),
        "1.3 inch with SH1106: works, but is larger than carrier board and case are made for",
    ),
    Item(
        *(ALWAYS, "BT1", "cell", "CR2032, 3 V, lithium, not rechargeable", 1),
        "only after the charging path of the clock module is open",
        (0.5, 2),
        "LIR2032 if the path stays; it is never full on 3.3 V",
    ),
    Item(
        *(ALWAYS, "", "USB cable", "USB A or C to micro-B, with data lines", 1),
        "that it is no charging cable: with one no serial port appears",
        (2, 5),
        "",
    ),
    Item(
        *(BREADBOARD, "", "breadboard", "400 points, about 83 x 55 mm", 1),
        "that the Pico's two rows of pins fit over the middle",
        (2, 5),
        "perfboard and solder",
    ),
    Item(
        *(BREADBOARD, "", "jumper wires", "11 male to female, 1 of them optional, 10 to 20 cm", 1),
        "colours as in the picture, if you can",
        (2, 5),
        "2 male to male for a button in the breadboard",
    ),
    Item(
        *(BREADBOARD, "SW1", "push button", "for a hole of 12 mm, normally open, momentary", 1),
        "that it springs back",
        (0.5, 2),
        "6 x 6 mm button in the breadboard, without the case",
    ),
    Item(
        *(
            CARRIER,
            "",
            "carrier board",
            "gerbers from make hardware: 60 x 40 mm, 2 layers, 1.6 mm",
            1,
        ),
        "makers sell five at a time",
        (2, 15),
        "",
    ),
    Item(
        *(CARRIER, "SW1", "push button", "6 x 6 mm, through hole, 9.5 mm high, normally open", 1),
        "the height, from board to the end of the shaft: shorter ones stay inside the case",
        (0.1, 0.5),
        "",
    ),
    Item(
        *(CARRIER, "", "socket strip", "6 pins, 2.54 mm, 8.5 mm high, for the clock module", 1),
        "",
        (0.2, 0.5),
        "",
    ),
    Item(
        *(CARRIER, "R1", "resistor", "10 kΩ, axial, only for debouncing in hardware", 1),
        "not needed: the firmware debounces",
        (0.02, 0.1),
        "leave it out, and C1 too",
    ),
    Item(
        *(CARRIER, "C1", "capacitor", "100 nF, ceramic, 5.08 mm, only with R1", 1),
        "not needed: the firmware debounces",
        (0.05, 0.2),
        "leave it out, and R1 too",
    ),
    Item(
        *(BATTERY, "BT2", "LiPo cell", "3.7 V, 400 mAh or more, with protection circuit", 1),
        "the colours of its leads against its label: there is no standard",
        (4, 10),
        "",
    ),
    Item(
        *(BATTERY, "U4", "charger", "TP4056 module with DW01A (six pads: IN, B, OUT)", 1),
        "the current set by its resistor: at most the cell's capacity in an hour",
        (0.5, 2),
        "",
    ),
    Item(
        *(BATTERY, "D1", "Schottky diode", "1N5819, through hole", 1),
        "the ring is the cathode, and goes to VSYS",
        (0.05, 0.3),
        "1N5817; no plain silicon diode, which takes 0.7 V",
    ),
    Item(
        *(BATTERY, "SW2", "slide switch", "any, 0.5 A", 1),
        "",
        (0.2, 1),
        "",
    ),
)
_HEADS = (
    *("for", "reference", "part", "variant", "quantity", "check before buying"),
    *("EUR from", "EUR to", "priced on", "alternatives"),
)


def bom_csv() -> str:
    """The list as CSV, with a line of heads."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_HEADS)
    for item in ITEMS:
        low, high = (f"{price:g}" for price in item.price_eur)
        row = (*item[:6], low, high, PRICED_ON, item.alternatives)
        writer.writerow(row)
    return out.getvalue()


def table(*builds: str) -> str:
    """The items for these builds as a table of Markdown."""
    lines = ["| Part | Take | Pieces | Check before you buy | Else | € |"]
    lines.append("| --- | --- | --- | --- | --- | --- |")
    for item in ITEMS:
        if item.build in builds:
            low, high = (f"{price:g}" for price in item.price_eur)
            name = f"{item.reference} {item.part}".strip()
            count, price = str(item.quantity), f"{low} to {high}"
            cells = (name, item.variant, count, item.check, item.alternatives, price)
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
