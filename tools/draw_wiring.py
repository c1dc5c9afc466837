"""Draws hardware/wiring.svg from the pins in firmware/picototp/board/config.py.

    python tools/draw_wiring.py           writes hardware/wiring.svg
    python tools/draw_wiring.py --check   exits 1 when that file is not what this program draws

The pads come from the constants; the ways of the wires between the parts are laid by hand for pads
on the sides of the board that LAYOUT_SIDES names, and a pin moved to the other side is refused.
Units are SVG pixels, y grows downwards. Attributes for programs: every pad is an element with
data-pad ("pico:6") and data-name ("GP4") and its centre in data-x and data-y; every wire is a path
with data-net, data-from and data-to (a pad, or "net" where it joins its own net at a dot).
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from picototp.board import config

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "hardware" / "wiring.svg"

# Names of pads 1 to 40, counted down the left side and up the right one, USB socket on top
# (Raspberry Pi Pico datasheet, section 2.1).
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

# Left to right, as most modules have them; seen from the side of the glass, or of the chip.
DISPLAY_HEADER = ("GND", "VCC", "SCL", "SDA")
CLOCK_HEADER = ("GND", "VCC", "SDA", "SCL", "SQW", "32K")
LAYOUT_SIDES = {"SDA": "left", "SCL": "left", "BUTTON": "left", "SQW": "right"}

Point = tuple[int, int]

# Net: colour to draw, colour's name, meaning. Nets drawn later pass over those before.
NETS = {
    "SQW": ("#8b3fc7", "violet", "SQW (optional)"),
    "GND": ("#20242a", "black", "ground"),
    "3V3": ("#d62828", "red", "3.3 V, to VCC"),
    "SCL": ("#e0a000", "yellow", "SCL, I2C clock"),
    "SDA": ("#1769d2", "blue", "SDA, I2C data"),
    "BUTTON": ("#16914a", "green", "button"),
}

WIDTH, HEIGHT = 1220, 960
PAPER = "#f5f7f9"
INK = "#20242a"
GOLD = "#dcb74f"
SANS = "DejaVu Sans, Verdana, Segoe UI, Helvetica, Arial, sans-serif"
MONO = "DejaVu Sans Mono, Menlo, Consolas, monospace"
CENTRED_BOLD = {"text_anchor": "middle", "font_weight": "bold"}

BOARD_LEFT, BOARD_RIGHT = 330, 590
ROW_TOP, ROW_PITCH = 140, 33
HEADER_PITCH = 40
DISPLAY_PIN_1: Point = (835, 212)
CLOCK_PIN_1: Point = (800, 590)
BUTTON_RIGHT = 250


class Wire(NamedTuple):
    net: str
    start: str  # a pad such as "pico:6", or "net" for a dot on a wire of the same net
    end: str
    points: list[Point]


# ---- what is connected


def pads_used(pins: Mapping[str, Any]) -> dict[int, str]:
    """Net of each wired pad of the Pico. ValueError if a pin is not on the side laid out for it."""
    pads = {PICO_PADS.index(f"GP{pins[f'PIN_{net}']}") + 1: net for net in LAYOUT_SIDES}
    for pad, net in pads.items():
        side = "left" if pad <= 20 else "right"
        if side != LAYOUT_SIDES[net]:
            raise ValueError(f"PIN_{net} is on the {side} side now: lay its wire anew")
    grounds = dict.fromkeys((PAD_GROUND_DISPLAY, PAD_GROUND_CLOCK, PAD_GROUND_BUTTON), "GND")
    return pads | grounds | {PAD_SUPPLY: "3V3"}


def places(used: Mapping[int, str]) -> dict[str, Point]:
    """Centre of every pad that a wire can end at, by names such as "pico:6" and "clock:SDA"."""
    found = {}
    for pad in range(1, 41):
        row, x = (pad - 1, BOARD_LEFT) if pad <= 20 else (40 - pad, BOARD_RIGHT)
        found[f"pico:{pad}"] = (x, ROW_TOP + ROW_PITCH * row)
        if used.get(pad) == "BUTTON":
            found["button:1"] = (BUTTON_RIGHT, found[f"pico:{pad}"][1])
    found["button:2"] = (BUTTON_RIGHT, found[f"pico:{PAD_GROUND_BUTTON}"][1])
    for part, (x, y), names in (
        ("display", DISPLAY_PIN_1, DISPLAY_HEADER),
        ("clock", CLOCK_PIN_1, CLOCK_HEADER),
    ):
        for place, name in enumerate(names):
            found[f"{part}:{name}"] = (x + HEADER_PITCH * place, y)
    return found


def way(start: Point, lanes: str, end: Point) -> list[Point]:
    """Corners of a wire that follows lanes ("x650 y172": go to that column, then to that row)."""
    points = [start]
    for lane in lanes.split():
        x, y = points[-1]
        points.append((int(lane[1:]), y) if lane[0] == "x" else (x, int(lane[1:])))
    x, y = points[-1]
    if x != end[0] and y != end[1]:
        points.append((end[0], y))
    return [*points, end]


def lay_wires(used: Mapping[int, str]) -> list[Wire]:
    """All wires, each net's in one run, nets in the order of drawing."""
    at = places(used)
    pad = {net: f"pico:{number}" for number, net in used.items()}

    def wire(net: str, start: str, end: str, lanes: str = "") -> Wire:
        return Wire(net, start, end, way(at[start], lanes, at[end]))

    def branch(net: str, dot: Point, end: str, lanes: str) -> Wire:
        return Wire(net, "net", end, way(dot, lanes, at[end]))

    supply_dot = (680, at[pad["3V3"]][1])
    return [
        wire("SQW", pad["SQW"], "clock:SQW", "x625 y805 x1085 y536"),
        wire("GND", f"pico:{PAD_GROUND_DISPLAY}", "display:GND", "x650 y172"),
        wire("GND", f"pico:{PAD_GROUND_CLOCK}", "clock:GND"),
        wire("GND", f"pico:{PAD_GROUND_BUTTON}", "button:2"),
        wire("3V3", pad["3V3"], "display:VCC", "x680 y140"),
        branch("3V3", supply_dot, "clock:VCC", "y508"),
        wire("SCL", pad["SCL"], "display:SCL", "x90 y838 x1125 y140"),
        branch("SCL", (1125, 508), "clock:SCL", "x920"),
        wire("SDA", pad["SDA"], "display:SDA", "x58 y870 x1158 y172"),
        branch("SDA", (1158, 476), "clock:SDA", "x880"),
        wire("BUTTON", pad["BUTTON"], "button:1"),
    ]


