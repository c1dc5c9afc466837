"""A push button between a pin with pull-up and ground: high when released, low when pressed.

A real contact bounces. After each edge the level chatters for `bounce_ms`, by a seeded pattern that
is the same in every run, so that the firmware's debouncing has something to do.
"""

import random
import threading

from ..clock import Clock

_NS_PER_MS = 1_000_000
_SHORTEST_NS, _LONGEST_NS = 50_000, 900_000  # between two contacts while bouncing


class Button:
    """One button; `clock` says when an edge happens. All methods may be called from any thread."""

    def __init__(self, clock: Clock, bounce_ms: float = 5.0, seed: int = 0):
        if bounce_ms < 0:
            raise ValueError(f"bounce of {bounce_ms} ms")
        self._lock = threading.Lock()
        self._clock = clock
        self._bounce_ns = round(bounce_ms * _NS_PER_MS)
        self._random = random.Random(seed)
        self._down = False
        self._edges: list[tuple[int, bool]] = []
        self._level_before = True

    @property
    def down(self) -> bool:
        """Whether a finger is on it; setting it makes an edge at the clock's present time."""
        return self._down

    @down.setter
    def down(self, value: bool) -> None:
        with self._lock:
            if value == self._down:
                return
            now_ns = self._clock.now_ns()
            self._level_before = self._level_at(now_ns)
            self._down = value
            self._edges = self._chatter(now_ns, not value)

    def level(self, now_ns: int | None = None) -> bool:
        """The pin's level, True is high, at a time since the last change of `down`."""
        with self._lock:
            return self._level_at(self._clock.now_ns() if now_ns is None else now_ns)

    def edges(self) -> list[tuple[int, bool]]:
        """The edges that the last change of `down` makes: (time in ns, level from then on).

        For engines that schedule pin changes instead of polling `level`.
        """
        with self._lock:
            return list(self._edges)

    def _level_at(self, now_ns: int) -> bool:
        level = self._level_before
        for time_ns, new_level in self._edges:
            if time_ns > now_ns:
                break
            level = new_level
        return level

    def _chatter(self, start_ns: int, level: bool) -> list[tuple[int, bool]]:
        """Edges at `start_ns` and, in pairs, until the bounce is over; the last is to `level`."""
        edges = [(start_ns, level)]
        time_ns = start_ns
        while True:
            back_ns = time_ns + self._random.randint(_SHORTEST_NS, _LONGEST_NS)
            time_ns = back_ns + self._random.randint(_SHORTEST_NS, _LONGEST_NS)
            if time_ns > start_ns + self._bounce_ns:
                return edges
            edges += [(back_ns, not level), (time_ns, level)]
