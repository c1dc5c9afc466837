"""One file of the vault by itself: its head, its records, and how it is read and written."""

import binascii
import hashlib
import io
import itertools
import struct

import pytest

from open_vault import opened
from picototp.vault.record import pack_record
from picototp.vault.slot import (
    CORRUPT,
    HEADER_BYTES,
    MISSING,
    PIECES,
    SCRATCH_BYTES,
    SOUND,
    TOO_NEW,
    TRAILER_BYTES,
    Slot,
    at_once,
    flags_of,
    is_newer,
    read_into,
)
from tests.firmware.vault.test_bad_flash import StubbornFlash
from tests.firmware.vault.vault_cases import account, flipped, refusal, small_vault
from tests.firmware.vault.vault_flash_model import FlashModel

NAME = "vault.0"
RECORDS = [pack_record(account(number)) for number in range(3)]


class NoKeys:
    """A KeyStore without a key."""

    seal = None


def head(
    version=1, cipher=0, flags=0, zero=0, generation=7, size=0, count=0, zero2=0, magic=b"PTVL"
):
    fields = (magic, version, cipher, flags, zero, generation, size, count, zero2)
    packed = struct.pack(">4sBBBBIIHH", *fields)
    return packed + struct.pack(">I", binascii.crc32(packed))


def plain_file(records=RECORDS, count=None, **changes):
    payload = b"".join(records)
    count = len(records) if count is None else count
    data = head(size=len(payload), count=count, **changes).ljust(HEADER_BYTES, b"\0") + payload
    return data + hashlib.sha256(data).digest()


def slot_of(data, keys=NoKeys):
    flash = StubbornFlash({} if data is None else {NAME: data})
    slot = Slot(flash, NAME, bytearray(SCRATCH_BYTES), keys)
    return flash, slot


def looked(data):
    flash, slot = slot_of(data)
    slot.look()
    assert flash.open_files == 0
    return slot


# The head


def test_a_file_is_missing_only_if_it_is_not_there():
    assert looked(None).state == MISSING
    flash, slot = slot_of(plain_file())
    flash.unreadable = (NAME,)
    assert slot.look() == CORRUPT == slot.state
    flash.unreadable = ()
    assert slot.look() == SOUND
    assert (slot.version, slot.generation, slot.flags, slot.count) == (1, 7, 0, 3)
    assert slot.payload_bytes == sum(map(len, RECORDS))
    del flash.files[NAME]
    assert slot.look() == MISSING
    assert (slot.version, slot.generation, slot.count, slot.payload_bytes) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, SOUND),
        ({"version": 2, "cipher": 1}, SOUND),
        ({"version": 2, "cipher": 0}, TOO_NEW),
        ({"version": 1, "cipher": 1}, TOO_NEW),
        ({"version": 3, "cipher": 1}, TOO_NEW),
        ({"zero": 1}, TOO_NEW),
        ({"zero2": 1}, TOO_NEW),
        *[({"flags": flags}, SOUND) for flags in range(8)],
        *[({"flags": 1 << bit}, TOO_NEW) for bit in range(3, 8)],
        ({"flags": 0xFF}, TOO_NEW),
        ({"magic": b"PTVM"}, CORRUPT),
        ({"magic": b"QTVL", "zero": 1}, CORRUPT),
    ],
    ids=str,
)
def test_a_head_is_known_newer_or_no_head(changes, state):
    data = head(**changes)
    assert looked(data).state == looked(data + bytes(99)).state == state
    assert looked(data[:-1] + bytes((data[-1] ^ 1,))).state == CORRUPT
    assert looked(data[:-1]).state == CORRUPT


FIRST_HEADS = [
    b"PTVL" + bytes((version, cipher, flags, 0, 0, 0, 0, 1))
    for version, cipher in ((1, 0), (2, 1))
    for flags in (1, 3, 5, 7)
]


