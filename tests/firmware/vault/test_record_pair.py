"""A record in two files: which one counts, what is written when, and what is refused."""

import binascii
import errno
import struct

import pytest

from picototp.vault import record_pair
from picototp.vault.record_pair import FilePair, generation_of
from tests.firmware.vault.test_bad_flash import LyingFlash, StubbornFlash
from tests.firmware.vault.vault_flash_model import FlashModel

NAMES = ("pair.0", "pair.1")
MAGIC, VERSION, SIZE = b"PTXX", 2, 24


def body(generation, text=b"text", version=VERSION, magic=MAGIC):
    """A record without its CRC; "bad" is what its owner finds unsound."""
    return struct.pack(">4sB3xI8s", magic, version, generation, text)


def record(*arguments, more=b"", **changes):
    data = body(*arguments, **changes) + more
    return data + struct.pack(">I", binascii.crc32(data))


def pair_in(flash):
    pair = FilePair(flash, NAMES, MAGIC, VERSION, SIZE, lambda found: b"bad" not in found)
    pair.load()
    return pair


def loaded(first=None, second=None):
    flash = FlashModel({n: f for n, f in zip(NAMES, (first, second), strict=True) if f is not None})
    return flash, pair_in(flash)


def after(generation):
    return (generation + 1) & 0xFFFFFFFF


def refused(call, *arguments):
    with pytest.raises(OSError) as caught:
        call(*arguments)
    return caught.value.args[0]  # which is errno on MicroPython


def test_where_there_is_no_file_there_is_no_record():
    flash, pair = loaded()
    for each in (pair, FilePair(flash, NAMES, MAGIC, VERSION, SIZE, None)):
        assert (each.record, each.found, each.too_new) == (None, False, False)
        assert each.next_generation() == 1
    pair.double()
    assert flash.steps == 0 and flash.open_files == 0


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (7, None, 7),
        (None, 7, 7),
        (7, 8, 8),
        (8, 7, 8),
        (0xFFFFFFFF, 0, 0),
        (0, 0xFFFFFFFF, 0),
    ],
)
def test_the_newer_record_counts_and_the_next_one_goes_to_the_other_file(first, second, expected):
    files = [None if each is None else record(each) for each in (first, second)]
    flash, pair = loaded(*files)
    active = (first, second).index(expected)
    assert pair.record == files[active] and pair.found and not pair.too_new
    assert pair.next_generation() == after(expected)
    new = body(pair.next_generation(), b"new")
    pair.write(new)
    assert flash.files[NAMES[active]] == files[active]
    assert flash.files[NAMES[1 - active]] == pair.record == record(after(expected), b"new")
    pair.write(body(pair.next_generation(), b"newer"))
    assert flash.files[NAMES[active]] == pair.record == pair_in(flash).record
    assert flash.open_files == 0


def test_of_two_records_with_one_generation_the_first_counts():
    _, pair = loaded(record(5, b"one"), record(5, b"two"))
    assert pair.record == record(5, b"one")


@pytest.mark.parametrize(
    "spoilt",
    [
        b"",
        MAGIC,
        record(9)[:-1],
        record(9)[:3],
        record(9) + b"\0",
        record(9, magic=b"PTXY"),
        record(9, b"bad"),
        record(9, more=b"\0"),
        *[record(9)[:at] + b"\xff" + record(9)[at + 1 :] for at in range(SIZE)],
    ],
)
def test_a_file_that_is_no_sound_record_is_found_and_not_believed(spoilt):
    for files in ((spoilt, None), (None, spoilt)):
        _, pair = loaded(*files)
        assert (pair.record, pair.found, pair.too_new) == (None, True, False)
    for files in ((spoilt, record(8)), (record(8), spoilt)):
        flash, pair = loaded(*files)
        assert pair.record == record(8)
        pair.double()
        assert flash.files == dict.fromkeys(NAMES, record(8))


def newer(length):
    """A record of a later version, with nothing in it but what every version has."""
    data = (MAGIC + bytes((VERSION + 1,))).ljust(length - 4, b"\0")
    return data + struct.pack(">I", binascii.crc32(data))


@pytest.mark.parametrize("at", [0, 1])
@pytest.mark.parametrize("length", [16, SIZE, 100, 256])
def test_a_newer_version_is_told_from_damage(at, length):
    files = [record(1), record(1)]
    files[at] = newer(length)
    flash, pair = loaded(*files)
    assert (pair.record, pair.found, pair.too_new) == (record(1), True, True)
    flash.files[NAMES[at]] = newer(length)[:-1] + b"\xff"
    pair.load()
    assert (pair.record, pair.found, pair.too_new) == (record(1), True, False)


