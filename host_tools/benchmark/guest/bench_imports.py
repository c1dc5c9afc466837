"""For the emulated Pico: how long the firmware's modules take to load. In a fresh interpreter."""

import builtins
import gc
import sys
import time


def run(statements):
    """Executes what boot.py prepares, and imports; {module: microseconds}, each without what it
    imports itself."""
    plain = builtins.__import__
    own = {}
    nested = [0]  # time of the modules that the one under way has loaded

    def timed(name, *rest):
        fresh = name not in sys.modules
        nested.append(0)
        start = time.ticks_us()
        try:
            return plain(name, *rest)
        finally:
            taken = time.ticks_diff(time.ticks_us(), start)
            inner = nested.pop()
            if fresh:
                own[name] = own.get(name, 0) + taken - inner
            nested[-1] += taken if fresh else inner

    builtins.__import__ = timed
    try:
        for statement in statements:
            exec(statement)  # noqa: S102  from this repository's own files
    finally:
        builtins.__import__ = plain
        gc.threshold(-1)
    return own
