"""What is remembered of the clock: its bytes, what is not believed, and older versions of it."""

import struct
import zlib

import pytest

from picototp.clock.calendar import UNIX_2000, UNIX_2100
from picototp.clock.record import SET_FILE, UNDER_WAY_FILE, ClockRecord
from tests.firmware.clock.open_files import WatchedStorage
from workbench import MemoryStorage

UNIX_S = 1_795_442_709
FIELDS = {
    "set_unix_s": UNIX_S,
    "set_uncertainty_us": 1500,
    "confirmed_unix_s": UNIX_S - 86_400,
    "moved_us": 12_345,
    "floor_unix_s": UNIX_S + 3,
    "settings": 17,
    "refused": 2,
    "aging": -11,
    "drift_ppb": -1_234,
    "drift_uncertainty_ppb": 56,
    "jump_unix_s": UNIX_S - 5,
    "jump_s": 31_536_000,
}
NOTHING = dict.fromkeys(FIELDS, 0) | {
    "aging": None,
    "drift_ppb": None,
    "drift_uncertainty_ppb": None,
}
VERSION_1 = struct.pack(">III", UNIX_S, 1500, zlib.crc32(struct.pack(">II", UNIX_S, 1500)))


def saved(**changes):
    """The bytes of a record with these fields."""
    storage = MemoryStorage()
    record = ClockRecord(storage)
    for name, value in {**FIELDS, **changes}.items():
        setattr(record, name, value)
    record.save()
    assert list(storage.files) == [SET_FILE]
    return storage.files[SET_FILE]


def read(data):
    storage = MemoryStorage()
    storage.files[SET_FILE] = data
    record = ClockRecord(storage)
    assert not record.interrupted
    return {name: getattr(record, name) for name in FIELDS}


def test_the_bytes():
    fields = (2, UNIX_S, 1500, UNIX_S - 86_400, 12_345, UNIX_S + 3, 17, 2, -11, 1, -1_234, 56)
    body = struct.pack(">BIIIIIIIbBiIIi", *fields, UNIX_S - 5, 31_536_000)
    assert saved() == body + struct.pack(">I", zlib.crc32(body))
    assert read(saved()) == FIELDS


@pytest.mark.parametrize(
    ("changes", "flags"),
    [
        ({}, 0),
        ({"aging": 0}, 1),
        ({"drift_ppb": 0, "drift_uncertainty_ppb": 5}, 0),
        ({"drift_ppb": 0, "drift_uncertainty_ppb": 5, "drift_counts": False}, 2),
        ({"drift_counts": False}, 0),
        ({"aging": 7, "drift_ppb": 0, "drift_uncertainty_ppb": 5, "drift_counts": False}, 3),
    ],
)
def test_the_bytes_of_what_is_not_known(changes, flags):
    doubt = changes.get("drift_uncertainty_ppb", 0xFFFFFFFF)
    body = struct.pack(
        ">BIIIIIIIbBiIIi", 2, *[0] * 7, changes.get("aging", 0), flags, 0, doubt, 0, 0
    )
    data = saved(**NOTHING | changes)
    assert data == body + struct.pack(">I", zlib.crc32(body))
    storage = MemoryStorage()
    storage.files[SET_FILE] = data
    record = ClockRecord(storage)
    assert record.drift_counts == (flags < 2)
    assert read(data) == NOTHING | {name: changes.get(name, NOTHING[name]) for name in NOTHING}


@pytest.mark.parametrize("changes", [{"aging": None}, {"aging": 0}, {"aging": -128}])
def test_whether_it_was_ever_trimmed(changes):
    assert read(saved(**changes)) == FIELDS | changes


def test_a_drift_that_is_not_known():
    unknown = {"drift_ppb": None, "drift_uncertainty_ppb": None}
    assert read(saved(**unknown)) == FIELDS | unknown


def test_version_1():
    expected = NOTHING | {"settings": 1, "set_uncertainty_us": 1500}
    expected |= dict.fromkeys(("set_unix_s", "confirmed_unix_s", "floor_unix_s"), UNIX_S)
    assert read(VERSION_1) == expected


def test_a_newer_version_is_not_understood():
    body = b"\x03" + saved()[1:-4]
    assert read(body + struct.pack(">I", zlib.crc32(body))) == NOTHING


