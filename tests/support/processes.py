"""What other users of this computer see of its programs."""

import contextlib
import subprocess
from pathlib import Path

_PROC = Path("/proc")


def command_lines() -> str:
    """The command lines of all processes, as `ps` shows them; Linux needs no `ps` for that."""
    if not _PROC.is_dir():
        listed = subprocess.run(["ps", "axww"], capture_output=True, text=True, check=True)
        return listed.stdout
    lines = []
    for process in _PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            lines.append((process / "cmdline").read_bytes().replace(b"\0", b" "))
    return b"\n".join(lines).decode(errors="replace")
