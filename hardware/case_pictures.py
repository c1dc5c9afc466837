"""Line drawings of the cases, taken apart: box, what is inside, lid."""

import re
from pathlib import Path

from build123d import Box, Color, Compound, ExportSVG, LineType, Part, Pos

from hardware.case import _MIN, box, lid
from hardware.case_size import Case, contents

_FROM = (-90, -140, 110)  # the eye, in front of and above the case, a little to the left
_APART = 8.0
_WIDTH = 480  # pixels
_VIEW_BOX = re.compile(r'viewBox="([^"]*)"')


def _blocks(case: Case) -> list[Part]:
    return [
        Pos(*low) * Box(*(b - a for a, b in zip(low, high, strict=True)), align=_MIN)
        for low, high in contents(case).values()
    ]


def save(case: Case, folder: Path) -> Path:
    """Write the drawing, and tell where it is."""
    lift = case.inside[2] + _APART
    blocks = [Pos(0, 0, lift) * block for block in _blocks(case)]
    every = Compound(children=[box(case), *blocks, Pos(0, 0, 2 * lift) * lid(case)])
    visible, _ = every.project_to_viewport(_FROM, look_at=every.center())
    drawing = ExportSVG(scale=5, margin=4)
    ink = Color(0.13, 0.14, 0.16)
    drawing.add_layer("visible", line_weight=1.2, line_color=ink, line_type=LineType.CONTINUOUS)
    drawing.add_shape(visible, layer="visible")
    path = folder / f"case-{case.name}.svg"
    drawing.write(str(path))
    path.write_text(_for_a_page(path.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
    return path


def _for_a_page(text: str) -> str:
    """As wide as a column of a page, and on white: the page may be dark, and the ink is."""
    _, _, width, height = (float(value) for value in _VIEW_BOX.findall(text)[0].split())
    size = f'width="{_WIDTH}" height="{_WIDTH * height / width:.0f}"'
    text = re.sub(r'width="[\d.]+mm" height="[\d.]+mm"', size, text, count=1)
    return text.replace("<svg", '<svg style="background-color:white"', 1)
