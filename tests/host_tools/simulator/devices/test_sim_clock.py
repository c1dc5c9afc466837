"""The clocks that the device models read."""

import time

import pytest

from host_tools.simulator.clock import ManualClock, SimClock, seconds_to_ns


def test_manual_clock_moves_only_when_told():
    clock = ManualClock(5)
    assert clock.now_ns() == 5
    clock.elapse(1.5)
    clock.elapse_ns(7)
    assert clock.now_ns() == 1_500_000_012


def test_sim_clock_is_the_host_clock_plus_what_elapsed():
    clock = SimClock()
    before_ns = time.monotonic_ns()
    first_ns = clock.now_ns()
    after_ns = time.monotonic_ns()
    assert before_ns <= first_ns <= after_ns
    clock.elapse(3600)
    later_ns = clock.now_ns()
    assert after_ns <= later_ns - 3600 * 10**9 <= time.monotonic_ns()


@pytest.mark.parametrize("seconds", [-1, -0.001, float("nan"), float("inf")])
def test_time_that_cannot_pass_is_refused(seconds):
    with pytest.raises(ValueError):
        ManualClock().elapse(seconds)
    with pytest.raises(ValueError):
        SimClock().elapse(seconds)


def test_whole_seconds_convert_exactly_however_many():
    assert seconds_to_ns(10**12 + 1) == (10**12 + 1) * 10**9
