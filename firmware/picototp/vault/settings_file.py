"""Writing the record of settings.py, which says what is in it. Loaded when that is to be done."""

import struct

from picototp.vault.settings import MAGIC, files

_FORMAT = ">4sBBBBIB16s"


def save(settings) -> None:
    """Write the Settings to the older of the two files. Raises the storage's OSError."""
    pair = files(settings.storage)
    fields = settings.order, settings.brightness, int(settings.upside_down)
    after_s, recent = settings.dark_after_s, settings.recent
    pair.write(struct.pack(_FORMAT, MAGIC, 1, *fields, pair.next_generation(), after_s, recent))
    settings.changed = False
