"""The cases: large enough for what goes in, closed as solids, and printable without supports.

Sizes are written down here a second time, from data sheets and from what sellers publish.
"""

import math
import re
import struct
from collections import Counter
from pathlib import Path

import pytest

from hardware import carrier, case_size
from hardware.case_size import CASES, CLEARANCE, FLOOR, LID, Case, contents

README = Path(__file__).resolve().parents[2] / "hardware" / "README.md"
CARRIER, BREADBOARD = CASES
PICO = (51.0, 21.0)  # Raspberry Pi Pico data sheet, 2.2; the others are as large
PLUG_HULL = (11.0, 7.5)  # micro-B plugs, the larger ones
DISPLAYS = ((27.3, 27.8), (26.7, 27.4), (27.8, 27.3))  # 0.96 inch modules of several sellers
VISIBLE = (21.74, 10.86)  # of 128 x 64 pixels, SSD1306 panels of 0.96 inch
CLOCK = (38.0, 22.0)  # ZS-042
BREADBOARDS = ((82.0, 54.5, 8.5), (83.5, 55.0, 9.5), (84.0, 55.5, 10.0))  # 400 points


def size_of(block) -> tuple[float, float, float]:
    low, high = block
    return tuple(b - a for a, b in zip(low, high, strict=True))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_everything_is_inside_with_room_round_it(case):
    length, width, height = case.inside
    for name, (low, high) in contents(case).items():
        if name == "USB socket":  # goes into the wall's opening
            assert low[0] > -CLEARANCE - case_size.WALL
            continue
        assert low[0] >= 0 - 1e-9 and low[1] >= -1e-9, name
        assert high[0] <= length - 2 * CLEARANCE + 1e-9, name
        assert high[1] <= width - 2 * CLEARANCE + 1e-9, name
        assert low[2] >= FLOOR, name
        if name != "button's shaft":
            assert high[2] <= FLOOR + height, name


def test_boards_have_their_published_sizes():
    inside = contents(CARRIER)
    assert size_of(inside["carrier board"]) == pytest.approx((60, 40, 1.6))
    assert size_of(inside["Pico"])[:2] == PICO
    assert sorted(size_of(inside["clock module"])[:2]) == pytest.approx(sorted(CLOCK))
    wide, long, _ = size_of(inside["display"])
    for display in DISPLAYS:
        assert display[0] <= wide + 0.5 and display[1] <= long + 0.5
    assert size_of(contents(BREADBOARD)["Pico"])[:2] == PICO
    for board in BREADBOARDS:
        room = BREADBOARD.inside
        assert board[0] < room[0] and board[1] < room[1]


def test_clock_module_clears_the_pico_that_it_stands_over():
    inside = contents(CARRIER)
    pico_low = inside["Pico"][0][2]
    module_top_without_cell = CARRIER.board_z - case_size.SOCKET
    assert module_top_without_cell < pico_low - 0.5
    # Where the cell is it reaches higher: there it must not meet the Pico either.
    cell_top = module_top_without_cell + case_size.CELL_HIGH
    components = pico_low + case_size.PICO_USB_HIGH - 1.2  # but for the socket, 1.2 mm high
    assert cell_top <= components + 1e-9 or cell_top < pico_low


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_plug_goes_through_the_opening(case):
    (y, z), wide, high = case.usb
    assert wide >= PLUG_HULL[0] + 0.5 and high >= PLUG_HULL[1] + 0.5
    blocks = contents(case)
    if "USB socket" in blocks:
        low, top = blocks["USB socket"]
        assert (y, z) == pytest.approx(((low[1] + top[1]) / 2, (low[2] + top[2]) / 2))
    else:
        low, top = blocks["Pico"]
        assert y == pytest.approx((low[1] + top[1]) / 2)
        assert low[2] < z < top[2] + 2


def test_window_shows_the_picture_of_either_order_of_pins():
    """Half a millimetre off at least, in each direction, and whichever row the display is in."""
    (x, y), wide, high = CARRIER.window
    for row in carrier.DISPLAY_ROWS:
        middle = carrier.HEIGHT - (row - 2 + carrier.DISPLAY_SIZE[1] / 2)
        assert abs(middle - y) + VISIBLE[1] / 2 + 0.5 <= high / 2
    assert abs(x - carrier.DISPLAY_MIDDLE) + VISIBLE[0] / 2 + 0.5 <= wide / 2
    (x, y), wide, high = BREADBOARD.window
    px, py = BREADBOARD.pocket
    assert wide < px and high < py  # the module does not fall through
    assert px - carrier.DISPLAY_SIZE[0] == pytest.approx(0.6)


def test_button_reaches_through_the_lid():
    (x, y), wide, _ = CARRIER.button
    low, high = contents(CARRIER)["button's shaft"]
    assert ((low[0] + high[0]) / 2, (low[1] + high[1]) / 2) == pytest.approx((x, y))
    assert wide / 2 >= math.hypot(high[0] - low[0], high[1] - low[1]) / 2
    out = high[2] - (CARRIER.outside[2])
    assert 0.5 <= out <= 3
    assert "9.5 mm high" in README.read_text(encoding="utf-8")


