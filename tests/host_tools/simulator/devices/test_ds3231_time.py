"""The DS3231 model over the bus: time registers, phase, latches, drift, aging."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.host_tools.simulator.devices.ds3231_rig import DAY, FRESH, Y2K, Rig, S, drift_ppb


@pytest.fixture
def rig():
    return Rig()


def test_a_fresh_chip_has_the_reset_values_and_osf(rig):
    assert rig.rtc.registers_hex() == FRESH[:30] + "8c" + FRESH[32:]  # the first conversion runs
    rig.clock.elapse(0.2)
    assert rig.rtc.registers_hex() == FRESH[:34] + "1900"  # 25 C
    assert rig.rtc.osf
    assert rig.rtc.unix_ns() == Y2K * S + S // 5


@settings(max_examples=80)
@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2098, 12, 31)),
    st.integers(0, 365 * DAY * S),
)
def test_time_written_over_the_bus_runs_like_datetime(start, elapsed_ns):
    rig = Rig()
    rig.write(0x00, *bytes.fromhex(start.strftime("%S%M%H0%u%d%m%y")))
    rig.clock.elapse_ns(elapsed_ns)
    unix = int(start.replace(tzinfo=UTC).timestamp()) + elapsed_ns // S
    now = datetime.fromtimestamp(unix, UTC)
    assert rig.read(0x00, 7).hex() == now.strftime("%S%M%H0%u%d%m%y")
    whole_start = int(start.replace(tzinfo=UTC).timestamp())
    assert rig.rtc.unix_ns() == whole_start * S + elapsed_ns


def test_only_writing_the_seconds_sets_the_phase(rig):
    rig.clock.elapse(0.7)
    rig.write(0x01, 0x12, 0x11)
    assert rig.rtc.unix_ns() % S == 700_000_000
    rig.write(0x00, 0x30)
    assert rig.rtc.unix_ns() % S == 0
    rig.clock.elapse_ns(S - 1)
    assert rig.read(0x00) == b"\x30"
    rig.clock.elapse_ns(1)
    assert rig.read(0x00) == b"\x31"


def test_the_phase_is_the_time_of_the_seconds_byte_within_a_slow_burst(rig):
    rig.bus.start(0x68, True)
    for value in (0x00, 0x55):
        rig.bus.write_byte(value)
    for value in bytes.fromhex("595907311299"):
        rig.clock.elapse(0.1)
        rig.bus.write_byte(value)
    rig.bus.stop()
    assert rig.rtc.unix_ns() is None  # 59 hours
    rig.write(0x02, 0x23)
    assert rig.rtc.unix_ns() == (4_102_444_800 - 5) * S + 6 * S // 10


def test_a_burst_read_is_consistent_across_a_rollover_and_latches_at_start(rig):
    rig.write(0x00, *bytes.fromhex("59592307311299"))
    rig.clock.elapse_ns(S - 1)
    rig.bus.start(0x68, True)
    rig.bus.write_byte(0x00)
    rig.bus.start(0x68, False)
    values = bytearray()
    for _ in range(7):
        values.append(rig.bus.read_byte())
        rig.clock.elapse(0.05)
    rig.bus.stop()
    assert values.hex() == "59592307311299"
    assert rig.read(0x00, 7).hex() == "00000001018100"


def test_a_read_that_wraps_latches_again(rig):
    rig.write(0x00, *bytes.fromhex("59592307311299"))
    rig.clock.elapse_ns(S - 1)
    rig.bus.start(0x68, True)
    rig.bus.write_byte(0x00)
    rig.bus.start(0x68, False)
    first = bytes(rig.bus.read_byte() for _ in range(18))
    rig.clock.elapse(0.1)
    last = rig.bus.read_byte()  # 0x12; the pointer goes to 0x00
    second = bytes(rig.bus.read_byte() for _ in range(7))
    rig.bus.stop()
    assert first[:7].hex() == "59592307311299"
    assert last == 0x00
    assert second.hex() == "00000001018100"


def test_the_pointer_goes_on_where_the_last_transfer_ended(rig):
    rig.write(0x07, *range(0x11, 0x18))
    assert rig.read(0x07, 3) == b"\x11\x12\x13"
    assert rig.bus.read(0x68, 4) == b"\x14\x15\x16\x17"


def test_addresses_above_the_registers_are_empty(rig):
    rig.write(0x13, 0x55)
    assert rig.read(0x13, 2) == b"\xff\xff"
    assert rig.read(0xFF, 2) == b"\xff\x00"


def test_bits_that_do_not_exist_read_zero(rig):
    rig.write(0x00, *b"\xff" * 7)
    assert rig.read(0x00, 7).hex() == "7f7f7f073f9fff"
    rig.write(0x11, 0xAA, 0xAA)
    assert rig.read(0x11, 2) == b"\x00\x00"


def test_twelve_hour_mode_is_kept(rig):
    rig.write(0x00, *bytes.fromhex("5959710103" + "0524"))  # 11:59:59 PM
    rig.clock.elapse(1)
    assert rig.read(0x00, 7).hex() == "00005202040524"  # 12:00:00 AM
    rig.clock.elapse(12 * 3600)
    assert rig.read(0x02) == b"\x72"  # 12 PM
    assert rig.rtc.unix() == datetime(2024, 5, 4, 12, tzinfo=UTC).timestamp()


def test_a_date_that_does_not_exist_stands_still_until_corrected(rig):
    rig.write(0x00, *bytes.fromhex("10000001300224"))
    rig.clock.elapse(100.25)
    assert rig.read(0x00, 7).hex() == "10000001300224"
    assert rig.rtc.unix() is None and rig.rtc.unix_ns() is None
    rig.write(0x04, 0x29)
    expected = datetime(2024, 2, 29, 0, 0, 10, tzinfo=UTC).timestamp()
    assert rig.rtc.unix_ns() == int(expected) * S + S // 4


# Drift.


@pytest.mark.parametrize("ppm", [0, 2, -2, 3.5, 0.000001, -137.25])
def test_drift_over_30_days_is_exact(ppm):
    rig = Rig(ppm=ppm)
    rig.clock.elapse(30 * DAY)
    drift_ns = 30 * DAY * S * round(ppm * 10**6) // 10**12
    assert rig.rtc.unix_ns() == (Y2K + 30 * DAY) * S + drift_ns


def test_many_small_steps_drift_like_one_large_one():
    one, many = Rig(ppm=1.7), Rig(ppm=1.7)
    step_ns = 1_234_567_891
    for _ in range(2_000):
        many.clock.elapse_ns(step_ns)
        many.read(0x00, 7)
    one.clock.elapse_ns(2_000 * step_ns)
    assert one.rtc.unix_ns() == many.rtc.unix_ns()
    assert one.rtc.snapshot() == many.rtc.snapshot()


def test_ppm_changes_from_now_on_only(rig):
    rig.clock.elapse(1_000)
    rig.rtc.ppm = 5
    assert rig.rtc.unix_ns() == (Y2K + 1_000) * S
    assert drift_ppb(rig) == 5_000
    rig.rtc.ppm = -1.5
    assert drift_ppb(rig) == -1_500


def test_temperature_has_a_small_effect():
    rig = Rig(temperature_c=45)
    assert drift_ppb(rig) == 200
    rig.rtc.temperature_c = 5
    assert drift_ppb(rig) == -200
    assert drift_ppb(Rig(temperature_c=35, temperature_coefficient_ppm_per_c=0.5)) == 5_000


@pytest.mark.parametrize("steps", [1, 20, 127, -1, -128])
def test_positive_aging_slows_by_a_tenth_of_a_ppm_a_step(rig, steps):
    rig.write(0x10, steps & 0xFF)
    assert rig.rtc.aging == steps
    rig.convert()
    assert drift_ppb(rig) == -100 * steps


def test_aging_waits_for_the_next_conversion():
    rig = Rig()
    rig.clock.elapse(10)
    rig.write(0x10, 100)  # 10 ppm slow from 64.2 s on
    rig.clock.elapse(54)
    assert rig.rtc.unix_ns() == (Y2K + 64) * S
    rig.clock.elapse(100.2)
    assert rig.rtc.unix_ns() == (Y2K + 164) * S + S // 5 - 100 * 10_000


def test_conv_makes_aging_count_at_once():
    rig = Rig()
    rig.clock.elapse(10)
    rig.write(0x10, 100)
    rig.write(0x0E, 0x3C)
    rig.clock.elapse(0.2 + 10)
    assert rig.rtc.unix_ns() == (Y2K + 20) * S + S // 5 - 10 * 10_000
