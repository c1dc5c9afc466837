"""The words on the display, at both sides of each limit between two of them."""

import pytest

from picototp.app import messages, no_code
from picototp.clock.states import MISSING, MOVED_BACK, NOT_SET, OK, UNREADABLE
from picototp.screens.values import MessageScreen
from tests.firmware.app.interface_rig import FakeRecord

NOW_S = 1_000_000


@pytest.mark.parametrize(
    ("bound_s", "period_s", "line"),
    [
        (10, 30, "set 3 d ago ±11 s"),
        (10.25, 30, "sync me: ±11 s"),
        (20, 60, "set 3 d ago ±21 s"),
        (0.5, 1, "sync me: ±0.51 s"),
        (86_400, None, "set 3 d ago ±86401 s"),
        (None, 30, "set: unknown"),
        (None, None, "set: unknown"),
    ],
)
def test_it_asks_for_a_sync_past_a_third_of_the_shortest_period(bound_s, period_s, line):
    record = FakeRecord(NOW_S - 3 * 86_400, bound_s)
    assert messages.clock_line(record, NOW_S, period_s) == line


def test_a_large_step_is_told_before_all_else():
    record = FakeRecord(NOW_S, None, NOW_S, -7_200)
    assert messages.clock_line(record, NOW_S, 30) == "! moved 2 h back"


@pytest.mark.parametrize(
    ("was_wrong", "failures", "left", "title"),
    [
        (False, 0, 10, "Locked"),
        (True, 0, 10, "Wrong PIN"),
        (False, 1, 9, "Locked, 9 left"),
        (True, 1, 9, "Wrong PIN, 9 left"),
        (True, 10, 0, "Wrong PIN, 0 left"),
        (True, 3, None, "Wrong PIN"),
        (False, 3, None, "Locked"),
    ],
)
def test_the_title_of_a_locked_token(was_wrong, failures, left, title):
    assert messages.locked_title(was_wrong, failures, left) == title


@pytest.mark.parametrize(
    ("seconds", "time"),
    [(1, "1 s"), (599, "599 s"), (600, "10 min"), (659, "10 min"), (660, "11 min")],
)
def test_the_wait_for_the_next_pin(seconds, time):
    assert messages.wait("Locked", seconds) == ("Locked", ("Next try in", time), "hold = menu")


@pytest.mark.parametrize(
    ("why", "what"),
    [("maintenance", messages.MAINTENANCE), ("typing", messages.RESTART)],
)
def test_the_last_screen_before_a_restart(why, what):
    assert messages.restart(why) == MessageScreen(*what, 0)


class FakeVault:
    """A vault in some state."""

    def __init__(self, states, count=0):
        self.too_new = "too new" in states
        self.damaged = "damaged" in states
        self.destroyed = "destroyed" in states
        self.keys = self
        self._count = count

    def __len__(self):
        return self._count


@pytest.mark.parametrize(
    ("states", "count", "clock", "what"),
    [
        (("too new", "destroyed", "damaged"), 0, NOT_SET, no_code.TOO_NEW),
        (("destroyed", "damaged"), 0, NOT_SET, no_code.DESTROYED),
        (("damaged",), 0, NOT_SET, no_code.DAMAGED),
        (("damaged",), 0, OK, no_code.DAMAGED),
        ((), 0, OK, no_code.NO_ACCOUNTS),
        ((), 0, NOT_SET, no_code.CLOCK_MESSAGES[NOT_SET]),
        ((), 1, UNREADABLE, no_code.CLOCK_MESSAGES[NOT_SET]),
        ((), 1, MOVED_BACK, no_code.CLOCK_MESSAGES[MOVED_BACK]),
        ((), 1, MISSING, no_code.CLOCK_MESSAGES[MISSING]),
    ],
)
def test_the_reason_that_is_told_first(states, count, clock, what):
    assert no_code.reason(FakeVault(states, count), clock) is what
