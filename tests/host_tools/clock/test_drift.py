"""The estimate of the drift: exact where it can be, its intervals right, nonsense kept out."""

import random
from dataclasses import replace

import pytest

from drift_rig import SEED, START_S, SyncedClock
from host_tools.clock.drift import DAY_S, days_needed, estimate, free_runs, offset_s, student_t
from host_tools.clock.history import Measurement, Trim


def at(days, error_s, after_set=False, aging=0, uncertainty_s=0.002):
    return Measurement(
        START_S + days * DAY_S, error_s, uncertainty_s, after_set, aging, None, "ntp"
    )


def daily(ppm, days=10, noise=lambda: 0.0, aging=0, first_day=0, uncertainty_s=0.002):
    """A sync a day that sets the clock each time."""
    records = []
    for day in range(first_day, first_day + days):
        records.append(at(day, noise(), True, aging, uncertainty_s))
        error_s = ppm * 1e-6 * DAY_S + noise()
        records.append(at(day + 1, error_s, False, aging, uncertainty_s))
    return records


def test_nothing_is_known_of_nothing():
    assert estimate([]) is None
    assert estimate([at(0, 0.0)]) is None
    assert estimate([at(0, 5.0), at(0, 0.0, True)]) is None
    assert estimate([at(0, 0.0, True), at(0.01, 0.0)]) is None  # a quarter of an hour


@pytest.mark.parametrize("ppm", [1.7, -0.4, 0.0])
def test_positive_is_fast(ppm):
    drift = estimate(daily(ppm))
    assert drift.ppm == pytest.approx(ppm, abs=1e-9)
    assert drift.days == pytest.approx(10) and drift.runs == 10


def test_the_interval_of_one_run_is_that_of_its_two_measurements():
    drift = estimate([at(0, 0.0, True), at(1, 0.1)])
    sigma_ppm = 2**0.5 * 0.001 / DAY_S * 1e6
    assert drift.half_width_ppm == pytest.approx(student_t(4) * sigma_ppm)


def test_a_precise_run_outweighs_many_poor_ones():
    records = daily(5.0, 20, uncertainty_s=0.2) + [at(30, 0.0, True), at(40, 1e-6 * 10 * DAY_S)]
    assert estimate(records).ppm == pytest.approx(1.0, abs=0.01)


def test_checks_within_a_run_make_one_line():
    records = [at(0, 0.0, True)] + [at(day, 2e-6 * day * DAY_S) for day in range(1, 11)]
    drift = estimate(records)
    assert drift.ppm == pytest.approx(2.0) and drift.runs == 1
    assert drift.half_width_ppm < estimate(daily(2.0)).half_width_ppm / 3


def test_measurements_soon_after_one_another_do_not_make_it_more_precise():
    once = [at(0, 0.0, True), at(1, 0.1)]
    often = [*once, *(at(1 + n / 100_000, 0.1) for n in range(1, 50))]
    assert estimate(often) == estimate(once)


@pytest.mark.parametrize("days", [1, 2, 3, 10])
@pytest.mark.parametrize("understated", [0.5, 1.0])
def test_the_interval_holds_the_truth_95_times_in_100(days, understated):
    print(f"seed {SEED}")
    rng = random.Random(SEED)
    held = 0
    for _ in range(400):
        drift = estimate(daily(1.5, days, lambda: rng.gauss(0, 0.001 * understated)))
        held += abs(drift.ppm - 1.5) <= drift.half_width_ppm
    assert held >= 0.94 * 400


def test_scatter_beyond_the_stated_uncertainties_widens_the_interval():
    print(f"seed {SEED}")
    rng = random.Random(SEED)
    calm = daily(1.0, 30, lambda: rng.gauss(0, 0.001))
    wild = daily(1.0, 30, lambda: rng.gauss(0, 0.010))
    ratio = estimate(wild).half_width_ppm / estimate(calm).half_width_ppm
    assert 7 < ratio < 14


def test_only_the_current_aging_counts():
    records = daily(3.0, 5, aging=0) + daily(0.5, 3, aging=25, first_day=6)
    assert estimate(records).ppm == pytest.approx(0.5)
    assert estimate(records).runs == 3
    assert estimate(records, 0).ppm == pytest.approx(3.0)
    assert estimate([*records, at(20, 0.0, aging=7)]) is None


def test_a_trim_ends_a_free_run():
    run = [at(0, 0.0, True), at(1, 0.1)]
    there = Trim(START_S + DAY_S, 0, 5, 1.0, 0.01)
    back = Trim(START_S + 5 * DAY_S, 5, 0, 1.0, 0.01, undo=True)
    assert estimate([*run, there, back, at(5, 0.7)]) == estimate(run)


