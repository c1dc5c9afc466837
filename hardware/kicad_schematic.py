"""The schematic as a KiCad file: hardware/schematic.kicad_sch, for KiCad 6 and later.

Its symbols are in the file itself, so that no library is needed. Every identifier is derived from
what it names: the same schematic is the same file.
"""

import uuid
from itertools import pairwise

from kiutils.items.common import Effects, Fill, Font, Justify, Position, Property, Stroke
from kiutils.items.schitems import (
    Connection,
    GlobalLabel,
    HierarchicalSheetInstance,
    Junction,
    NoConnect,
    PolyLine,
    SchematicSymbol,
    SymbolInstance,
    Text,
)
from kiutils.items.syitems import SyPolyLine, SyRect
from kiutils.schematic import Schematic
from kiutils.symbol import Symbol as KicadSymbol
from kiutils.symbol import SymbolPin

from hardware.schematic import FRAMES, NOTES, TITLE, Part, Sheet
from hardware.symbols import GRID_MM, SYMBOLS, Spot, Symbol

LIBRARY = "picototp"
_NAMESPACE = uuid.UUID("5f1c9a52-93d1-4f8e-9d2b-0d9a8e0c1f20")
_TURNS = {"R": 0, "U": 90, "L": 180, "D": 270}
_MARGIN = (8, 4)  # steps, so that the drawing clears the border of KiCad's sheet


def identifier(*what: object) -> str:
    """The same for the same words."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(map(str, what))))


def _at(spot: Spot, angle: float | None = None, up: bool = False) -> Position:
    """On the sheet, or in a symbol, where y grows upwards."""
    x, y = (spot[0], -spot[1]) if up else (spot[0] + _MARGIN[0], spot[1] + _MARGIN[1])
    return Position(round(x * GRID_MM, 4), round(y * GRID_MM, 4) + 0.0, angle)


def _effects(size: float = 1.27, side: str = "centre", hide: bool = False) -> Effects:
    justify = Justify(horizontally=None if side == "centre" else side)
    return Effects(font=Font(height=size, width=size), justify=justify, hide=hide)


def _symbol(symbol: Symbol) -> KicadSymbol:
    body = KicadSymbol(entryName=symbol.name, unitId=0, styleId=1)
    stroke = Stroke(width=0.254, type="default")
    if symbol.box is not None:
        left, top, right, bottom = symbol.box
        first, second = _at((left, top), up=True), _at((right, bottom), up=True)
        fill = Fill(type="background")
        body.graphicItems.append(SyRect(start=first, end=second, stroke=stroke, fill=fill))
    for line in symbol.strokes:
        spots = [_at(spot, up=True) for spot in line]
        body.graphicItems.append(SyPolyLine(points=spots, stroke=stroke, fill=Fill(type="none")))
    legs = KicadSymbol(entryName=symbol.name, unitId=1, styleId=1)
    for pin in symbol.pins:
        legs.pins.append(
            SymbolPin(
                electricalType=pin.kind,
                position=_at(pin.at, _TURNS[pin.side], up=True),
                length=pin.length * GRID_MM,
                name=pin.name,
                nameEffects=_effects(),
                number=pin.number,
                numberEffects=_effects(),
            )
        )
    return KicadSymbol(
        libraryNickname=LIBRARY,
        entryName=symbol.name,
        pinNames=True,
        pinNamesOffset=0.762,
        pinNamesHide=not symbol.names,
        hidePinNumbers=not symbol.names,
        isPower=not symbol.in_list,
        inBom=symbol.in_list,
        onBoard=symbol.in_list,
        properties=[
            Property("Reference", "#FLG" if not symbol.in_list else "U", 0, effects=_effects()),
            Property("Value", symbol.name, 1, effects=_effects()),
        ],
        units=[body, legs],
    )


def _instance(part: Part) -> SchematicSymbol:
    symbol = SYMBOLS[part.symbol]
    words = [(part.at[0] + x, part.at[1] + y) for x, y in part.words]
    texts = (("Reference", part.reference), ("Value", part.value))
    return SchematicSymbol(
        libraryNickname=LIBRARY,
        entryName=part.symbol,
        position=_at(part.at, 0),
        unit=1,
        inBom=symbol.in_list,
        onBoard=symbol.in_list,
        uuid=identifier(part.reference),
        properties=[
            Property(key, value, number, _at(spot, 0), _effects(side=part.side))
            for number, ((key, value), spot) in enumerate(zip(texts, words, strict=True))
        ],
        pins={pin.number: identifier(part.reference, pin.number) for pin in symbol.pins},
    )


def _frames() -> tuple[list[PolyLine], list[Text]]:
    lines, texts = [], []
    for left, top, right, bottom, heading, words in FRAMES:
        corners = ((left, top), (right, top), (right, bottom), (left, bottom), (left, top))
        for ends in pairwise(corners):  # KiCad 6 has no lines with more than two ends
            points = [_at(end) for end in ends]
            stroke = Stroke(width=0.15, type="dash")
            lines.append(PolyLine(points, stroke, identifier("frame", heading, *ends)))
        spot = (left + 1, top + 2.4)
        texts.append(_text(heading, spot, 2))
        texts += [
            _text(line, (left + 1, top + 4.6 + 1.8 * row), 1.27) for row, line in enumerate(words)
        ]
    texts.append(_text(TITLE, (8, 12), 3))
    texts += [_text(line, (x, y), 1.5) for x, y, line in NOTES]
    return lines, texts


def _text(words: str, spot: Spot, size: float) -> Text:
    return Text(words, _at(spot, 0), _effects(size, "left"), identifier("text", words))


def kicad_text(sheet: Sheet) -> str:
    """The whole file."""
    used = dict.fromkeys(part.symbol for part in sheet.parts)
    lines, texts = _frames()
    file = Schematic(
        version="20211123",
        generator="picototp",
        uuid=identifier("sheet"),
        libSymbols=[_symbol(SYMBOLS[name]) for name in used],
        schematicSymbols=[_instance(part) for part in sheet.parts],
        texts=texts,
        sheetInstances=[HierarchicalSheetInstance("/", "1")],
        symbolInstances=[
            SymbolInstance(f"/{identifier(part.reference)}", part.reference, 1, part.value)
            for part in sheet.parts
        ],
    )
    file.graphicalItems += lines
    for wire in sheet.wires:
        for ends in pairwise(wire):
            stroke = Stroke(width=0, type="default")
            points = [_at(end) for end in ends]
            file.graphicalItems.append(
                Connection("wire", points, stroke, identifier("wire", *ends))
            )
    file.junctions = [Junction(_at(spot), uuid=identifier("dot", spot)) for spot in sheet.junctions]
    file.noConnects = [NoConnect(_at(spot), identifier("free", spot)) for spot in sheet.free]
    file.globalLabels = [
        GlobalLabel(
            text=label.net,
            shape="passive",
            position=_at(label.at, 180 if label.points == "left" else 0),
            effects=_effects(side="right" if label.points == "left" else "left"),
            uuid=identifier("label", label),
        )
        for label in sheet.labels
    ]
    return str(file.to_sexpr())
