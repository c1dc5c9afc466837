"""What belongs on a token's flash, and what does not: paths on the board and their content.

    /boot.py /main.py /slots.mpy /rescue.mpy   what starts the firmware (firmware_build.py)
    /firmware.a /firmware.b                    the firmware, a bundle in each slot
    /firmware.use                              which of them runs (picototp/board/slots.py)

/data is the token's own and no part of an installation. Before there were bundles each module was
a file, in /lib and /picototp; a list of them all was in /picototp/manifest.json.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from host_tools.pico.firmware_build import BESIDE, bundle, starters
from host_tools.pico.firmware_source import DRIVERS
from picototp.board import slots

MAIN = "/main.py"
BOOT = "/boot.py"
USE = f"/{slots.USE}"
MANIFEST = "/picototp/manifest.json"
DATA = "/data"
SLOTS = ("a", "b")
NEW_ENDING = ".new"  # of a file that is not yet whole
# What an installation owns, at the root as well as in /lib: an older one, or a copy by hand, may
# have left files there that would be imported instead of these.
_OWN = ("picototp", *DRIVERS, "LICENSES", *BESIDE, "firmware")

Files = dict[str, bytes]


def collect() -> Files:
    """All files of a token that is new, by their path. ToolError if something is missing or does
    not compile."""
    files = {f"/{name}": content for name, content in starters().items()}
    return {**files, slot_file("a"): bundle(), USE: chosen("a", slots.PROVEN)}


def slot_file(slot: str) -> str:
    """Where the bundle of a slot lies."""
    return f"/{slots.FILES}{slot}"


def chosen(slot: str, state: str, told: str = slots.FINE) -> bytes:
    """What /firmware.use holds when that slot is to run."""
    return f"{slot}{state}{told}".encode()


def listed(manifest: bytes) -> list[str]:
    """The files that a board's manifest names; none if it is damaged."""
    try:
        names = json.loads(manifest)["files"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def stale(on_board: Iterable[str], wanted: Mapping[str, bytes], old: Iterable[str]) -> list[str]:
    """The paths on a board that no longer belong there, never one of /data.

    `old` is what the last installation put there. Other files are left alone.
    """
    installed = set(old)
    return sorted(
        path
        for path in on_board
        if path not in wanted
        and not path.startswith(DATA + "/")
        and (path in installed or _is_own(path) or path.removesuffix(NEW_ENDING) in wanted)
    )


def mpy_problem(content: bytes, implementation_mpy: int) -> str | None:
    """Why a MicroPython with this sys.implementation._mpy cannot load the modules of a bundle.

    The header of an .mpy file: "M", version, feature flags; the flags of one with machine code
    have the processor in bits 2 to 5 and the sub-version in bits 0 and 1 (MicroPython manual,
    ".mpy files", which describes _mpy as well). The head of a bundle has both.
    """
    version, flags = content[9], content[10]
    if version != implementation_mpy & 0xFF:
        return (
            f"it loads .mpy files of version {implementation_mpy & 0xFF}, and these have {version}"
        )
    if not slots.runs(version, flags, implementation_mpy):
        return f"it does not run machine code of version {version}.{flags & 3}"
    return None


def sha256(data: bytes) -> str:
    """In hex."""
    return hashlib.sha256(data).hexdigest()


def _is_own(path: str) -> bool:
    parts = PurePosixPath(path).parts[1:]
    if parts[0] == "lib":
        parts = parts[1:]
    return bool(parts) and parts[0].partition(".")[0] in _OWN
