"""The harness: three cables between four connectors, as input for WireViz.

WireViz draws hardware/harness.svg and .png from it: `make hardware`.
"""

import json
from collections.abc import Mapping
from typing import Any

from hardware.netlist import (
    CLOCK_HEADER,
    DISPLAY_HEADER,
    NETS,
    PAD_GROUND_BUTTON,
    PAD_GROUND_CLOCK,
    PAD_GROUND_DISPLAY,
    PICO_PADS,
    pads_used,
)

# WireViz's names of colours.
_COLOURS = {"black": "BK", "red": "RD", "yellow": "YE", "blue": "BU", "green": "GN", "violet": "VT"}
_HEADER_NETS = {"VCC": "3V3"}


def source(pins: Mapping[str, Any]) -> str:
    """The input for WireViz: JSON, which is YAML as well."""
    used = pads_used(pins)
    pads = {net: pad for pad, net in used.items() if net != "GND"}
    cables, connections = {}, []
    for cable, part, header, ground in (
        ("W1", "Button", ("GND", "BUTTON"), PAD_GROUND_BUTTON),
        ("W2", "Display", DISPLAY_HEADER, PAD_GROUND_DISPLAY),
        ("W3", "Clock", CLOCK_HEADER[:-1], PAD_GROUND_CLOCK),
    ):
        nets = [_HEADER_NETS.get(name, name) for name in header]
        cables[cable] = {
            "wirecount": len(nets),
            "colors": [_COLOURS[NETS[net][1]] for net in nets],
            "wirelabels": [net + (" (optional)" if net == "SQW" else "") for net in nets],
            "length": 0.15,
        }
        wires = list(range(1, len(nets) + 1))
        from_pads = [ground if net == "GND" else pads[net] for net in nets]
        chain = [{"Pico": from_pads}, {cable: wires}, {part: wires}]
        # The display on the left and the others on the right of the Pico: the bundles do not cross.
        connections.append(chain[::-1] if part == "Display" else chain)
    order = [PAD_GROUND_BUTTON, pads["BUTTON"], PAD_GROUND_DISPLAY, PAD_GROUND_CLOCK]
    order += [pads[net] for net in ("3V3", "SCL", "SDA", "SQW")]
    connectors: dict[str, dict[str, object]] = {
        "Pico": {
            "type": "any of the four",
            "pins": order,
            "pinlabels": [PICO_PADS[pad - 1] for pad in order],
            "notes": "numbers of pads",
        },
        "Display": {"type": "OLED", "pinlabels": list(DISPLAY_HEADER)},
        "Clock": {"type": "DS3231", "pinlabels": list(CLOCK_HEADER[:-1])},
        "Button": {"type": "push button", "pinlabels": ["leg", "other leg"]},
    }
    for connector in connectors.values():
        connector["show_name"] = True
    content = {"connectors": connectors, "cables": cables, "connections": connections}
    return json.dumps(content, indent=2) + "\n"