# ---- drawing


def attributes(values: Mapping[str, object]) -> str:
    return "".join(f' {name.replace("_", "-")}="{value}"' for name, value in values.items())


def box(x: int, y: int, width: int, height: int, fill: str, **more: object) -> str:
    size = {"x": x, "y": y, "width": width, "height": height, "fill": fill}
    return f"<rect{attributes(size | more)}/>"


def disc(x: int, y: int, radius: int, fill: str, **more: object) -> str:
    return f"<circle{attributes({'cx': x, 'cy': y, 'r': radius, 'fill': fill} | more)}/>"


def text(x: int, y: int, words: str, size: int, fill: str = INK, **more: object) -> str:
    place = {"x": x, "y": y, "font_size": size, "fill": fill}
    return f"<text{attributes(place | more)}>{escape(words)}</text>"


def draw_pads(at: Mapping[str, Point]) -> list[str]:
    """Gold rings with a hole, and what a program wants to know of them."""
    out = []
    for pad, (x, y) in at.items():
        part, name = pad.split(":")
        name = PICO_PADS[int(name) - 1] if part == "pico" else name
        data = {"data_pad": pad, "data_name": name, "data_x": x, "data_y": y}
        out.append(f"<g{attributes(data)}>{disc(x, y, 9, GOLD)}{disc(x, y, 4, '#fff')}</g>")
    return out


