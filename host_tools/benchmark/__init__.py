"""What `picototp bench` measures: on an emulated Pico, and on this computer's own MicroPython."""

from collections.abc import Callable
from pathlib import Path

# Python for MicroPython, there and here.
GUEST_FOLDER = Path(__file__).parent / "guest"

# The parts that can be asked for.
CODES, IMPORTS, DISPLAY, FIRMWARE, VAULT, INSTALL, RATIOS, EXTREMES = PARTS = (
    "codes",
    "imports",
    "display",
    "firmware",
    "vault",
    "install",
    "ratios",
    "extremes",
)
USUAL = set(PARTS) - {EXTREMES}  # what is measured if nothing is asked for
AT_PROMPT = {CODES, IMPORTS, DISPLAY}

ACCOUNTS = 255  # in the vault: as many as the limits are for, and as it takes

Say = Callable[[str], None]  # takes a line about what is measured now
