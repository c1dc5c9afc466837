"""What settings.py may hold, and writing its record. Loaded when that is to be done."""

import struct

ORDERS = ("fixed", "recent", "name")
FIXED, RECENT, BY_NAME = range(3)
BRIGHTNESS = range(1, 101)
DARK_AFTER_S = range(10, 121)

_FORMAT = ">4sBBBBIB16s"


def save(settings, pair) -> None:
    """Write the Settings to the older file of the FilePair. Raises the storage's OSError."""
    fields = settings.order, settings.brightness, int(settings.upside_down)
    after_s, recent = settings.dark_after_s, settings.recent
    pair.write(struct.pack(_FORMAT, b"PTST", 1, *fields, pair.next_generation(), after_s, recent))
    settings.changed = False