def draw_pico(used: Mapping[int, str], at: Mapping[str, Point]) -> list[str]:
    middle = (BOARD_LEFT + BOARD_RIGHT) // 2
    width = BOARD_RIGHT - BOARD_LEFT + 28
    out = [
        box(BOARD_LEFT - 14, 112, width, 690, "#1d6f45", rx=12, stroke="#124a2e", stroke_width=2),
        box(middle - 37, 88, 74, 58, "#c9ced4", rx=5, stroke="#8d949c", stroke_width=2),
        text(middle, 122, "USB", 15, text_anchor="middle", font_weight="bold"),
        box(middle - 32, 420, 64, 64, "#22262b", rx=4),
        text(middle, 457, "RP2040", 12, "#c9ced4", text_anchor="middle"),
        text(middle, 640, "Raspberry Pi", 12, "#e3f2e9", text_anchor="middle"),
        text(middle, 662, "Pico", 19, "#fff", text_anchor="middle", font_weight="bold"),
        disc(middle, 330, 12, "#f3f3ee", stroke="#9aa0a6", stroke_width=2),
        text(middle, 358, "BOOTSEL", 10, "#e3f2e9", text_anchor="middle"),
    ]
    for pad, name in enumerate(PICO_PADS, start=1):
        x, y = at[f"pico:{pad}"]
        inward = 1 if pad <= 20 else -1
        anchor = "start" if inward > 0 else "end"
        fill, weight = "#bfe0cd", "normal"
        if pad in used:
            fill, weight = "#fff", "bold"
            long = 9 * len(name) + 24
            left = x + 34 if inward > 0 else x - 34 - long
            colour = NETS[used[pad]][0]
            out.append(box(left, y - 12, long, 24, colour, rx=6, stroke="#fff", stroke_width=1.5))
        out.append(text(x + 22 * inward, y + 4, str(pad), 12, "#fff", text_anchor="middle"))
        out.append(
            text(x + 42 * inward, y + 5, name, 14, fill, text_anchor=anchor, font_weight=weight)
        )
    return out


def draw_header(part: str, names: Sequence[str], at: Mapping[str, Point]) -> list[str]:
    spots = [(name, *at[f"{part}:{name}"]) for name in names]
    return [text(x, y + 27, name, 13, "#fff", **CENTRED_BOLD) for name, x, y in spots]


def draw_display(at: Mapping[str, Point]) -> list[str]:
    left, glow = 760, "#9be7ff"
    return [
        box(left, 194, 270, 252, "#1b4a7d", rx=12, stroke="#10304f", stroke_width=2),
        box(left + 16, 252, 238, 138, "#07090c", rx=4),
        text(left + 30, 280, "Example: alice", 15, glow, font_family=MONO),
        text(left + 135, 336, "755 224", 46, glow, text_anchor="middle", font_family=MONO),
        box(left + 30, 356, 150, 8, glow),
        text(left + 240, 366, "21 s", 14, glow, text_anchor="end", font_family=MONO),
        text(left + 135, 413, "OLED display 128x64, I2C", 14, "#fff", **CENTRED_BOLD),
        text(left + 135, 433, "SSD1306 or SH1106", 13, "#cfe0f2", text_anchor="middle"),
        *draw_header("display", DISPLAY_HEADER, at),
    ]


def draw_clock(at: Mapping[str, Point]) -> list[str]:
    left = 760
    return [
        box(left, 572, 280, 200, "#23408f", rx=12, stroke="#14265a", stroke_width=2),
        disc(left + 205, 695, 58, "#c9ced4", stroke="#8d949c", stroke_width=3),
        disc(left + 205, 695, 46, "#dde1e5", stroke="#b4bac1", stroke_width=1.5),
        text(left + 205, 691, "CR2032", 14, **CENTRED_BOLD),
        text(left + 205, 710, "+", 18, text_anchor="middle"),
        box(left + 26, 652, 104, 44, "#22262b", rx=4),
        text(left + 78, 679, "DS3231SN", 14, "#e6e8ea", text_anchor="middle", font_family=MONO),
        text(left + 78, 725, "Clock module", 14, "#fff", **CENTRED_BOLD),
        text(left + 78, 745, "such as ZS-042", 13, "#cfd8f2", text_anchor="middle"),
        *draw_header("clock", CLOCK_HEADER, at),
    ]


def draw_button(at: Mapping[str, Point]) -> list[str]:
    top, bottom = sorted((at["button:1"][1], at["button:2"][1]))
    middle = (top + bottom) // 2
    left = BUTTON_RIGHT - 104
    return [
        *(box(left - 22, y - 6, 148, 12, "#b9bfc6", rx=3) for y in (top, bottom)),
        box(left, top - 20, 104, bottom - top + 40, "#3a4048", rx=10, stroke=INK, stroke_width=2),
        disc(left + 52, middle, 34, "#16914a", stroke="#0e5c2f", stroke_width=3),
        text(left + 52, middle + 5, "PUSH", 14, "#fff", **CENTRED_BOLD),
        text(left + 52, top - 32, "Push button", 15, **CENTRED_BOLD),
    ]