def test_window_button_and_rim_do_not_meet_in_the_lid():
    for case in CASES:
        half = (case.pocket or (case.window.wide + 2 * LID, 0))[0] / 2 + 1.2
        assert case.window.middle[0] + half < case.button.middle[0] - case.button.wide / 2 - 1
        assert case.button.middle[0] + case.button.wide / 2 + 1 < case.inside[0] - 2 * CLEARANCE


def test_readme_gives_the_sizes():
    row = re.search(
        r"\| (\d+) x (\d+) x (\d+) mm outside \| (\d+) x (\d+) x (\d+) mm",
        README.read_text(encoding="utf-8"),
    )
    told = list(map(int, row.groups()))
    assert told == [round(v) for case in CASES for v in case.outside]


# ---- the solids


@pytest.fixture(scope="module")
def shapes():
    pytest.importorskip("build123d", reason="no build123d: make hardware installs it")
    from hardware import case

    return case


def volume(shape) -> float:
    return shape.volume if shape else 0.0


def blocks(shapes, case: Case):
    for name, (low, high) in contents(case).items():
        yield name, shapes._block(*low, *high)


def test_solids_are_sound_and_do_not_meet(shapes):
    for case in CASES:
        box, lid = shapes.box(case), shapes.lid(case)
        for solid in (box, lid):
            assert solid.is_valid and len(solid.solids()) == 1
        assert volume(box & lid) < 1e-6
        whole = (box + lid).bounding_box().size
        assert pytest.approx(case.outside) == (whole.X, whole.Y, whole.Z)
        for name, block in blocks(shapes, case):
            assert volume(block & box) < 1e-6, (case.name, name)
            assert volume(block & lid) < 1e-6, (case.name, name)


def test_board_rests_on_ledges_on_all_sides_and_is_held_from_above(shapes):
    from build123d import Pos

    box, lid = shapes.box(CARRIER), shapes.lid(CARRIER)
    low, high = contents(CARRIER)["carrier board"]
    board = shapes._block(*low, *high)
    resting = volume((Pos(0, 0, -0.3) * board) & box)
    assert resting > 0.3 * 40  # square millimetres, a third of a millimetre deep
    for side in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        strip = shapes._block(
            *(0 if side[0] <= 0 else 58, 0 if side[1] <= 0 else 38, low[2] - 0.3),
            *(60 if side[0] >= 0 else 2, 40 if side[1] >= 0 else 2, low[2]),
        )
        assert volume(strip & box) > 0.5, side
    assert volume((Pos(0, 0, 0.4) * board) & lid) > 1


def test_lid_snaps(shapes):
    """Lifted by a little it meets the box; lifted free, it does not."""
    from build123d import Pos

    for case in CASES:
        box, lid = shapes.box(case), shapes.lid(case)
        assert volume((Pos(0, 0, 0.8) * lid) & box) > 1
        assert volume((Pos(0, 0, 30) * lid) & box) < 1e-6


def triangles(path: Path):
    data = path.read_bytes()
    (count,) = struct.unpack_from("<I", data, 80)
    assert len(data) == 84 + 50 * count
    for place in range(count):
        values = struct.unpack_from("<12f", data, 84 + 50 * place)
        yield [tuple(values[i : i + 3]) for i in (3, 6, 9)]


def test_files_are_watertight_and_need_no_supports(shapes, tmp_path):
    for case in CASES:
        for path in shapes.save(case, tmp_path):
            if path.suffix == ".step":
                assert path.read_text().startswith("ISO-10303-21")
                continue
            edges, hanging, lowest = Counter(), 0.0, math.inf
            faces = list(triangles(path))
            lowest = min(corner[2] for face in faces for corner in face)
            assert lowest == pytest.approx(0, abs=1e-3)
            for face in faces:
                rounded = [tuple(round(v, 3) for v in corner) for corner in face]
                for a, b in zip(rounded, rounded[1:] + rounded[:1], strict=True):
                    edges[a, b] += 1
                hanging += overhang(face)
            assert all(edges[b, a] == count for (a, b), count in edges.items()), path.name
            roof = case.usb.wide - 2 * case_size.PLUG_CUT  # a bridge over the plug's opening
            assert hanging <= roof * case_size.WALL + 0.1, path.name


def overhang(face) -> float:
    """Area of a triangle that hangs over by more than 45 degrees and does not lie on the bed."""
    a, b, c = face
    u, v = ([q - p for p, q in zip(a, other, strict=True)] for other in (b, c))
    normal = (u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0])
    twice = math.hypot(*normal)
    if twice == 0 or max(a[2], b[2], c[2]) < 1e-3:
        return 0.0
    return twice / 2 if normal[2] / twice < -math.cos(math.radians(44.5)) else 0.0
