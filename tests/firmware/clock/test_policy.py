"""Who may move the clock: a host by what drift explains, the user by as much as he likes."""

import contextlib
import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from picototp.clock.log import CONFIRMED, REFUSED, SMALL, TRIMMED
from picototp.clock.record import AGING_STEP_PPB
from picototp.clock.states import MOVED_BACK, NOT_SET, OK, ClockError
from tests.firmware.clock.timekeeper_rig import asked, settled
from workbench import Bench

DAY_S = 86_400


def in_use(**options):
    """A token that was set once, with the button, and knows its time well."""
    bench = settled(**options)
    set_to(bench, 0.0, confirmed=True)
    bench.run(3)
    assert asked(bench) == OK
    return bench


def set_to(bench, step_s, confirmed):
    """Move the clock by so much; returns whether the button was wanted."""
    now_us = bench.monotonic.now_us()
    unix_us = bench.keeper.unix_us(now_us) + round(step_s * 1e6)
    wanted = bench.setter.needs_button(unix_us, now_us)
    if wanted and not confirmed:
        bench.setter.refuse(unix_us, now_us, 500)
        return True
    bench.setter.begin(unix_us, now_us, 500, confirmed)
    while bench.setter.setting:
        bench.turn()
    return wanted


def pass_days(bench, days):
    """Days on the shelf, on battery; then some seconds in use."""
    bench.clock.elapse(days * DAY_S)
    bench.restart()
    bench.run(3)


def pass_days_with_power(bench, days):
    """In steps that the counter can follow: it wraps after 18 minutes."""
    for _ in range(days * 24 * 8):
        bench.clock.elapse(450)
        bench.turn()
    bench.run(3)


def measured(bench, ppm, days=60):
    """The RTC runs so fast for some days, and then the user confirms a setting that says so."""
    bench.chip.ppm = ppm
    pass_days(bench, days)
    off_us = bench.keeper.unix_us(bench.monotonic.now_us()) - bench.true_unix_ns() // 1000
    set_to(bench, -off_us / 1e6, confirmed=True)
    bench.setter.keep_drift(round(ppm * 1000), 20)


def test_the_first_setting_needs_the_button():
    bench = settled()
    assert set_to(bench, 0.0, confirmed=False)
    assert bench.keeper.record.settings == 0


