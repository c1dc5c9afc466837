"""Line drawings of the cases, taken apart: box, what is inside, lid."""

from pathlib import Path

from build123d import Box, Color, Compound, ExportSVG, LineType, Part, Pos

from hardware.case import _MIN, box, lid
from hardware.case_size import Case, contents

_FROM = (-90, -140, 110)  # the eye, in front of and above the case, a little to the left
_LIFT_CONTENTS, _LIFT_LID = 32.0, 62.0


def _blocks(case: Case) -> list[Part]:
    return [
        Pos(*low) * Box(*(b - a for a, b in zip(low, high, strict=True)), align=_MIN)
        for low, high in contents(case).values()
    ]


def save(case: Case, folder: Path) -> Path:
    """Write the drawing, and tell where it is."""
    groups = {
        "box": [box(case)],
        "contents": [Pos(0, 0, _LIFT_CONTENTS) * block for block in _blocks(case)],
        "lid": [Pos(0, 0, _LIFT_LID) * lid(case)],
    }
    every = Compound(children=[part for parts in groups.values() for part in parts])
    visible, _ = every.project_to_viewport(_FROM, look_at=every.center())
    drawing = ExportSVG(scale=5, margin=4)
    ink = Color(0.13, 0.14, 0.16)
    drawing.add_layer("visible", line_weight=0.35, line_color=ink, line_type=LineType.CONTINUOUS)
    drawing.add_shape(visible, layer="visible")
    path = folder / f"case-{case.name}.svg"
    drawing.write(str(path))
    return path
