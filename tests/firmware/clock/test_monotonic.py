"""The counter that does not wrap, made of one that does."""

from hypothesis import given
from hypothesis import strategies as st

from picototp.clock.monotonic import Monotonic

PERIOD = 1 << 30  # as on the RP2040
HALF = PERIOD // 2


class Ticks:
    """MicroPython's `ticks_us` and `ticks_diff` (MicroPython documentation of `time`)."""

    def __init__(self, start):
        self.total = start

    def ticks_us(self):
        return self.total % PERIOD

    @staticmethod
    def ticks_diff(end, start):
        return (end - start + HALF) % PERIOD - HALF


@given(
    st.integers(0, PERIOD - 1),
    st.lists(st.integers(0, 60_000_000) | st.integers(HALF - 1000, HALF - 1), max_size=60),
)
def test_it_counts_on_over_wraps(start, steps):
    ticks = Ticks(start)
    monotonic = Monotonic(ticks.ticks_us, ticks.ticks_diff)
    assert monotonic.now_us() == 0
    passed = 0
    for step in steps:
        ticks.total += step
        passed += step
        assert monotonic.now_us() == passed
        assert monotonic.now_ms() == passed // 1000
    assert monotonic.now_us() == passed


def test_hours_in_steps_of_the_main_loop():
    ticks = Ticks(PERIOD - 5)
    monotonic = Monotonic(ticks.ticks_us, ticks.ticks_diff)
    last = 0
    for _ in range(40_000):
        ticks.total += 310_007
        now = monotonic.now_us()
        assert now > last
        last = now
    assert last == 40_000 * 310_007 > 3 * 3600 * 1_000_000


@given(st.integers(0, PERIOD - 1), st.integers(0, 60_000_000), st.integers(0, 60_000_000))
def test_what_it_was_at_a_moment_that_ticks_tell(start, until, since):
    ticks = Ticks(start)
    monotonic = Monotonic(ticks.ticks_us, ticks.ticks_diff)
    ticks.total += until
    then = ticks.ticks_us()
    ticks.total += since
    assert monotonic.at_us(then) == until
    assert monotonic.now_us() == until + since
