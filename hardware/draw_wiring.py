"""Draws hardware/wiring*.svg, one for each board of the family, from the pin table.

    python hardware/draw_wiring.py           writes them
    python hardware/draw_wiring.py --check   exits 1 when one is not what this program draws

The pads come from the pin table; the ways of the wires between the parts are laid by hand for pads
on the sides of the board that netlist.LAYOUT_SIDES names. With the pins as they are the wires cross
three times: SDA and SCL come in one order on the display and in the other on the clock; GND and VCC
reach the display in the other order than they leave the Pico; and the optional SQW wire leaves the
Pico between the supply and the ground of the clock.
Attributes for programs: every pad is an element with data-pad ("pico:6") and data-name ("GP4") and
its centre in data-x and data-y; every wire is a path with data-net, data-from and data-to (a pad,
or "net" where it joins its own net at a dot).
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
if not __package__:  # run as a file
    sys.path.insert(0, str(ROOT))

from hardware.netlist import (  # noqa: E402
    BOARDS,
    CLOCK_HEADER,
    DISPLAY_HEADER,
    NETS,
    PAD_GROUND_BUTTON,
    PAD_GROUND_CLOCK,
    PAD_GROUND_DISPLAY,
    PICO_PADS,
    Board,
    pads_used,
)
from hardware.svg import (  # noqa: E402
    CENTRED_BOLD,
    GREY,
    INK,
    MONO,
    PAPER,
    Point,
    attributes,
    box,
    disc,
    page,
    path_of,
    text,
    towards,
)
from picototp.board import config  # noqa: E402

OUTPUT = ROOT / "hardware" / "wiring.svg"  # of the Pico; the others beside it

WIDTH, HEIGHT = 918, 1150
GOLD = "#dcb74f"
BOARD_LEFT, BOARD_RIGHT = 160, 390
ROW_TOP, ROW_PITCH = 228, 31
HEADER_PITCH = 40
DISPLAY_PIN_1: Point = (561, 290)
CLOCK_PIN_1: Point = (528, 640)
BUTTON_LEFT = 190
BUTTON_ROWS = (886, 946)


class Wire(NamedTuple):
    """A path between two pads. `start` may be "net": a dot on a wire of the same net."""

    net: str
    start: str
    end: str
    points: list[Point]


# ---- the ways of the wires


def places(used: Mapping[int, str]) -> dict[str, Point]:
    """Centre of every pad that a wire can end at, by names such as "pico:6" and "clock:SDA"."""
    found = {}
    for pad in range(1, 41):
        row, x = (pad - 1, BOARD_LEFT) if pad <= 20 else (40 - pad, BOARD_RIGHT)
        found[f"pico:{pad}"] = (x, ROW_TOP + ROW_PITCH * row)
    upper, lower = BUTTON_ROWS
    button = next(pad for pad, net in used.items() if net == "BUTTON")
    first, second = (upper, lower) if button > PAD_GROUND_BUTTON else (lower, upper)
    found["button:1"], found["button:2"] = (BUTTON_LEFT, first), (BUTTON_LEFT, second)
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

    def button_lane(end: str) -> str:
        row = at[end][1]
        return f"x132 y{row}" if row == BUTTON_ROWS[0] else f"x104 y{row}"

    ground = f"pico:{PAD_GROUND_BUTTON}"
    return [
        wire("SQW", pad["SQW"], "clock:SQW", "x422 y860 x796 y586"),
        wire("GND", f"pico:{PAD_GROUND_DISPLAY}", "display:GND", "x422 y250"),
        wire("GND", f"pico:{PAD_GROUND_CLOCK}", "clock:GND"),
        wire("GND", ground, "button:2", button_lane("button:2")),
        wire("3V3", pad["3V3"], "display:VCC", "x450 y222"),
        branch("3V3", (450, at[pad["3V3"]][1]), "clock:VCC", "y558"),
        wire("SCL", pad["SCL"], "clock:SCL", "x72 y1006 x824 y558"),
        branch("SCL", (824, 1006), "display:SCL", "x880 y222"),
        wire("SDA", pad["SDA"], "display:SDA", "x40 y1036 x852 y250"),
        branch("SDA", (852, 530), "clock:SDA", "x608"),
        wire("BUTTON", pad["BUTTON"], "button:1", button_lane("button:1")),
    ]


# ---- drawing


def draw_pads(at: Mapping[str, Point]) -> list[str]:
    """Gold rings with a hole, and what a program wants to know of them."""
    out = []
    for pad, (x, y) in at.items():
        part, name = pad.split(":")
        name = PICO_PADS[int(name) - 1] if part == "pico" else name
        data = {"data_pad": pad, "data_name": name, "data_x": x, "data_y": y}
        out.append(f"<g{attributes(data)}>{disc(x, y, 9, GOLD)}{disc(x, y, 4, '#fff')}</g>")
    return out


def draw_pico(used: Mapping[int, str], at: Mapping[str, Point], board: Board) -> list[str]:
    """The board with all its names; those of wired pads stand on the colour of their net."""
    middle = (BOARD_LEFT + BOARD_RIGHT) // 2
    width = BOARD_RIGHT - BOARD_LEFT + 30
    out = [
        box(BOARD_LEFT - 15, 200, width, 645, "#1d6f45", rx=12, stroke="#124a2e", stroke_width=2),
        box(middle - 37, 168, 74, 46, "#c9ced4", rx=5, stroke="#8d949c", stroke_width=2),
        text(middle, 197, "USB", 16, text_anchor="middle", font_weight="bold"),
        disc(middle, 284, 11, "#f3f3ee", stroke="#9aa0a6", stroke_width=2),
        text(middle, 310, "BOOT", 11, "#e3f2e9", text_anchor="middle"),
        text(middle, 324, "SEL", 11, "#e3f2e9", text_anchor="middle"),
        box(middle - 28, 450, 56, 56, "#22262b", rx=4),
        text(middle, 482, board.chip, 12, "#c9ced4", text_anchor="middle"),
        text(
            middle + 7,
            606,
            board.title,
            20,
            "#fff",
            transform=f"rotate(-90 {middle + 7} 606)",
            **CENTRED_BOLD,
        ),
    ]
    if board.wireless:
        out.append(box(middle - 24, 676, 48, 72, "#c9ced4", rx=3, stroke="#8d949c"))
        out.append(text(middle, 716, "Wi-Fi", 12, text_anchor="middle"))
    for pad, name in enumerate(PICO_PADS, start=1):
        x, y = at[f"pico:{pad}"]
        inward = 1 if pad <= 20 else -1
        anchor = "start" if inward > 0 else "end"
        fill, weight, size = "#d3ecdd", "normal", 14
        if pad in used:
            fill, weight, size = "#fff", "bold", 15
            long = 9 * len(name) + 18
            left = x + 35 if inward > 0 else x - 35 - long
            colour = NETS[used[pad]][0]
            out.append(box(left, y - 12, long, 24, colour, rx=6, stroke="#fff", stroke_width=1.5))
        out.append(text(x + 21 * inward, y + 5, str(pad), 14, "#fff", text_anchor="middle"))
        out.append(
            text(x + 40 * inward, y + 5, name, size, fill, text_anchor=anchor, font_weight=weight)
        )
    return out


def draw_header(part: str, names: Sequence[str], at: Mapping[str, Point]) -> list[str]:
    """The names below the pads of a module."""
    spots = [(name, *at[f"{part}:{name}"]) for name in names]
    return [text(x, y + 28, name, 14, "#fff", **CENTRED_BOLD) for name, x, y in spots]


def draw_display(at: Mapping[str, Point]) -> list[str]:
    """The display with a code on it."""
    left, top, glow = 486, 272, "#9be7ff"
    return [
        box(left, top, 270, 226, "#1b4a7d", rx=12, stroke="#10304f", stroke_width=2),
        box(left + 16, top + 54, 238, 118, "#07090c", rx=4),
        text(left + 30, top + 78, "Example: alice", 16, glow, font_family=MONO),
        text(left + 135, top + 130, "755 224", 46, glow, text_anchor="middle", font_family=MONO),
        box(left + 30, top + 150, 150, 8, glow),
        text(left + 240, top + 160, "21 s", 15, glow, text_anchor="end", font_family=MONO),
        text(left + 135, top + 194, "OLED display 128x64, I2C", 16, "#fff", **CENTRED_BOLD),
        text(left + 135, top + 215, "SSD1306 or SH1106", 15, "#cfe0f2", text_anchor="middle"),
        *draw_header("display", DISPLAY_HEADER, at),
    ]


def draw_clock(at: Mapping[str, Point]) -> list[str]:
    """The clock module, whose cell is on the far side of most."""
    left, top = 486, 622
    return [
        box(left, top, 284, 210, "#23408f", rx=12, stroke="#14265a", stroke_width=2),
        disc(left + 214, top + 132, 60, "#c9ced4", stroke="#8d949c", stroke_width=3),
        disc(left + 214, top + 132, 48, "#dde1e5", stroke="#b4bac1", stroke_width=1.5),
        text(left + 214, top + 128, "CR2032", 16, **CENTRED_BOLD),
        text(left + 214, top + 150, "+", 20, text_anchor="middle"),
        box(left + 20, top + 78, 116, 46, "#22262b", rx=4),
        text(left + 78, top + 107, "DS3231SN", 16, "#e6e8ea", text_anchor="middle"),
        text(left + 78, top + 156, "Clock module", 16, "#fff", **CENTRED_BOLD),
        text(left + 78, top + 178, "such as ZS-042", 15, "#cfd8f2", text_anchor="middle"),
        *draw_header("clock", CLOCK_HEADER, at),
    ]


def draw_button() -> list[str]:
    """The button, with its two legs as bars to the left."""
    top, bottom = BUTTON_ROWS
    left, middle = BUTTON_LEFT + 24, (top + bottom) // 2
    return [
        *(box(BUTTON_LEFT - 6, y - 6, 148, 12, "#b9bfc6", rx=3) for y in (top, bottom)),
        box(left, top - 18, 100, bottom - top + 36, "#3a4048", rx=10, stroke=INK, stroke_width=2),
        disc(left + 50, middle, 33, "#16914a", stroke="#0e5c2f", stroke_width=3),
        text(left + 50, middle + 5, "PUSH", 15, "#fff", **CENTRED_BOLD),
        text(left + 124, middle + 6, "Push button", 17, font_weight="bold"),
    ]


def draw_wires(wires: Sequence[Wire]) -> list[str]:
    """Each net on a casing of paper, which makes it pass over the nets drawn before it."""
    out = []
    for net, (colour, _, _) in NETS.items():
        own = [wire for wire in wires if wire.net == net]
        for wire in own:
            # Not as far as the pads, where it would cut into the parts.
            first = towards(wire.points[0], wire.points[1], 0 if wire.start == "net" else 28)
            last = towards(wire.points[-1], wire.points[-2], 28)
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


def draw_words(board: Board) -> list[str]:
    """Title, legend, and what to mind."""
    out = [
        text(40, 54, f"PicoTOTP on a {board.title}", 30, font_weight="bold"),
        text(40, 84, "seen from above, USB socket on top", 18, GREY),
        text(
            40,
            1088,
            "Modules differ in the order of their pins: go by the names printed on yours.",
            19,
            font_weight="bold",
        ),
        text(
            40,
            1118,
            "Only 3.3 V from pad 36: pads 39 and 40 carry 5 V. Wires join only at a dot.",
            19,
            GREY,
        ),
    ]
    for place, net in enumerate(("3V3", "GND", "BUTTON", "SDA", "SCL", "SQW")):
        colour, name, meaning = NETS[net]
        x, y = 40 + 280 * (place % 3), 116 + 30 * (place // 3)
        dash = {"stroke_dasharray": "11 6"} if net == "SQW" else {}
        line = {"x1": x, "y1": y, "x2": x + 36, "y2": y, "stroke": colour, "stroke_width": 5}
        out.append(f"<line{attributes(line | dash)}/>")
        out.append(text(x + 46, y + 6, name, 17, font_weight="bold"))
        out.append(text(x + 118, y + 6, meaning, 17))
    return out


def draw(pins: Mapping[str, Any], board: Board = BOARDS[0]) -> str:
    """A whole picture as SVG text. ValueError if a pin is on a side that no wire is laid for."""
    used = pads_used(pins)
    at = places(used)
    body = [
        *draw_pico(used, at, board),
        *draw_display(at),
        *draw_clock(at),
        *draw_button(),
        *draw_wires(lay_wires(used)),
        *draw_pads(at),
        *draw_words(board),
    ]
    return page(f"Wiring of a {board.title}", WIDTH, HEIGHT, "hardware/draw_wiring.py", body)


def pictures(pins: Mapping[str, Any]) -> dict[Path, str]:
    """Every picture, by the file that it belongs in."""
    first, *others = BOARDS
    paths = {OUTPUT: first}
    paths |= {OUTPUT.with_name(f"{OUTPUT.stem}-{board.slug}.svg"): board for board in others}
    return {path: draw(pins, board) for path, board in paths.items()}


def main(arguments: Sequence[str]) -> int:
    """Exit status: 0 done or unchanged, 1 stale, 2 usage."""
    drawn = pictures(vars(config))
    if list(arguments) == ["--check"]:
        stale = [
            path.name
            for path, picture in drawn.items()
            if not path.is_file() or path.read_text(encoding="utf-8") != picture
        ]
        for name in stale:
            print(f"{name} is not what this program draws: run it", file=sys.stderr)
        return 1 if stale else 0
    if arguments:
        print(__doc__, file=sys.stderr)
        return 2
    for path, picture in drawn.items():
        path.write_text(picture, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
