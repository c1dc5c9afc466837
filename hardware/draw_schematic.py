"""The schematic as a picture, from the same values as the KiCad file."""

from collections.abc import Sequence

from hardware.schematic import FRAMES, NOTES, PICTURE_STEPS, TITLE, Label, Part, Sheet, pin_spot
from hardware.svg import GREY, INK, attributes, disc, page, text
from hardware.symbols import SYMBOLS, Pin, Spot

SCALE = 8  # pixels a step
WIRE = "#16794a"
SHAPE = "#8a1f1f"
FILL = "#fff8dc"
_ANCHORS = {"left": "start", "right": "end", "centre": "middle"}


def _px(value: float) -> int:
    return round(value * SCALE)


def _line(points: Sequence[Spot], colour: str, width: float, **more: object) -> str:
    places = " ".join(f"{_px(x)},{_px(y)}" for x, y in points)
    kinds = {"points": places, "fill": "none", "stroke": colour, "stroke_width": width}
    return f"<polyline{attributes(kinds | {'stroke_linejoin': 'round'} | more)}/>"


def _pin(part: Part, pin: Pin, names: bool) -> list[str]:
    x, y = pin_spot(part, pin)
    dx, dy = {"R": (1, 0), "L": (-1, 0), "U": (0, -1), "D": (0, 1)}[pin.side]
    inner = (x + dx * pin.length, y + dy * pin.length)
    out = [_line([(x, y), inner], SHAPE, 2)]
    if names:
        anchor = "start" if dx > 0 else "end"
        shown = {"text_anchor": anchor}
        out.append(text(_px(inner[0] + 0.6 * dx), _px(y) + 5, pin.name, 13, INK, **shown))
        number = {"text_anchor": "end" if dx > 0 else "start"}
        out.append(text(_px(inner[0] - 0.25 * dx), _px(y) - 4, pin.number, 10, GREY, **number))
    return out


def _part(part: Part) -> list[str]:
    symbol, out = SYMBOLS[part.symbol], []
    x, y = part.at
    if symbol.box is not None:
        left, top, right, bottom = symbol.box
        place = {"x": _px(x + left), "y": _px(y + top)}
        size = {"width": _px(right - left), "height": _px(bottom - top)}
        look = {"fill": FILL, "stroke": SHAPE, "stroke_width": 2}
        out.append(f"<rect{attributes(place | size | look)}/>")
    for stroke in symbol.strokes:
        out.append(_line([(x + a, y + b) for a, b in stroke], SHAPE, 2.5))
    for pin in symbol.pins:
        out += _pin(part, pin, symbol.names)
    for words, (dx, dy), weight in zip(
        (part.reference, part.value), part.words, ("bold", "normal"), strict=True
    ):
        if not words.startswith("#"):
            more = {"text_anchor": _ANCHORS[part.side], "font_weight": weight}
            out.append(text(_px(x + dx), _px(y + dy) + 5, words, 14, INK, **more))
    return out


def _flag(label: Label) -> list[str]:
    """A box with a point, as KiCad draws a global label."""
    sign = -1 if label.points == "left" else 1
    x, y = label.at
    long = 1.3 * len(label.net) + 1.6
    shape = [(x, y), (x + sign, y - 1), (x + sign * long, y - 1)]
    shape += [(x + sign * long, y + 1), (x + sign, y + 1), (x, y)]
    middle = {"text_anchor": "middle", "font_weight": "bold"}
    centre = _px(x + sign * (long + 0.8) / 2)
    return [
        _line(shape, WIRE, 1.5, fill="#e7f5ec"),
        text(centre, _px(y) + 4, label.net, 12, WIRE, **middle),
    ]


def _frames() -> list[str]:
    out = []
    for left, top, right, bottom, heading, words in FRAMES:
        corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
        out.append(_line(corners, GREY, 1.2, stroke_dasharray="7 5"))
        bold = {"font_weight": "bold"}
        out.append(text(_px(left + 1), _px(top + 2.4), heading, 18, INK, **bold))
        for row, line in enumerate(words):
            out.append(text(_px(left + 1), _px(top + 4.6 + 1.8 * row), line, 13, GREY))
    out.append(text(_px(8), _px(11), TITLE, 30, INK, font_weight="bold"))
    return out + [text(_px(x), _px(y), line, 15, GREY) for x, y, line in NOTES]


def draw(sheet: Sheet) -> str:
    """The picture as SVG text."""
    body = _frames()
    body += [_line(wire, WIRE, 2.5) for wire in sheet.wires]
    body += [disc(_px(x), _px(y), 5, WIRE) for x, y in sheet.junctions]
    for x, y in sheet.free:
        body.append(_line([(x - 0.35, y - 0.35), (x + 0.35, y + 0.35)], "#1769d2", 2))
        body.append(_line([(x - 0.35, y + 0.35), (x + 0.35, y - 0.35)], "#1769d2", 2))
    for part in sheet.parts:
        body += _part(part)
    for label in sheet.labels:
        body += _flag(label)
    width, height = (_px(steps) for steps in PICTURE_STEPS)
    return page(TITLE, width, height, "hardware/draw_schematic.py", body)
