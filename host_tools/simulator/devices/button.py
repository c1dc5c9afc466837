"""A push button between a pin with pull-up and ground: high when released, low when pressed.

A real contact bounces. After each edge the level chatters for `bounce_ms`, by a seeded pattern that
is the same in every run, so that the firmware's debouncing has something to do.
"""

import random
import threading

from host_tools.simulator.clock import Clock

_NS_PER_MS = 1_000_000
FAULTS = ("ok", "stuck", "open", "bounce")
_WORN_BOUNCE_NS = 60 * _NS_PER_MS  # of a contact that no debouncing is made for
_SHORTEST_NS, _LONGEST_NS = 50_000, 900_000  # between two contacts while bouncing
# Firmware that looks twice within this time has no turn of its main loop that is longer.
_FOLLOWED_NS = 100 * _NS_PER_MS


class Button:
    """One button; `clock` says when an edge happens. All methods may be called from any thread."""

    def __init__(self, clock: Clock, bounce_ms: float = 5.0, seed: int = 0):
        if bounce_ms < 0:
            raise ValueError(f"bounce of {bounce_ms} ms")
        self._lock = threading.Lock()
        self._clock = clock
        self._bounce_ns = self._sound_bounce_ns = round(bounce_ms * _NS_PER_MS)
        self._fault = "ok"
        self._random = random.Random(seed)
        self._down = False
        self._edges: list[tuple[int, bool]] = []
        self._level_before = True
        self._looked = threading.Condition(self._lock)
        self._looks = 0
        self._looks_ns = [0, 0]  # the times of the last two
        self._followed_ns = 0  # since when it looks often enough
        self._longest_ns = 0

    @property
    def down(self) -> bool:
        """Whether a finger is on it; setting it makes an edge at the clock's present time."""
        return self._down

    @down.setter
    def down(self, value: bool) -> None:
        with self._lock:
            if value == self._down:
                return
            now_ns = self._followed_ns = self._clock.now_ns()
            self._longest_ns = 0
            self._level_before = self._level_at(now_ns)
            self._down = value
            if self._fault not in ("stuck", "open"):  # there a finger changes nothing
                self._edges = self._chatter(now_ns, not value)

    def set_fault(self, kind: str) -> None:
        """One of FAULTS: "stuck" is closed for good, "open" never closes, "bounce" is worn out.
        ValueError for another."""
        if kind not in FAULTS:
            raise ValueError(f"unknown fault {kind!r}, expected one of {', '.join(FAULTS)}")
        with self._lock:
            now_ns = self._clock.now_ns()
            self._level_before = self._level_at(now_ns)
            self._fault = kind
            self._bounce_ns = _WORN_BOUNCE_NS if kind == "bounce" else self._sound_bounce_ns
            level = {"stuck": False, "open": True}.get(kind, not self._down)
            self._edges = [(now_ns, level)]

    def level(self, now_ns: int | None = None) -> bool:
        """The pin's level, True is high, at a time since the last change of `down`."""
        with self._lock:
            return self._level_at(self._clock.now_ns() if now_ns is None else now_ns)

    def look(self) -> bool:
        """The level now, for firmware that polls it: it is known then what the firmware follows."""
        with self._lock:
            now_ns = self._clock.now_ns()
            if now_ns - self._looks_ns.pop(0) > _FOLLOWED_NS:
                self._followed_ns = now_ns
            self._looks_ns.append(now_ns)
            self._longest_ns = max(self._longest_ns, now_ns - self._followed_ns)
            self._looks += 1
            self._looked.notify_all()
            return self._level_at(now_ns)

    def wait_for_looks(self, count: int, patience_s: float) -> bool:
        """Whether the firmware looked so many times while somebody waited so long for that."""
        with self._lock:
            until = self._looks + count
            return self._looked.wait_for(lambda: self._looks >= until, patience_s)

    def followed_s(self) -> float:
        """For how long, at most, it has been as it is before the eyes of firmware that polls it:
        what is between two looks that are far apart, firmware does not know."""
        with self._lock:
            return self._longest_ns / 1e9

    @property
    def is_polled(self) -> bool:
        """Whether the firmware looks at it by `look`, not by edges."""
        return self._looks > 0

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
