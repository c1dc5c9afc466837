"""The record of the last setting: its bytes, and what is not believed."""

import struct
import zlib

import pytest

from picototp.clock.record import SET_FILE, UNDER_WAY_FILE, SettingRecord
from workbench import MemoryStorage

UNIX_S = 1_795_442_709
SOUND = struct.pack(">III", UNIX_S, 1500, zlib.crc32(struct.pack(">II", UNIX_S, 1500)))


def read(data):
    storage = MemoryStorage()
    storage.files[SET_FILE] = data
    record = SettingRecord(storage)
    assert not record.interrupted
    return record.set_unix_s, record.set_uncertainty_us


def test_the_bytes():
    storage = MemoryStorage()
    record = SettingRecord(storage)
    assert (record.set_unix_s, record.interrupted) == (0, False)
    record.begin()
    assert storage.files == {UNDER_WAY_FILE: b""}
    assert SettingRecord(storage).interrupted
    record.finish(UNIX_S, 1500)
    assert storage.files == {SET_FILE: SOUND}
    assert (record.set_unix_s, record.set_uncertainty_us, record.interrupted) == (
        UNIX_S,
        1500,
        False,
    )
    assert read(SOUND) == (UNIX_S, 1500)


def test_every_length_but_the_right_one():
    for length in range(len(SOUND)):
        assert read(SOUND[:length]) == (0, 0)
    assert read(SOUND + b"\0") == (0, 0)
    assert read(SOUND * 100) == (0, 0)


def test_every_flipped_bit():
    for bit in range(len(SOUND) * 8):
        flipped = bytearray(SOUND)
        flipped[bit // 8] ^= 1 << bit % 8
        assert read(bytes(flipped)) == (0, 0)


def test_a_flash_that_cannot_be_read_is_no_record():
    class Failing(MemoryStorage):
        def open_read(self, name):
            raise OSError(84)

    storage = Failing()
    storage.files[SET_FILE] = SOUND
    assert SettingRecord(storage).set_unix_s == 0


def test_an_uncertainty_beyond_its_field():
    storage = MemoryStorage()
    SettingRecord(storage).begin()
    record = SettingRecord(storage)
    record.finish(UNIX_S, 1 << 40)
    assert SettingRecord(storage).set_uncertainty_us == 0xFFFFFFFF


@pytest.mark.parametrize("days", [0, 1, 365, 3650])
def test_the_bound_grows_by_the_data_sheets_drift(days):
    record = SettingRecord(MemoryStorage())
    record.set_unix_s, record.set_uncertainty_us = UNIX_S, 1500
    later = UNIX_S + days * 86_400
    assert record.error_bound_s(later) == pytest.approx(0.0015 + days * 86_400 * 2e-6)
