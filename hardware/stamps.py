"""Pictures that only heavy tools can draw carry a stamp: a hash of all that they were made from.

So a test notices that a picture is old without drawing it.
"""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from hardware import harness
from hardware.case_size import CASES, contents

FOLDER = Path(__file__).resolve().parent
_KEY = "made-from"
_PATTERN = re.compile(rf"<!-- {_KEY} ([0-9a-f]{{64}}) -->")


def expected(pins: Mapping[str, Any]) -> dict[Path, str]:
    """The stamp that each picture has to carry."""
    of_harness = _hash(harness.source(pins))
    found = {FOLDER / f"harness.{kind}": of_harness for kind in ("svg", "png")}
    shapes = [
        (FOLDER / name).read_text(encoding="utf-8") for name in ("case.py", "case_pictures.py")
    ]
    for case in CASES:
        found[FOLDER / f"case-{case.name}.svg"] = _hash(*shapes, repr((case, contents(case))))
    return found


def _hash(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode()).hexdigest()


def read(path: Path) -> str | None:
    """The stamp of a picture; None if it has none."""
    if path.suffix == ".png":
        with Image.open(path) as picture:
            return picture.info.get(_KEY)
    found = _PATTERN.search(path.read_text(encoding="utf-8"))
    return found[1] if found else None


def write(path: Path, stamp: str) -> None:
    """Put a stamp on a picture that has none."""
    if path.suffix == ".png":
        with Image.open(path) as picture:
            more = PngInfo()
            more.add_text(_KEY, stamp)
            # Few colours are enough for a drawing, and take a quarter of the room.
            picture.convert("RGB").quantize(64).save(path, pnginfo=more, optimize=True)
        return
    text = path.read_text(encoding="utf-8").rstrip()
    path.write_text(f"{text}\n<!-- {_KEY} {stamp} -->\n", encoding="utf-8", newline="\n")


def stale(pins: Mapping[str, Any]) -> list[Path]:
    """Pictures that are missing, or made from something else than what is here."""
    return [
        path for path, stamp in expected(pins).items() if not path.is_file() or read(path) != stamp
    ]