@pytest.mark.parametrize("begin", FIRST_HEADS)
def test_a_first_write_that_was_cut_in_its_head_is_no_loss(begin):
    for length in range(24):
        data = (begin + b"\x55" * 12)[:length]
        slot = looked(data)
        assert slot.is_first_cut_short and slot.state == CORRUPT
        assert not opened(FlashModel({NAME: data})).damaged
        assert opened(FlashModel({"vault.1": data})).damaged, "the first one of all is vault.0"
        for at in range(min(length, 12)):
            other = data[:at] + bytes((data[at] ^ 0x10,)) + data[at + 1 :]
            assert not looked(other).is_first_cut_short
    assert not looked(begin + b"\x55" * 12).is_first_cut_short, "this has a whole head"


@pytest.mark.parametrize(("generation", "flags"), [*itertools.product((0, 1, 2), range(4))])
def test_a_first_write_that_was_cut_after_its_head_is_no_loss(generation, flags):
    whole = plain_file(generation=generation, flags=flags)
    for cut in (1, 31, 32, 33, len(whole) - HEADER_BYTES, len(whole) - 24):
        data = whole[:-cut]
        slot = looked(data)
        assert slot.digest() is None
        assert slot.is_first_cut_short == (generation == 1 and flags & 1 == 1)
        assert opened(FlashModel({NAME: data})).damaged != slot.is_first_cut_short


# All of it


def test_a_digest_is_the_trailer_of_exactly_that_file():
    data = plain_file()
    flash, slot = slot_of(data)
    slot.look()
    assert slot.digest() == data[-32:]
    for other in (data + b"\0", data[:-1], data[:-1] + b"\0", data[:90] + b"\0" + data[91:]):
        flash.files[NAME] = other
        assert slot.digest() is None
    assert flash.open_files == 0 and not slot.is_first_cut_short


def test_an_encrypted_file_has_no_digest_without_the_key():
    flash = small_vault()
    slot = Slot(flash, NAME, bytearray(SCRATCH_BYTES), NoKeys)
    assert slot.look() == SOUND and slot.version == 2
    assert slot.digest() is None
    slot = Slot(flash, NAME, bytearray(SCRATCH_BYTES), opened(flash).keys)
    slot.look()
    assert slot.digest() == flash.files[NAME][-32:]


@pytest.mark.parametrize(
    ("records", "count", "ends"),
    [
        ([], 0, [0]),
        (RECORDS, 3, [0, len(RECORDS[0]), len(RECORDS[0]) * 2, len(RECORDS[0]) * 3]),
        ([b"\1\2" + bytes(258), b"\0\0"], 2, [0, 260, 262]),
        (RECORDS, 2, None),
        (RECORDS, 4, None),
        (RECORDS, 40, None),
        ([RECORDS[0][:-1]], 1, None),
        ([RECORDS[0] + b"\0"], 1, None),
        ([RECORDS[0], b"\0"], 2, None),
        ([b"\xff\xff" + bytes(9), RECORDS[0]], 2, None),
        ([], 1, None),
    ],
)
def test_records_are_found_if_their_lengths_add_up(records, count, ends):
    data = plain_file(records, count)
    flash, slot = slot_of(data)
    slot.look()
    assert slot.digest() is not None
    found = slot.offsets()
    assert (found and [at - HEADER_BYTES for at in found]) == ends
    assert flash.open_files == 0
    assert opened(FlashModel({NAME: data})).damaged == (ends is None)


def test_nothing_but_the_lengths_is_decrypted_to_find_the_records():
    flash = small_vault()
    vault = opened(flash)
    scratch = bytearray(b"\x55" * SCRATCH_BYTES)
    slot = Slot(flash, vault._active.name, scratch, vault.keys)
    slot.look()
    scratch[:] = b"\x55" * SCRATCH_BYTES
    assert slot.offsets() == vault._offsets
    assert scratch[:2] == RECORDS[2][:2] and scratch[2:] == b"\x55" * (SCRATCH_BYTES - 2)


