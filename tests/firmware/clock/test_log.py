"""The log of settings: a ring of entries in one file."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from tests.firmware.clock.open_files import WatchedStorage
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


def test_32_entries_are_kept():
    """In 644 bytes: an entry has 20, and the checksum four."""
    storage = MemoryStorage()
    log = ClockLog(storage)
    for number in range(40):
        log.append(ONE._replace(unix_s=UNIX_S + number))
    assert [entry.unix_s for entry in log.entries()] == list(range(UNIX_S + 8, UNIX_S + 40))
    assert len(storage.files[LOG_FILE]) == 644


def test_an_uncertainty_beyond_its_field():
    log = ClockLog(MemoryStorage())
    for uncertainty_us in (0xFFFFFFFE, 0xFFFFFFFF, 0x100000000, 1 << 40):
        log.append(ONE._replace(uncertainty_us=uncertainty_us))
    told = [entry.uncertainty_us for entry in log.entries()]
    assert told == [0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF]


@pytest.mark.parametrize("number", [4, 255])
def test_kinds_of_later_firmware_are_kept_like_what_had_a_yes(number):
    storage = MemoryStorage()
    body = struct.pack(">BIqIbh", number, UNIX_S, 0, 0, 0, 0)
    storage.files[LOG_FILE] = body + struct.pack(">I", zlib.crc32(body))
    log = ClockLog(storage)
    for at in range(40):
        log.append(ONE._replace(unix_s=UNIX_S + at))
    assert len(log.entries()) == 32
    assert [entry.kind for entry in log.entries()][:2] == ["unknown", SMALL]


def logged(*kinds):
    """A log of such entries, and the entries, each with a time of its own."""
    log = ClockLog(MemoryStorage())
    entries = [ONE._replace(kind=kind, unix_s=UNIX_S + at) for at, kind in enumerate(kinds)]
    for entry in entries:
        log.append(entry)
    return log, entries


@pytest.mark.parametrize("flood", [SMALL, REFUSED])
def test_what_needs_no_yes_does_not_push_out_what_had_one(flood):
    """A host makes small corrections, and asks what nobody answers, as often as it likes."""
    kinds = [CONFIRMED, SMALL, REFUSED, TRIMMED, CONFIRMED]
    log, entries = logged(*kinds, *[flood] * 100)
    kept = log.entries()
    assert len(kept) == ENTRIES_MAX
    for at, kind in enumerate(kinds):
        assert (entries[at] in kept) == (kind != flood)
    assert kept[-20:] == entries[-20:]


def test_small_corrections_do_not_push_out_refusals_nor_the_other_way_round():
    log, entries = logged(*[REFUSED] * 5, *[SMALL] * 100)
    assert log.entries()[:5] == entries[:5]
    log, entries = logged(*[SMALL, REFUSED] * 100)
    assert {SMALL, REFUSED} <= {entry.kind for entry in log.entries()}


def test_what_was_confirmed_leaves_a_place_for_the_rest():
    log, entries = logged(SMALL, REFUSED, *[CONFIRMED] * 40)
    assert log.entries() == entries[:2] + entries[-(ENTRIES_MAX - 2) :]
    log.append(entries[0]._replace(unix_s=UNIX_S + 99))
    assert log.entries()[0] == entries[1]
    assert log.entries()[-1].unix_s == UNIX_S + 99
    log, entries = logged(*[CONFIRMED] * 40, SMALL, REFUSED)
    assert log.entries() == entries[-ENTRIES_MAX:]


@pytest.mark.parametrize("kind", [SMALL, REFUSED])
def test_of_two_that_needed_no_yes_the_older_one_is_missed_least(kind):
    log, entries = logged(*[CONFIRMED] * (ENTRIES_MAX - 2), kind, kind, CONFIRMED)
    assert log.entries() == entries[:-3] + entries[-2:]


def test_every_file_is_closed_whatever_fails():
    storage = WatchedStorage()
    ClockLog(storage).append(ONE)
    ClockLog(storage).append(ONE)
    assert len(storage.opened) == 3 and storage.all_are_closed()
    storage.room_bytes = 0
    with pytest.raises(OSError, match="no space left"):
        ClockLog(storage).append(ONE)
    assert storage.all_are_closed()


@given(st.lists(st.sampled_from([CONFIRMED, SMALL, REFUSED, TRIMMED]), max_size=90))
def test_the_newest_is_always_kept_and_all_are_in_their_order(kinds):
    log, entries = logged(*kinds)
    kept = log.entries()
    assert kept == [entry for entry in entries if entry in kept]
    assert len(kept) == min(len(entries), ENTRIES_MAX)
    assert kept[-1:] == entries[-1:]
    for kind in kinds:
        newest = [entry for entry in entries if entry.kind == kind][-1]
        assert newest in kept or kind not in (SMALL, REFUSED)


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
    full = sound[:-4] * (ENTRIES_MAX + 1)
    storage.files[LOG_FILE] = full + struct.pack(">I", zlib.crc32(full))
    assert log.entries() == []
    log.append(ONE)
    assert log.entries() == [ONE]
