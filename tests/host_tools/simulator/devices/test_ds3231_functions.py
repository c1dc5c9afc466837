"""The DS3231 model: conversions, flags, alarms, pin, and the test rig's side."""

import json
from datetime import UTC, datetime

import pytest

from host_tools.simulator.clock import ManualClock
from host_tools.simulator.devices.ds3231 import DS3231
from tests.host_tools.simulator.devices.ds3231_rig import DAY, FRESH, Y2K, Rig, S, drift_ppb


@pytest.fixture
def rig():
    return Rig()


# Conversions.


def test_conv_and_busy_follow_the_data_sheet(rig):
    rig.clock.elapse(1)
    assert rig.read(0x0F) == b"\x88"
    rig.write(0x0E, 0x3C)
    assert rig.read(0x0E, 2) == b"\x3c\x88"
    rig.clock.elapse(0.003)
    assert rig.read(0x0E, 2) == b"\x3c\x8c"
    rig.write(0x0E, 0x1C)  # cannot be called off
    rig.clock.elapse(0.196)
    assert rig.read(0x0E, 2) == b"\x3c\x8c"
    rig.clock.elapse(0.001)
    assert rig.read(0x0E, 2) == b"\x1c\x88"


def test_conv_during_a_conversion_ends_with_it(rig):
    rig.clock.elapse(64.1)
    assert rig.read(0x0F) == b"\x8c"
    rig.write(0x0E, 0x3C)
    rig.clock.elapse(0.099)
    assert rig.read(0x0E) == b"\x3c"
    rig.clock.elapse(0.001)
    assert rig.read(0x0E, 2) == b"\x1c\x88"


@pytest.mark.parametrize(
    ("celsius", "registers"),
    [(25.25, "1940"), (0, "0000"), (-0.25, "ffc0"), (-40, "d800"), (85, "5500"), (21.6, "1580")],
)
def test_temperature_is_updated_by_a_conversion(rig, celsius, registers):
    rig.clock.elapse(1)
    rig.rtc.temperature_c = celsius
    assert rig.read(0x11, 2).hex() == "1900"
    rig.convert()
    assert rig.read(0x11, 2).hex() == registers
    assert rig.rtc.temperature_c == celsius


def test_temperature_is_also_updated_every_64_seconds(rig):
    rig.clock.elapse(1)
    rig.rtc.temperature_c = 30
    rig.clock.elapse(63.19)
    assert rig.read(0x11) == b"\x19"
    rig.clock.elapse(0.01)
    assert rig.read(0x11) == b"\x1e"
    rig.rtc.temperature_c = 31
    rig.clock.elapse(63.9)
    assert rig.read(0x11) == b"\x1e"
    rig.clock.elapse(0.1)
    assert rig.read(0x11) == b"\x1f"


# Flags, alarms, pin.


def test_flags_are_only_cleared_over_the_bus(rig):
    rig.write(0x0F, 0x00)
    assert not rig.rtc.osf and rig.read(0x0F)[0] & 0x88 == 0
    rig.write(0x0F, 0xFF)
    assert rig.read(0x0F)[0] & ~0x04 == 0x08
    rig.rtc.osf = True
    assert rig.read(0x0F)[0] & 0x80
    rig.write(0x0F, 0x80)
    assert rig.rtc.osf


def set_half_past_noon(rig):
    rig.clock.elapse(1)
    rig.write(0x0F, 0x00)
    rig.write(0x00, *bytes.fromhex("00301205150324"))  # Friday 15 March 2024


@pytest.mark.parametrize(
    ("alarm", "seconds"),
    [
        ("80808080", 1),
        ("42808080", 42),
        ("42318080", 102),
        ("42311380", 3_702),
        ("42311316", DAY + 3_702),
        ("42311347", 2 * DAY + 3_702),
        ("00301215", 31 * DAY),
    ],
)
def test_alarm_1_rings_on_the_second_and_when_time_jumps_over_it(rig, alarm, seconds):
    set_half_past_noon(rig)
    rig.write(0x07, *bytes.fromhex(alarm))
    rig.write(0x0E, 0x05)  # INTCN, A1IE
    rig.rtc.advance_ns(seconds * S - 1)
    assert rig.rtc.int_sqw_level() and not rig.read(0x0F)[0] & 1
    rig.clock.elapse_ns(1)
    assert rig.read(0x0F)[0] & 1
    assert not rig.rtc.int_sqw_level()
    rig.write(0x0F, 0x02)  # writes A1F as 0
    assert rig.rtc.int_sqw_level()
    rig.rtc.advance(100 * DAY)
    assert rig.read(0x0F)[0] & 1


