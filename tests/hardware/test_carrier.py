"""The carrier board: its Gerber files keep the design rules and join what the pin table joins."""

import math
from collections import defaultdict

import pytest

from hardware import board_rules, carrier, gerbers, kicad_board, kicad_check
from hardware.board_rules import Artwork, Hole, Piece
from pico_map import PAD_OF_GP, config, expected_nets


def flipped(at):
    return round(at[0], 3), round(carrier.HEIGHT - at[1], 3)


def nets(parts) -> dict[str, list]:
    """Places of pads by net, as Gerber has them; free pads are nets of their own."""
    found = defaultdict(list)
    for part in parts:
        for hole in part.holes:
            found[hole.net or f"{part.reference}-{hole.name}"].append(flipped(hole.at))
    return found


@pytest.fixture(scope="module")
def parts():
    return carrier.parts(config())


@pytest.fixture(scope="module")
def art(parts, tmp_path_factory) -> Artwork:
    folder = tmp_path_factory.mktemp("gerbers")
    gerbers.save(parts, folder)
    return board_rules.read(folder)


def test_files_keep_the_design_rules(art, parts):
    assert board_rules.problems(art, nets(parts)) == []


def test_nets_are_those_of_the_pin_table(parts):
    """Every pin of the table is a pad, on the net of the table; J1 and J3 are both the display."""
    names = {"U1": "pico", "J1": "display", "J3": "display", "J2": "clock", "SW1": "button"}
    found = defaultdict(set)
    for part in parts:
        for hole in part.holes:
            if part.reference in names:
                found[hole.net].add(f"{names[part.reference]}:{hole.name}")
    for net, pins in expected_nets().items():
        assert pins <= found[net], net
    grounds = {f"pico:{pad}" for pad in (3, 8, 13, 18, 23, 28, 38)}
    assert found["GND"] == expected_nets()["GND"] | grounds


def test_board_is_within_60_by_40_and_so_is_all_copper(art):
    xs, ys = zip(*(end for line in art.outline for end in line), strict=True)
    assert (max(xs) - min(xs), max(ys) - min(ys)) == pytest.approx((60, 40))
    assert len(art.holes) == sum(len(p.holes) for p in carrier.parts(config())) + len(carrier.VIAS)


def test_pico_is_on_the_back_with_its_socket_at_the_left_edge(parts):
    """Seen through the board pad 1 is the upper left one of the Pico, and pad 40 the lower left."""
    at = {hole.name: hole.at for hole in parts[0].holes}
    assert parts[0].side == "back"
    assert at["1"][0] == at["40"][0] < at["20"][0] == at["21"][0]
    assert at["1"][1] < at["40"][1]
    assert at["20"][0] - at["1"][0] == pytest.approx(19 * 2.54)
    assert at["40"][1] - at["1"][1] == pytest.approx(17.78)


def test_parts_on_one_side_do_not_stand_in_each_other(parts):
    """But for the clock module, which stands over the Pico, and the display's two rows."""
    stacked = {frozenset({"U1", "J2"}), frozenset({"J1", "J3"})}
    for i, a in enumerate(parts):
        for b in parts[i + 1 :]:
            if a.side == b.side and frozenset({a.reference, b.reference}) not in stacked:
                left, top = max(a.box[0], b.box[0]), max(a.box[1], b.box[1])
                right, bottom = min(a.box[2], b.box[2]), min(a.box[3], b.box[3])
                assert left >= right or top >= bottom, (a.reference, b.reference)


def test_pads_of_front_parts_are_not_under_the_pico(parts):
    """Their joints would touch it: only its own pads are inside its outline."""
    left, top, right, bottom = parts[0].box
    for part in parts[1:]:
        for hole in part.holes:
            x, y = hole.at
            assert not (left - 0.8 < x < right and top - 0.8 < y < bottom), part.reference


@pytest.mark.parametrize("pin", ["PIN_SDA", "PIN_SCL", "PIN_SQW", "PIN_BUTTON"])
def test_a_moved_pin_is_noticed(art, pin):
    side = 1 if PAD_OF_GP[config()[pin]] <= 20 else -1
    free = next(
        gp
        for gp in PAD_OF_GP
        if gp not in config().values() and (PAD_OF_GP[gp] <= 20) == (side == 1)
    )
    moved = nets(carrier.parts(config() | {pin: free}))
    assert any("in 2 pieces" in p for p in board_rules.problems(art, moved))


# ---- the rules notice what they are for


def found(art, parts, **changes) -> list[str]:
    return board_rules.problems(art._replace(**changes), nets(parts))


def test_every_missing_track_is_noticed(art, parts):
    """Those of the ring that joins all grounds twice aside."""
    silent = []
    for piece in art.copper:
        if piece.start != piece.end:
            rest = tuple(other for other in art.copper if other != piece)
            without = art._replace(copper=rest)
            if not board_rules.connection_problems(without, nets(parts)):
                silent.append(piece)
    ground = {flipped(at) for track in carrier.TRACKS if track.net == "GND" for at in track.points}
    for piece in silent:
        assert {tuple(round(v, 3) for v in end) for end in (piece.start, piece.end)} <= ground


