"""What differs between the chips and boards that the firmware runs on: addresses, and one pin.

Pins, I2C and clocks are reached through MicroPython; only what it has no name for is here.
Addresses: pico-sdk, hardware_regs/include/hardware/regs/addressmap.h of rp2040 and of rp2350.
"""

import sys

_WATCHDOG_BASES = {"RP2040": 0x4005_8000, "RP2350": 0x400D_8000}
_USB_MEMORIES = {"RP2040": 0x5010_0000, "RP2350": 0x5010_0000}
# Boards that tell by a pin of their own whether anything feeds their USB socket: high, through two
# resistors, while it does. On the wireless boards that pin is the wireless chip's, which also has
# the signal. Another board may have anything there. Source: the boards' data sheets, "GPIO24".
_PIN_VBUS = 24
_VBUS_BOARDS = {"Raspberry Pi Pico", "Raspberry Pi Pico2"}
# A write so far above a register of either chip clears the bits that are 1 in it.
CLEAR_BITS = 0x3000


def watchdog_base(implementation=sys.implementation) -> int | None:
    """Address of the watchdog's registers; None on a chip that is none of these, or unknown."""
    return _address(_WATCHDOG_BASES, implementation)


def usb_memory(implementation=sys.implementation) -> int | None:
    """Address of USB's own memory; None likewise."""
    return _address(_USB_MEMORIES, implementation)


def _address(addresses: dict, implementation) -> int | None:
    words = getattr(implementation, "_machine", "").split()
    return addresses.get(words[-1]) if words else None


def vbus_pin(implementation=sys.implementation) -> int | None:
    """The pin that is low while nothing feeds the USB socket; None on a board that has none."""
    board = getattr(implementation, "_machine", "").split(" with ")[0]
    return _PIN_VBUS if board in _VBUS_BOARDS else None