def test_a_record_is_read_whole_or_not_at_all():
    data = plain_file()
    flash, slot = slot_of(data)
    slot.look()
    first, second, third, end = slot.offsets()
    with slot.open() as file:
        assert slot.read_record(file, third, end) == RECORDS[2][2:]
        assert slot.read_record(file, first, second) == RECORDS[0][2:]
    flash.files[NAME] = data[: second - 1]
    with slot.open() as file, pytest.raises(OSError) as caught:
        slot.read_record(file, first, second)
    assert caught.value.args == (5,)


def test_a_file_that_became_shorter_is_told_by_the_vault():
    flash = small_vault()
    vault = opened(flash)
    name, end = vault._active.name, vault._offsets[3]
    flash.files[name] = flash.files[name][:end]
    assert vault.account(2).name == "n2"
    flash.files[name] = flash.files[name][: end - 1]
    assert vault.account(1).name == "n1"
    assert refusal(vault.account, 2) == "storage"
    assert flash.open_files == 0


# Writing


LARGE = pack_record(account(5, secret=bytes(range(128)), issuer="i" * 64, name="n" * 64))


@pytest.mark.parametrize("flags", [0, 3])
def test_what_is_copied_and_what_is_new_is_written_in_the_order_of_the_plan(flags):
    flash, source = slot_of(plain_file([LARGE] * 5))
    source.look()
    flash.files["other"] = plain_file(RECORDS)
    other = Slot(flash, "other", bytearray(SCRATCH_BYTES), NoKeys)
    other.look()
    one, two = other.offsets()[1:3]
    end = source.offsets()[5]
    plan = (RECORDS[0], (HEADER_BYTES, end, 5), (one, one, 0), (one, two, 1, other), RECORDS[2])
    keys = opened(small_vault()).keys
    slot = Slot(flash, "vault.1", bytearray(SCRATCH_BYTES), keys)
    trailer = at_once(slot.writing(9, flags, plan, source), flash)
    assert slot.look() == SOUND and slot.digest() == trailer == flash.files["vault.1"][-32:]
    assert (slot.generation, slot.flags, slot.count) == (9, flags, 8)
    offsets = slot.offsets()
    with slot.open() as file:
        found = [bytes(slot.read_record(file, *offsets[at : at + 2])) for at in range(8)]
    assert found == [each[2:] for each in (RECORDS[0], *[LARGE] * 5, RECORDS[1], RECORDS[2])]
    assert flash.open_files == 0


def test_a_source_that_became_shorter_is_not_copied():
    flash, source = slot_of(plain_file())
    source.look()
    end = source.offsets()[3]
    flash.files[NAME] = flash.files[NAME][: end - 1]
    slot = Slot(flash, "vault.1", bytearray(SCRATCH_BYTES), opened(small_vault()).keys)
    with pytest.raises(OSError) as caught:
        at_once(slot.writing(9, 0, ((HEADER_BYTES, end, 3),), source), flash)
    assert caught.value.args == (5,) and flash.open_files == 0


class Miscounting(FlashModel):
    """Says something else of how many bytes it wrote."""

    def __init__(self, told):
        super().__init__()
        self.told = told

    def open_write(self, name):
        file = super().open_write(name)
        write = file.write
        file.write = lambda data: self.told(write(data))
        return file


def test_a_count_of_bytes_that_is_too_low_means_a_full_flash_and_none_is_no_count():
    keys = opened(small_vault()).keys
    for told in (lambda count: count, lambda count: None):
        slot = Slot(Miscounting(told), NAME, bytearray(SCRATCH_BYTES), keys)
        assert len(at_once(slot.writing(1, 0, (), None), slot._storage)) == 32
    slot = Slot(Miscounting(lambda count: count - 1), NAME, bytearray(SCRATCH_BYTES), keys)
    with pytest.raises(OSError) as caught:
        at_once(slot.writing(1, 0, (), None), slot._storage)
    assert caught.value.args == (28,) and slot._storage.open_files == 0