def test_a_track_too_near_a_pad_is_noticed(art, parts):
    """One between two pads of the Pico, a little wider."""
    tracks = [p for p in art.copper if p.layer == "bottom" and p.start != p.end]
    (pulse,) = [p for p in tracks if p.start[0] == p.end[0] == 28.04]
    copper = tuple(p._replace(radius=0.35) if p == pulse else p for p in art.copper)
    problems = found(art, parts, copper=copper)
    assert [p.split(" between")[0] for p in problems] == ["0.120 mm"] * 2


def test_a_short_is_noticed(art, parts):
    bridge = Piece("top", flipped((30.0, 12.27)), flipped((30.0, 9.73)), 0.2)
    problems = found(art, parts, copper=(*art.copper, bridge))
    assert "shorted: SCL, SDA" in problems


def test_a_crossing_of_bare_middles_is_a_short(art, parts):
    """No end of the one is near the other."""
    bridge = Piece("top", flipped((40.0, 16.0)), flipped((40.0, 1.0)), 0.2)
    problems = found(art, parts, copper=(*art.copper, bridge))
    assert "shorted: 3V3, SCL, SDA, SQW" in problems


@pytest.mark.parametrize(
    ("piece", "words"),
    [
        (Piece("top", (30.0, 0.2), (31.0, 0.2), 0.2), "edge"),
        (Piece("top", (38.0, 10.0), (39.0, 10.0), 0.05), "copper of 0.100 mm"),
        (Piece("bottom", (38.0, 10.0), (39.0, 10.0), 0.2), "belongs to no net"),
    ],
)
def test_stray_copper_is_noticed(art, parts, piece, words):
    assert any(words in p for p in found(art, parts, copper=(*art.copper, piece)))


def test_faults_of_holes_are_noticed(art, parts):
    first, *rest = art.holes
    wide = first._replace(diameter=1.5)
    assert any("ring" in p for p in found(art, parts, holes=(wide, *rest)))
    assert any("in 2 pieces" in p or "not joined" in p for p in found(art, parts, holes=()))
    near = Hole((first.at[0] + 1.2, first.at[1]), 1.0)
    assert any("holes too close" in p for p in found(art, parts, holes=(*art.holes, near)))
    tiny = first._replace(diameter=0.1)
    assert any("a hole of 0.1 mm" in p for p in found(art, parts, holes=(tiny, *rest)))


def test_faults_of_mask_and_outline_are_noticed(art, parts):
    assert any("no solder" in p for p in found(art, parts, open=art.open[1:]))
    extra = Piece("top", (30.0, 30.0), (30.0, 30.0), 0.5)
    assert any("where no pad is" in p for p in found(art, parts, open=(*art.open, extra)))
    assert any("open at" in p for p in found(art, parts, outline=art.outline[1:]))
    assert "there is no outline" in found(art, parts, outline=())


def test_gap_agrees_with_a_count_of_points():
    """Against the distances of many points of both, for pieces in all positions."""
    places = [(0, 0), (1, 0), (3, 4), (-2, 1), (0.5, 0.5), (2, -1)]
    for a in places:
        for b in places:
            for c in places[:3]:
                for d in places[3:]:
                    one, other = Piece("", a, b, 0.1), Piece("", c, d, 0.2)
                    slow = min(math.dist(p, q) for p in steps(a, b) for q in steps(c, d)) - 0.3
                    assert board_rules.gap(one, other) == pytest.approx(slow, abs=0.12)


def steps(start, end):
    return [
        (start[0] + (end[0] - start[0]) * i / 40, start[1] + (end[1] - start[1]) * i / 40)
        for i in range(41)
    ]


# ---- the KiCad file


def test_kicad_file_has_the_same_copper(art, parts):
    from kiutils.board import Board
    from kiutils.items.brditems import Segment
    from kiutils.utils.sexpr import parse_sexp

    board = Board.from_sexpr(parse_sexp(kicad_board.kicad_text(parts)))
    corner = (100.0, 60.0)

    def place(position, x=0.0, y=0.0):
        return flipped((position.X - corner[0] + x, position.Y - corner[1] + y))

    tracks = {
        frozenset({place(item.start), place(item.end)})
        for item in board.traceItems
        if isinstance(item, Segment)
    }
    drawn = {
        frozenset(tuple(round(v, 3) for v in end) for end in (p.start, p.end))
        for p in art.copper
        if p.start != p.end
    }
    assert tracks == drawn
    pads = {
        place(foot.position, pad.position.X, pad.position.Y)
        for foot in board.footprints
        for pad in foot.pads
    }
    assert pads == {flipped(hole.at) for part in parts for hole in part.holes}


# ---- KiCad, where it is installed


@pytest.fixture(scope="module")
def kicad():
    if not kicad_check.is_there():
        pytest.skip("no KiCad here: Debian's package kicad has it")
    return kicad_check


def test_kicad_finds_no_fault(kicad, tmp_path):
    assert kicad.faults(tmp_path / "report.txt") == []


def test_kicad_looks(kicad, tmp_path):
    """A board whose SDA has lost its first track."""
    text = kicad_check.BOARD.read_text(encoding="utf-8")
    start = text.index("(segment ")
    broken = tmp_path / "broken.kicad_pcb"
    broken.write_text(text[:start] + text[text.index("(segment ", start + 1) :], encoding="utf-8")
    assert any("unconnected" in fault for fault in kicad.faults(tmp_path / "report.txt", broken))
