"""What needs the heavy tools: the pictures of harness and cases, and what goes to makers.

    python -m hardware.factory build/hardware

Pictures go to hardware/, where the README shows them. Gerber and drill files, STL and STEP files
and lists go to the folder named. KiCad, where it is installed, checks the carrier board once more,
and the board gets a page for assembling it.
"""

import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hardware import carrier, gerbers, harness, kicad_check, stamps
from hardware import case as shapes
from hardware.case_pictures import save as save_picture
from hardware.case_size import CASES
from picototp.board import config

FOLDER = Path(__file__).resolve().parent


def draw_harness(stamp: str) -> None:
    """hardware/harness.svg and .png. RuntimeError if WireViz or dot cannot do it."""
    if shutil.which("dot") is None:
        raise RuntimeError("graphviz is missing: install Debian's package graphviz, then repeat")
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "harness.yml"
        source.write_text(harness.source(vars(config)), encoding="utf-8")
        wireviz = Path(sys.executable).with_name("wireviz")
        kicad_check.run([str(wireviz), str(source), "-f", "sp"])
        for kind in ("svg", "png"):
            shutil.copy(source.with_suffix(f".{kind}"), FOLDER)
            stamps.write(FOLDER / f"harness.{kind}", stamp)


def make_board(folder: Path) -> None:
    """Gerber and drill files, also as the ZIP that makers want."""
    shutil.rmtree(folder / "gerbers", ignore_errors=True)
    gerbers.save(carrier.parts(vars(config)), folder / "gerbers")
    shutil.make_archive(str(folder / gerbers.ARCHIVE), "zip", folder / "gerbers")


def ask_kicad(folder: Path) -> str:
    """What came of KiCad's check, in a few words. RuntimeError if it found anything."""
    if not kicad_check.is_there():
        return "KiCad is not installed: its check and the assembly page were left out"
    report = folder / "carrier-drc.txt"
    found = kicad_check.faults(report)
    if found:
        raise RuntimeError(f"KiCad found {' and '.join(found)} in the board: see {report}")
    kicad_check.make_page(folder)
    return "KiCad found no fault, and the assembly page is made"


def main(arguments: Sequence[str]) -> int:
    """Exit status: 0 done, 1 failed, 2 usage."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    wanted = stamps.expected(vars(config))
    try:
        draw_harness(wanted[FOLDER / "harness.svg"])
        make_board(folder)
        for case in CASES:
            path = save_picture(case, FOLDER)
            stamps.write(path, wanted[path])
            shapes.save(case, folder)
        print(ask_kicad(folder))
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    for name in ("bom.csv", "netlist.txt"):
        shutil.copy(FOLDER / name, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
