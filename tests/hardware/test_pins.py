"""The pins say the same everywhere: config.py, hardware/README.md, hardware/wiring.svg, the Pico.

The map of the Pico here is written from its data sheet and not taken from the drawing program.
"""

import ast
import importlib.util
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from picototp.board import config as board_config

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "firmware/picototp/board/config.py"
README = (ROOT / "hardware/README.md").read_text(encoding="utf-8")
TOOL = ROOT / "tools/draw_wiring.py"
SVG = ROOT / "hardware/wiring.svg"

# Raspberry Pi Pico data sheet, figure "The pinout of the Raspberry Pi Pico board".
PAD_OF_GP = {
    **{0: 1, 1: 2, 2: 4, 3: 5, 4: 6, 5: 7, 6: 9, 7: 10, 8: 11, 9: 12, 10: 14, 11: 15, 12: 16},
    **{13: 17, 14: 19, 15: 20, 16: 21, 17: 22, 18: 24, 19: 25, 20: 26, 21: 27, 22: 29},
    **{26: 31, 27: 32, 28: 34},
}
NAME_OF_PAD = {pad: f"GP{gp}" for gp, pad in PAD_OF_GP.items()}
NAME_OF_PAD |= dict.fromkeys((3, 8, 13, 18, 23, 28, 38), "GND")
NAME_OF_PAD |= {30: "RUN", 33: "AGND", 35: "VREF", 36: "3V3(OUT)", 37: "3V3_EN"}
NAME_OF_PAD |= {39: "VSYS", 40: "VBUS"}

Point = tuple[int, int]


def config() -> dict:
    return {k: v for k, v in vars(board_config).items() if k.isupper()}


def gp_pad(name: str) -> str:
    return f"pico:{PAD_OF_GP[config()[name]]}"


def load_tool():
    spec = importlib.util.spec_from_file_location("draw_wiring", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# ---- config.py


def test_pins_are_pads_of_the_board_and_distinct():
    pins = [value for name, value in config().items() if name.startswith("PIN_")]
    assert len(pins) == 4
    assert len(set(pins)) == 4
    assert set(pins) <= set(PAD_OF_GP)


def test_i2c_pins_belong_to_the_bus():
    """RP2040 data sheet, section 1.4.3: SDA0 SCL0 SDA1 SCL1 repeat over the pins."""
    c = config()
    assert c["PIN_SDA"] % 4 == 2 * c["I2C_ID"]
    assert c["PIN_SCL"] % 4 == 2 * c["I2C_ID"] + 1


def test_bus_values_are_within_what_the_chips_allow():
    c = config()
    assert c["I2C_FREQUENCY_HZ"] <= 400_000
    assert c["RTC_ADDRESS"] == 0x68
    assert c["DISPLAY_ADDRESSES"] == (0x3C, 0x3D)
    assert c["DISPLAY_CONTROLLER"] in ("auto", "ssd1306", "sh1106")


def test_config_imports_nothing():
    tree = ast.parse(CONFIG.read_text(encoding="utf-8"))
    assert not [n for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom)]


def test_config_says_the_same_on_micropython():
    micropython = Path(sys.executable).with_name("micropython")
    script = (
        "import json; names = {}; exec(open('config.py').read(), names); "
        "print(json.dumps({k: v for k, v in names.items() if k.upper() == k and k[0] != '_'}))"
    )
    run = subprocess.run(
        [micropython, "-c", script], cwd=CONFIG.parent, capture_output=True, text=True, check=True
    )
    assert json.loads(run.stdout) == json.loads(json.dumps(config()))


# ---- README


def table_rows() -> dict[int, list[str]]:
    """The pin table: pad of the Pico to [name, signal, goes to, wire]."""
    table = README.split("| Pad of the Pico |")[1].split("\n\n")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.split("\n")[2:]]
    return {int(row[0]): row[1:] for row in rows}


def test_table_names_the_pads_as_the_board_does():
    for pad, (name, *_) in table_rows().items():
        assert name == NAME_OF_PAD[pad]


