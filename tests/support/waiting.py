"""How the tests wait for other processes and threads: for a condition, with a deadline."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

# Only there so that a failure ends: a loaded machine is slow, a right one answers in milliseconds.
PATIENCE_S = 30.0


def eventually(condition: Callable[[], T], what: str = "", patience_s: float = PATIENCE_S) -> T:
    """The first true value of `condition`; AssertionError if there is none in time."""
    deadline_s = time.monotonic() + patience_s
    while not (value := condition()):
        assert time.monotonic() < deadline_s, f"never happened: {what or condition}"
        time.sleep(0.002)
    return value
