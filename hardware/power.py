"""Currents of the parts, and how long a battery lasts: computed, not measured by us.

Everything is reckoned as power, for the Pico's converter takes what energy it needs at any voltage
from 1.8 to 5.5 V: 21 mA from 5 V are 28 mA from a LiPo cell.
"""

from typing import NamedTuple


class Draw(NamedTuple):
    """What a part takes, in mA at `volts`. `lit`, `dark` and `asleep` are states of the token."""

    part: str
    volts: float
    lit: float
    dark: float
    asleep: float
    source: str


CONVERTER = 0.85  # of the Pico, from its input to 3.3 V: data sheet of the RT6150
DRAWS = (
    Draw(
        *("Pico with RP2040, at its input", 5.0, 21.0, 21.0, 1.0),
        "measured by others: MicroPython issue 8770 (awake) and pull request 8832 (asleep); "
        "the Pico's data sheet has 1.3 mA for sleep at 25 °C",
    ),
    Draw(
        *("OLED, a code and two lines of text", 3.3, 10.0, 0.01, 0.01),
        "sellers' data, 20 mA with every pixel lit; SSD1306 data sheet: under 10 µA asleep",
    ),
    Draw(
        *("DS3231SN, supplied", 3.3, 0.2, 0.11, 0.11),
        "data sheet: at most 200 µA while read, 110 µA else",
    ),
    Draw(
        *("red light on a ZS-042", 3.3, 1.4, 1.4, 1.4),
        "3.3 V less 1.9 V over 1 kΩ; unsolder it for a battery",
    ),
)
LIGHT = DRAWS[-1]
# Of the dark on a battery, measured in emulated time (tests/chip/test_sleep.py); else it is awake.
SHARE_ASLEEP = 0.93
CELL_MAH, CELL_UA, CELL_LIFE_YEARS = 220, 0.84, 10  # CR2032; DS3231 typical, max 3 µA; shelf life

PRESSES_A_DAY, LIT_S = 20, 30
BATTERIES_MAH = (400, 1000, 2000)
BATTERY_V, USABLE = 3.7, 0.9  # what is left below 3.3 V, and lost in D1


def milliwatts(state: str, light: bool) -> float:
    """What the whole token takes from its input in a state: "lit", "dark" or "asleep"."""
    total = 0.0
    for draw in DRAWS:
        if draw is LIGHT and not light:
            continue
        at_input = draw.volts > 3.3
        total += getattr(draw, state) * draw.volts / (1.0 if at_input else CONVERTER)
    return total


def life_h(battery_mah: float, rest: str, light: bool) -> float:
    """Hours on a battery with PRESSES_A_DAY, and in the state `rest` between them; "asleep" is that
    for SHARE_ASLEEP of the time."""
    lit = PRESSES_A_DAY * LIT_S / 86_400
    resting = milliwatts(rest, light)
    if rest == "asleep":
        resting = SHARE_ASLEEP * resting + (1 - SHARE_ASLEEP) * milliwatts("dark", light)
    average = lit * milliwatts("lit", light) + (1 - lit) * resting
    return battery_mah * BATTERY_V * USABLE / average


def cell_years() -> float:
    """How long the coin cell keeps the time of a token that is never powered."""
    return min(CELL_LIFE_YEARS, CELL_MAH * 1000 / CELL_UA / 24 / 365.25)


def current_table() -> str:
    """The draws as a table of Markdown."""
    lines = ["| Part | lit | dark | asleep | from |", "| --- | --- | --- | --- | --- |"]
    for draw in DRAWS:
        values = (f"{value:g} mA" for value in (draw.lit, draw.dark, draw.asleep))
        part = f"{draw.part}, {draw.volts:g} V"
        lines.append("| " + " | ".join((part, *values, draw.source)) + " |")
    for words, light in (("**all, at the input**", True), ("**without the red light**", False)):
        powers = (f"{milliwatts(state, light):.0f} mW" for state in ("lit", "dark", "asleep"))
        lines.append("| " + " | ".join((words, *powers, "")) + " |")
    return "\n".join(lines)


def life_table() -> str:
    """Battery lives as a table of Markdown."""
    lines = [
        "| LiPo cell | awake in the dark | asleep in the dark | asleep, without the red light |"
    ]
    lines.append("| --- | --- | --- | --- |")
    for size in BATTERIES_MAH:
        lives = (
            _words(life_h(size, rest, light))
            for rest, light in (("dark", True), ("asleep", True), ("asleep", False))
        )
        lines.append("| " + " | ".join((f"{size} mAh", *lives)) + " |")
    return "\n".join(lines)


def _words(hours: float) -> str:
    return f"{hours:.0f} hours" if hours < 72 else f"{hours / 24:.0f} days"
