"""Bill of materials, harness, power and the README's tables: all say what the pin table says."""

import csv
import io
import json
import re
from pathlib import Path

import pytest

from hardware import (
    electrical_rules,
    gerbers,
    harness,
    netlist,
    parts,
    power,
    readme,
    stamps,
)
from hardware.case_size import CASES
from pico_map import NAME_OF_PAD, config, expected_nets

FOLDER = Path(__file__).resolve().parents[2] / "hardware"
README = (FOLDER / "README.md").read_text(encoding="utf-8")


# ---- parts


def rows() -> list[dict]:
    return list(csv.DictReader(io.StringIO((FOLDER / "bom.csv").read_text(encoding="utf-8"))))


def test_list_has_every_part_of_the_schematic_that_is_bought():
    """Those on the modules come with the modules."""
    drawing = electrical_rules.read((FOLDER / "schematic.kicad_sch").read_text(encoding="utf-8"))
    drawn = {pin.reference for pin in drawing.pins if not pin.reference.startswith("#")}
    on_modules = {"R2", "R3", "R4", "R5", "D2"}
    assert {row["reference"] for row in rows()} - {""} == drawn - on_modules


def test_list_says_exactly_what_to_take_and_what_to_mind():
    for row in rows():
        assert int(row["quantity"]) >= 1
        assert 0 < float(row["EUR from"]) <= float(row["EUR to"])
        assert re.fullmatch(r"20\d\d-\d\d", row["priced on"])
        assert len(row["variant"]) > 5 or row["reference"] == "SW2"
    by_part = {row["part"]: row for row in rows()}
    assert "DS3231SN" in by_part["clock module"]["variant"]
    assert "DS3231M" in by_part["clock module"]["check before buying"]
    assert "SSD1306" in by_part["display"]["variant"]
    assert "SH1106" in by_part["display"]["alternatives"]
    assert "charging path" in by_part["cell"]["check before buying"]


def test_wires_of_the_list_are_those_of_the_wiring():
    """Each goes from a row of the Pico to a pin of a module or of the button."""
    (jumpers,) = [row for row in rows() if row["part"] == "jumper wires"]
    female, optional = map(int, re.findall(r"\d+", jumpers["variant"])[:2])
    ends = [pin for net in expected_nets().values() for pin in net if not pin.startswith("pico:")]
    assert (female, optional) == (len(ends), len(expected_nets()["SQW"]) - 1)
    assert (female - optional, optional) == (10, 1) and "ten wires and one optional one" in README


# ---- README


def test_readme_has_all_tables():
    assert readme.with_tables(README, config()) == README
    for item in parts.ITEMS:
        assert f"| {item.variant} |" in README


def test_a_place_for_a_table_that_is_missing_is_noticed():
    with pytest.raises(ValueError, match="no place for the table of pins"):
        readme.with_tables(README.replace("<!-- pins:", "<!-- pin:"), config())


def test_files_and_pictures_that_the_readme_names_are_there():
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert len(links) > 15
    for link in links:
        assert (FOLDER / link).exists(), link


def test_readme_names_what_goes_to_makers_and_printers():
    assert f"build/hardware/{gerbers.ARCHIVE}.zip" in README
    assert f"build/hardware/case-{CASES[0].name}-box.stl" in README


# ---- harness


def test_harness_joins_what_the_pin_table_joins():
    content = json.loads(harness.source(config()))
    connectors, joined = content["connectors"], {net: set() for net in netlist.NETS}
    assert [NAME_OF_PAD[pad] for pad in connectors["Pico"]["pins"]] == connectors["Pico"][
        "pinlabels"
    ]
    parts_of = {"Display": "display", "Clock": "clock", "Button": "button"}
    for chain in content["connections"]:
        ends = {name: pins for link in chain for name, pins in link.items()}
        (cable,) = ends.keys() & content["cables"].keys()
        (module,) = ends.keys() & parts_of.keys()
        for place, wire in enumerate(ends[cable]):
            label = content["cables"][cable]["wirelabels"][wire - 1].removesuffix(" (optional)")
            colour = content["cables"][cable]["colors"][wire - 1]
            assert colour == {"GND": "BK", "3V3": "RD", "SCL": "YE", "SDA": "BU"}.get(
                label, {"BUTTON": "GN", "SQW": "VT"}.get(label)
            )
            pin = ends[module][place]
            name = connectors[module]["pinlabels"][pin - 1]
            if module == "Button":
                name = {"GND": "2", "BUTTON": "1"}[label]
            joined[label] |= {f"pico:{ends['Pico'][place]}", f"{parts_of[module]}:{name}"}
    assert joined == expected_nets()


def test_harness_crosses_once():
    """On the left no wires cross; on the right only SDA and SCL, whose order the clock turns."""
    content = json.loads(harness.source(config()))
    order = content["connectors"]["Pico"]["pins"]
    for chain in content["connections"]:
        ends = {name: pins for link in chain for name, pins in link.items()}
        rows = [order.index(pad) for pad in ends["Pico"]]
        turned = [(a, b) for i, a in enumerate(rows) for b in rows[i + 1 :] if b < a]
        assert len(turned) == (1 if "Clock" in ends else 0)


# ---- pictures that only heavy tools draw


def test_pictures_are_of_what_is_here():
    assert stamps.stale(config()) == []


def test_a_change_makes_pictures_stale(monkeypatch):
    moved = config() | {"PIN_SDA": 8, "PIN_SCL": 9}
    assert {path.name for path in stamps.stale(moved)} == {"harness.svg", "harness.png"}
    monkeypatch.setattr(stamps, "CASES", (stamps.CASES[0]._replace(board_z=20.0), stamps.CASES[1]))
    assert [path.name for path in stamps.stale(config())] == ["case-carrier.svg"]


def test_stamps_are_read_back(tmp_path):
    picture = tmp_path / "a.svg"
    picture.write_text("<svg/>")
    assert stamps.read(picture) is None
    stamps.write(picture, "a" * 64)
    assert stamps.read(picture) == "a" * 64


# ---- power


def test_power_is_the_sum_of_the_currents():
    """At the input 5 V x 21 mA; the rest from 3.3 V through a converter of 85 %."""
    rest = 3.3 * (10.0 + 0.2 + 1.4) / 0.85
    assert power.milliwatts("lit", True) == pytest.approx(5 * 21 + rest)
    asleep = 5 * 1.0 + 3.3 * (0.01 + 0.11) / 0.85
    assert power.milliwatts("asleep", False) == pytest.approx(asleep)


def test_battery_life_follows():
    lit = 20 * 30 / 86_400
    average = lit * power.milliwatts("lit", True) + (1 - lit) * power.milliwatts("dark", True)
    assert power.life_h(1000, "dark", True) == pytest.approx(3.7 * 0.9 * 1000 / average)
    awake, asleep = (power.milliwatts(state, False) for state in ("dark", "asleep"))
    resting = power.SHARE_ASLEEP * asleep + (1 - power.SHARE_ASLEEP) * awake
    average = lit * power.milliwatts("lit", False) + (1 - lit) * resting
    assert power.life_h(1000, "asleep", False) == pytest.approx(3.7 * 0.9 * 1000 / average)


def test_coin_cell_outlasts_its_shelf_life():
    assert 220_000 / 0.84 / 24 / 365.25 > 10 == power.cell_years()
