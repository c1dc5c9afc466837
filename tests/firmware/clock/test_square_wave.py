"""The RTC's square wave, where it is wired: each fall is a rollover, unless it is noise."""

import pytest

from picototp.clock.record import ClockRecord
from picototp.clock.states import OK
from picototp.clock.timekeeper import Timekeeper
from tests.firmware.clock.timekeeper_rig import asked
from workbench import BUILT_UNIX_S, Bench


class Wave:
    """What board/square_wave.py gives, from the pin of the DS3231 model.

    `late_us`: the next falls are noted so much late. `extra_us`: values that nobody expects.
    """

    def __init__(self, bench):
        self._bench = bench
        self._taken_ns = bench.clock.now_ns()
        self.wired = True
        self.late_us = 0
        self.extra_us = []

    def take(self):
        bench = self._bench
        now_us = bench.monotonic.now_us()
        if self.extra_us:
            return now_us - self.extra_us.pop(0)
        now_ns, into_ns = bench.clock.now_ns(), bench.chip.unix_ns() % 10**9
        fell_ns = now_ns - into_ns
        if into_ns < 500_000_000:
            running = not bench.chip.int_sqw_level()
        else:
            running = bench.chip.int_sqw_level() and not bench.chip.osf
        if not self.wired or not running or fell_ns <= self._taken_ns:
            return None
        self._taken_ns = now_ns
        return now_us - into_ns // 1000 + self.late_us


class WiredBench(Bench):
    def restart(self):
        super().restart()
        self.wave = Wave(self)

    def wire_clock(self):
        super().wire_clock()
        bench = self

        class Later:
            """The wave comes with the rest of the bench."""

            def take(self):
                return bench.wave.take()

        record = ClockRecord(self.storage)
        self.keeper = Timekeeper(self.rtc, self.monotonic, record, BUILT_UNIX_S, Later())
        self.setter._keeper, self.setter._record = self.keeper, record


def heard(bench):
    return bench.keeper.hears_square_wave(bench.monotonic.now_us())


@pytest.fixture
def bench():
    bench = WiredBench(counter_ppm=40)
    bench.run(4)
    return bench


def reads(bench, seconds):
    """Reads of the seconds register alone, as bursts do them, in that time."""
    calls = []
    original = bench.rtc.read_seconds
    bench.rtc.read_seconds = lambda: calls.append(1) or original()
    bench.run(seconds)
    bench.rtc.read_seconds = original
    return len(calls)


def test_it_is_found_out_by_itself(bench):
    assert heard(bench)
    assert bench.keeper.uncertainty_us == 100
    assert abs(bench.error_us()) < 100


def test_no_bursts_where_it_is_wired(bench):
    assert reads(bench, 200) == 0
    assert heard(bench) and abs(bench.error_us()) < 150


def test_bursts_where_it_is_not():
    bench = WiredBench()
    bench.wave.wired = False
    bench.run(5)
    assert not heard(bench)
    assert reads(bench, 130) > 10
    assert asked(bench) == OK and bench.keeper.uncertainty_us < 1000


def test_a_wire_that_comes_off(bench):
    bench.wave.wired = False
    bench.run(3)
    assert not heard(bench)
    assert reads(bench, 130) > 10
    assert abs(bench.error_us()) < 1000
    bench.wave.wired = True
    bench.run(3)
    assert heard(bench)


@pytest.mark.parametrize("late_us", [500, 10_000, 400_000, -400_000])
@pytest.mark.parametrize("seconds", [1, 2, 30])
def test_falls_that_are_noted_late_are_not_believed(bench, late_us, seconds):
    """Interrupts are off while flash is written."""
    bench.wave.late_us = late_us
    for _ in range(seconds):
        bench.run(1)
        assert abs(bench.error_us()) < 1500
    bench.wave.late_us = 0
    bench.run(4)
    assert heard(bench) and abs(bench.error_us()) < 150


def test_noise_on_the_wire(bench):
    for _ in range(300):
        bench.wave.extra_us = [bench.random.randrange(0, 900_000)]
        bench.run(0.13)
        assert abs(bench.error_us()) < 3000  # the counter's own drift until the next burst
    bench.run(5)
    assert heard(bench) and abs(bench.error_us()) < 150


def test_a_fresh_rollover_without_a_burst(bench):
    seen = bench.keeper.rollovers_seen
    bench.keeper.want_rollover()
    assert reads(bench, 1.1) == 0
    assert bench.keeper.rollovers_seen > seen


@pytest.mark.parametrize("phase_s", [0.0, 0.3, 0.9])
def test_after_a_setting_the_old_phase_is_forgotten(bench, phase_s):
    bench.run(phase_s)
    now_us = bench.monotonic.now_us()
    bench.setter.begin(bench.true_unix_ns() // 1000 + 654_321, now_us, 500, True)
    while bench.setter.setting:
        bench.turn()
        bench.setter.poll(bench.monotonic.now_us())
    for _ in range(300):
        bench.turn()
        assert abs(bench.error_us()) < 1000
    assert heard(bench) and abs(bench.error_us()) < 150


def set_by_the_user(bench):
    now_us = bench.monotonic.now_us()
    bench.setter.begin(bench.true_unix_ns() // 1000, now_us, 500, True)
    while bench.setter.setting:
        bench.turn()
    bench.run(4)
    assert heard(bench)


def test_it_is_started_after_both_supplies_were_lost(bench):
    bench.chip.lose_power()
    bench.run(3)
    assert not heard(bench)
    set_by_the_user(bench)


def test_the_floor_is_raised_where_it_is_wired(bench):
    set_by_the_user(bench)
    record = bench.keeper.record
    record.floor_unix_s -= 3 * 86_400  # as if it had run for so long since
    bench.run(2)
    assert heard(bench)
    assert record.floor_unix_s == pytest.approx(bench.true_unix_ns() // 10**9, abs=2)
    assert ClockRecord(bench.storage).floor_unix_s == record.floor_unix_s


@pytest.mark.parametrize("misread_s", [-5_000_000, 3_600, 5_000_000])
def test_one_misread_second_does_not_become_the_floor(bench, misread_s):
    """It is believed for a second; as the floor it would shut the right time out."""
    set_by_the_user(bench)
    floor_s = bench.keeper.record.floor_unix_s
    for _ in range(5):
        plain, misread = bench.rtc.read, []

        def read_wrongly_once(plain=plain, misread=misread):
            misread.append(True)
            bench.rtc.read = plain
            return plain() + misread_s

        bench.rtc.read = read_wrongly_once
        bench.run(0.7)
        bench.run(4)
        assert misread
        assert asked(bench) == OK and abs(bench.error_us()) < 150
    assert bench.keeper.record.floor_unix_s == floor_s


def test_a_missing_clock_is_still_missed(bench):
    bench.bus.set_fault("ds3231", "nack")
    bench.run(1.5)
    assert asked(bench) == "missing"