def test_another_program_that_set_the_clock_is_no_drift():
    records = [at(0, 0.0, True), at(1, 0.1), at(2, -9.0), at(3, -8.9)]
    drift = estimate(records)
    assert drift.ppm == pytest.approx(0.1 / DAY_S * 1e6) and drift.runs == 2
    (note,) = free_runs(records).notes
    assert "-9.100 s" in note and "another program" in note


def test_another_computer_that_syncs_it_too_is_no_drift():
    clock = SyncedClock(2.0)
    clock.set()
    clock.sync_daily(5)
    undisturbed = list(clock.records)
    for _ in range(10):
        clock.live(0.5)
        clock.set_elsewhere()
        clock.live(0.5)
        clock.sync()
    assert estimate(clock.records) == estimate(undisturbed)
    assert abs(estimate(undisturbed).ppm - 2.0) < 0.05
    (note,) = free_runs(clock.records).notes
    assert note.startswith("10 times the clock was set elsewhere")


def test_a_setting_of_which_nobody_took_note_is_no_drift():
    """Ctrl-C between setting and measuring, say; and a token whose flash was wiped meanwhile."""
    first, second = at(0, 0.0, True), at(1, 0.0)
    for before_s, after_s in ((START_S, START_S + 60), (START_S, 0)):
        cut_off = [replace(first, set_unix_s=before_s), replace(second, set_unix_s=after_s)]
        assert estimate(cut_off) is None
        (note,) = free_runs(cut_off).notes
        assert note.startswith("once the clock was set elsewhere")


def test_old_histories_do_not_know_which_setting_it_was():
    run = [at(0, 0.0, True), at(1, 0.1), replace(at(2, 0.2), set_unix_s=START_S)]
    assert estimate(run).days == 2 and free_runs(run).notes == []


def test_a_jump_that_the_uncertainties_allow_is_none():
    near = [at(0, 0.0, True), at(0.001, 0.1, uncertainty_s=0.2)]
    assert free_runs(near).notes == []


def test_settings_are_nothing_to_speak_of():
    run = [at(0, 7.0), at(0, 0.0, True), at(1, 0.1), at(1, 0.0, True), at(0.9, 0.0, True)]
    assert free_runs(run).notes == []


def test_time_that_goes_back_is_skipped_and_said():
    records = [at(0, 0.0, True), at(1, 0.1), at(0.5, 0.15), at(1.5, 0.25)]
    assert estimate(records).ppm == pytest.approx(0.1 / DAY_S * 1e6)
    (note,) = free_runs(records).notes
    assert "43200 s earlier" in note


def test_a_crystal_ages_so_old_runs_do_not_count():
    records = daily(3.0, 5) + daily(1.0, 5, first_day=500)
    assert estimate(records).ppm == pytest.approx(1.0) and estimate(records).runs == 5


def test_days_needed_are_the_days_it_takes():
    print(f"seed {SEED}")
    rng = random.Random(SEED)
    for bound_ppm, uncertainty_s in ((0.05, 0.005), (0.02, 0.002), (0.05, 0.02)):
        records = daily(1.0, 400, lambda u=uncertainty_s: rng.gauss(0, u / 4), 0, 0, uncertainty_s)
        planned = days_needed(records[:2], bound_ppm)
        widths = [estimate(records[: 2 * days]).half_width_ppm for days in range(1, 401)]
        taken = next(days for days, width in enumerate(widths, 1) if width < bound_ppm)
        assert taken == 1 + planned
        assert days_needed(records[: 2 * taken], bound_ppm) == 0


def test_days_needed_from_nothing_and_for_ever():
    assert days_needed([], 0.05) == days_needed([at(0, 0.0, uncertainty_s=0.010)], 0.05) > 1
    assert days_needed([at(0, 0.0, uncertainty_s=100.0)], 0.05) is None


def test_the_line_through_a_run_goes_through_its_middle():
    run = [at(0, 1.0), at(1, 1.0 + 2e-6 * DAY_S)]
    assert offset_s(run, 2.0) == pytest.approx(1.0)
    assert offset_s([run[0], replace(run[1], uncertainty_s=1e6)], 0.0) == pytest.approx(1.0)


def test_student_t_is_that_of_the_tables():
    for freedom, value in ((1, 12.706), (4, 2.776), (10, 2.228), (11, 2.201), (30, 2.042)):
        assert student_t(freedom) == pytest.approx(value, abs=6e-4)
    assert student_t(10_000) == pytest.approx(1.960, abs=6e-4)


def test_the_model_s_drift_is_found():
    clock = SyncedClock(2.34)
    clock.set()
    clock.sync_daily(10)
    drift = estimate(clock.records)
    assert abs(drift.ppm - 2.34) < drift.half_width_ppm < 0.02
