"""The timekeeper over the real RTC driver and the DS3231 model, with a counter that runs wrong."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from picototp.clock.states import MISSING, NOT_SET, OK, UNREADABLE
from picototp.clock.timekeeper import COARSE_US, is_sure_of_period
from tests.firmware.clock.timekeeper_rig import (
    NOTICED_S,
    SETTLED_S,
    asked,
    before_the_firmware,
    settled,
    unplugged,
    unreadable,
    unset,
)
from workbench import BUILT_UNIX_S, Bench

few = settings(max_examples=25)

# --- knowing the time --------------------------------------------------------------------------


@few
@given(st.floats(0, 1), st.sampled_from([-50, 0, 50]))
def test_from_half_a_second_to_under_a_millisecond(phase_s, counter_ppm):
    bench = Bench(counter_ppm=counter_ppm)
    bench.clock.elapse(phase_s)
    bench.restart()
    assert bench.keeper.state == OK
    while not bench.keeper.rollovers_seen:
        assert abs(bench.error_us()) <= bench.keeper.uncertainty_us + 1000
        bench.turn()
        assert bench.clock.now_ns() < (5 + phase_s + SETTLED_S) * 1e9
    assert bench.keeper.uncertainty_us < 1000
    assert abs(bench.error_us()) < 1000


@pytest.mark.parametrize("counter_ppm", [-50, 50])
@pytest.mark.parametrize("rtc_ppm", [-5, 5])
def test_right_for_hours(counter_ppm, rtc_ppm):
    bench = settled(counter_ppm=counter_ppm, rtc_ppm=rtc_ppm)
    worst_us = 0
    renewals = 0
    for _ in range(4000 // 62):
        for seconds, wait_ms in ((3, 17), (59, 250)):  # slow turns, so that this test is quick
            end_ns = bench.clock.now_ns() + seconds * 1_000_000_000
            while bench.clock.now_ns() < end_ns:
                seen = bench.keeper.rollovers_seen
                bench.turn(wait_ms)
                assert bench.keeper.uncertainty_us < COARSE_US
                error_us = abs(bench.error_us())
                worst_us = max(worst_us, error_us)
                if bench.keeper.rollovers_seen != seen:
                    renewals += 1
                    assert error_us < 1000 + 300 * 0.06  # the turn's wait drifts too
    assert worst_us < 5_000
    assert renewals > 50


def test_a_slow_loop_settles_too():
    """A display that is drawn all the time makes turns of 60 ms."""
    bench = Bench()
    bench.run(SETTLED_S, wait_ms=60)
    assert bench.keeper.rollovers_seen
    assert abs(bench.error_us()) < 1000
    for _ in range(20):
        seen = bench.keeper.rollovers_seen
        bench.keeper.want_rollover()
        bench.run(2, wait_ms=60)
        assert bench.keeper.rollovers_seen == seen + 1


def test_a_fresh_rollover_can_be_wanted():
    bench = settled()
    bench.run(1)
    seen = bench.keeper.rollovers_seen
    bench.run(5)
    assert bench.keeper.rollovers_seen == seen
    bench.keeper.want_rollover()
    bench.run(1.1)
    assert bench.keeper.rollovers_seen == seen + 1


# --- jumps -------------------------------------------------------------------------------------

jumps = st.sampled_from([1, 2, 59, 60, 61, 3600, 86_400, 40 * 365 * 86_400])


@few
@given(jumps, st.floats(0, 60))
def test_a_jump_is_noticed_within_a_second(jump_s, when_s):
    bench = settled()
    bench.run(when_s)
    bench.chip.advance(jump_s)
    bench.run(NOTICED_S)
    assert abs(bench.error_us()) <= bench.keeper.uncertainty_us + 1000
    bench.run(SETTLED_S)
    assert abs(bench.error_us()) < 1000


@few
@given(jumps, st.booleans(), st.floats(0, 1))
def test_a_jump_is_noticed_by_one_look(jump_s, back, when_s):
    bench = settled()
    bench.run(when_s)
    if back:
        bench = settled(unix_s=BUILT_UNIX_S + 41 * 365 * 86_400)
        bench.chip.set_unix_ns(bench.chip.unix_ns() - jump_s * 10**9)
    else:
        bench.chip.advance(jump_s)
    bench.keeper.check()
    assert abs(bench.error_us()) <= bench.keeper.uncertainty_us + 1000


@pytest.mark.parametrize("jump_s", [60, 3600])
def test_a_burst_does_not_put_off_the_next_look(jump_s):
    """A burst compares seconds of the minute only, so it is no look at the whole time."""
    bench = settled()
    for tenths in range(20):
        bench.run(3)
        bench.keeper.want_rollover()
        bench.run(tenths / 10)
        bench.chip.advance(jump_s)
        bench.run(NOTICED_S)
        assert abs(bench.error_us()) <= bench.keeper.uncertainty_us + 1000


def test_a_jump_by_less_than_a_second_is_found_by_the_next_renewal():
    bench = settled()
    bench.chip.advance(0.3)
    bench.run(70)
    assert abs(bench.error_us()) < 1000


# --- no time -----------------------------------------------------------------------------------


FAULTS = [
    (unset, NOT_SET),
    (unreadable, UNREADABLE),
    (unplugged, MISSING),
    (before_the_firmware, NOT_SET),
]


@pytest.mark.parametrize(("fault", "state"), FAULTS)
def test_a_fault_is_noticed_at_the_start(fault, state):
    bench = Bench()
    fault(bench)
    bench.restart()
    assert bench.keeper.state == asked(bench) == state


@pytest.mark.parametrize(("fault", "state"), FAULTS)
@pytest.mark.parametrize("when_s", [0.0, 0.5, 3.0, 61.0])
def test_a_fault_is_noticed_within_a_second_and_its_end_too(fault, state, when_s):
    bench = Bench()
    bench.run(when_s)
    fault(bench)
    bench.run(NOTICED_S)
    # A time from before the firmware was built becomes a good one as it runs.
    assert asked(bench) == (state if fault is not before_the_firmware else asked(bench))
    bench.bus.set_fault("ds3231", "ok")
    bench.chip.set_unix_ns(bench.true_unix_ns())
    bench.run(NOTICED_S)
    assert asked(bench) == OK
    bench.run(SETTLED_S)
    assert abs(bench.error_us()) < 1000


@pytest.mark.parametrize(("fault", "state"), FAULTS)
def test_a_fault_is_noticed_by_one_look(fault, state):
    bench = settled()
    fault(bench)
    bench.keeper.check()
    assert asked(bench) == state


def test_the_chip_may_go_in_the_middle_of_a_burst():
    for bytes_left in range(1, 100, 3):
        bench = settled()
        bench.i2c.vanish_after = bytes_left
        bench.keeper.want_rollover()
        while asked(bench) == OK:
            assert abs(bench.error_us()) < 1000
            bench.turn()
        assert not bench.chip.present
        bench.run(NOTICED_S)
        assert asked(bench) == MISSING


def test_the_first_second_that_counts():
    bench = Bench(unix_s=BUILT_UNIX_S - 1)
    assert asked(bench) == NOT_SET
    bench.run(2.2)
    assert asked(bench) == OK


def test_a_code_is_sure_of_its_period_unless_the_clock_is_known_coarsely():
    period_us, unsure_us = 30_000_000, 500_000
    fine_us = COARSE_US - 1
    assert all(is_sure_of_period(into_us, period_us, fine_us) for into_us in (0, period_us - 1))
    sure = range(unsure_us, period_us - unsure_us)
    for into_us in (0, sure[0] - 1, sure[0], sure[-1], sure[-1] + 1, period_us - 1):
        assert is_sure_of_period(into_us, period_us, unsure_us) == (into_us in sure)
    assert not any(is_sure_of_period(into_us, 1_000_000, unsure_us) for into_us in (0, 500_000))


def test_a_look_that_was_misread_does_not_raise_the_floor():
    """The RTC jumps by half a day for one look, and the day since the last floor is over by it."""
    bench = settled()
    bench.keeper.record.note_setting(bench.chip.unix_ns() // 10**9, 1000, 0, True)
    bench.keeper.record.floor_unix_s -= 20 * 3600
    bench.run(NOTICED_S)
    floor = bench.keeper.record.floor_unix_s
    true_s = bench.chip.unix_ns() // 10**9
    bench.chip.set_unix_ns((true_s + 12 * 3600) * 10**9)
    while bench.keeper.uncertainty_us < COARSE_US:
        bench.turn()
    assert bench.keeper.unix_us(bench.monotonic.now_us()) > (true_s + 3600) * 1_000_000
    assert bench.keeper.record.floor_unix_s == floor