@pytest.mark.parametrize("beyond", [-1, 0, 1, SCRATCH_BYTES])
def test_what_was_written_is_compared_to_its_last_byte(beyond):
    """At lengths beside that of the buffer."""
    flash = small_vault()
    slot = Slot(flash, NAME, bytearray(SCRATCH_BYTES), opened(flash).keys)
    rest = SCRATCH_BYTES + beyond - HEADER_BYTES - TRAILER_BYTES
    records = [bytes(rest // 2), bytes(rest - rest // 2)]
    written = []
    for flags in range(2):  # what was written before does not count
        at_once(slot.writing(1, flags, tuple(records), None), flash)
        written.append(flash.files[NAME])
        assert at_once(slot.comparing(), flash)
    data = written[1]
    assert len(data) == SCRATCH_BYTES + beyond and len(data) == len(written[0])
    spoilt = [flipped(data, at, 1 << at % 8) for at in range(len(data))]
    for other in (*spoilt, data[:-1], data + b"\0", data + bytes(SCRATCH_BYTES), b"", written[0]):
        flash.files[NAME] = other
        assert not at_once(slot.comparing(), flash)
    assert flash.open_files == 0


@pytest.mark.parametrize("stays", [True, False])
def test_a_file_is_erased_or_found_corrupt(stays):
    flash, slot = slot_of(plain_file())
    slot.look()
    flash.refuses_remove = NAME if stays else None
    assert slot.erase() is not stays
    assert flash.files == ({NAME: b""} if stays else {})
    assert (slot.state, slot.generation) == (CORRUPT if stays else MISSING, 0)
    flash.refuses_remove = None
    assert slot.erase() and slot.discard() and slot.state == MISSING
    assert not flash.files


# Tools


def test_a_head_says_all_that_a_record_has():
    steam, names = {"digits": 5}, {"name_ascii": "x"}
    for changes, flags in (({}, 0), (names, 2), (steam, 4), ({**steam, **names}, 6)):
        assert flags_of(pack_record(account(1, **changes))) == flags


@pytest.mark.parametrize("saves", [True, False])
@pytest.mark.parametrize("pieces", [0, PIECES - 1, PIECES, 5 * PIECES])
def test_long_work_lets_the_storage_breathe_and_says_whether_it_saves(pieces, saves):
    breaths, done = [], []

    class Storage:
        def breathe(self, saving):
            breaths.append((len(done), saving))

    def work():
        for number in range(pieces):
            done.append(number)
            yield
        return "result"

    assert at_once(work(), Storage(), saves) == "result"
    assert len(done) == pieces
    assert breaths == [(at, saves) for at in range(PIECES, pieces + 1, PIECES)]


def test_reading_does_not_save_and_writing_does():
    flash = small_vault()
    breaths = []
    flash.breathe = breaths.append
    vault = opened(flash)
    for number in range(10, 30):  # of more than a few pieces
        vault.add(account(number, secret=bytes(128)))
    assert True in breaths
    vault = opened(flash)
    breaths.clear()
    vault.load()
    vault.slots()
    assert vault._active.digest() and breaths and True not in breaths


@pytest.mark.parametrize(
    ("generation", "than", "newer"),
    [
        (5, 5, False),
        (6, 5, True),
        (5, 6, False),
        (0, 0xFFFFFFFF, True),
        (0xFFFFFFFF, 0, False),
        (0x7FFFFFFF, 0, True),
        (0x80000000, 0, False),
        (0x80000001, 0, False),
        (0x7FFFFFFE, 0xFFFFFFFF, True),
    ],
)
def test_a_generation_is_newer_for_half_of_the_circle(generation, than, newer):
    assert is_newer(generation, than) is newer


@pytest.mark.parametrize("at_a_time", [1, 3, 100])
@pytest.mark.parametrize("length", [0, 1, 9, 10, 11])
def test_a_buffer_is_filled_however_little_a_file_gives_at_a_time(length, at_a_time):
    class Slow(io.BytesIO):
        def readinto(self, buffer):
            return super().readinto(memoryview(buffer)[:at_a_time])

    buffer = bytearray(b"\x55" * 10)
    data = bytes(range(1, length + 1))
    assert read_into(Slow(data), buffer) == min(length, 10)
    assert buffer == (data + b"\x55" * 10)[:10]
