"""KiCad's own opinion of the carrier board, and a page for assembling it, where KiCad is installed.

Debian's KiCad 6 and later is a module of Debian's Python, with which these programs then run.
"""

import os
import re
import subprocess
import sysconfig
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

BOARD = Path(__file__).resolve().parent / "carrier.kicad_pcb"
_KICAD_PYTHON = "/usr/bin/python3"
_PAGE_PACKAGES = ("InteractiveHtmlBom",)
_DRC = """
import pcbnew, sys
units = getattr(pcbnew, "EDA_UNITS_MILLIMETRES", None)  # until KiCad 8
units = pcbnew.EDA_UNITS_MM if units is None else units
pcbnew.WriteDRCReport(pcbnew.LoadBoard(sys.argv[1]), sys.argv[2], units, True)
"""


def is_there() -> bool:
    """Whether KiCad is installed so that programs can use it."""
    if not Path(_KICAD_PYTHON).exists():
        return False
    return (
        subprocess.run([_KICAD_PYTHON, "-c", "import pcbnew"], capture_output=True).returncode == 0
    )


def faults(report: Path, board: Path = BOARD) -> list[str]:
    """What KiCad's design rule check finds wrong with a board; it writes its report there.

    RuntimeError if it cannot be run.
    """
    run([_KICAD_PYTHON, "-c", _DRC, str(board), str(report)])
    counts = re.findall(r"Found (\d+) (.+) \*\*", report.read_text(encoding="utf-8"))
    if not counts:
        raise RuntimeError(f"KiCad's report is not as expected: see {report}")
    return [f"{count} {what}" for count, what in counts if count != "0"]


def make_page(folder: Path) -> None:
    """An interactive page that shows where each part goes. RuntimeError if that fails."""
    # It is installed beside this Python, and runs in KiCad's.
    packages = Path(sysconfig.get_paths()["purelib"])
    with tempfile.TemporaryDirectory() as name:
        for package in _PAGE_PACKAGES:
            (Path(name) / package).symlink_to(packages / package)
        environment = os.environ | {"PYTHONPATH": name, "INTERACTIVE_HTML_BOM_NO_DISPLAY": "1"}
        command = [_KICAD_PYTHON, "-m", "InteractiveHtmlBom.generate_interactive_bom"]
        command += ["--no-browser", "--dest-dir", str(folder.resolve())]
        run([*command, "--name-format", "assembly", str(BOARD)], environment)


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
    """Run a program. RuntimeError with its last line if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise RuntimeError(f"{Path(command[0]).name} failed: {last}")
