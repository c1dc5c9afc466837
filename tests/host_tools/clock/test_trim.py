"""Trimming a model of the clock: to within a step, never too soon, and back if it did harm."""

import pytest

from drift_rig import COEFFICIENT_PPM_PER_C, START_S, BackwardsDS3231, SyncedClock
from host_tools.clock.drift import DAY_S, estimate
from host_tools.clock.history import Measurement, Trim
from host_tools.clock.trim import RESOLVED_PPM, Outcome, decide, verdict

SWING_C = 10.0


def at(days, error_s, after_set=False, aging=0, uncertainty_s=0.002):
    return Measurement(
        START_S + days * DAY_S, error_s, uncertainty_s, after_set, aging, None, "ntp"
    )


def steady(ppm, days=10, aging=0, first_day=0, uncertainty_s=0.002):
    records = []
    for day in range(first_day, first_day + days):
        records.append(at(day, 0.0, True, aging, uncertainty_s))
        records.append(at(day + 1, ppm * 1e-6 * DAY_S, False, aging, uncertainty_s))
    return records


@pytest.mark.parametrize("ppm", [1.7, -1.7, 4.3, -0.4, 1.74, -2.06])
def test_ten_days_and_a_trim_make_a_month_of_a_tenth_ppm(ppm):
    clock = SyncedClock(ppm, SWING_C)
    clock.set()
    clock.sync_daily(10)
    decision = clock.trim()
    assert decision.aging == clock.aging == round(ppm / 0.1)
    allowed_ppm = 0.1 + COEFFICIENT_PPM_PER_C * SWING_C / 2
    assert abs(clock.true_ppm(30)) <= allowed_ppm
    clock.sync()
    assert abs(estimate(clock.records).ppm) <= allowed_ppm
    assert verdict(clock.records)[0] is Outcome.IMPROVED
    assert decide(clock.records).aging is None


def test_the_wrong_sign_is_undone_and_not_tried_again():
    clock = SyncedClock(1.7, SWING_C, chip=BackwardsDS3231)
    clock.set()
    clock.sync_daily(10)
    assert clock.trim().aging == 17
    assert verdict(clock.records)[0] is Outcome.OPEN
    clock.sync_daily(1)
    outcome, trim, after = verdict(clock.records)
    assert outcome is Outcome.WORSE and after.ppm == pytest.approx(3.4, abs=0.1)
    clock.change_aging(trim.aging_from, after, undo=True)
    assert verdict(clock.records) is None
    assert clock.true_ppm(10) == pytest.approx(1.7, abs=0.06)
    clock.sync()
    decision = decide(clock.records)
    assert decision.aging is None and "--trim-again" in decision.reason
    assert decide(clock.records, again=True).aging == 17
    for _ in range(3):  # more days change nothing
        clock.sync_daily(1)
        assert decide(clock.records).aging is None


def test_a_trim_that_a_human_repeats_and_that_stays_lifts_the_bar():
    moved = Trim(START_S, 0, 5, 0.5, 0.01)
    undone = Trim(START_S + 1, 5, 0, 1.0, 0.01, undo=True)
    assert decide([moved, undone, *steady(0.5)]).aging is None
    assert decide([moved, undone, *steady(-0.5)]).aging == -5  # the other direction is free
    assert decide([moved, undone, moved, *steady(0.5, aging=5)]).aging == 10


def test_it_waits_until_a_step_is_resolved_and_says_how_long():
    clock = SyncedClock(1.7, noise_s=0.010)
    assert "nothing is known" in decide([]).reason
    clock.set()
    for _ in range(60):
        clock.sync_daily(1)
        decision = decide(clock.records)
        if decision.aging is not None:
            break
        assert decision.drift.half_width_ppm >= RESOLVED_PPM
        assert "more day" in decision.reason
    assert decision.aging == 17 and decision.drift.half_width_ppm < RESOLVED_PPM
    assert len(clock.records) > 2 * 5


def test_no_trim_within_a_step():
    assert "within one step" in decide(steady(0.04)).reason
    assert decide(steady(0.06)).aging == 1
    assert decide(steady(-0.06, aging=3)).aging == 2


def test_a_chip_beyond_the_range_is_named_so():
    assert decide(steady(12.7)).aging == 127
    assert decide(steady(-12.8)).aging == -128
    for records in (steady(12.8), steady(0.5, aging=125), steady(-0.5, aging=-125)):
        decision = decide(records)
        assert decision.aging is None and "out of specification" in decision.reason


def test_measurements_too_poor_to_ever_trim():
    decision = decide(steady(1.7, uncertainty_s=100.0))
    assert decision.aging is None and "never resolve" in decision.reason


def test_the_verdict_waits_for_the_intervals():
    trim = Trim(START_S, 0, 1, 0.06, 0.04)
    assert verdict([trim]) == (Outcome.OPEN, trim, None)
    assert verdict([trim, *steady(-0.04, aging=1)])[0] is Outcome.OPEN
    assert verdict([trim, *steady(0.13, aging=1)])[0] is Outcome.WORSE
    assert verdict(steady(1.0)) is None


def test_a_register_that_something_else_changed_is_not_judged():
    trim = Trim(START_S, 0, 17, 1.7, 0.01)
    assert verdict([trim, *steady(3.4, aging=0)]) is None  # both supplies were gone


def test_what_ageing_does_later_is_not_the_trim_s_fault():
    trim = Trim(START_S, 0, 17, 1.7, 0.01)
    later = [trim, *steady(0.0, aging=17), *steady(2.5, 60, aging=17, first_day=200)]
    assert abs(estimate(later).ppm) > 1.8
    assert verdict(later)[0] is Outcome.IMPROVED
    trim = Trim(START_S, 0, 1, 0.06, 0.04)
    later = [trim, *steady(-0.04, aging=1), *steady(0.8, aging=1, first_day=200)]
    assert abs(estimate(later).ppm) > 0.3
    assert verdict(later)[0] is Outcome.OPEN
