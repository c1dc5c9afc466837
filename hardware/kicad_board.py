"""The carrier board as a KiCad file: hardware/carrier.kicad_pcb, for KiCad 6 and later."""

from collections.abc import Sequence
from itertools import pairwise

from kiutils.board import Board
from kiutils.footprint import Attributes, DrillDefinition, Footprint, Pad
from kiutils.items.brditems import GeneralSettings, Segment, Via
from kiutils.items.common import Effects, Font, Justify, Net, Position
from kiutils.items.fpitems import FpRect, FpText
from kiutils.items.gritems import GrLine, GrText

from hardware.carrier import (
    HOLE,
    PAD,
    PRINTS,
    THICKNESS,
    TRACK,
    TRACKS,
    VIA,
    VIA_HOLE,
    VIAS,
    Part,
    Spot,
    outline,
)
from hardware.kicad_schematic import identifier

_COPPER = {"front": "F.Cu", "back": "B.Cu"}
_SHEET_MM = (100.0, 60.0)  # where the board's corner is on KiCad's sheet


def _at(spot: Spot, angle: float | None = None) -> Position:
    return Position(round(spot[0] + _SHEET_MM[0], 4), round(spot[1] + _SHEET_MM[1], 4), angle)


def _effects(side: str, high: float) -> Effects:
    return Effects(
        font=Font(height=high, width=high, thickness=0.15), justify=Justify(mirror=side == "back")
    )


def _footprint(part: Part, nets: dict[str, Net]) -> Footprint:
    x0, y0 = part.holes[0].at
    letter = _COPPER[part.side][0]
    left, top, right, bottom = part.box
    corners = [
        Position(round(x - x0, 4), round(y - y0, 4)) for x, y in ((left, top), (right, bottom))
    ]
    words = [
        FpText(
            type=kind,
            text=text,
            position=Position(0, 0, 0),
            layer=f"{letter}.Fab",
            effects=_effects(part.side, 1.0),
            tstamp=identifier("carrier", part.reference, kind),
        )
        for kind, text in (("reference", part.reference), ("value", part.value))
    ]
    return Footprint(
        libraryNickname="picototp",
        entryName=part.reference,
        layer=_COPPER[part.side],
        tedit="0",
        tstamp=identifier("carrier", part.reference),
        position=_at((x0, y0)),
        attributes=Attributes(type="through_hole"),
        graphicItems=[
            *words,
            FpRect(
                start=corners[0],
                end=corners[1],
                layer=f"{letter}.Fab",
                width=0.1,
                tstamp=identifier("carrier", part.reference, "box"),
            ),
        ],
        pads=[
            Pad(
                number=hole.name,
                type="thru_hole",
                shape="circle",
                position=Position(round(hole.at[0] - x0, 4), round(hole.at[1] - y0, 4)),
                size=Position(PAD, PAD),
                drill=DrillDefinition(diameter=HOLE),
                layers=["*.Cu", "*.Mask"],
                net=nets.get(hole.net),
                tstamp=identifier("carrier", part.reference, hole.name, hole.at),
            )
            for hole in part.holes
        ],
    )


def kicad_text(parts: Sequence[Part]) -> str:
    """The whole file."""
    names = dict.fromkeys(hole.net for part in parts for hole in part.holes if hole.net)
    nets = {name: Net(number, name) for number, name in enumerate(names, start=1)}
    board = Board.create_new()
    board.version, board.generator = "20211014", "picototp"
    board.general = GeneralSettings(thickness=THICKNESS)
    board.nets += nets.values()
    board.footprints = [_footprint(part, nets) for part in parts]
    for start, end in pairwise(outline()):
        edge = identifier("edge", start, end)
        board.graphicItems.append(
            GrLine(start=_at(start), end=_at(end), layer="Edge.Cuts", width=0.05, tstamp=edge)
        )
    for words in PRINTS:
        layer = "F.SilkS" if words.side == "front" else "B.SilkS"
        board.graphicItems.append(
            GrText(
                text=words.words,
                position=_at(words.at, 0),
                layer=layer,
                effects=_effects(words.side, words.high),
                tstamp=identifier("print", *words),
            )
        )
    for track in TRACKS:
        for start, end in pairwise(track.points):
            board.traceItems.append(
                Segment(
                    start=_at(start),
                    end=_at(end),
                    width=TRACK,
                    layer=_COPPER[track.layer],
                    net=nets[track.net].number,
                    tstamp=identifier("track", track.layer, start, end),
                )
            )
    for name, at in VIAS:
        board.traceItems.append(
            Via(
                position=_at(at),
                size=VIA,
                drill=VIA_HOLE,
                layers=["F.Cu", "B.Cu"],
                net=nets[name].number,
                tstamp=identifier("via", at),
            )
        )
    return str(board.to_sexpr())