@pytest.mark.parametrize("unix_s", [1, UNIX_2000 - 1, UNIX_2100, 0xFFFFFFFF])
def test_a_time_that_cannot_be_shown_makes_it_no_record(unix_s):
    """Else every question about the clock would end in an internal error."""
    for name in ("set_unix_s", "confirmed_unix_s", "floor_unix_s", "jump_unix_s"):
        assert read(saved(**{name: unix_s})) == NOTHING
    body = struct.pack(">II", unix_s, 1500)
    assert read(body + struct.pack(">I", zlib.crc32(body))) == NOTHING


def test_the_first_and_the_last_time():
    for unix_s in (0, UNIX_2000, UNIX_2100 - 1):
        assert read(saved(floor_unix_s=unix_s)) == FIELDS | {"floor_unix_s": unix_s}


@pytest.mark.parametrize("sound", [VERSION_1, saved()])
def test_every_length_but_the_right_one(sound):
    for length in range(len(sound)):
        assert read(sound[:length]) == NOTHING
    assert read(sound + b"\0") == NOTHING
    assert read(sound * 100) == NOTHING


@pytest.mark.parametrize("sound", [VERSION_1, saved()])
def test_every_flipped_bit(sound):
    for bit in range(len(sound) * 8):
        flipped = bytearray(sound)
        flipped[bit // 8] ^= 1 << bit % 8
        assert read(bytes(flipped)) == NOTHING


def test_a_setting_leaves_its_mark_until_it_is_finished():
    storage = MemoryStorage()
    record = ClockRecord(storage)
    record.begin()
    assert storage.files == {UNDER_WAY_FILE: b""}
    assert ClockRecord(storage).interrupted
    record.note_setting(UNIX_S, 1500, 250_000, True)
    assert ClockRecord(storage).interrupted
    record.finish()
    assert list(storage.files) == [SET_FILE]
    again = ClockRecord(storage)
    assert not again.interrupted
    assert (again.set_unix_s, again.floor_unix_s, again.settings) == (UNIX_S, UNIX_S, 1)


def test_corrections_add_up_until_one_is_confirmed():
    record = ClockRecord(MemoryStorage())
    record.note_setting(UNIX_S, 1500, 0, True)
    for step_us in (1_000, 2_500):
        record.note_setting(UNIX_S + 60, 1500, step_us, False)
    assert (record.moved_us, record.confirmed_unix_s, record.settings) == (3_500, UNIX_S, 3)
    record.note_setting(UNIX_S + 90, 1500, 77, True)
    assert (record.moved_us, record.confirmed_unix_s) == (0, UNIX_S + 90)


def test_a_flash_that_cannot_be_read_is_no_record():
    class Failing(MemoryStorage):
        def open_read(self, name):
            raise OSError(84)

    storage = Failing()
    storage.files[SET_FILE] = saved()
    assert ClockRecord(storage).set_unix_s == 0


def test_an_uncertainty_beyond_its_field():
    storage = MemoryStorage()
    ClockRecord(storage).note_setting(UNIX_S, 1 << 40, 0, True)
    assert ClockRecord(storage).set_uncertainty_us == 0xFFFFFFFF


def test_every_file_is_closed_whatever_fails():
    storage = WatchedStorage()
    ClockRecord(storage).note_setting(UNIX_S, 0, 0, True)
    assert ClockRecord(storage).set_unix_s == UNIX_S
    assert len(storage.opened) == 2 and storage.all_are_closed()
    storage.room_bytes = 0
    with pytest.raises(OSError, match="no space left"):
        ClockRecord(storage).save()
    assert storage.all_are_closed()


def test_a_setting_that_is_given_up_leaves_no_mark():
    storage = MemoryStorage()
    record = ClockRecord(storage)
    record.begin()
    record.abandon()
    assert not storage.files and not record.interrupted
    record.begin()
    storage.broken = True
    record.abandon()
    assert record.interrupted, "the mark is there, so it counts"


def test_corrections_beyond_their_field():
    storage = MemoryStorage()
    record = ClockRecord(storage)
    record.moved_us = 0xFFFFFFFE
    for _ in range(2):
        record.note_setting(UNIX_S, 0, 1, False)
        assert ClockRecord(storage).moved_us == 0xFFFFFFFF
    assert ClockRecord(storage).settings == 2


def test_how_well_the_first_setting_is_known_is_the_hosts_word():
    record = ClockRecord(MemoryStorage())
    record.note_setting(UNIX_S, 1500, 300, False)
    assert (record.set_uncertainty_us, record.confirmed_unix_s) == (1500, 0)
    record.note_setting(UNIX_S + 1000, 5, 300, False)
    assert record.set_uncertainty_us == 1500 + 2000 + 300
    record.note_setting(UNIX_S + 2000, 5, 300, True)
    assert record.set_uncertainty_us == 5


def test_a_clock_that_is_not_trusted_is_marked_until_it_is_set():
    storage = MemoryStorage()
    record = ClockRecord(storage)
    record.distrust()
    assert record.interrupted and ClockRecord(storage).interrupted
    record.abandon()
    assert record.interrupted and ClockRecord(storage).interrupted
    record.finish()
    assert not record.interrupted and not ClockRecord(storage).interrupted
    storage.broken = True
    record.distrust()
    assert record.interrupted


def test_the_bound_in_microseconds():
    record = ClockRecord(MemoryStorage())
    record.set_unix_s, record.set_uncertainty_us = UNIX_S, 1500
    assert record.bound_us(UNIX_S - 1) == record.bound_us(UNIX_S) == 1500
    assert record.bound_us(UNIX_S + 1) == 1502
    assert record.bound_us(UNIX_S + 10_000_000) == 1500 + 20_000_000
    record.set_unix_s = 0
    assert record.error_bound_s(UNIX_S) is None
    record.set_unix_s = 1
    assert record.error_bound_s(1) == 0.0015


@pytest.mark.parametrize(("aging", "rate_ppb"), [(None, 2000), (0, 2000), (1, 2120), (-8, 2960)])
def test_a_step_of_the_aging_register_may_be_120_ppb(aging, rate_ppb):
    record = ClockRecord(MemoryStorage())
    record.aging = aging
    assert record.rate_ppb() == rate_ppb


def test_a_new_rate_keeps_what_the_old_one_may_have_done():
    record = ClockRecord(MemoryStorage())
    record.set_unix_s, record.set_uncertainty_us = UNIX_S, 1500
    record.drift_ppb, record.drift_uncertainty_ppb = 3000, 1000
    record.change_rate(5, UNIX_S + 1000)
    assert (record.aging, record.drift_ppb, record.drift_uncertainty_ppb) == (5, None, None)
    assert record.set_uncertainty_us == 1500 + 1000 * (4000 - 2600) // 1000
    assert record.bound_us(UNIX_S + 1000) == 1500 + 4000
    record.change_rate(100, UNIX_S + 1000)
    assert record.set_uncertainty_us == 1500 + 1400, "a rate that may be faster takes nothing away"
    record.change_rate(0, None)
    assert record.set_uncertainty_us == 1500 + 1400, "when is not known"
    record.set_uncertainty_us = 0xFFFFFFFE
    record.change_rate(9, UNIX_S)
    record.change_rate(0, UNIX_S + 1000)
    assert record.set_uncertainty_us == 0xFFFFFFFF


def test_a_new_rate_of_a_clock_that_was_never_set():
    record = ClockRecord(MemoryStorage())
    record.aging = 100
    record.change_rate(0, UNIX_S)
    assert record.set_uncertainty_us == 0


@pytest.mark.parametrize("days", [0, 1, 365, 3650])
@pytest.mark.parametrize(
    ("drift_ppb", "uncertainty_ppb", "rate"),
    [(None, None, 2e-6), (-700, 200, 0.9e-6), (700, 200, 0.9e-6), (300, 5, 0.4e-6)],
)
def test_the_bound_grows_by_the_drift(days, drift_ppb, uncertainty_ppb, rate):
    """The data sheet's until it was measured; never less than a tenth of a ppm of doubt."""
    record = ClockRecord(MemoryStorage())
    record.set_unix_s, record.set_uncertainty_us = UNIX_S, 1500
    record.drift_ppb, record.drift_uncertainty_ppb = drift_ppb, uncertainty_ppb
    later = UNIX_S + days * 86_400
    assert record.error_bound_s(later) == pytest.approx(0.0015 + days * 86_400 * rate)
    assert record.error_bound_s(UNIX_S - 1) is None
