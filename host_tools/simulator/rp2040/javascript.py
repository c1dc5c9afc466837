"""Where the emulated chip comes from: Node, the emulator's JavaScript, and the boot ROM."""

from pathlib import Path

_PROGRAM = Path(__file__).parent / "node" / "main.js"


def emulator_command() -> list[str]:
    """How the Node program is started."""
    return ["node", str(_PROGRAM)]
