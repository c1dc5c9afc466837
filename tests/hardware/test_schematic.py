"""The schematic: its KiCad file passes an electrical rule check and agrees with the pin table."""

import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import pytest

from hardware import electrical_rules, schematic
from hardware.electrical_rules import Drawing, Pin
from pico_map import config, expected_nets

FILE = Path(__file__).resolve().parents[2] / "hardware" / "schematic.kicad_sch"
# What the pin table calls the pins of the parts on the sheet.
PARTS = {"U1": "pico", "U2": "display", "U3": "clock", "SW1": "button"}
NAMES = {"INT/SQW": "SQW", "32kHz": "32K"}


@pytest.fixture(scope="module")
def drawing() -> Drawing:
    return electrical_rules.read(FILE.read_text(encoding="utf-8"))


def known(pin: Pin) -> str | None:
    part = PARTS.get(pin.reference)
    by_number = part in ("pico", "button")
    name = pin.number if by_number else NAMES.get(pin.name, pin.name)
    return part and f"{part}:{name}"


def test_passes_the_electrical_rules(drawing):
    assert electrical_rules.problems(drawing) == []


def test_netlist_agrees_with_the_pin_table(drawing):
    nets = electrical_rules.nets(drawing)
    for name, expected in expected_nets().items():
        assert {known(pin) for pin in nets[name]} - {None} == expected, name


def test_no_other_pins_of_the_modules_are_joined(drawing):
    wired = set().union(*expected_nets().values()) | {"pico:39", "pico:40", "clock:VBAT"}
    for name, pins in electrical_rules.nets(drawing).items():
        if len(pins) > 1:
            assert {known(pin) for pin in pins} - {None} <= wired, name


def test_the_cell_is_charged_through_the_two_parts_to_take_out(drawing):
    """3V3, R5, D2, cell: and so the note on the sheet is about the right ones."""
    nets = {
        name: {p.reference for p in pins} for name, pins in electrical_rules.nets(drawing).items()
    }
    assert "R5" in nets["3V3"]
    assert {"R5", "D2"} in nets.values()
    assert {"D2", "BT1", "U3"} in nets.values()
    assert "R5 or D2 out" in str(schematic.FRAMES)


def test_the_battery_reaches_the_pico_only_through_switch_and_diode(drawing):
    nets = electrical_rules.nets(drawing)
    assert {known(p) or p.reference for p in nets["VSYS"]} == {"pico:39", "D1"}
    (anode,) = [n for n in nets.values() if {(p.reference, p.number) for p in n} >= {("D1", "1")}]
    assert {p.reference for p in anode} == {"D1", "SW2"}


def test_netlist_text_has_a_line_for_each_net(drawing):
    lines = electrical_rules.netlist_text(drawing).splitlines()
    assert "SDA: R2-2(~) U1-6(GP4) U2-4(SDA) U3-15(SDA)" in lines
    assert len(lines) == len({line.split(":")[0] for line in lines})


def test_a_moved_button_is_noticed():
    with pytest.raises(ValueError, match="PIN_BUTTON"):
        schematic.sheet(config() | {"PIN_BUTTON": 14})


def test_moved_bus_pins_move_in_the_schematic():
    from hardware.kicad_schematic import kicad_text

    moved = schematic.sheet(config() | {"PIN_SDA": 8, "PIN_SCL": 9})
    nets = electrical_rules.nets(electrical_rules.read(kicad_text(moved)))
    assert "pico:11" in {known(pin) for pin in nets["SDA"]}
    assert electrical_rules.problems(electrical_rules.read(kicad_text(moved))) == []


# ---- the rules notice what they are for


def changed(drawing: Drawing, **new) -> list[str]:
    return electrical_rules.problems(drawing._replace(**new))


def test_a_missing_wire(drawing):
    for wire in drawing.wires:
        rest = tuple(other for other in drawing.wires if other != wire)
        assert changed(drawing, wires=rest), wire


def test_a_missing_dot_or_label(drawing):
    for dot in drawing.dots:
        assert any("without a dot" in p for p in changed(drawing, dots=drawing.dots - {dot})), dot
    for label in drawing.labels:
        if label[0] not in ("BUTTON",):  # a name only, for a net that is wired
            rest = tuple(other for other in drawing.labels if other != label)
            assert changed(drawing, labels=rest), label


def test_a_pin_left_open_and_one_marked_free_by_mistake(drawing):
    for pin in drawing.pins:
        free = drawing.free - {pin.at} if pin.at in drawing.free else drawing.free | {pin.at}
        assert any(pin.name in p for p in changed(drawing, free=free)), pin


def test_two_sources_on_one_net(drawing):
    (usb,) = [at for name, at in drawing.labels if name == "VBUS" and at[0] > 80_000]
    labels = (*drawing.labels, ("3V3", usb))
    assert any("several sources" in p for p in changed(drawing, labels=labels))


def test_power_without_a_source(drawing):
    pins = tuple(p for p in drawing.pins if p.reference != "#FLG1")
    assert any("wants power" in p for p in changed(drawing, pins=pins))


def test_a_part_that_is_there_twice(drawing):
    assert any("2 times" in p for p in changed(drawing, pins=(*drawing.pins, drawing.pins[0])))


def test_wires_that_cross_do_not_join():
    pins = tuple(
        Pin(name, "1", "~", "passive", at)
        for name, at in (("A", (0, 5)), ("B", (10, 5)), ("C", (5, 0)), ("D", (5, 10)))
    )
    cross = Drawing(pins, (((0, 5), (10, 5)), ((5, 0), (5, 10))), frozenset(), (), frozenset())
    assert sorted(len(net) for net in electrical_rules.nets(cross).values()) == [2, 2]
    dotted = cross._replace(dots=frozenset({(5, 5)}))
    assert [len(net) for net in electrical_rules.nets(dotted).values()] == [4]


# ---- the picture


def boxes(picture) -> list[tuple[str, tuple[float, float, float, float]]]:
    """Every word with the place it takes."""
    found = []
    for e in picture.iter():
        if e.tag.endswith("}text"):
            size, x, y = (float(e.get(name)) for name in ("font-size", "x", "y"))
            long = 0.62 * size * len(e.text)
            shift = {None: 0, "start": 0, "middle": long / 2, "end": long}[e.get("text-anchor")]
            found.append((e.text, (x - shift, y - 0.72 * size, x - shift + long, y)))
    return found


def meet(a, b) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def test_no_word_is_on_a_wire_or_a_part_or_another_word():
    picture = ET.parse(FILE.with_suffix(".svg")).getroot()
    words = boxes(picture)
    for i, (a, one) in enumerate(words):
        for b, other in words[i + 1 :]:
            assert not meet(one, other), (a, b)
    lines = [e for e in picture.iter() if e.tag.endswith("polyline") and e.get("fill") == "none"]
    assert len(lines) > 100
    for line in lines:
        points = [tuple(map(int, point.split(","))) for point in line.get("points").split()]
        for (x0, y0), (x1, y1) in pairwise(points):
            reach = (min(x0, x1) - 1, min(y0, y1) - 1, max(x0, x1) + 1, max(y0, y1) + 1)
            for word, box in words:
                assert not meet(reach, box), (word, points)