def test_a_clock_that_tells_no_time_needs_the_button():
    bench = in_use()
    bench.chip.osf = True
    bench.run(1.5)
    assert asked(bench) == NOT_SET
    now_us = bench.monotonic.now_us()
    assert bench.setter.needs_button(bench.true_unix_ns() // 1000, now_us)


@pytest.mark.parametrize("step_s", [0.0, 0.001, -0.001, 0.7, -0.7, 1.9, -1.9])
def test_what_drift_explains_needs_no_button(step_s):
    bench = in_use()
    bench.clock.elapse(10)
    assert not set_to(bench, step_s, confirmed=False)
    assert bench.rtc_error_us() == pytest.approx(step_s * 1e6, abs=1000)
    assert bench.keeper.record.moved_us == pytest.approx(abs(step_s) * 1e6, abs=1000)


@pytest.mark.parametrize("step_s", [2.1, -2.1, 60.0, -60.0, DAY_S, -DAY_S, 365 * DAY_S])
def test_more_needs_it(step_s):
    bench = in_use()
    pass_days(bench, 500)  # drift would explain seven minutes in all, but in one step two seconds
    before_us = bench.rtc_error_us()
    assert set_to(bench, step_s, confirmed=False)
    assert bench.rtc_error_us() == pytest.approx(before_us, abs=1)
    assert bench.keeper.record.refused == 1


def test_small_steps_add_up():
    bench = in_use()
    moved_s = 0.0
    while not set_to(bench, 0.3, confirmed=False):
        moved_s += 0.3
        assert moved_s < 2.1
    assert moved_s > 1.5
    pass_days(bench, 10)  # drift explains 8.64 s more now
    while not set_to(bench, 0.3, confirmed=False):
        moved_s += 0.3
        assert moved_s < 10.7
    assert moved_s > 10.0
    assert set_to(bench, 0.3, confirmed=True)
    assert not set_to(bench, 0.3, confirmed=False)


def test_back_and_forth_adds_up_too():
    bench = in_use()
    bench.clock.elapse(60)
    bench.run(2)
    for number in range(4):
        assert not set_to(bench, (-0.4, 0.4)[number % 2], confirmed=False)
        bench.run(1)
    assert set_to(bench, 0.5, confirmed=False)


@settings(max_examples=20)
@given(st.integers(0, 2**32))
@example(1682)
def test_a_host_cannot_travel_in_time(seed):
    """Steps of any size, resets and pauses: without the button it never gets further than allowed.

    The counter of the token is its own; a reset makes its idea of the time coarse.
    """
    print("seed", seed)
    chance = random.Random(seed)
    bench = in_use()
    start_s = bench.true_unix_ns() / 1e9
    for _ in range(40):
        if chance.random() < 0.3:
            bench.restart()
            bench.run(chance.choice([0.05, 0.5, 3.0]))
        elif chance.random() < 0.2:
            bench.clock.elapse(chance.choice([1, 3600, DAY_S]))
            bench.run(0.05)
        step_s = chance.choice([0.1, 0.4, 1.0, 1.5, 1.99, 2.5, 3600, 365 * DAY_S])
        # The bench may skip so much that counter and RTC contradict each other; no time is told
        # then from which to step.
        with contextlib.suppress(ClockError):
            set_to(bench, step_s, confirmed=False)
        passed_s = bench.true_unix_ns() / 1e9 - start_s
        assert bench.rtc_error_us() / 1e6 < 2.01 + passed_s * 11e-6


def test_back_past_the_last_setting_needs_the_button():
    bench = in_use()
    assert bench.keeper.record.floor_unix_s == bench.keeper.record.set_unix_s
    bench.clock.elapse(0.2)
    late_s = bench.keeper.unix_us(bench.monotonic.now_us()) / 1e6 - bench.keeper.record.set_unix_s
    assert late_s < 5
    assert not set_to(bench, -1.0, confirmed=False)
    assert set_to(bench, -1.5, confirmed=False)  # before what it was just set to


def test_a_clock_that_was_moved_back_behind_the_firmwares_back():
    bench = in_use()
    pass_days(bench, 30)
    bench.run(2)
    floor_s = bench.keeper.record.floor_unix_s
    assert bench.true_unix_ns() // 10**9 - floor_s < DAY_S
    bench.chip.set_unix_ns((floor_s - 100) * 10**9)
    bench.run(1.5)
    assert asked(bench) == MOVED_BACK
    bench.restart()
    assert asked(bench) == MOVED_BACK
    now_us = bench.monotonic.now_us()
    true_us = bench.true_unix_ns() // 1000
    assert bench.setter.needs_button(true_us, now_us)
    bench.setter.begin(true_us, now_us, 500, True)
    while bench.setter.setting:
        bench.turn()
    assert asked(bench) == OK


def test_the_user_may_move_it_back_for_good():
    bench = in_use()
    pass_days(bench, 3)
    assert set_to(bench, -2 * DAY_S, confirmed=True)
    bench.restart()
    bench.run(3)
    assert asked(bench) == OK


def test_the_floor_is_written_once_a_day():
    bench = in_use()
    floors = {bench.keeper.record.floor_unix_s}
    for _ in range(60):
        bench.clock.elapse(3 * 3600)
        bench.run(2)
        floors.add(bench.keeper.record.floor_unix_s)
    assert 7 <= len(floors) <= 9  # sixty times three hours are seven days and a half


def test_no_floor_under_a_clock_that_nobody_has_set():
    bench = settled()
    bench.clock.elapse(3 * DAY_S)
    bench.run(3)
    assert bench.keeper.record.floor_unix_s == 0
    assert not bench.storage.files


def test_a_floor_that_cannot_be_written_holds_all_the_same():
    bench = in_use()
    bench.storage.broken = True
    pass_days_with_power(bench, 3)
    assert asked(bench) == OK
    bench.chip.set_unix_ns(bench.true_unix_ns() - DAY_S * 10**9)
    bench.run(1.5)
    assert asked(bench) == MOVED_BACK


# --- the mark after a large step


def test_a_large_step_ahead_is_marked_until_a_later_setting_is_confirmed():
    bench = in_use()
    record = bench.keeper.record
    set_to(bench, 20 * DAY_S, confirmed=True)
    assert (record.jump_s, record.jump_unix_s) == (20 * DAY_S, record.set_unix_s)
    bench.restart()
    bench.run(3)
    assert bench.keeper.record.jump_s == 20 * DAY_S
    assert set_to(bench, 0.001, confirmed=False)  # with a mark, every setting is the user's
    assert set_to(bench, -20 * DAY_S, confirmed=True)
    assert bench.keeper.record.jump_s == 20 * DAY_S  # undoing it in secret leaves it marked
    assert set_to(bench, 0.001, confirmed=True)
    assert bench.keeper.record.jump_s == 0
    bench.run(2)
    assert not set_to(bench, 0.001, confirmed=False)


def test_a_large_step_back_is_marked_too():
    """A clock that was ahead told codes of that time; nothing may have marked how it got there."""
    bench = in_use()
    set_to(bench, -20 * DAY_S, confirmed=True)
    record = bench.keeper.record
    assert (record.jump_s, record.jump_unix_s) == (-20 * DAY_S, record.set_unix_s)
    bench.restart()
    bench.run(3)
    assert bench.keeper.record.jump_s == -20 * DAY_S
    assert set_to(bench, 0.001, confirmed=False)
    assert set_to(bench, 0.001, confirmed=True)
    assert bench.keeper.record.jump_s == 0


def pull_the_plug_while_it_is_set(bench):
    bench.setter.begin(bench.true_unix_ns() // 1000, bench.monotonic.now_us(), 500, False)
    bench.restart()
    assert asked(bench) == NOT_SET


def set_from_true_time(bench, ahead_s):
    """The user agrees to that, whatever the clock told before."""
    unix_us = bench.true_unix_ns() // 1000 + round(ahead_s * 1e6)
    now_us = bench.monotonic.now_us()
    assert bench.setter.needs_button(unix_us, now_us)
    bench.setter.begin(unix_us, now_us, 500, True)
    while bench.setter.setting:
        bench.turn()
    bench.run(3)
    assert asked(bench) == OK


@pytest.mark.parametrize("plugs", [1, 2])
def test_no_travel_ahead_and_back_by_way_of_not_set_goes_unmarked(plugs):
    bench = in_use()
    pull_the_plug_while_it_is_set(bench)
    set_from_true_time(bench, 365 * DAY_S)
    if plugs == 2:
        pull_the_plug_while_it_is_set(bench)
    set_from_true_time(bench, 0)
    assert bench.keeper.record.jump_s == pytest.approx(365 * DAY_S, abs=10)  # of the first


def test_a_battery_that_went_flat_leaves_no_mark():
    """How long ago that was, nobody knows: only back past the floor is known for a step."""
    bench = in_use()
    pass_days(bench, 90)
    bench.chip.lose_power()
    bench.run(1.5)
    assert asked(bench) == NOT_SET
    set_from_true_time(bench, 0)
    assert bench.keeper.record.jump_s == 0


@pytest.mark.parametrize("step_s", [20 * DAY_S, -20 * DAY_S])
def test_a_mark_is_not_lost_by_way_of_not_set(step_s):
    bench = in_use()
    set_to(bench, step_s, confirmed=True)
    bench.run(1)
    pull_the_plug_while_it_is_set(bench)
    set_from_true_time(bench, step_s)
    assert bench.keeper.record.jump_s == step_s


def test_what_drift_explains_is_no_large_step():
    bench = in_use()
    pass_days(bench, 400)
    assert set_to(bench, 300.0, confirmed=True)
    assert bench.keeper.record.jump_s == 0
    assert set_to(bench, 10.0, confirmed=True)
    assert bench.keeper.record.jump_s == 10


def test_what_drift_explains_is_no_large_step_back():
    bench = in_use()
    pass_days(bench, 400)
    assert set_to(bench, -300.0, confirmed=True)
    assert bench.keeper.record.jump_s == 0
    assert set_to(bench, -10.0, confirmed=True)
    assert bench.keeper.record.jump_s == -10


def test_the_first_setting_is_no_step():
    bench = Bench()
    bench.run(4)
    set_to(bench, 300 * DAY_S, confirmed=True)
    assert bench.keeper.record.jump_s == 0


@pytest.mark.parametrize("back", [False, True])
def test_the_mark_of_a_step_longer_than_its_field(back):
    bench = in_use()
    set_to(bench, 71 * 365.25 * DAY_S, confirmed=True)
    longest = 2**31 - 1
    if back:
        set_to(bench, 1, confirmed=True)
        bench.run(3)
        set_to(bench, -71 * 365.25 * DAY_S, confirmed=True)
        longest = -longest
    assert bench.keeper.record.jump_s == longest
    assert asked(bench) == OK
    bench.restart()
    assert bench.keeper.record.jump_s == longest


# --- the log and the trimming


def test_the_log_tells_what_was_done():
    bench = settled()
    bench.chip.temperature_c = 31.5
    bench.chip.advance(64)
    bench.run(2)
    set_to(bench, 1.0, confirmed=True)
    bench.run(1)
    set_to(bench, -0.25, confirmed=False)
    set_to(bench, DAY_S, confirmed=False)
    bench.setter.set_aging(-7)
    kinds = [(CONFIRMED, 1.0), (SMALL, -0.25), (REFUSED, DAY_S), (TRIMMED, 0)]
    entries = bench.setter.log.entries()
    assert [entry.kind for entry in entries] == [kind for kind, _ in kinds]
    for entry, (_, step_s) in zip(entries, kinds, strict=True):
        assert entry.step_us == pytest.approx(step_s * 1e6, abs=1000)
        assert entry.temperature_c == 31.5
    assert [entry.aging for entry in entries] == [0, 0, 0, -7]
    assert bench.keeper.record.settings == 2
    assert bench.keeper.record.refused == 1


def test_the_first_entry_tells_that_there_was_no_time_before():
    bench = Bench()
    bench.chip.osf = True
    bench.restart()
    now_us = bench.monotonic.now_us()
    bench.setter.begin(bench.true_unix_ns() // 1000, now_us, 500, True)
    while bench.setter.setting:
        bench.turn()
    (entry,) = bench.setter.log.entries()
    assert (entry.kind, entry.step_us) == (CONFIRMED, None)
    assert bench.setter.last_step_us is None


@pytest.mark.parametrize("aging", [-128, -1, 0, 1, 127])
def test_the_trimming_survives_the_loss_of_both_supplies(aging):
    bench = in_use()
    bench.setter.set_aging(aging)
    assert bench.chip.aging == aging
    bench.chip.lose_power()
    assert bench.chip.aging == 0
    bench.restart()
    assert asked(bench) == NOT_SET
    assert bench.chip.aging == aging


def test_the_trimming_comes_back_when_the_clock_is_set():
    bench = in_use()
    bench.setter.set_aging(-33)
    bench.chip.lose_power()
    bench.run(2)
    now_us = bench.monotonic.now_us()
    bench.setter.begin(bench.true_unix_ns() // 1000, now_us, 500, True)
    while bench.setter.setting:
        bench.turn()
    assert bench.chip.aging == -33
    assert abs(bench.rtc_error_us()) < 1000


def test_a_trimming_by_hand_is_left_alone_until_ours():
    bench = settled()
    bench.set_registers(0x10, 12)
    bench.restart()
    assert bench.chip.aging == 12


def test_a_new_trimming_makes_the_measured_drift_void():
    bench = in_use()
    measured(bench, -0.8)
    bench.restart()
    assert bench.keeper.record.rate_ppb() < 1000
    bench.setter.set_aging(-8)
    assert bench.keeper.record.rate_ppb() == 2000 + 8 * AGING_STEP_PPB
