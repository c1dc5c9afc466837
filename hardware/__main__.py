"""Writes the files in this folder that are made from the pin table and the lists beside it.

    python -m hardware           writes them
    python -m hardware --check   exits 1 when one of them is stale

These are text, and quick to make. `make hardware` makes them too, and then into build/hardware what
needs the heavy tools: python -m hardware.factory.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from hardware import (
    carrier,
    draw_schematic,
    draw_wiring,
    electrical_rules,
    gerbers,
    harness,
    kicad_board,
    kicad_schematic,
    parts,
    readme,
    schematic,
)
from picototp.board import config

FOLDER = Path(__file__).resolve().parent


def generated() -> dict[Path, str]:
    """Every file by its path, as it has to be."""
    pins = vars(config)
    sheet = schematic.sheet(pins)
    kicad_file = kicad_schematic.kicad_text(sheet)
    footprints = carrier.parts(pins)
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    return {
        FOLDER / "README.md": readme.with_tables(text, pins),
        FOLDER / "bom.csv": parts.bom_csv(),
        FOLDER / "harness.yml": harness.source(pins),
        FOLDER / "carrier.kicad_pcb": kicad_board.kicad_text(footprints),
        FOLDER / "carrier-front.svg": gerbers.picture(footprints, "front"),
        FOLDER / "carrier-back.svg": gerbers.picture(footprints, "back"),
        **draw_wiring.pictures(pins),
        FOLDER / "schematic.kicad_sch": kicad_file,
        FOLDER / "schematic.svg": draw_schematic.draw(sheet),
        FOLDER / "netlist.txt": electrical_rules.netlist_text(electrical_rules.read(kicad_file)),
    }


def stale(files: Mapping[Path, str]) -> list[Path]:
    """Those that are missing or different on disk."""
    return [
        path
        for path, content in files.items()
        if not path.is_file() or path.read_text(encoding="utf-8") != content
    ]


def main(arguments: Sequence[str]) -> int:
    """Exit status: 0 done or all fresh, 1 stale, 2 usage."""
    if list(arguments) not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    files = generated()
    if arguments:
        old = stale(files)
        for path in old:
            print(f"{path.name} is stale; write it again: make hardware", file=sys.stderr)
        return 1 if old else 0
    for path, content in files.items():
        path.write_text(content, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
