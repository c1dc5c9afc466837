"""The log of settings: a ring of entries in one file."""

import struct
import zlib

import pytest

from picototp.clock.log import (
    CONFIRMED,
    ENTRIES_MAX,
    LOG_FILE,
    REFUSED,
    SMALL,
    TRIMMED,
    ClockLog,
    Entry,
)
from workbench import MemoryStorage

UNIX_S = 1_795_442_709
ONE = Entry(SMALL, UNIX_S, -12_345, 800, -3, 21.25)


def test_the_bytes():
    storage = MemoryStorage()
    ClockLog(storage).append(ONE)
    body = struct.pack(">BIqIbh", 1, UNIX_S, -12_345, 800, -3, 85)
    assert storage.files == {LOG_FILE: body + struct.pack(">I", zlib.crc32(body))}


@pytest.mark.parametrize(
    "entry",
    [
        ONE,
        Entry(CONFIRMED, UNIX_S, None, 0xFFFFFFFF, 127, None),
        Entry(REFUSED, 4_102_444_799, 10**15, 0, -128, -40.0),
        Entry(TRIMMED, UNIX_S, 0, 0, 5, 0.0),
    ],
)
def test_what_goes_in_comes_out(entry):
    storage = MemoryStorage()
    ClockLog(storage).append(ONE)
    ClockLog(storage).append(entry)
    assert ClockLog(storage).entries() == [ONE, entry]


def test_the_oldest_are_forgotten():
    log = ClockLog(MemoryStorage())
    entries = [ONE._replace(unix_s=UNIX_S + number) for number in range(ENTRIES_MAX + 9)]
    for number, entry in enumerate(entries):
        log.append(entry)
        assert log.entries() == entries[max(0, number + 1 - ENTRIES_MAX) : number + 1]


def test_a_damaged_file_is_no_log_and_is_begun_anew():
    storage = MemoryStorage()
    log = ClockLog(storage)
    assert log.entries() == []
    log.append(ONE)
    sound = storage.files[LOG_FILE]
    for bit in range(len(sound) * 8):
        flipped = bytearray(sound)
        flipped[bit // 8] ^= 1 << bit % 8
        storage.files[LOG_FILE] = bytes(flipped)
        assert log.entries() == []
    for data in (sound[:-1], sound + b"\0", sound * 50, b""):
        storage.files[LOG_FILE] = data
        assert log.entries() == []
    log.append(ONE)
    assert log.entries() == [ONE]
