"""The pictures of the wiring: read back as SVG, and measured."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from hardware import draw_wiring
from pico_map import NAME_OF_PAD, config, expected_nets

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "hardware" / "draw_wiring.py"
PICTURES = {
    "Pico": "wiring.svg",
    "Pico W": "wiring-pico-w.svg",
    "Pico 2": "wiring-pico-2.svg",
    "Pico 2 W": "wiring-pico-2-w.svg",
}
COLOURS = {"red": "3V3", "black": "GND", "green": "BUTTON", "blue": "SDA"}
COLOURS |= {"yellow": "SCL", "violet": "SQW"}

Point = tuple[int, int]
Box = tuple[float, float, float, float]


@pytest.fixture(params=PICTURES)
def picture(request) -> list[ET.Element]:
    return list(ET.parse(ROOT / "hardware" / PICTURES[request.param]).getroot().iter())


def pads(picture) -> dict[str, tuple[str, Point]]:
    """Name and centre of every pad drawn."""
    return {
        e.get("data-pad"): (e.get("data-name"), (int(e.get("data-x")), int(e.get("data-y"))))
        for e in picture
        if e.get("data-pad")
    }


def wires(picture) -> list[dict]:
    return [
        {
            "net": e.get("data-net"),
            "from": e.get("data-from"),
            "to": e.get("data-to"),
            "colour": e.get("stroke"),
            "points": corners(e.get("d")),
        }
        for e in picture
        if e.get("data-net")
    ]


def corners(path: str) -> list[Point]:
    """Start, corners (control points of the Q commands) and end of a path."""
    commands = [(c[0], [int(n) for n in c[1:].split()]) for c in re.findall("[MLQ][^MLQ]*", path)]
    inner = [tuple(n[:2]) for letter, n in commands if letter == "Q"]
    return [tuple(commands[0][1]), *inner, tuple(commands[-1][1])]


def segments(wire: dict) -> list[tuple[Point, Point]]:
    return list(pairwise(wire["points"]))


def reach(segment: tuple[Point, Point], margin: int = 0) -> Box:
    """Left, top, right, bottom of a segment widened by margin."""
    (x0, y0), (x1, y1) = segment
    low_x, high_x = sorted((x0, x1))
    low_y, high_y = sorted((y0, y1))
    return low_x - margin, low_y - margin, high_x + margin, high_y + margin


def meet(a: Box, b: Box) -> bool:
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]


def words(picture) -> list[tuple[str, Box]]:
    """Every text with the place it takes, for letters 0.66 of their size wide: a wide font's."""
    found = []
    for e in picture:
        if not e.tag.endswith("}text"):
            continue
        size, x, y = int(e.get("font-size")), int(e.get("x")), int(e.get("y"))
        long = 0.66 * size * len(e.text)
        left = x - {None: 0, "start": 0, "middle": long / 2, "end": long}[e.get("text-anchor")]
        place = (left, y - 0.75 * size, left + long, y + 0.22 * size)
        if e.get("transform"):  # turned by a quarter about its own point
            place = (x - 0.75 * size, y - long / 2, x + 0.22 * size, y + long / 2)
        found.append((e.text, place))
    return found