def path_of(points: Sequence[Point], radius: int = 11) -> str:
    """Path data with rounded corners: each corner is the control point of a Q command."""
    parts = [f"M{points[0][0]} {points[0][1]}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        parts.append("L{} {}".format(*towards(corner, before, radius)))
        parts.append("Q{} {} {} {}".format(*corner, *towards(corner, after, radius)))
    parts.append(f"L{points[-1][0]} {points[-1][1]}")
    return " ".join(parts)


def towards(start: Point, target: Point, distance: int) -> Point:
    """The point so far from start on the horizontal or vertical line to target."""
    x, y = (max(-distance, min(distance, t - s)) for s, t in zip(start, target, strict=True))
    return start[0] + x, start[1] + y


def draw_wires(wires: Sequence[Wire]) -> list[str]:
    """Each net on a casing of paper, which makes it pass over the nets drawn before it."""
    out = []
    for net, (colour, _, _) in NETS.items():
        own = [wire for wire in wires if wire.net == net]
        for wire in own:
            # Not as far as the pads, where it would cut into the parts.
            first = towards(wire.points[0], wire.points[1], 0 if wire.start == "net" else 32)
            last = towards(wire.points[-1], wire.points[-2], 32)
            casing = path_of([first, *wire.points[1:-1], last])
            out.append(f'<path d="{casing}" fill="none" stroke="{PAPER}" stroke-width="13"/>')
        for wire in own:
            data = {"data_net": net, "data_from": wire.start, "data_to": wire.end}
            dash = ' stroke-dasharray="11 6"' if net == "SQW" else ""
            out.append(
                f'<path{attributes(data)} d="{path_of(wire.points)}" fill="none" '
                f'stroke="{colour}" stroke-width="5" stroke-linecap="round"{dash}/>'
            )
        out += [disc(*wire.points[0], 8, colour) for wire in own if wire.start == "net"]
    return out


def draw_words() -> list[str]:
    out = [
        text(40, 58, "PicoTOTP wiring", 30, font_weight="bold"),
        text(334, 58, "seen from above, USB socket on top", 16, "#5b6570"),
        text(
            40,
            916,
            "Modules differ in the order of their pins: follow the names printed on yours.",
            16,
            font_weight="bold",
        ),
        text(
            40,
            940,
            "Everything runs on 3.3 V from pin 36; VBUS (pin 40) and VSYS (pin 39) carry 5 V. "
            "A dot joins wires; where wires only cross, one passes over the other.",
            14,
            "#5b6570",
        ),
    ]
    for line, net in enumerate(("3V3", "GND", "SDA", "SCL", "BUTTON", "SQW")):
        colour, name, meaning = NETS[net]
        y = 108 + 28 * line
        dash = {"stroke_dasharray": "11 6"} if net == "SQW" else {}
        place = {"x1": 40, "y1": y, "x2": 84, "y2": y, "stroke": colour, "stroke_width": 5}
        out.append(f"<line{attributes(place | dash)}/>")
        out.append(text(96, y + 5, name, 14, font_weight="bold"))
        out.append(text(154, y + 5, meaning, 14))
    return out


def draw(pins: Mapping[str, Any]) -> str:
    """The whole picture as SVG text."""
    used = pads_used(pins)
    at = places(used)
    wires = lay_wires(used)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" font-family="{SANS}" role="img">',
        "<title>PicoTOTP wiring</title>",
        "<!-- Drawn by tools/draw_wiring.py: change that, not this. -->",
        box(1, 1, WIDTH - 2, HEIGHT - 2, PAPER, rx=18, stroke="#c3cad2", stroke_width=2),
        *draw_pico(used, at),
        *draw_display(at),
        *draw_clock(at),
        *draw_button(at),
        *draw_wires(wires),
        *draw_pads(at),
        *draw_words(),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str]) -> int:
    picture = draw(vars(config))
    if list(arguments) == ["--check"]:
        same = OUTPUT.is_file() and OUTPUT.read_text(encoding="utf-8") == picture
        if not same:
            print(f"{OUTPUT.name} is not what this program draws: run it", file=sys.stderr)
        return 0 if same else 1
    if arguments:
        print(__doc__, file=sys.stderr)
        return 2
    OUTPUT.write_text(picture, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