@pytest.mark.parametrize(
    ("constant", "goes_to"),
    [
        ("PIN_SDA", "SDA of the display and SDA of the clock"),
        ("PIN_SCL", "SCL of the display and SCL of the clock"),
        ("PIN_BUTTON", "the other side of the button"),
        ("PIN_SQW", "SQW of the clock"),
    ],
)
def test_table_agrees_with_config(constant, goes_to):
    gp = config()[constant]
    name, _, target, _ = table_rows()[PAD_OF_GP[gp]]
    assert (name, target) == (f"GP{gp}", goes_to)


def test_table_has_all_wires_of_the_picture_in_its_colours():
    drawn = {}
    for wire in wires():
        if wire["from"].startswith("pico:"):
            drawn[int(wire["from"][5:])] = legend()[wire["colour"]]
    assert {pad: row[-1] for pad, row in table_rows().items()} == drawn


def test_commands_are_python_and_use_the_pins_of_config():
    c = config()
    scripts = re.findall(r'mpremote exec "(.*)"', README)
    for script in scripts:
        compile(script, "README", "exec")
    bus, button = scripts
    assert f"I2C({c['I2C_ID']}, sda=Pin({c['PIN_SDA']}), scl=Pin({c['PIN_SCL']})," in bus
    assert f"freq={c['I2C_FREQUENCY_HZ']:_})" in bus
    assert f"Pin({c['PIN_BUTTON']}, Pin.IN, Pin.PULL_UP)" in button


def test_multimeter_table_uses_the_pads_of_config():
    c = config()
    sda, scl, button = (PAD_OF_GP[c[f"PIN_{n}"]] for n in ("SDA", "SCL", "BUTTON"))
    assert f"| pad {sda} and SDA, pad {scl} and SCL, of each module |" in README
    assert f"| pad {sda} and pad {scl} |" in README
    assert f"| pad {button} and pad 18 |" in README


def test_grounds_named_in_the_text_are_grounds():
    listed = re.search(r"Any pad named GND .*?\(([\d, ]+)\)", README)[1]
    grounds = [pad for pad, name in NAME_OF_PAD.items() if name == "GND"]
    assert [int(n) for n in listed.split(",")] == sorted(grounds)


# ---- picture


def elements() -> list[ET.Element]:
    return list(ET.parse(SVG).getroot().iter())


def pads() -> dict[str, tuple[str, Point]]:
    """Name and centre of every pad drawn."""
    return {
        e.get("data-pad"): (e.get("data-name"), (int(e.get("data-x")), int(e.get("data-y"))))
        for e in elements()
        if e.get("data-pad")
    }


def wires() -> list[dict]:
    return [
        {
            "net": e.get("data-net"),
            "from": e.get("data-from"),
            "to": e.get("data-to"),
            "colour": e.get("stroke"),
            "points": corners(e.get("d")),
        }
        for e in elements()
        if e.get("data-net")
    ]


def corners(path: str) -> list[Point]:
    """Start, corners (control points of the Q commands) and end of a path."""
    commands = [(c[0], [int(n) for n in c[1:].split()]) for c in re.findall("[MLQ][^MLQ]*", path)]
    inner = [tuple(n[:2]) for letter, n in commands if letter == "Q"]
    return [tuple(commands[0][1]), *inner, tuple(commands[-1][1])]


def legend() -> dict[str, str]:
    """Name of each colour drawn, from the legend's lines and the word that follows each."""
    return {
        line.get("stroke"): word.text
        for line, word in pairwise(elements())
        if line.tag.endswith("line")
    }


def segments(wire: dict) -> list[tuple[Point, Point]]:
    return list(pairwise(wire["points"]))