def test_no_version_has_a_longer_record_than_256_bytes():
    assert not loaded(newer(257))[1].too_new


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_cannot_be_read_is_there_all_the_same(name):
    flash = StubbornFlash({name: record(4)})
    flash.unreadable = (name,)
    pair = pair_in(flash)
    assert (pair.record, pair.found) == (None, True)


def test_a_copy_is_made_once_and_not_where_there_is_one():
    flash, pair = loaded(record(4), record(4))
    pair.double()
    assert flash.steps == 0
    for files in ((record(4), None), (None, record(4)), (record(4), record(3))):
        flash, pair = loaded(*files)
        pair.double()
        assert flash.files == dict.fromkeys(NAMES, record(4))
        steps = flash.steps
        pair.double()
        assert flash.steps == steps
        pair.write(body(5))
        assert sorted(flash.files.values()) == [record(4), record(5)]
        pair.double()
        assert flash.files == dict.fromkeys(NAMES, record(5))


def test_a_record_is_found_once_written():
    flash, pair = loaded()
    pair.write(body(1))
    assert flash.files == {NAMES[0]: record(1)}
    assert pair.found and generation_of(pair.record) == 1 and pair.next_generation() == 2


LIES = [lambda before, after: before or b"", lambda before, after: after[:-1]]


@pytest.mark.parametrize("lie", LIES)
def test_what_does_not_read_back_does_not_count(lie):
    flash = LyingFlash({NAMES[1]: record(1)}, lie)
    pair = pair_in(flash)
    assert refused(pair.write, body(2)) == errno.EIO
    assert flash.files == {NAMES[1]: record(1)} and flash.open_files == 0
    assert pair.record == record(1) and pair.next_generation() == 2
    pair.double()  # the copy is a lie as well, and there is better none
    assert flash.files == {NAMES[1]: record(1)}


class Counting(FlashModel):
    """Says that it wrote so many bytes more."""

    def __init__(self, off):
        super().__init__()
        self.off = off

    def open_write(self, name):
        file = super().open_write(name)
        write = file.write
        off = self.off
        file.write = lambda data: write(data) and None if off is None else write(data) + off
        return file


def test_a_count_of_bytes_that_is_too_low_is_a_failure_and_none_is_no_count():
    assert refused(pair_in(Counting(-1)).write, body(1)) == errno.EIO
    for off in (0, None):
        pair = pair_in(Counting(off))
        pair.write(body(1))
        assert pair.record == record(1)


def test_a_refused_copy_is_no_failure_unless_the_other_file_stays():
    flash = StubbornFlash({NAMES[0]: record(2), NAMES[1]: record(1)})
    flash.refuses_write = NAMES[1]
    pair = pair_in(flash)
    flash.refuses_remove = NAMES[1]
    assert refused(pair.double) == errno.EIO
    flash.refuses_remove = None
    pair.double()
    assert flash.files == {NAMES[0]: record(2)}


@pytest.mark.parametrize("stays", NAMES)
def test_both_files_are_removed_or_one_that_stays_is_told(stays):
    flash = StubbornFlash(dict.fromkeys(NAMES, record(2)))
    pair = pair_in(flash)
    flash.refuses_remove = stays
    assert refused(pair.remove) == errno.EIO
    assert stays in flash.files and pair.found and pair.record == record(2)
    flash.refuses_remove = None
    pair.remove()
    assert not flash.files
    assert (pair.record, pair.found, pair.next_generation()) == (None, False, 1)
    pair.remove()  # none is left to refuse
    pair.write(body(1))
    assert flash.files == {NAMES[0]: record(1)}


def test_a_file_that_was_begun_and_stays_is_found():
    """Else a wipe would not look for it."""
    flash = StubbornFlash({})
    pair = pair_in(flash)
    flash.refuses_remove, flash.room_bytes = NAMES[0], 3
    assert refused(pair.write, body(1)) == errno.ENOSPC
    assert flash.files == {NAMES[0]: record(1)[:3]} and flash.open_files == 0
    assert pair.found and pair.record is None


def test_no_buffer_but_the_records_own_keeps_anything(monkeypatch):
    """It may be an open key."""
    made = []

    class Recorded(bytearray):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            made.append(self)

        def __getitem__(self, key):
            found = super().__getitem__(key)
            return Recorded(found) if isinstance(key, slice) and key.stop != len(MAGIC) else found

    def kept(pair):
        return [bytes(each) for each in made if any(each)] == [pair.record]

    monkeypatch.setattr(record_pair, "bytearray", Recorded, raising=False)
    for files in ((record(1), record(2)), (record(2), record(1)), (record(2), record(2))):
        made.clear()
        _, pair = loaded(*files)
        assert kept(pair)
        pair.double()
        assert kept(pair)
    made.clear()
    _, pair = loaded()
    pair.write(body(1))
    assert kept(pair)
