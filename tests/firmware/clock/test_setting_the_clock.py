"""Setting the RTC: to the millisecond or not at all, whatever fails in between."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from picototp.clock.setter import LATEST_UNIX_S, WRITE_TRIES
from picototp.clock.states import MISSING, NOT_SET, OK, ClockError
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
from workbench import BUILT_UNIX_S, NOW_UNIX_S, Bench

few = settings(max_examples=25)


def begin(bench, at_us=None, unix_us=None, uncertainty_us=700):
    """Ask for true time, as a host does that knows it exactly."""
    now_us = bench.monotonic.now_us()
    if unix_us is None:
        unix_us = bench.true_unix_ns() // 1000
    bench.setter.begin(unix_us, now_us if at_us is None else at_us, uncertainty_us, True)


def finish(bench, wait_ms=10):
    turns = 0
    while bench.setter.setting:
        bench.turn(wait_ms)
        turns += 1
        assert turns < 1000
    return bench


def wrong_bench(fault=None, **options):
    """A bench whose RTC shows another time than the true one."""
    bench = Bench(**options)
    bench.chip.set_unix_ns(bench.true_unix_ns() - 777_123_456_789)
    if fault is not None:
        fault(bench)
    bench.restart()
    bench.run(0.1)
    return bench


@few
@given(
    st.floats(0, 1),
    st.sampled_from([10, 25, 50]),
    st.sampled_from([None, unset, unreadable, before_the_firmware]),
)
def test_it_is_set_to_the_millisecond(phase_s, wait_ms, fault):
    bench = wrong_bench(fault)
    bench.clock.elapse(phase_s)
    begin(bench)
    finish(bench, wait_ms)
    assert abs(bench.rtc_error_us()) < 1000
    assert asked(bench) == OK
    assert abs(bench.error_us()) < 1000
    assert bench.keeper.record.set_unix_s == pytest.approx(bench.true_unix_ns() // 10**9, abs=1)
    bench.restart()
    assert asked(bench) == OK


@few
@given(st.floats(0, 30), st.sampled_from([-50, 50]))
def test_the_user_may_take_his_time_to_say_yes(pause_s, counter_ppm):
    bench = wrong_bench(counter_ppm=counter_ppm)
    at_us = bench.monotonic.now_us()
    unix_us = bench.true_unix_ns() // 1000
    bench.run(pause_s)
    begin(bench, at_us, unix_us, uncertainty_us=0)
    finish(bench)
    assert abs(bench.rtc_error_us()) < bench.keeper.record.set_uncertainty_us < 3_000


@pytest.mark.parametrize("stall_ms", [5, 30, 200, 950, 2300])
def test_a_loop_that_is_held_up_sets_it_a_second_later_and_right(stall_ms):
    for ahead_ms in (95, 75, 65, 30, 5, 1, 0):  # of the edge for which it is planned
        bench = wrong_bench()
        into_ms = bench.true_unix_ns() // 10**6 % 1000
        bench.clock.elapse((1900 - into_ms) % 1000 / 1000)
        begin(bench)
        bench.clock.elapse((100 - ahead_ms + stall_ms) / 1000)
        finish(bench)
        assert abs(bench.rtc_error_us()) < 1000


def hold_up_writes(bench, delay_s, times):
    """The next so many transfers that set the time come late: an interrupt, or a busy computer."""
    plain, left = bench.i2c.writeto, [times]

    def late(address, buffer, stop=True):
        if bytes(buffer[:1]) == b"\x00" and len(buffer) == 8 and left[0]:
            left[0] -= 1
            bench.clock.elapse(delay_s)
        return plain(address, buffer, stop)

    bench.i2c.writeto = late
    return left


@pytest.mark.parametrize("times", range(1, WRITE_TRIES))
def test_a_write_that_is_held_up_is_made_again(times):
    bench = wrong_bench()
    left = hold_up_writes(bench, 0.012, times)
    begin(bench)
    finish(bench)
    assert left == [0]
    assert abs(bench.rtc_error_us()) < 1000
    assert asked(bench) == OK and abs(bench.error_us()) < 1000
    assert bench.keeper.record.set_uncertainty_us < 1000


def test_if_every_write_is_held_up_the_last_one_counts_for_what_it_is():
    bench = wrong_bench()
    left = hold_up_writes(bench, 0.012, WRITE_TRIES + 1)
    begin(bench)
    finish(bench)
    assert left == [1]
    error_us = abs(bench.rtc_error_us())
    assert 10_000 < error_us < bench.keeper.record.set_uncertainty_us < 14_000
    assert asked(bench) == OK


def test_the_record_tells_the_error_bound():
    bench = wrong_bench()
    assert bench.keeper.record.error_bound_s(NOW_UNIX_S) is None
    begin(bench, uncertainty_us=4_000)
    finish(bench)
    bench.restart()
    set_s = bench.keeper.record.set_unix_s
    assert bench.keeper.record.error_bound_s(set_s) == pytest.approx(0.0042)
    assert bench.keeper.record.error_bound_s(set_s + 10**6) == pytest.approx(2.0042)
    assert bench.keeper.record.error_bound_s(set_s - 1) is None


def cut(bench):
    """The power goes; the chip lives on."""
    bench.restart()
    return bench


def test_a_cut_before_the_write_leaves_it_not_set():
    bench = settled()
    begin(bench)
    cut(bench)
    assert asked(bench) == NOT_SET
    bench.run(5)
    assert asked(bench) == NOT_SET
    cut(bench)
    assert asked(bench) == NOT_SET
    begin(bench)
    finish(bench)
    assert asked(cut(bench)) == OK


def test_an_interrupted_setting_is_not_undone_by_one_that_is_given_up():
    bench = settled()
    begin(bench)
    cut(bench)
    begin(bench)
    bench.setter.cancel()
    assert asked(cut(bench)) == NOT_SET


def test_giving_up_leaves_everything_as_it_was():
    bench = settled()
    files = dict(bench.storage.files)
    bench.chip.advance(0.25)
    begin(bench)
    bench.turn()
    bench.setter.cancel()
    bench.setter.cancel()
    bench.run(SETTLED_S)
    assert not bench.setter.setting
    assert bench.rtc_error_us() == pytest.approx(250_000, abs=1)
    assert bench.storage.files == files
    assert asked(bench) == asked(cut(bench)) == OK


def wait_for_a_late_write(bench):
    """Turn the main loop until the RTC was written, but so late that another try must follow."""
    left = hold_up_writes(bench, 0.012, 1)
    while left[0]:
        bench.turn()
    assert bench.setter.setting


def test_giving_up_after_a_late_write_leaves_it_not_set():
    """The RTC holds the new time already, which nothing has recorded."""
    bench = wrong_bench()
    begin(bench)
    wait_for_a_late_write(bench)
    bench.setter.cancel()
    bench.setter.cancel()
    assert not bench.keeper.suspended
    assert asked(bench) == NOT_SET
    bench.run(5)
    assert asked(bench) == NOT_SET
    assert asked(cut(bench)) == NOT_SET
    assert bench.setter.needs_button(bench.true_unix_ns() // 1000, bench.monotonic.now_us())
    begin(bench)
    finish(bench)
    assert asked(bench) == asked(cut(bench)) == OK


def test_a_look_between_two_tries_does_not_hide_the_step():
    """The display wakes, and has the keeper look at an RTC that was written once already."""
    bench = wrong_bench()
    bench.run(SETTLED_S)
    begin(bench)
    wait_for_a_late_write(bench)
    bench.keeper.check()
    assert bench.error_us() == pytest.approx(-777_123_456, abs=20_000)  # as before it was set
    finish(bench)
    assert bench.setter.last_step_us == pytest.approx(777_123_456, abs=2_000)
    assert asked(bench) == OK and abs(bench.error_us()) < 1000


@few
@given(st.integers(0, 130), st.integers(0, 2))
def test_giving_up_at_any_moment(turns, late_writes):
    """The old time, the new one with all that belongs to it, or none; and twice is as good."""
    bench = settled()
    bench.chip.advance(3600)
    bench.keeper.check()
    bench.run(SETTLED_S)
    hold_up_writes(bench, 0.012, late_writes)
    begin(bench)
    for _ in range(turns):
        bench.turn()
    for _ in range(2):
        bench.setter.cancel()
        assert not bench.setter.setting and not bench.keeper.suspended
    bench.run(SETTLED_S)
    settings_made = bench.keeper.record.settings
    was_moved = abs(bench.rtc_error_us()) < 100_000
    expected = OK if was_moved == bool(settings_made) else NOT_SET
    assert asked(bench) == expected
    assert asked(cut(bench)) == expected


def out_of_memory(*arguments):
    raise MemoryError


@pytest.mark.parametrize("where", ["transfer", "read", "record", "log", "finish"])
def test_giving_up_when_memory_ran_out_while_it_was_set(where, monkeypatch):
    bench = settled()
    bench.chip.advance(3600)
    bench.run(SETTLED_S)
    begin(bench)
    owner, name = {
        "transfer": (bench.i2c, "writeto"),
        "read": (bench.rtc, "read"),
        "record": (bench.keeper.record, "save"),
        "log": (bench.setter.log, "append"),
        "finish": (bench.keeper.record, "finish"),
    }[where]
    monkeypatch.setattr(owner, name, out_of_memory)
    with pytest.raises(MemoryError):
        finish(bench)
    monkeypatch.undo()
    bench.setter.cancel()
    assert not bench.setter.setting and not bench.keeper.suspended
    assert asked(bench) == NOT_SET
    assert asked(cut(bench)) == NOT_SET


def test_giving_up_what_is_done():
    bench = wrong_bench()
    begin(bench)
    finish(bench)
    files = dict(bench.storage.files)
    bench.setter.cancel()
    assert not bench.keeper.suspended
    assert bench.storage.files == files
    assert asked(bench) == asked(cut(bench)) == OK


@pytest.mark.parametrize("bytes_written", range(18))
def test_a_chip_that_vanishes_while_it_is_written_is_not_believed(bytes_written):
    bench = wrong_bench()
    begin(bench)
    while bench.setter.setting and bench.i2c.vanish_after is None:
        if bench.true_unix_ns() % 10**9 > 900_000_000:
            bench.i2c.vanish_after = bytes_written
        bench.turn()
    finish(bench)
    assert asked(bench) != OK
    bench.i2c.vanish_after = None
    bench.bus.set_fault("ds3231", "ok")
    bench.run(5)
    assert asked(bench) == NOT_SET
    assert asked(cut(bench)) == NOT_SET
    begin(bench)
    finish(bench)
    assert asked(bench) == asked(cut(bench)) == OK


def test_a_flash_that_fails_at_the_end_leaves_it_not_set():
    bench = wrong_bench()
    begin(bench)
    bench.storage.broken = True
    finish(bench)
    assert asked(bench) == NOT_SET
    bench.run(3)
    assert asked(bench) == NOT_SET
    bench.storage.broken = False
    assert asked(cut(bench)) == NOT_SET
    begin(bench)
    finish(bench)
    assert asked(cut(bench)) == OK


def test_a_flash_that_fails_at_the_beginning_changes_nothing():
    bench = settled()
    bench.storage.broken = True
    with pytest.raises(OSError, match="28"):
        begin(bench)
    assert not bench.setter.setting
    assert asked(bench) == OK


def test_a_flash_that_fails_while_giving_up_counts_as_not_set():
    bench = settled()
    begin(bench)
    bench.storage.broken = True
    bench.setter.cancel()
    bench.run(NOTICED_S)
    assert asked(bench) == NOT_SET
    assert asked(cut(bench)) == NOT_SET


@pytest.mark.parametrize("unix_s", [0, BUILT_UNIX_S - 1, LATEST_UNIX_S, 4_102_444_800, 2**40])
def test_a_time_that_cannot_be_right_is_refused(unix_s):
    bench = settled()
    with pytest.raises(ClockError) as caught:
        begin(bench, unix_us=unix_s * 10**6)
    assert caught.value.state == "bad-time"
    assert not bench.setter.setting
    assert asked(bench) == asked(cut(bench)) == OK


def test_no_chip_no_setting():
    bench = settled()
    unplugged(bench)
    with pytest.raises(ClockError) as caught:
        begin(bench)
    assert caught.value.state == MISSING
    bench.bus.set_fault("ds3231", "ok")
    assert asked(cut(bench)) == OK


def test_the_last_day_of_the_century_can_be_set():
    bench = Bench(unix_s=LATEST_UNIX_S - 5)
    begin(bench)
    finish(bench)
    assert abs(bench.rtc_error_us()) < 1000
