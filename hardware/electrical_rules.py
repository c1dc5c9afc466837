"""An electrical rule check over the KiCad file itself, and the netlist that follows from it.

The file is read back, and only what is in it counts: wires join where they end on each other, on a
pin, on a label or under a dot; wires that only cross do not join; labels of one name are one net.
"""

from collections import Counter, defaultdict
from itertools import pairwise
from typing import NamedTuple

from kiutils.items.schitems import Connection
from kiutils.schematic import Schematic
from kiutils.utils.sexpr import parse_sexp

Point = tuple[int, int]  # micrometres, so that equal places are equal


class Pin(NamedTuple):
    """A pin of a part as the file has it."""

    reference: str
    number: str
    name: str
    kind: str
    at: Point


class Drawing(NamedTuple):
    """What makes connections in a file; `wires` are straight pieces."""

    pins: tuple[Pin, ...]
    wires: tuple[tuple[Point, Point], ...]
    dots: frozenset[Point]
    labels: tuple[tuple[str, Point], ...]
    free: frozenset[Point]


def read(kicad_text: str) -> Drawing:
    """The drawing in the text of a .kicad_sch file, whose symbols are not turned."""
    file = Schematic.from_sexpr(parse_sexp(kicad_text))
    symbols = {symbol.entryName: symbol for symbol in file.libSymbols}
    pins = []
    for part in file.schematicSymbols:
        reference = next(p.value for p in part.properties if p.key == "Reference")
        for unit in symbols[part.entryName].units:
            for pin in unit.pins:
                x, y = part.position.X + pin.position.X, part.position.Y - pin.position.Y
                pins.append(Pin(reference, pin.number, pin.name, pin.electricalType, _point(x, y)))
    wires = []
    for item in file.graphicalItems:
        if isinstance(item, Connection):
            points = [_point(point.X, point.Y) for point in item.points]
            wires += list(pairwise(points))
    return Drawing(
        tuple(pins),
        tuple(wires),
        frozenset(_point(dot.position.X, dot.position.Y) for dot in file.junctions),
        tuple((x.text, _point(x.position.X, x.position.Y)) for x in file.globalLabels),
        frozenset(_point(free.position.X, free.position.Y) for free in file.noConnects),
    )


def _point(x: float, y: float) -> Point:
    return round(x * 1000), round(y * 1000)


def nets(drawing: Drawing) -> dict[str, frozenset[Pin]]:
    """Pins by net. A net without a label is named after its first pin."""
    groups = _groups(drawing)
    members: dict[object, set[Pin]] = defaultdict(set)
    for pin in drawing.pins:
        members[groups[pin.at]].add(pin)
    names = {groups[at]: name for name, at in drawing.labels}
    found = {}
    for group, pins in members.items():
        first = min(pins, key=lambda pin: (pin.reference, pin.number))
        found[names.get(group, f"{first.reference}-{first.number}")] = frozenset(pins)
    return found


def _groups(drawing: Drawing) -> dict[Point, object]:
    """For every place of interest something that is equal for places that are joined."""
    parent: dict[object, object] = {}

    def root(item: object) -> object:
        while parent.setdefault(item, item) != item:
            item = parent[item]
        return item

    def join(a: object, b: object) -> None:
        parent[root(a)] = root(b)

    for a, b in drawing.wires:
        join(a, b)
    for name, at in drawing.labels:
        join(name, at)
    places = [pin.at for pin in drawing.pins] + [at for _, at in drawing.labels]
    # What lies in the middle of a wire is on it; the end of another wire only under a dot.
    for place in {*places, *drawing.dots}:
        for a, b in drawing.wires:
            if _on(place, a, b):
                join(place, a)
    every = {*places, *(end for wire in drawing.wires for end in wire)}
    return {place: root(place) for place in every}


