"""What the board's models have to do at a moment of the chip's time."""

import heapq
import itertools
import math
from collections.abc import Callable


class Alarms:
    """Actions by their moments, in nanoseconds since power-up; the earlier set first, if equal."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()

    @property
    def next_ns(self) -> float:
        """When the next one is due; infinity if there is none."""
        return self._heap[0][0] if self._heap else math.inf

    def at(self, time_ns: float, action: Callable[[], None]) -> None:
        """Schedule an action for a moment."""
        heapq.heappush(self._heap, (time_ns, next(self._numbers), action))

    def ring(self, now_ns: float) -> None:
        """Do what is due by now, including what these actions schedule."""
        while self.next_ns <= now_ns:
            heapq.heappop(self._heap)[2]()


class Alarm:
    """One action that is set, and set again, to a moment; the last one counts."""

    def __init__(self, alarms: Alarms, action: Callable[[], None]) -> None:
        self._alarms = alarms
        self._action = action
        self._setting = 0

    def at(self, time_ns: float) -> None:
        """Schedule it for that moment instead of any earlier one."""
        self._setting += 1
        setting = self._setting

        def ring() -> None:
            if setting == self._setting:
                self._action()

        self._alarms.at(time_ns, ring)
