"""A board in BOOTSEL mode: the drive it shows, and MicroPython copied onto it.

The boot ROM shows a drive with a file INFO_UF2.TXT (RP2040 data sheet, 2.8.4; RP2350 data sheet,
5.5.2). A UF2 file that is copied there goes into flash, and the board restarts with it. The drive
tells the chip, and not whether the board has wireless.
"""

import os
import re
import string
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from host_tools.errors import NoToken, ToolError, UsageProblem
from host_tools.pico.boards import PICO, Board, of_drive

_INFO = "INFO_UF2.TXT"
_INFO_MOST_BYTES = 4096  # some 60 on a Pico
_CHUNK_BYTES = 16_384
_RESTART_S = 20.0


def find_drive(mounts: Iterable[Path] | None = None, board: Board = PICO) -> Path:
    """The drive of the one board in BOOTSEL mode, among the file systems that are mounted.

    NoToken if there is none, UsageProblem if there are several, ToolError if it is another chip's.
    """
    others: list[tuple[Path, list[Board]]] = []
    found: list[Path] = []
    for mount in _mounts() if mounts is None else mounts:
        try:
            with (mount / _INFO).open("rb") as file:
                info = file.read(_INFO_MOST_BYTES).decode(errors="replace")
        except OSError:
            continue
        known = of_drive(info)
        if board in known:
            found.append(mount)
        else:
            others.append((mount, known))
    if len(found) > 1:
        raise UsageProblem("several boards are in BOOTSEL mode; leave only one plugged in")
    if found:
        return found[0]
    if others:
        mount, known = others[0]
        names = " or ".join(f"--board {other.name}" for other in known)
        advice = f"; say which board it is: {names}" if names else ""
        raise ToolError(
            f"{mount} is the drive of another chip than the {board.chip} of a {board.title}{advice}"
        )
    raise NoToken(
        f"no board in BOOTSEL mode: hold its BOOTSEL button while you plug it in, and have its "
        f"drive {board.bootsel_id} mounted"
    )


def copy_to(
    drive: Path,
    image: Path,
    progress: Callable[[int], None] = lambda count: None,
    restart_s: float = _RESTART_S,
) -> None:
    """Copy a UF2 file and wait until the board has restarted with it. ToolError if it does not."""
    data = image.read_bytes()
    sent = 0
    try:
        with open(drive / "NEW.UF2", "wb", buffering=0) as file:
            while sent < len(data):
                sent += file.write(data[sent : sent + _CHUNK_BYTES])
                os.fsync(file.fileno())
                progress(sent)
    except OSError as error:
        # With the last block the board restarts and takes its drive away, closed or not.
        if sent < len(data) - _CHUNK_BYTES:
            reason = error.strerror
            raise ToolError(
                f"copying onto {drive} failed ({reason}); plug the board in again with BOOTSEL held"
            ) from error
    deadline = time.monotonic() + restart_s
    while _is_there(drive / _INFO):
        if time.monotonic() > deadline:
            raise ToolError("the board did not accept the image; try again with BOOTSEL held")
        time.sleep(0.1)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a mount whose drive is gone
        return False


def _mounts() -> list[Path]:
    """Where file systems are mounted on this computer."""
    if sys.platform.startswith("win"):
        return [Path(f"{letter}:/") for letter in string.ascii_uppercase]
    if sys.platform == "darwin":
        return sorted(Path("/Volumes").glob("*"))
    lines = Path("/proc/mounts").read_text().splitlines()
    return [_mount_point(line) for line in lines]


def _mount_point(line: str) -> Path:
    """The mount point in a line of /proc/mounts, where a space is written as \\040, and so on."""
    name = line.split()[1]
    return Path(re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), name))
