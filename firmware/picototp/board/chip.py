"""What differs between the chips that the firmware runs on: the addresses of their registers.

Pins, I2C and clocks are reached through MicroPython; only what it has no name for is here.
Addresses: pico-sdk, hardware_regs/include/hardware/regs/addressmap.h of rp2040 and of rp2350.
"""

import sys

_WATCHDOG_BASES = {"RP2040": 0x4005_8000, "RP2350": 0x400D_8000}
# A write so far above a register of either chip clears the bits that are 1 in it.
CLEAR_BITS = 0x3000


def watchdog_base(implementation=sys.implementation) -> int | None:
    """Address of the watchdog's registers; None on a chip that is none of these, or unknown."""
    words = getattr(implementation, "_machine", "").split()
    return _WATCHDOG_BASES.get(words[-1]) if words else None
