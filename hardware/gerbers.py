"""The carrier board as Gerber files and a drill file, by gerbonara.

Gerber has y growing upwards, so the board is turned over on the way.
"""

import math
import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

from gerbonara.apertures import CircleAperture
from gerbonara.cad.primitives import Board, Pad, THTPad, Via
from gerbonara.graphic_objects import Line
from gerbonara.layers import LayerStack
from gerbonara.newstroke import Newstroke
from gerbonara.utils import MM

from hardware.carrier import (
    HEIGHT,
    HOLE,
    PAD,
    PRINTS,
    TRACK,
    TRACKS,
    VIA,
    VIA_HOLE,
    VIAS,
    WIDTH,
    Part,
    Spot,
    outline,
)

ARCHIVE = "picototp-carrier"  # of what goes to a maker of boards
_EDGE_WIDTH = 0.05
_PRINT_WIDTH = 0.15
_PRINT_GAP = 0.2  # from a pad to the middle of a printed line
_PIECE = 0.25
_FONT_LINES = 400
_SIDES = {"front": "top", "back": "bottom"}


def layers(parts: Sequence[Part]) -> LayerStack:
    """All layers of the board."""
    board = Board()
    board.outline = _lines(outline(), CircleAperture(_EDGE_WIDTH, unit=MM))
    stack = THTPad.circle(HOLE, PAD, mask_expansion=0.05, paste=False)
    for part in parts:
        for hole in part.holes:
            board.add(Pad(hole.at[0], HEIGHT - hole.at[1], pad_stack=stack))
    for _, (x, y) in VIAS:  # gerbonara's `tented` would open the solder mask over them
        board.objects.append(Via.at(x, HEIGHT - y, VIA_HOLE, VIA, tented=False))
    made: LayerStack = board.layer_stack(LayerStack(board_name=ARCHIVE))
    aperture = CircleAperture(TRACK, unit=MM)
    for track in TRACKS:
        made[_SIDES[track.layer], "copper"].objects += _lines(track.points, aperture)
    aperture = CircleAperture(_PRINT_WIDTH, unit=MM)
    holes = [hole.at for part in parts for hole in part.holes]
    for side, stroke in _prints(parts):
        for piece in _clear_of(holes, stroke):
            made[_SIDES[side], "silk"].objects += _lines(piece, aperture)
    return made


def _lines(points: Sequence[Spot], aperture: CircleAperture) -> list[Line]:
    return [
        Line(x0, HEIGHT - y0, x1, HEIGHT - y1, aperture=aperture, unit=MM)  # type: ignore[call-arg]
        for (x0, y0), (x1, y1) in pairwise(points)
    ]


@cache
def _font() -> Newstroke:
    """Its first letters, which are Latin: to read all 65,000 takes two seconds."""
    source = files("gerbonara.data").joinpath("newstroke_font.cpp").read_bytes()
    lines = source.split(b"\n", _FONT_LINES)
    return Newstroke(b"\n".join(lines[:_FONT_LINES]))


def _prints(parts: Sequence[Part]) -> Iterator[tuple[str, Sequence[Spot]]]:
    """Side and points of every stroke of the print: outlines of parts, and letters."""
    for part in parts:
        left, top, right, bottom = part.box
        # Not outside the board, and not right on its edge.
        left, right = max(left, 0.3), min(right, WIDTH - 0.3)
        top, bottom = max(top, 0.3), min(bottom, HEIGHT - 0.3)
        yield (
            part.side,
            ((left, top), (right, top), (right, bottom), (left, bottom), (left, top)),
        )
    font = _font()
    for words in PRINTS:
        strokes = [list(stroke) for stroke in font.render(words.words, size=words.high)]
        xs, ys = zip(*(point for stroke in strokes for point in stroke), strict=True)
        middle = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
        turn = -1 if words.side == "back" else 1
        for stroke in strokes:
            yield (
                words.side,
                [
                    (words.at[0] + turn * (x - middle[0]), words.at[1] + y - middle[1])
                    for x, y in stroke
                ],
            )


def _clear_of(holes: Sequence[Spot], stroke: Sequence[Spot]) -> Iterator[tuple[Spot, Spot]]:
    """The straight pieces of a stroke, but for what would be printed on a pad."""
    for (x0, y0), (x1, y1) in pairwise(stroke):
        count = max(1, math.ceil(math.hypot(x1 - x0, y1 - y0) / _PIECE))
        ends = [
            (x0 + (x1 - x0) * step / count, y0 + (y1 - y0) * step / count)
            for step in range(count + 1)
        ]
        x_span, y_span = sorted((x0, x1)), sorted((y0, y1))
        near = [
            hole
            for hole in holes
            if x_span[0] - PAD <= hole[0] <= x_span[1] + PAD
            and y_span[0] - PAD <= hole[1] <= y_span[1] + PAD
        ]
        good = [all(math.dist(end, hole) > PAD / 2 + _PRINT_GAP for hole in near) for end in ends]
        start = 0
        while start < count:
            stop = start
            while stop < count and good[stop] and good[stop + 1]:
                stop += 1
            if stop > start:
                yield ends[start], ends[stop]
            start = max(stop, start + 1)


def picture(parts: Sequence[Part], side: str) -> str:
    """A rendering of one side as SVG text, ten pixels a millimetre."""
    drawn = str(layers(parts).to_pretty_svg(side=_SIDES[side]))
    size = f'width="{10 * WIDTH:g}" height="{10 * HEIGHT:g}"'
    return re.sub(r'width="[\d.]+mm" height="[\d.]+mm"', size, drawn, count=1).rstrip() + "\n"


def save(parts: Sequence[Part], folder: Path) -> None:
    """Write one file for each layer, and one of holes."""
    folder.mkdir(parents=True, exist_ok=True)
    layers(parts).save_to_directory(folder)