@pytest.mark.parametrize(
    ("alarm", "seconds"), [("808080", 60), ("318080", 60), ("301380", 3_600), ("301246", DAY)]
)
def test_alarm_2_rings_at_second_zero(rig, alarm, seconds):
    set_half_past_noon(rig)
    rig.write(0x07, 0x00, 0x00, 0x00, 0x32)  # never
    rig.write(0x0B, *bytes.fromhex(alarm))
    rig.write(0x0E, 0x06)
    rig.rtc.advance(seconds - 1)
    assert rig.read(0x0F)[0] & 3 == 0
    rig.rtc.advance(1)
    assert rig.read(0x0F)[0] & 3 == 2
    assert not rig.rtc.int_sqw_level()


def test_an_alarm_without_its_enable_bit_sets_the_flag_and_leaves_the_pin(rig):
    set_half_past_noon(rig)
    rig.write(0x07, *b"\x80" * 4)
    rig.write(0x0E, 0x06)  # only alarm 2 enabled
    rig.clock.elapse(1)
    assert rig.read(0x0F)[0] & 1
    assert rig.rtc.int_sqw_level()


def test_the_1_hz_wave_rises_500_ms_after_the_write_and_falls_at_the_rollover(rig):
    rig.write(0x0E, 0x00)
    rig.clock.elapse(0.123)
    rig.write(0x00, 0x00)
    levels = []
    for _ in range(3):
        for step_ns in (S // 2 - 1, 1, S // 2 - 1, 1):
            levels.append(rig.rtc.int_sqw_level())
            rig.clock.elapse_ns(step_ns)
    assert levels == [False, False, True, True] * 3


@pytest.mark.parametrize(("rate", "hertz"), [(0x08, 1024), (0x10, 4096), (0x18, 8192)])
def test_faster_square_waves(rig, rate, hertz):
    rig.write(0x0E, rate)
    rig.write(0x00, 0x00)
    half_ns = S // (2 * hertz)
    rig.clock.elapse_ns(half_ns // 2)
    levels = []
    for _ in range(6):
        levels.append(rig.rtc.int_sqw_level())
        rig.clock.elapse_ns(half_ns)
    assert levels == [False, True] * 3


def test_the_pin_floats_high_on_the_coin_cell_without_bbsqw(rig):
    rig.write(0x0E, 0x00)
    rig.write(0x00, 0x00)
    assert not rig.rtc.int_sqw_level()
    rig.rtc.set_vcc(False)
    assert rig.rtc.int_sqw_level()
    rig.write(0x0E, 0x40)
    assert not rig.rtc.int_sqw_level()


def test_eosc_stops_the_oscillator_on_the_coin_cell_only(rig):
    rig.write(0x0F, 0x00)
    rig.write(0x0E, 0x9C)
    rig.clock.elapse(5)
    assert rig.rtc.unix() == Y2K + 5 and not rig.rtc.osf
    rig.rtc.set_vcc(False)
    rig.clock.elapse(100)
    rig.rtc.set_vcc(True)
    assert rig.rtc.unix() == Y2K + 5 and rig.rtc.osf
    rig.clock.elapse(1)
    assert rig.rtc.unix() == Y2K + 6


# The rig's side.


def test_set_unix_sets_time_phase_and_weekday_and_clears_osf(rig):
    now_ns = int(datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC).timestamp()) * S + 123_456_789
    rig.rtc.set_unix_ns(now_ns)
    assert rig.rtc.unix_ns() == now_ns
    assert rig.read(0x00, 7).hex() == "59592304290224"
    assert not rig.rtc.osf
    rig.clock.elapse_ns(S - 123_456_789)
    assert rig.read(0x00, 7).hex() == "00000005010324"
    with pytest.raises(ValueError):
        rig.rtc.set_unix_ns(0)


def test_advance_is_for_the_chip_alone_and_drifts():
    rig = Rig(ppm=10)
    before_ns = rig.clock.now_ns()
    rig.rtc.advance(1_000_000)
    assert rig.clock.now_ns() == before_ns
    assert rig.rtc.unix_ns() == (Y2K + 1_000_010) * S
    with pytest.raises(ValueError):
        rig.rtc.advance(-1)


@pytest.mark.parametrize(("name", "value"), [("ppm", 1e6), ("ppm", float("nan")),
                                             ("temperature_c", 200)])  # fmt: skip
def test_impossible_settings_are_refused(rig, name, value):
    before = rig.rtc.snapshot()
    with pytest.raises(ValueError):
        setattr(rig.rtc, name, value)
    assert rig.rtc.snapshot() == before


def test_losing_both_supplies_resets_everything_but_physics(rig):
    rig.rtc.ppm = 2
    rig.write(0x10, 0x55)
    rig.write(0x0F, 0x00)
    rig.convert()
    rig.rtc.advance(1_000_000)
    rig.rtc.lose_power()
    assert rig.rtc.registers_hex() == FRESH[:30] + "8c" + FRESH[32:]
    assert rig.rtc.osf and rig.rtc.aging == 0
    assert drift_ppb(rig) == 2_000


def test_a_snapshot_goes_through_json_and_time_goes_on_drifting():
    one, other = Rig(ppm=3.25, temperature_c=31), Rig()
    one.write(0x00, *bytes.fromhex("58595205280223"))
    one.write(0x07, *bytes.fromhex("01000001"))
    one.clock.elapse(100.000000003)
    one.write(0x0E, 0x3C)
    one.write(0x10, 0x83)
    state = json.loads(json.dumps(one.rtc.snapshot()))
    other.rtc.restore(state, 40 * DAY * S + 17)
    one.clock.elapse_ns(40 * DAY * S + 17)
    assert other.rtc.snapshot() == one.rtc.snapshot()
    assert other.rtc.unix_ns() == one.rtc.unix_ns()
    assert (other.rtc.ppm, other.rtc.temperature_c, other.rtc.aging) == (3.25, 31, -125)


def test_a_stopped_oscillator_stays_stopped_while_the_simulator_is_off(rig):
    rig.write(0x0F, 0x00)
    rig.write(0x0E, 0x9C)
    state = rig.rtc.snapshot()
    other = Rig()
    other.rtc.restore(state, 1000 * S)
    assert other.rtc.unix() == Y2K and other.rtc.osf
    other.clock.elapse(1)
    assert other.rtc.unix() == Y2K + 1


@pytest.mark.parametrize(
    "state",
    [
        None,
        {},
        {"registers": "00"},
        {"registers": 5, "oscillator": {}},
        {"registers": FRESH, "oscillator": {"ppm": 1}},
    ],
)
def test_a_foreign_snapshot_is_refused_and_changes_nothing(rig, state):
    before = rig.rtc.snapshot()
    with pytest.raises(ValueError):
        rig.rtc.restore(state, 0)
    assert rig.rtc.snapshot() == before


def test_on_change_comes_after_writes_and_rig_operations_and_not_after_reads(rig):
    calls = []
    rig.rtc.on_change = lambda: calls.append(rig.rtc.registers_hex()[:2])
    rig.read(0x00, 19)
    rig.bus.scan()
    rig.write(0x00)
    assert calls == []
    rig.write(0x00, *bytes.fromhex("42000001010100"))
    assert calls == ["42"]
    rig.rtc.ppm = 1
    rig.rtc.temperature_c = 26
    rig.rtc.osf = False
    rig.rtc.advance(1)
    rig.rtc.set_unix_ns(Y2K * S)
    rig.rtc.set_vcc(False)
    rig.rtc.restore(rig.rtc.snapshot(), 0)
    rig.rtc.lose_power()
    assert len(calls) == 9


def test_a_clock_that_goes_back_does_not_turn_time_back():
    class Wobbly(ManualClock):
        def back(self, duration_ns):
            self._now_ns -= duration_ns

    clock = Wobbly(10 * S)
    rtc = DS3231(clock)
    clock.elapse(5)
    assert rtc.unix() == Y2K + 5
    clock.back(2 * S)
    assert rtc.unix() == Y2K + 5
    clock.elapse(3)
    assert rtc.unix() == Y2K + 6
