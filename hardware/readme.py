"""The tables in hardware/README.md that come from the lists; two comments enclose each."""

import re
from collections.abc import Mapping
from typing import Any

from hardware import parts, power
from hardware.netlist import NETS, PICO_PADS, pads_used

# Where each wire of the pin table goes; ground pads are told apart by what they are for.
_GOES_TO = {
    "SDA": "SDA of the display and SDA of the clock",
    "SCL": "SCL of the display and SCL of the clock",
    "BUTTON": "the other side of the button",
    "SQW": "SQW of the clock",
    "3V3": "VCC of the display and VCC of the clock",
}
_SIGNALS = {
    "SDA": "I2C data",
    "SCL": "I2C clock",
    "BUTTON": "button",
    "SQW": "seconds pulse, optional",
    "3V3": "3.3 V supply",
    "GND": "ground",
}


def pin_table(pins: Mapping[str, Any]) -> str:
    """The wired pads of the Pico, in their order."""
    from hardware import netlist

    grounds = {
        netlist.PAD_GROUND_BUTTON: "one side of the button",
        netlist.PAD_GROUND_CLOCK: "GND of the clock",
        netlist.PAD_GROUND_DISPLAY: "GND of the display",
    }
    lines = ["| Pad of the Pico | Name | Signal | Goes to | Wire |"]
    lines.append("| --- | --- | --- | --- | --- |")
    for pad, net in sorted(pads_used(pins).items()):
        goes = grounds.get(pad) or _GOES_TO[net]
        cells = (str(pad), PICO_PADS[pad - 1], _SIGNALS[net], goes, NETS[net][1])
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def with_tables(text: str, pins: Mapping[str, Any]) -> str:
    """The README with its tables as they have to be. ValueError if a place for one is missing."""
    tables = {
        "pins": pin_table(pins),
        "parts": parts.table(parts.ALWAYS),
        "parts for a breadboard": parts.table(parts.BREADBOARD),
        "parts for the carrier board": parts.table(parts.CARRIER),
        "parts for a battery": parts.table(parts.BATTERY),
        "currents": power.current_table(),
        "battery life": power.life_table(),
    }
    for name, table in tables.items():
        begin, end = f"<!-- {name}: made by make hardware -->", f"<!-- end of {name} -->"
        pattern = re.compile(re.escape(begin) + r".*?" + re.escape(end), re.DOTALL)
        new = f"{begin}\n{table}\n\n{end}".replace("\\", r"\\")
        text, count = pattern.subn(new, text)
        if count != 1:
            raise ValueError(f"hardware/README.md has no place for the table of {name}")
    return text
