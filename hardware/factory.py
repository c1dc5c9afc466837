"""What needs the heavy tools: the pictures of harness and cases, and what goes to makers.

    python -m hardware.factory build/hardware

Pictures go to hardware/, where the README shows them. Gerber and drill files, STL and STEP files
and lists go to the folder named. KiCad, where it is installed, checks the carrier board once more,
and the board gets a page for assembling it.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from hardware import carrier, gerbers, harness, stamps
from hardware import case as shapes
from hardware.case_pictures import save as save_picture
from hardware.case_size import CASES
from picototp.board import config

FOLDER = Path(__file__).resolve().parent
BOARD = FOLDER / "carrier.kicad_pcb"
# Debian's KiCad is a module of Debian's Python.
_KICAD_PYTHON = "/usr/bin/python3"
_PAGE_PACKAGES = ("InteractiveHtmlBom",)
_DRC = """
import pcbnew, sys
board = pcbnew.LoadBoard(sys.argv[1])
pcbnew.WriteDRCReport(board, sys.argv[2], pcbnew.EDA_UNITS_MILLIMETRES, True)
"""


def draw_harness(stamp: str) -> None:
    """hardware/harness.svg and .png. RuntimeError if WireViz or dot cannot do it."""
    if shutil.which("dot") is None:
        raise RuntimeError("graphviz is missing: install Debian's package graphviz, then repeat")
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "harness.yml"
        source.write_text(harness.source(vars(config)), encoding="utf-8")
        wireviz = Path(sys.executable).with_name("wireviz")
        _run([str(wireviz), str(source), "-f", "sp"])
        for kind in ("svg", "png"):
            shutil.copy(source.with_suffix(f".{kind}"), FOLDER)
            stamps.write(FOLDER / f"harness.{kind}", stamp)


def make_board(folder: Path) -> None:
    """Gerber and drill files, also as the ZIP that makers want."""
    shutil.rmtree(folder / "gerbers", ignore_errors=True)
    gerbers.save(carrier.parts(vars(config)), folder / "gerbers")
    shutil.make_archive(str(folder / "picototp-carrier"), "zip", folder / "gerbers")


def ask_kicad(folder: Path) -> str:
    """KiCad's own check of the board file; what came of it, in a few words. RuntimeError if bad."""
    there = Path(_KICAD_PYTHON).exists() and _has(_KICAD_PYTHON, "pcbnew")
    if not there:
        return "KiCad is not installed: its check and the assembly page were left out"
    report = folder / "carrier-drc.txt"
    _run([_KICAD_PYTHON, "-c", _DRC, str(BOARD), str(report)])
    counts = re.findall(r"Found (\d+) (\D+) \*\*", report.read_text(encoding="utf-8"))
    if len(counts) != 3 or any(count != "0" for count, _ in counts):
        raise RuntimeError(f"KiCad found faults in {BOARD.name}: see {report}")
    make_page(folder)
    return "KiCad found no fault, and the assembly page is made"


def make_page(folder: Path) -> None:
    """An interactive page that shows where each part goes."""
    # It is installed beside this Python, and runs in KiCad's.
    packages = Path(sysconfig.get_paths()["purelib"])
    with tempfile.TemporaryDirectory() as name:
        for package in _PAGE_PACKAGES:
            (Path(name) / package).symlink_to(packages / package)
        environment = os.environ | {"PYTHONPATH": name, "INTERACTIVE_HTML_BOM_NO_DISPLAY": "1"}
        command = [_KICAD_PYTHON, "-m", "InteractiveHtmlBom.generate_interactive_bom"]
        command += ["--no-browser", "--dest-dir", str(folder.resolve())]
        _run([*command, "--name-format", "assembly", str(BOARD)], environment)


def _has(python: str, module: str) -> bool:
    found = subprocess.run([python, "-c", f"import {module}"], capture_output=True)
    return found.returncode == 0


def _run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise RuntimeError(f"{Path(command[0]).name} failed: {last}")


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