def test_pictures_are_what_the_program_draws():
    run = subprocess.run([sys.executable, TOOL, "--check"], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")


def test_check_notices_a_changed_and_a_missing_file(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(draw_wiring, "OUTPUT", tmp_path / "wiring.svg")
    assert draw_wiring.main(["--check"]) == 1
    assert draw_wiring.main([]) == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(PICTURES.values())
    assert draw_wiring.main(["--check"]) == 0
    one = tmp_path / "wiring-pico-2.svg"
    one.write_text(one.read_text().replace("GP4", "GP3"))
    capsys.readouterr()
    assert draw_wiring.main(["--check"]) == 1
    assert capsys.readouterr().err == f"{one.name} is not what this program draws: run it\n"


@pytest.mark.parametrize("board", PICTURES)
def test_each_board_has_its_own_picture(board):
    shown = [t for t, _ in words(ET.parse(ROOT / "hardware" / PICTURES[board]).iter())]
    assert board in shown
    assert ("RP2350" if "2" in board else "RP2040") in shown
    assert ("Wi-Fi" in shown) == ("W" in board)


def test_pads_are_named_and_placed_as_on_the_board(picture):
    drawn = {int(k[5:]): v for k, v in pads(picture).items() if k.startswith("pico:")}
    assert {pad: name for pad, (name, _) in drawn.items()} == NAME_OF_PAD
    lefts, rights = range(1, 21), range(40, 20, -1)  # downwards, USB socket on top
    for side in (lefts, rights):
        assert len({drawn[pad][1][0] for pad in side}) == 1
        assert all(drawn[a][1][1] < drawn[b][1][1] for a, b in pairwise(side))
    assert drawn[1][1][0] < drawn[40][1][0]
    assert all(drawn[a][1][1] == drawn[b][1][1] for a, b in zip(lefts, rights, strict=True))


def test_every_pad_has_its_name_beside_it(picture):
    """On the Pico name and number within the row, on the modules the name below the pad."""
    texts = [(int(e.get("x")), int(e.get("y")), e.text) for e in picture if "text" in e.tag]
    for key, (name, (x, y)) in pads(picture).items():
        part, number = key.split(":")
        if part == "pico":
            row = [word for wx, wy, word in texts if abs(wx - x) <= 42 and abs(wy - y) <= 6]
            assert sorted(row) == sorted((number, name))
        elif part != "button":
            assert [word for wx, wy, word in texts if wx == x and 0 < wy - y <= 30] == [name]


def test_nets_join_the_right_pads_in_the_colours_of_the_legend(picture):
    nets: dict[str, set[str]] = {}
    for wire in wires(picture):
        nets.setdefault(wire["net"], set()).update({wire["from"], wire["to"]} - {"net"})
    assert nets == expected_nets()
    legend = {
        line.get("stroke"): word.text
        for line, word in pairwise(picture)
        if line.tag.endswith("line")
    }
    assert {COLOURS[legend[w["colour"]]] == w["net"] for w in wires(picture)} == {True}


def test_wires_end_where_they_say_and_run_straight(picture):
    centre = {key: point for key, (_, point) in pads(picture).items()}
    for wire in wires(picture):
        assert wire["points"][-1] == centre[wire["to"]]
        if wire["from"] == "net":
            (x, y) = wire["points"][0]
            others = [w for w in wires(picture) if w["net"] == wire["net"] and w != wire]
            assert any(meet((x, y, x, y), reach(s)) for w in others for s in segments(w))
        else:
            assert wire["points"][0] == centre[wire["from"]]
        assert all(a[0] == b[0] or a[1] == b[1] for a, b in segments(wire))


def test_wires_of_different_nets_cross_three_times_and_run_apart(picture):
    """Never side by side closer than 20 pixels. draw_wiring.py says why each crossing is there."""
    crossings = []
    for a, b in combinations(wires(picture), 2):
        if a["net"] == b["net"]:
            continue
        for one in segments(a):
            for other in segments(b):
                upright = [s[0][0] == s[1][0] for s in (one, other)]
                if upright[0] == upright[1]:
                    assert not meet(reach(one, 10), reach(other, 10)), (a["net"], b["net"])
                elif meet(reach(one), reach(other)):
                    crossings.append({a["net"], b["net"]})
    assert sorted(map(sorted, crossings)) == [["3V3", "GND"], ["GND", "SQW"], ["SCL", "SDA"]]


def test_wires_pass_over_no_foreign_pad_and_no_word(picture):
    for wire in wires(picture):
        for key, (_, (x, y)) in pads(picture).items():
            if key not in (wire["from"], wire["to"]):
                hit = [s for s in segments(wire) if meet(reach(s, 12), (x, y, x, y))]
                assert not hit, (wire["net"], key)
        for word, place in words(picture):
            assert not [s for s in segments(wire) if meet(reach(s, 3), place)], (wire, word)


def test_words_do_not_run_into_each_other(picture):
    for (a, one), (b, other) in combinations(words(picture), 2):
        assert not meet(one, other), (a, b)


def test_words_are_legible_on_a_telephone(picture):
    """At 390 pixels of width: what has to be read, the names of wired pads and of the colours."""
    scale = 390 / int(picture[0].get("width"))
    for e in picture:
        if e.get("font-weight") == "bold" and e.tag.endswith("}text"):
            assert int(e.get("font-size")) * scale >= 5.9, e.text


def test_pins_moved_in_config_move_in_the_picture():
    moved = config() | {"PIN_SDA": 8, "PIN_SCL": 9}
    drawn = ET.fromstring(draw_wiring.draw(moved))
    starts = {e.get("data-net"): e.get("data-from") for e in reversed(list(drawn.iter()))}
    assert (starts["SDA"], starts["SCL"]) == ("pico:11", "pico:12")
    with pytest.raises(ValueError, match="PIN_BUTTON"):
        draw_wiring.draw(config() | {"PIN_BUTTON": 16})