def _on(place: Point, a: Point, b: Point) -> bool:
    (x, y), (x0, y0), (x1, y1) = place, a, b
    within = min(x0, x1) <= x <= max(x0, x1) and min(y0, y1) <= y <= max(y0, y1)
    return within and (x - x0) * (y1 - y0) == (y - y0) * (x1 - x0)


def problems(drawing: Drawing) -> list[str]:
    """What is wrong, a sentence each; nothing if the drawing is sound."""
    found = nets(drawing)
    return [*_pin_problems(drawing, found), *_net_problems(found), *_wire_problems(drawing)]


def _pin_problems(drawing: Drawing, found: dict[str, frozenset[Pin]]) -> list[str]:
    out = []
    for (reference, number), count in Counter(
        (p.reference, p.number) for p in drawing.pins
    ).items():
        if count > 1:
            out.append(f"pin {number} of {reference} is there {count} times")
    touched = {end for wire in drawing.wires for end in wire} | {at for _, at in drawing.labels}
    for pins in found.values():
        for pin in pins:
            name = f"{pin.name} (pin {pin.number} of {pin.reference})"
            if pin.at in drawing.free and (len(pins) > 1 or pin.at in touched):
                out.append(f"{name} is marked as free but joined to something")
            elif pin.at not in drawing.free and len(pins) == 1:
                out.append(f"{name} is joined to nothing, and not marked as free")
    out += [
        "a mark for a free pin is where no pin is"
        for at in drawing.free
        if at not in {pin.at for pin in drawing.pins}
    ]
    return out


def _net_problems(found: dict[str, frozenset[Pin]]) -> list[str]:
    out = []
    for name, pins in found.items():
        sources = sorted(p.reference for p in pins if p.kind in ("power_out", "output"))
        if len(sources) > 1:
            out.append(f"net {name} has several sources: {', '.join(sources)}")
        if not sources:
            out += [
                f"{pin.name} of {pin.reference} wants power, and net {name} has no source"
                for pin in pins
                if pin.kind == "power_in"
            ]
        kinds = {pin.kind for pin in pins}
        if len(pins) > 1 and "input" in kinds and kinds <= {"input", "power_in"}:
            out.append(f"net {name} has only inputs")
    return out


def _wire_problems(drawing: Drawing) -> list[str]:
    out = []
    ends = Counter(end for wire in drawing.wires for end in wire)
    held = {pin.at for pin in drawing.pins} | {at for _, at in drawing.labels}
    for end, count in ends.items():
        inside = [w for w in drawing.wires if end not in w and _on(end, *w)]
        place = f"{end[0] / 1000:g}, {end[1] / 1000:g} mm"
        if inside and end not in drawing.dots:
            out.append(f"a wire ends on another at {place} without a dot")
        if count == 1 and end not in held and not inside:
            out.append(f"a wire ends in the open at {place}")
        if count > 2 and end not in drawing.dots:
            out.append(f"{count} wires meet at {place} without a dot")
    for dot in drawing.dots:
        arms = ends[dot] + 2 * sum(dot not in wire and _on(dot, *wire) for wire in drawing.wires)
        arms += sum(pin.at == dot for pin in drawing.pins)
        if arms < 3:
            out.append(f"a dot at {dot[0] / 1000:g}, {dot[1] / 1000:g} mm joins nothing")
    for name, at in drawing.labels:
        if not any(_on(at, *wire) for wire in drawing.wires):
            out.append(f"a label {name} is on no wire")
    return out


def netlist_text(drawing: Drawing) -> str:
    """The netlist, a line for each net: its name, and its pins as REFERENCE-NUMBER(NAME)."""
    lines = []
    for name, pins in sorted(nets(drawing).items()):
        if len(pins) > 1:
            ordered = sorted(pins, key=lambda p: (p.reference, int(p.number)))
            shown = " ".join(f"{p.reference}-{p.number}({p.name})" for p in ordered)
            lines.append(f"{name}: {shown}")
    return "\n".join(lines) + "\n"
