"""How far the clock may be off, as the token says: true whatever the host tells it."""

import os
import random
import struct
import zlib

import pytest

from picototp.clock.record import AGING_STEP_PPB, SET_FILE, ClockRecord
from picototp.clock.states import NOT_SET, OK
from tests.firmware.clock.test_policy import (
    DAY_S,
    in_use,
    measured,
    pass_days,
    set_from_true_time,
    set_to,
)
from tests.firmware.clock.timekeeper_rig import asked
from workbench import MemoryStorage

SEED = int(os.environ.get("PICOTOTP_TEST_SEED", random.randrange(1 << 32)))
MEASURED_S = 0.01  # how well the benches know what they compare


def bound_s(bench):
    now_us = bench.monotonic.now_us()
    return bench.keeper.record.error_bound_s(bench.keeper.unix_us(now_us) // 1_000_000)


def off_s(bench):
    return abs(bench.rtc_error_us()) / 1e6


def assert_bound(bench):
    assert off_s(bench) <= bound_s(bench) + MEASURED_S


def lie(bench, step_s, uncertainty_us=0, confirmed=False):
    """A setting that no button is asked for, as a program makes it that wants to look exact."""
    now_us = bench.monotonic.now_us()
    unix_us = bench.keeper.unix_us(now_us) + round(step_s * 1e6)
    if bench.setter.needs_button(unix_us, now_us) and not confirmed:
        return False
    bench.setter.begin(unix_us, now_us, uncertainty_us, confirmed)
    while bench.setter.setting:
        bench.turn()
    bench.setter.keep_drift(0, 0)
    return True


def test_a_setting_that_nobody_confirmed_makes_nothing_more_exact():
    """1.9 s off at once, and 60 days later 12.3 s, of which the display said 0.52."""
    bench = in_use()
    bench.chip.ppm = 2.0
    assert lie(bench, 1.9)
    assert 1.9 <= bound_s(bench) < 2.0
    pass_days(bench, 60)
    assert off_s(bench) > 12
    assert_bound(bench)


def test_nor_do_many_that_move_nothing():
    bench = in_use()
    bench.chip.ppm = 2.0
    for _ in range(60):
        pass_days(bench, 1)
        assert lie(bench, 0.0)
    assert off_s(bench) > 10
    assert_bound(bench)


def test_nor_less_exact_than_it_moved():
    """A program cannot have the display ask for a sync."""
    bench = in_use()
    before_s = bound_s(bench)
    assert lie(bench, 0.0, uncertainty_us=3_600_000_000)
    assert bound_s(bench) < before_s + 0.05


def test_a_confirmed_setting_starts_it_anew():
    bench = in_use()
    lie(bench, 1.9)
    set_to(bench, -1.9, confirmed=True)
    assert bound_s(bench) < 0.01


# --- drift ---------------------------------------------------------------------------------------


def test_a_drift_that_a_host_tells_with_no_yes_does_not_count():
    bench = in_use()
    pass_days(bench, 60)
    lie(bench, 0.0)
    record = bench.keeper.record
    assert (record.drift_ppb, record.rate_ppb()) == (0, 2000)
    bench.restart()
    assert bench.keeper.record.rate_ppb() == 2000


def test_nor_does_it_take_away_what_was_confirmed():
    bench = in_use()
    measured(bench, 1.0)
    rate = bench.keeper.record.rate_ppb()
    assert 1000 < rate < 1300
    pass_days(bench, 1)
    lie(bench, 0.0)
    assert bench.keeper.record.rate_ppb() == rate


@pytest.mark.parametrize("days", [0.01, 0.5, 1, 5, 60, 700])
@pytest.mark.parametrize("ppm", [-2.0, 0.0, 1.7])
def test_a_confirmed_drift_counts_as_far_as_the_token_saw_it(days, ppm):
    bench = in_use()
    measured(bench, ppm, days)
    rate = bench.keeper.record.rate_ppb()
    assert rate >= min(2000, abs(ppm) * 1000 + 100)
    if days >= 5:
        assert rate <= abs(ppm) * 1000 + 300
    pass_days(bench, 100)
    assert_bound(bench)


def test_a_drift_beside_what_the_token_saw_does_not_count_even_with_a_yes():
    bench = in_use()
    bench.chip.ppm = 2.0
    pass_days(bench, 60)
    assert lie(bench, -off_s(bench), confirmed=True)  # and says that it does not drift
    assert bench.keeper.record.rate_ppb() == 2000
    pass_days(bench, 60)
    assert_bound(bench)


@pytest.mark.parametrize("back", [False, True])
def test_the_aging_register_is_part_of_the_drift(back):
    """One yes to +127, and 50 days later 55 s off, "at most 8.6"."""
    bench = in_use()
    bench.chip.ppm = 2.0
    bench.setter.set_aging(-127)
    assert bench.keeper.record.rate_ppb() == 2000 + 127 * AGING_STEP_PPB
    pass_days(bench, 50)
    assert off_s(bench) > 55
    assert_bound(bench)
    if back:  # what it was meanwhile stays
        bench.setter.set_aging(0)
        assert bench.keeper.record.rate_ppb() == 2000
        assert_bound(bench)
        pass_days(bench, 50)
        assert_bound(bench)


def test_a_drift_from_before_a_trim_does_not_count():
    bench = in_use()
    pass_days(bench, 60)
    bench.setter.set_aging(127)
    pass_days(bench, 1)
    assert lie(bench, off_s(bench), confirmed=True)
    assert bench.keeper.record.rate_ppb() > 2000
    pass_days(bench, 10)
    assert_bound(bench)


def test_whatever_a_lying_host_does():
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    for _ in range(6):
        bench = in_use()
        bench.chip.ppm = chance.uniform(-2, 2)
        for _ in range(12):
            kind = chance.randrange(5)
            if kind == 0:
                pass_days(bench, chance.choice([0.1, 1, 20]))
            elif kind in (1, 2):
                lie(bench, chance.uniform(-2, 2), chance.choice([0, 1, 10**6]))
            elif kind == 3:
                bench.setter.set_aging(chance.choice([-128, -5, 0, 5, 127]))
            else:
                true_us = bench.true_unix_ns() // 1000
                off = bench.keeper.unix_us(bench.monotonic.now_us()) - true_us
                set_to(bench, -off / 1e6, confirmed=True)
                bench.setter.keep_drift(chance.randrange(-3000, 3000), chance.choice([0, 10]))
            bench.run(1)
            assert_bound(bench)


# --- older records -------------------------------------------------------------------------------


def record_of(fields, packing):
    body = struct.pack(packing, *fields)
    storage = MemoryStorage()
    storage.files[SET_FILE] = body + struct.pack(">I", zlib.crc32(body))
    return ClockRecord(storage)


def test_a_record_of_earlier_firmware():
    """As 0.3 wrote it: its drift counted, and counts until the next setting tells another."""
    fields = (2, 1_795_442_709, 1500, 1_795_442_709, 0, 1_795_442_709, 3, 0, -11, 1, -700, 56)
    record = record_of((*fields, 0, 0), ">BIIIIIIIbBiIIi")
    assert (record.aging, record.drift_ppb, record.rate_ppb()) == (-11, -700, 800)
    assert record.error_bound_s(1_795_442_709) == pytest.approx(0.0015)


# --- the mark ------------------------------------------------------------------------------------


def pull_the_plug(bench):
    """A small setting is cut off in the midst."""
    bench.setter.begin(bench.true_unix_ns() // 1000, bench.monotonic.now_us(), 500, False)
    bench.restart()
    assert asked(bench) == NOT_SET


def lose_power(bench):
    bench.chip.lose_power()
    bench.run(1.5)
    assert asked(bench) == NOT_SET


@pytest.mark.parametrize("lose", [pull_the_plug, lose_power])
@pytest.mark.parametrize("ahead_s", [10, 3600, 3 * DAY_S, 400 * DAY_S])
def test_no_large_step_ahead_goes_unmarked_by_way_of_not_set(lose, ahead_s):
    bench = in_use()
    lose(bench)
    set_from_true_time(bench, ahead_s)
    assert bench.keeper.record.jump_s == pytest.approx(ahead_s, abs=10)
    bench.restart()
    assert bench.keeper.record.jump_s


def test_what_the_counter_explains_is_not_marked():
    """The coin cell was changed while the token had power."""
    bench = in_use()
    for _ in range(20):
        bench.clock.elapse(450)
        bench.turn()
    lose_power(bench)
    set_from_true_time(bench, 0)
    assert bench.keeper.record.jump_s == 0


# --- the RTC, moved on its bus -------------------------------------------------------------------


@pytest.mark.parametrize("days", [1, 2, 30, 400])
def test_an_rtc_that_was_moved_behind_the_counters_back_tells_no_time(days):
    bench = in_use()
    bench.chip.set_unix_ns(bench.chip.unix_ns() + days * DAY_S * 10**9)
    bench.keeper.check()
    assert asked(bench) == NOT_SET, "at the first look"
    bench.run(5)
    assert asked(bench) == NOT_SET
    bench.restart()
    bench.run(3)
    assert asked(bench) == NOT_SET, "a restart makes it no better"
    set_from_true_time(bench, 0)
    bench.restart()
    bench.run(3)
    assert asked(bench) == OK


def test_a_look_that_was_misread_does_no_harm():
    bench = in_use()
    true_ns = bench.chip.unix_ns()
    bench.chip.set_unix_ns(true_ns + 400 * DAY_S * 10**9)
    bench.keeper.check()
    assert asked(bench) == NOT_SET
    bench.chip.set_unix_ns(true_ns)
    bench.run(2)
    assert asked(bench) == OK
    bench.restart()
    bench.run(2)
    assert asked(bench) == OK


def test_a_counter_that_is_a_little_off_is_no_witness_for_long():
    """Unplugged for a month: the counter, 50 ppm off, knows less than two minutes of it."""
    bench = in_use(counter_ppm=50)
    bench.bus.set_fault("ds3231", "nack")
    for _ in range(30 * 24 * 8):
        bench.clock.elapse(450)
        bench.turn()
    bench.bus.set_fault("ds3231", "ok")
    bench.run(3)
    assert asked(bench) == OK
