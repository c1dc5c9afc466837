"""On CPython the firmware's collections take a tenth of a second each, and half of its tests' time.

They are for the sake of a heap of 200 KB, which CPython has not: left out there.
"""

import gc
import sys

_collect = gc.collect


def _unless_for_the_firmware(generation=2):
    caller = sys._getframe(1).f_globals.get("__name__", "")
    return 0 if caller.startswith("picototp.") else _collect(generation)


def install():
    """For this process."""
    gc.collect = _unless_for_the_firmware
