"""A token as it was before there were bundles: every module a file, and a list of them all."""

import hashlib
import json
from functools import cache

from host_tools.pico.board_files import MANIFEST
from host_tools.pico.firmware_build import compile_text, module_path, module_sources
from host_tools.pico.firmware_source import PACKAGE_FOLDER

BOOT = b"""
try:
    import micropython

    micropython.kbd_intr(-1)
    import sys

    sys.modules["busio"] = sys.modules["types"] = sys.modules["typing"] = sys

    from picototp import mode
    from picototp.board import maintenance

    mode.maintenance = maintenance.begins()
except KeyboardInterrupt:
    import machine

    machine.reset()
"""
MAIN = b"""
try:
    import micropython

    micropython.kbd_intr(-1)

    import machine

    from picototp import mode

    if not mode.maintenance:
        from picototp import wiring
except KeyboardInterrupt:
    import machine

    machine.reset()

if not mode.maintenance:
    try:
        wiring.run()
    finally:
        machine.reset()
"""


@cache
def files() -> dict[str, bytes]:
    """All of them, by path."""
    found = {"/boot.py": BOOT, "/main.py": MAIN}
    slots = PACKAGE_FOLDER / "board" / "slots.py"
    texts = {**module_sources(), "picototp.board.slots": slots.read_text(encoding="utf-8")}
    for module, text in texts.items():
        path = f"/{module_path(module)}.mpy"
        if not module.startswith("picototp"):
            path = f"/lib{path}"
        found[path] = compile_text(text, module)
    names = sorted(found)
    digest = hashlib.sha256(b"".join(found[name] for name in names)).hexdigest()
    manifest = {"version": "0.1.0", "digest": digest, "files": names}
    return {**found, MANIFEST: json.dumps(manifest).encode()}
