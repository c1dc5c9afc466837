"""Design rules of the carrier board, checked on the Gerber and drill files and nothing else.

Copper that touches is joined, on one layer or through a plated hole. The groups that follow are
compared with the nets that the parts have; then widths, gaps, rings and edges are measured.
Limits are well above what cheap makers of boards ask for. Millimetres; y grows upwards in Gerber.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from gerbonara.graphic_objects import Flash, Line
from gerbonara.layers import LayerStack
from gerbonara.utils import MM

MIN_GAP = 0.2
MIN_WIDTH = 0.25
MIN_RING = 0.15
MIN_EDGE = 0.3
MIN_HOLE, MAX_HOLE = 0.3, 6.3
MIN_BETWEEN_HOLES = 0.5
_TOUCH = 1e-4

Spot = tuple[float, float]


class Piece(NamedTuple):
    """Copper with round ends: a disc if both ends are the same."""

    layer: str
    start: Spot
    end: Spot
    radius: float


class Hole(NamedTuple):
    """A plated hole."""

    at: Spot
    diameter: float


class Artwork(NamedTuple):
    """What a maker of boards gets. `open` are the discs that the solder mask leaves open."""

    copper: tuple[Piece, ...]
    holes: tuple[Hole, ...]
    outline: tuple[tuple[Spot, Spot], ...]
    open: tuple[Piece, ...]


def read(folder: Path) -> Artwork:
    """The files of a folder. ValueError if there is anything that these rules do not know."""
    stack = LayerStack.open(folder)
    copper = [p for side in ("top", "bottom") for p in _pieces(stack[side, "copper"], side)]
    mask = [p for side in ("top", "bottom") for p in _pieces(stack[side, "mask"], side)]
    holes = []
    for flash in stack.drill_pth.objects:
        x, y = MM(flash.x, flash.unit), MM(flash.y, flash.unit)
        holes.append(Hole((x, y), MM(flash.tool.diameter, flash.tool.unit)))
    if list(stack.drill_npth.objects if stack.drill_npth else ()):
        raise ValueError("holes without copper are not expected")
    return Artwork(tuple(copper), tuple(holes), tuple(_outline(stack.outline)), tuple(mask))


def _pieces(layer: object, side: str) -> Iterable[Piece]:
    for item in layer.objects:  # type: ignore[attr-defined]
        radius = MM(item.aperture.diameter, item.aperture.unit) / 2
        if isinstance(item, Line):
            ends = [MM(v, item.unit) for v in (item.x1, item.y1, item.x2, item.y2)]
            yield Piece(side, (ends[0], ends[1]), (ends[2], ends[3]), radius)
        elif isinstance(item, Flash):
            at = MM(item.x, item.unit), MM(item.y, item.unit)
            yield Piece(side, at, at, radius)
        else:
            raise ValueError(f"{type(item).__name__} is not expected on the board")


def _outline(layer: object) -> Iterable[tuple[Spot, Spot]]:
    for item in layer.objects:  # type: ignore[attr-defined]
        if not isinstance(item, Line):
            raise ValueError(f"{type(item).__name__} is not expected in the outline")
        x1, y1, x2, y2 = (MM(v, item.unit) for v in (item.x1, item.y1, item.x2, item.y2))
        yield (x1, y1), (x2, y2)


def groups(art: Artwork) -> dict[Piece, int]:
    """A number for each piece of copper, the same for what is joined."""
    parent = list(range(len(art.copper)))

    def root(index: int) -> int:
        while parent[index] != index:
            index = parent[index]
        return index

    for a, b in combinations(range(len(art.copper)), 2):
        one, other = art.copper[a], art.copper[b]
        if one.layer == other.layer and within(one, other, _TOUCH):
            parent[root(a)] = root(b)
    for hole in art.holes:
        touching = [
            index for index, piece in enumerate(art.copper) if within(_disc(hole), piece, _TOUCH)
        ]
        for index in touching[1:]:
            parent[root(index)] = root(touching[0])
    return {piece: root(index) for index, piece in enumerate(art.copper)}


def _disc(hole: Hole) -> Piece:
    return Piece("", hole.at, hole.at, hole.diameter / 2)


def gap(a: Piece, b: Piece) -> float:
    """Millimetres between two pieces; 0 or less if they touch."""
    if _cross(a.start, a.end, b.start, b.end):
        return -(a.radius + b.radius)
    nearest = min(
        _to_segment(a.start, b.start, b.end),
        _to_segment(a.end, b.start, b.end),
        _to_segment(b.start, a.start, a.end),
        _to_segment(b.end, a.start, a.end),
    )
    return nearest - a.radius - b.radius


def within(a: Piece, b: Piece, distance: float) -> bool:
    """Whether the gap is at most so large; most pieces are far apart, which is quickly seen."""
    for axis in (0, 1):
        low_a, high_a = sorted((a.start[axis], a.end[axis]))
        low_b, high_b = sorted((b.start[axis], b.end[axis]))
        if max(low_a - high_b, low_b - high_a) - a.radius - b.radius > distance:
            return False
    return gap(a, b) <= distance


def _to_segment(point: Spot, start: Spot, end: Spot) -> float:
    (px, py), (x0, y0), (x1, y1) = point, start, end
    dx, dy = x1 - x0, y1 - y0
    square = dx * dx + dy * dy
    along = 0.0 if square == 0 else ((px - x0) * dx + (py - y0) * dy) / square
    along = min(1.0, max(0.0, along))
    return math.hypot(px - x0 - along * dx, py - y0 - along * dy)


def _cross(a: Spot, b: Spot, c: Spot, d: Spot) -> bool:
    def turn(p: Spot, q: Spot, r: Spot) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return turn(a, b, c) * turn(a, b, d) < 0 and turn(c, d, a) * turn(c, d, b) < 0


def problems(art: Artwork, nets: Mapping[str, Sequence[Spot]]) -> list[str]:
    """What is wrong, a sentence each. `nets` are the places of the pads to be joined."""
    return [
        *connection_problems(art, nets),
        *_gap_problems(art, groups(art)),
        *_hole_problems(art),
        *_width_and_edge_problems(art),
        *_mask_problems(art, nets),
    ]


def connection_problems(art: Artwork, nets: Mapping[str, Sequence[Spot]]) -> list[str]:
    """What is not joined, or should not be."""
    out, owners, joined = [], defaultdict(set), groups(art)
    for net, places in nets.items():
        found = set()
        for place in places:
            here = {joined[p] for p in art.copper if p.start == p.end and _near(p.start, place)}
            if len(here) != 1:
                out.append(f"the pad of {net} at {place} is missing, or its layers are not joined")
            found |= here
        if len(found) > 1:
            out.append(f"net {net} is in {len(found)} pieces")
        for group in found:
            owners[group].add(net)
    out += [f"shorted: {', '.join(sorted(owner))}" for owner in owners.values() if len(owner) > 1]
    stray = {joined[p] for p in art.copper if p.start != p.end} - set(owners)
    out += ["a track belongs to no net"] * len(stray)
    return out


def _near(a: Spot, b: Spot) -> bool:
    return math.dist(a, b) < 0.01


def _gap_problems(art: Artwork, joined: Mapping[Piece, int]) -> list[str]:
    out = []
    for one, other in combinations(art.copper, 2):
        apart = one.layer == other.layer and joined[one] != joined[other]
        if apart and within(one, other, MIN_GAP - _TOUCH):
            between = gap(one, other)
            out.append(f"{between:.3f} mm between copper at {one.start} and {other.start}")
    return out


def _hole_problems(art: Artwork) -> list[str]:
    out = []
    for hole in art.holes:
        if not MIN_HOLE <= hole.diameter <= MAX_HOLE:
            out.append(f"a hole of {hole.diameter} mm at {hole.at}")
        for side in ("top", "bottom"):
            rings = [
                p.radius - hole.diameter / 2
                for p in art.copper
                if p.layer == side and p.start == p.end and _near(p.start, hole.at)
            ]
            if not rings or max(rings) < MIN_RING:
                out.append(f"the ring round the hole at {hole.at} is too narrow, {side}")
    for one, other in combinations(art.holes, 2):
        if within(_disc(one), _disc(other), MIN_BETWEEN_HOLES - _TOUCH):
            out.append(f"holes too close at {one.at} and {other.at}")
    return out


def _width_and_edge_problems(art: Artwork) -> list[str]:
    out = [
        f"copper of {2 * piece.radius:.3f} mm at {piece.start}"
        for piece in art.copper
        if 2 * piece.radius < MIN_WIDTH
    ]
    if not art.outline:
        return [*out, "there is no outline"]
    ends = [end for line in art.outline for end in line]
    for line in art.outline:
        if any(sum(_near(end, other) for other in ends) != 2 for end in line):
            out.append(f"the outline is open at {line}")
        edge = Piece("", *line, 0.0)
        for piece in art.copper:
            if within(piece, edge, MIN_EDGE - _TOUCH):
                out.append(f"copper at {piece.start} is too close to the edge")
    return out


def _mask_problems(art: Artwork, nets: Mapping[str, Sequence[Spot]]) -> list[str]:
    """Pads have to be open to solder, and nothing else."""
    out, places = [], [place for pads in nets.values() for place in pads]
    for side in ("top", "bottom"):
        opened = [p for p in art.open if p.layer == side]
        out += [
            f"no solder can get at the pad at {place}, {side}"
            for place in places
            if not any(_near(p.start, place) for p in opened)
        ]
        out += [
            f"the solder mask is open at {p.start}, {side}, where no pad is"
            for p in opened
            if not any(_near(p.start, place) for place in places)
        ]
    return out
