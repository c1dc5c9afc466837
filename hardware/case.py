"""The cases as solids, by build123d: a box, and a lid that snaps into it.

The box is printed as it stands, the lid with its face down; neither needs supports: nothing hangs
over by more than 45 degrees but the roof of the opening for the plug, a bridge of 6 mm.
"""

from pathlib import Path

from build123d import (
    Align,
    Axis,
    Box,
    Cylinder,
    Part,
    Plane,
    Polyline,
    Pos,
    export_step,
    export_stl,
    extrude,
    fillet,
    make_face,
)

from hardware import carrier
from hardware.case_size import (
    CLEARANCE,
    FIT,
    FLOOR,
    LEDGE,
    LID,
    PLUG_CUT,
    RIDGE,
    SKIRT,
    WALL,
    Case,
    Opening,
)

_MIN = (Align.MIN, Align.MIN, Align.MIN)
_ROUND = 2.0  # outer upright edges
_RIDGE_LONG = 20.0
_RIDGE_BELOW_RIM = 2.2
_SKIRT_DEEP = 4.0  # where no board is to be held down


def _block(x0: float, y0: float, z0: float, x1: float, y1: float, z1: float) -> Part:
    return Pos(x0, y0, z0) * Box(x1 - x0, y1 - y0, z1 - z0, align=_MIN)


def _along_x(x0: float, x1: float, *points: tuple[float, float]) -> Part:
    """A bar whose cross-section has these corners, each as y and z."""
    face = Plane.YZ * make_face(Polyline(*points, close=True))
    return Pos(x0, 0, 0) * extrude(face, amount=x1 - x0)


def _along_y(y0: float, y1: float, *points: tuple[float, float]) -> Part:
    """The same along y, corners as x and z."""
    face = Plane.XZ * make_face(Polyline(*points, close=True))
    return Pos(0, y0, 0) * extrude(face, amount=y0 - y1)


def _hull(case: Case, z0: float, z1: float) -> Part:
    length, width, _ = case.outside
    low = -CLEARANCE - WALL
    hull = _block(low, low, z0, low + length, low + width, z1)
    return fillet(hull.edges().filter_by(Axis.Z), _ROUND)


def box(case: Case) -> Part:
    """The part with floor and walls."""
    length, width, height = case.inside
    low, rim = -CLEARANCE, FLOOR + height
    made = _hull(case, 0, rim)
    made -= _block(low, low, FLOOR, low + length, low + width, rim)
    if case.board_z is not None:
        made += _ledges(case, case.board_z)
    made -= _plug(case.usb)
    for y, inwards in ((low, 1), (low + width, -1)):
        made -= _ridge(case, y, inwards, rim, FIT / 2)
    return made


def _ledges(case: Case, z: float) -> Part:
    """Under the edges of the carrier board, where it has no joints and the Pico is not."""
    reach, low = LEDGE + CLEARANCE, -CLEARANCE
    right, far = low + case.inside[0], low + case.inside[1]
    made = _along_x(7, 52, (far, z), (far - reach, z), (far, z - reach))
    made += _along_x(4, right, (low, z), (low + reach, z), (low, z - reach))
    made += _along_y(low, far, (right, z), (right - reach, z), (right, z - reach))
    top, bottom = carrier.HEIGHT - 8, carrier.HEIGHT - 16.5
    return made + _along_y(bottom, top, (low, z), (low + reach, z), (low, z - reach))


def _plug(usb: Opening) -> Part:
    """Through the left wall; its upper corners are cut off."""
    (y, z), half, tall = usb.middle, usb.wide / 2, usb.high / 2
    corners = (
        *((y - half, z - tall), (y + half, z - tall), (y + half, z + tall - PLUG_CUT)),
        *((y + half - PLUG_CUT, z + tall), (y - half + PLUG_CUT, z + tall)),
        (y - half, z + tall - PLUG_CUT),
    )
    return _along_x(-CLEARANCE - WALL - 1, -CLEARANCE + 0.5, *corners)


def _ridge(case: Case, y: float, inwards: int, rim: float, more: float) -> Part:
    """A bar of triangular section on the inner face at y, half in the wall: snap, or its groove."""
    middle = case.inside[0] / 2 - CLEARANCE
    z, deep = rim - _RIDGE_BELOW_RIM, RIDGE + more
    half = _RIDGE_LONG / 2 + 2 * more
    inner = y + inwards * (FIT + 0.3)
    slope = deep + FIT + 0.3
    corners = ((inner, z - slope), (y - inwards * deep, z), (inner, z + slope))
    return _along_x(middle - half, middle + half, *corners)


def lid(case: Case) -> Part:
    """The part with the window, as it is on the closed case."""
    length, width, height = case.inside
    low, rim = -CLEARANCE, FLOOR + height
    made = _hull(case, rim, rim + LID)
    deep = _SKIRT_DEEP
    if case.board_z is not None:
        deep = rim - case.board_z - carrier.THICKNESS - FIT
    near, far = low + FIT, low + width - FIT
    left, right = low + 6, low + length - FIT
    for y0, y1 in ((near, near + SKIRT), (far - SKIRT, far)):
        made += _block(left, y0, rim - deep, right, y1, rim)
    made += _block(right - SKIRT, near, rim - deep, right, far, rim)
    for y, inwards in ((low, 1), (low + width, -1)):
        made += _ridge(case, y, inwards, rim, 0)
    (x, y), wide, high = case.window.middle, case.window.wide, case.window.high
    if case.pocket is not None:
        px, py = case.pocket
        rim_wall = 1.2
        frame = _block(
            *(x - px / 2 - rim_wall, y - py / 2 - rim_wall, rim - 3),
            *(x + px / 2 + rim_wall, y + py / 2 + rim_wall, rim),
        )
        made += frame - _block(x - px / 2, y - py / 2, rim - 3, x + px / 2, y + py / 2, rim)
    # The window opens outwards, so that it can be looked at from the side.
    window = _along_x(
        *(x - wide / 2, x + wide / 2),
        *((y - high / 2, rim), (y - high / 2 - LID, rim + LID)),
        *((y + high / 2 + LID, rim + LID), (y + high / 2, rim)),
    )
    made -= window
    bx, by = case.button.middle
    return made - Pos(bx, by, rim + LID / 2) * Cylinder(case.button.wide / 2, LID + 1)


def printed(case: Case) -> dict[str, Part]:
    """Both parts as they lie on the printer's bed."""
    top = FLOOR + case.inside[2] + LID
    turned = Pos(0, case.inside[1] - 2 * CLEARANCE, top) * lid(case).rotate(Axis.X, 180)
    return {f"case-{case.name}-box": box(case), f"case-{case.name}-lid": turned}


def save(case: Case, folder: Path) -> list[Path]:
    """STL and STEP of both parts."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name, solid in printed(case).items():
        export_stl(solid, str(folder / f"{name}.stl"), tolerance=0.02)
        export_step(solid, str(folder / f"{name}.step"))
        files += [folder / f"{name}.stl", folder / f"{name}.step"]
    return files
