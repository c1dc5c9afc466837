"""The wires of a token by the names that a builder sees: pin and pad of the Pico."""

from picototp.board import config

PAD_SUPPLY = 36  # 3V3(OUT)
GROUNDS = "any GND pad"


def pad_of(gp: int) -> int:
    """The pad of a GP pin up to 22: every fifth is a ground (Raspberry Pi Pico datasheet, 2.1)."""
    return gp + 1 + (gp + 2) // 4


def pin(gp: int) -> str:
    """ "GP4, pad 6"."""
    return f"GP{gp}, pad {pad_of(gp)}"


SDA, SCL, BUTTON = pin(config.PIN_SDA), pin(config.PIN_SCL), pin(config.PIN_BUTTON)
SUPPLY = f"3V3, pad {PAD_SUPPLY}"
FOUR_WIRES = f"VCC ({SUPPLY}), GND ({GROUNDS}), SDA ({SDA}) and SCL ({SCL})"

_KNOWN = {
    0x3C: "display",
    0x3D: "display",
    0x50: "a memory chip",
    0x57: "memory of the clock module",
    0x5F: "memory of the clock module",
    0x68: "clock",
}


def named(address: int) -> str:
    """An address, and what may be there."""
    return f"0x{address:02x} {_KNOWN.get(address, 'unknown')}"
