"""The few shapes that the drawings are made of, as SVG text: pixels, and y grows downwards."""

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

INK = "#20242a"
GREY = "#5b6570"
PAPER = "#f5f7f9"
SANS = "DejaVu Sans, Verdana, Segoe UI, Helvetica, Arial, sans-serif"
MONO = "DejaVu Sans Mono, Menlo, Consolas, monospace"
CENTRED_BOLD = {"text_anchor": "middle", "font_weight": "bold"}

Point = tuple[int, int]


def attributes(values: Mapping[str, object]) -> str:
    """Names are written with _ for -."""
    return "".join(f' {name.replace("_", "-")}="{value}"' for name, value in values.items())


def box(x: int, y: int, width: int, height: int, fill: str, **more: object) -> str:
    """A rectangle by its upper left corner."""
    size = {"x": x, "y": y, "width": width, "height": height, "fill": fill}
    return f"<rect{attributes(size | more)}/>"


def disc(x: int, y: int, radius: int, fill: str, **more: object) -> str:
    """A filled circle."""
    return f"<circle{attributes({'cx': x, 'cy': y, 'r': radius, 'fill': fill} | more)}/>"


def text(x: int, y: int, words: str, size: int, fill: str = INK, **more: object) -> str:
    """One line of text on its baseline."""
    place = {"x": x, "y": y, "font_size": size, "fill": fill}
    return f"<text{attributes(place | more)}>{escape(words)}</text>"


def towards(start: Point, target: Point, distance: int) -> Point:
    """The point so far from start on the horizontal or vertical line to target."""
    x, y = (max(-distance, min(distance, t - s)) for s, t in zip(start, target, strict=True))
    return start[0] + x, start[1] + y


def path_of(points: Sequence[Point], radius: int = 11) -> str:
    """Path data with rounded corners: each corner is the control point of a Q command."""
    parts = [f"M{points[0][0]} {points[0][1]}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        parts.append("L{} {}".format(*towards(corner, before, radius)))
        parts.append("Q{} {} {} {}".format(*corner, *towards(corner, after, radius)))
    parts.append(f"L{points[-1][0]} {points[-1][1]}")
    return " ".join(parts)


def page(title: str, width: int, height: int, made_by: str, body: Sequence[str]) -> str:
    """A whole file: a sheet of paper with a thin border, and the body on it."""
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="{SANS}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<!-- Drawn by {made_by}: change that, not this. -->",
        box(1, 1, width - 2, height - 2, PAPER, rx=18, stroke="#c3cad2", stroke_width=2),
        *body,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"