def reach(segment: tuple[Point, Point], margin: int = 0) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of a segment widened by margin."""
    (x0, y0), (x1, y1) = segment
    low_x, high_x = sorted((x0, x1))
    low_y, high_y = sorted((y0, y1))
    return low_x - margin, low_y - margin, high_x + margin, high_y + margin


def meet(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> bool:
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]


def test_picture_is_what_the_program_draws():
    run = subprocess.run([sys.executable, TOOL, "--check"], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")


def test_check_notices_a_changed_and_a_missing_file(tmp_path, monkeypatch):
    tool = load_tool()
    monkeypatch.setattr(tool, "OUTPUT", tmp_path / "wiring.svg")
    assert tool.main(["--check"]) == 1
    assert tool.main([]) == 0
    assert tool.main(["--check"]) == 0
    tool.OUTPUT.write_text(tool.OUTPUT.read_text().replace("GP4", "GP3"))
    assert tool.main(["--check"]) == 1


def test_pads_are_named_and_placed_as_on_the_board():
    drawn = {int(k[5:]): v for k, v in pads().items() if k.startswith("pico:")}
    assert {pad: name for pad, (name, _) in drawn.items()} == NAME_OF_PAD
    lefts, rights = range(1, 21), range(40, 20, -1)  # downwards, USB socket on top
    for side in (lefts, rights):
        assert len({drawn[pad][1][0] for pad in side}) == 1
        assert all(drawn[a][1][1] < drawn[b][1][1] for a, b in pairwise(side))
    assert drawn[1][1][0] < drawn[40][1][0]
    assert all(drawn[a][1][1] == drawn[b][1][1] for a, b in zip(lefts, rights, strict=True))


def test_every_pad_has_its_name_beside_it():
    """On the Pico name and number within the row, on the modules the name below the pad."""
    words = [(int(e.get("x")), int(e.get("y")), e.text) for e in elements() if "text" in e.tag]
    for key, (name, (x, y)) in pads().items():
        part, number = key.split(":")
        if part == "pico":
            row = [word for wx, wy, word in words if abs(wx - x) <= 42 and abs(wy - y) <= 6]
            assert sorted(row) == sorted((number, name))
        elif part != "button":
            assert [word for wx, wy, word in words if wx == x and 0 < wy - y <= 30] == [name]


def test_nets_join_the_right_pads():
    nets: dict[str, set[str]] = {}
    for wire in wires():
        nets.setdefault(wire["net"], set()).update({wire["from"], wire["to"]} - {"net"})
    ground = {"pico:38", "display:GND", "pico:28", "clock:GND", "pico:18", "button:2"}
    assert nets == {
        "SDA": {gp_pad("PIN_SDA"), "display:SDA", "clock:SDA"},
        "SCL": {gp_pad("PIN_SCL"), "display:SCL", "clock:SCL"},
        "SQW": {gp_pad("PIN_SQW"), "clock:SQW"},
        "BUTTON": {gp_pad("PIN_BUTTON"), "button:1"},
        "3V3": {"pico:36", "display:VCC", "clock:VCC"},
        "GND": ground,
    }


def test_wires_end_where_they_say_and_run_straight():
    centre = {key: point for key, (_, point) in pads().items()}
    for wire in wires():
        assert wire["points"][-1] == centre[wire["to"]]
        if wire["from"] == "net":
            (x, y), others = wire["points"][0], [w for w in wires() if w["net"] == wire["net"]]
            others.remove(wire)
            assert any(meet((x, y, x, y), reach(s)) for w in others for s in segments(w))
        else:
            assert wire["points"][0] == centre[wire["from"]]
        assert all(a[0] == b[0] or a[1] == b[1] for a, b in segments(wire))


def test_wires_of_different_nets_only_cross():
    """Never side by side closer than 20 pixels, never over a foreign pad; and crossings are few."""
    crossings = 0
    for a, b in combinations(wires(), 2):
        if a["net"] == b["net"]:
            continue
        for one in segments(a):
            for other in segments(b):
                upright = [s[0][0] == s[1][0] for s in (one, other)]
                if upright[0] == upright[1]:
                    assert not meet(reach(one, 10), reach(other, 10)), (a["net"], b["net"])
                else:
                    crossings += meet(reach(one), reach(other))
    assert crossings <= 4
    for wire in wires():
        for key, (_, (x, y)) in pads().items():
            if key not in (wire["from"], wire["to"]):
                hit = [s for s in segments(wire) if meet(reach(s, 12), (x, y, x, y))]
                assert not hit, (wire["net"], key)


def test_pins_moved_in_config_move_in_the_picture():
    tool = load_tool()
    moved = config() | {"PIN_SDA": 8, "PIN_SCL": 9}
    picture = ET.fromstring(tool.draw(moved))
    starts = {e.get("data-net"): e.get("data-from") for e in reversed(list(picture.iter()))}
    assert (starts["SDA"], starts["SCL"]) == ("pico:11", "pico:12")
    with pytest.raises(ValueError, match="PIN_BUTTON"):
        tool.draw(config() | {"PIN_BUTTON": 16})
