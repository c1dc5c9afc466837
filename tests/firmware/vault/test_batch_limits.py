"""Batches at their limits: how many entries, where they go, what is written, and what fails."""

import pytest

from open_vault import opened
from picototp.board.storage import UNCLEAN
from picototp.vault.batch import Batches, Staging
from picototp.vault.record import pack_record
from picototp.vault.slot import HEADER_BYTES
from picototp.vault.slot_pair import BATCH_NAME, MAX_ACCOUNTS
from tests.firmware.vault.test_bad_flash import StubbornFlash
from tests.firmware.vault.test_slot import Miscounting
from tests.firmware.vault.vault_cases import account, flipped, refusal, small_vault
from tests.firmware.vault.vault_flash_model import FlashModel, contents


def of_additions(vault, *accounts, total=None):
    """A batch of these, whether there or not."""
    batches = Batches(vault)
    batches.begin_additions(len(accounts) if total is None else total)
    for each in accounts:
        batches.append_account(each, True)
    return batches


def of_removals(vault, *indexes):
    batches = Batches(vault)
    batches.begin_removals(len(indexes))
    for index in indexes:
        batches.append_removal(index)
    return batches


def finished(batches):
    batches.finish(batches._vault.batch.count)
    return batches


def vault_of(count):
    vault = opened(FlashModel())
    finished(of_additions(vault, *[account(number) for number in range(count)])).commit()
    return vault


@pytest.mark.parametrize("total", [0, 1, 2])
def test_a_batch_takes_as_many_as_were_told(total):
    vault = opened(small_vault())
    entries = [account(number) for number in range(7, 7 + total)]
    batches = of_additions(vault, *entries, total=total)
    assert refusal(batches.append_account, account(20), True) == "full"
    assert vault.batch.counts() == (total, 0)
    batches = of_removals(vault, *range(total))
    assert refusal(batches.append_removal, total) == "full"
    assert vault.batch.count == total


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_batch_is_finished_with_its_own_count_alone(count):
    vault = opened(small_vault())
    batches = of_additions(vault, account(8), account(9), total=5)
    assert refusal(batches.finish, count) == "no-batch"
    batches = of_removals(vault, 0, 1)
    assert refusal(batches.finish, count) == "no-batch"
    batches.finish(2)


@pytest.mark.parametrize("there", [MAX_ACCOUNTS - 3, MAX_ACCOUNTS])
def test_what_replaces_another_takes_no_place(there):
    vault = vault_of(there)
    batches = of_additions(vault, account(0, digits=8), account(there - 1, digits=8), total=9)
    for number in range(there, MAX_ACCOUNTS):
        batches.append_account(account(number), False)
    assert refusal(batches.append_account, account(999), True) == "full"
    assert vault.batch.counts() == (MAX_ACCOUNTS - there, 2)
    batches.append_account(account(1, digits=8), True)
    finished(batches).commit()
    assert refusal(vault.add, account(999)) == "full"
    again = opened(vault._storage)
    assert [again.label(index)[1] for index in range(MAX_ACCOUNTS)] == [
        f"n{number}" for number in range(MAX_ACCOUNTS)
    ]
    assert [index for index in range(MAX_ACCOUNTS) if again.account(index).digits == 8] == [
        0, 1, there - 1,
    ]  # fmt: skip


@pytest.mark.parametrize("number", range(3))
def test_any_account_that_is_there_needs_to_be_replaced(number):
    vault = opened(small_vault())
    Batches(vault).begin_additions(1)
    assert refusal(Batches(vault).append_account, account(number), False) == "duplicate"
    Batches(vault).append_account(account(number), True)
    assert vault.batch.counts() == (0, 1)


def test_entries_are_told_by_where_they_go_and_their_names():
    vault = opened(small_vault())
    shown = account(7, name="鍵", name_ascii="Jian")
    batches = finished(of_additions(vault, account(2), shown, account(0)))
    assert [batches.names(number) for number in range(3)] == [
        (2, ("A", "n2", "", "")),
        (-1, ("A", "鍵", "", "Jian")),
        (0, ("A", "n0", "", "")),
    ]
    assert vault._storage.open_files == 0
    batches = finished(of_removals(vault, 2, 0))
    assert [batches.names(number) for number in range(2)] == [
        (2, ("A", "n2", "", "")),
        (0, ("A", "n0", "", "")),
    ]


@pytest.mark.parametrize(
    ("entries", "place"), [((7,), 5), ((7, 0), 5), ((3, 7), 3), ((0,), 0), ((4, 0), 4)]
)
def test_the_first_entry_is_shown_after_additions(entries, place):
    batches = of_additions(vault_of(5), *[account(number, digits=8) for number in entries])
    assert finished(batches).commit() == place


@pytest.mark.parametrize(
    ("indexes", "place"),
    [((0,), 0), ((2, 1), 1), ((4,), 3), ((4, 3), 2), ((1, 4), 1), ((4, 3, 2, 1), 0), ((3,), 3)],
)
def test_what_follows_the_first_one_that_went_is_shown_or_the_last(indexes, place):
    batches = finished(of_removals(vault_of(5), *indexes))
    assert batches.commit() == place


def test_what_lies_side_by_side_is_copied_in_one_piece():
    vault = vault_of(6)
    offsets = list(vault._offsets)
    of_removals(vault, 4, 1, 2)
    assert vault.batch.plan(vault._range) == (
        (offsets[0], offsets[1], 1),
        (offsets[3], offsets[4], 1),
        (offsets[5], offsets[6], 1),
    )
    finished(of_additions(vault, account(7), account(8), account(2), account(3), account(9)))
    staging = vault.batch._staging
    size = (offsets[6] - offsets[0]) // 6
    ends = [HEADER_BYTES + number * size for number in range(6)]
    assert vault.batch.plan(vault._range) == (
        (offsets[0], offsets[2], 2),
        (ends[2], ends[4], 2, staging),
        (offsets[4], offsets[6], 2),
        (ends[0], ends[2], 2, staging),
        (ends[4], ends[5], 1, staging),
    )


@pytest.mark.parametrize(
    ("changes", "flags"),
    [
        ({}, 0),
        ({"name_ascii": "x"}, 2),
        ({"digits": 5}, 4),
        ({"digits": 5, "issuer_ascii": "x"}, 6),
    ],
)
def test_the_file_says_what_the_entries_need(changes, flags):
    vault = opened(small_vault())
    finished(of_additions(vault, account(7, **changes), account(8))).commit()
    assert vault._active.flags == flags
    finished(of_additions(vault, account(9))).commit()
    assert vault._active.flags == flags


@pytest.mark.parametrize(
    ("fill", "drops"),
    [
        (lambda vault: of_additions(vault, account(7)), False),
        (lambda vault: of_additions(vault, account(7), account(1)), True),
        (lambda vault: of_removals(vault, 1), True),
    ],
)
def test_only_what_drops_a_secret_is_followed_by_a_renewal(fill, drops):
    vault = opened(small_vault())
    finished(fill(vault)).commit()
    assert vault.renewing == drops


# Its file


def test_the_file_is_unclean_from_the_beginning_and_room_is_made_for_each_part():
    flash = small_vault()
    flash.files.pop(UNCLEAN, None)
    rooms = []
    flash.make_room = lambda: rooms.append(1)
    vault = opened(flash)
    of_removals(vault, 0)
    assert not flash.unclean and BATCH_NAME not in flash.files
    batches = of_additions(vault, account(7), account(8))
    assert flash.unclean and BATCH_NAME in flash.files
    assert len(rooms) == 3
    finished(batches)
    assert len(rooms) == 4 and flash.open_files == 0


def test_a_batch_takes_the_place_of_the_one_before():
    flash = small_vault()
    vault = opened(flash)
    of_additions(vault, account(7), account(8))
    batches = finished(of_additions(vault, account(9)))
    assert vault.batch.counts() == (1, 0) and flash.open_files == 0
    batches.commit()
    assert [vault.label(index)[1] for index in range(len(vault))] == ["n0", "n1", "n2", "n9"]
    of_additions(vault, account(7))
    of_removals(vault, 0)
    assert BATCH_NAME not in flash.files and flash.open_files == 0


def test_dropping_a_batch_of_removals_leaves_flash_alone():
    flash = small_vault()
    vault = opened(flash)
    of_removals(vault, 0)
    steps = flash.steps
    vault.drop_batch()
    assert flash.steps == steps and vault.batch is None


def test_a_flash_that_is_full_at_the_end_of_the_file_ends_the_batch():
    flash = small_vault()
    vault = opened(flash)
    batches = of_additions(vault, account(7))
    flash.room_bytes = 31
    assert refusal(finished, batches) == "storage"
    assert vault.batch is None and BATCH_NAME not in flash.files and flash.open_files == 0


def test_nothing_of_a_dropped_batch_stays_in_the_shared_buffer():
    vault = opened(small_vault())
    of_additions(vault, account(7))
    vault._scratch[:] = b"x" * len(vault._scratch)
    vault.drop_batch()
    assert not any(vault._scratch) and vault.batch is None


def test_a_batch_that_was_not_finished_is_not_taken():
    flash = small_vault()
    vault = opened(flash)
    old = contents(vault)
    assert refusal(of_additions(vault, account(7)).commit) == "storage"
    assert vault.batch is None and flash.open_files == 0 and contents(vault) == old


@pytest.mark.parametrize("where", [0, HEADER_BYTES, -1])
def test_a_file_that_changed_anywhere_is_not_taken(where):
    flash = small_vault()
    vault = opened(flash)
    batches = finished(of_additions(vault, account(7)))
    data = flash.files[BATCH_NAME]
    flash.files[BATCH_NAME] = flipped(data, where % len(data), 1)
    assert refusal(batches.commit) == "storage"
    assert len(vault) == 3


@pytest.mark.parametrize("call", ["names", "commit"])
def test_a_file_that_vanished_ends_the_batch(call):
    flash = small_vault()
    vault = opened(flash)
    batches = finished(of_additions(vault, account(7)))
    del flash.files[BATCH_NAME]
    assert refusal(getattr(batches, call), *([0] if call == "names" else [])) == "storage"
    assert vault.batch is None and len(vault) == 3


@pytest.mark.parametrize("name", [UNCLEAN, BATCH_NAME])
def test_a_file_that_cannot_be_written_lets_none_begin(name):
    flash = StubbornFlash(small_vault().files)
    vault = opened(flash)
    flash.refuses_write = name
    assert refusal(Batches(vault).begin_additions, 1) == "storage"
    assert vault.batch is None and BATCH_NAME not in flash.files


def test_a_count_of_bytes_that_is_too_low_means_a_full_flash_and_none_is_no_count():
    keys = opened(small_vault()).keys
    for told in (lambda count: count, lambda count: None):
        staging = Staging(Miscounting(told), bytearray(512), keys)
        staging.begin()
        staging.append(pack_record(account(7)))
        assert not staging.is_sound()
        staging.finish()
        assert staging.is_sound() and staging.count == 1
    staging = Staging(Miscounting(lambda count: count - 1), bytearray(512), keys)
    with pytest.raises(OSError) as caught:
        staging.begin()
    assert caught.value.args == (28,)
    staging.close()
    assert staging._storage.open_files == 0


class OnceMac:
    """A StreamMac whose hash takes nothing more once it is finished, as MicroPython's."""

    def __init__(self, mac):
        self._mac = mac

    def begin(self):
        self._hashed = self._mac.begin()
        return self

    def update(self, data):
        self._hashed.update(data)

    def finish(self, hashed):
        tag = self._mac.finish(self._hashed)
        self._hashed = None
        return tag


def test_the_file_has_a_nonce_of_no_generation_and_a_mac_that_is_made_once():
    keys = opened(small_vault()).keys
    keys.seal.mac, asked = OnceMac(keys.seal.mac), []
    nonce = keys.seal.nonce
    keys.seal.nonce = lambda generation: asked.append(generation) or nonce(generation)
    staging = Staging(FlashModel(), bytearray(512), keys)
    staging.begin()
    staging.append(pack_record(account(7)))
    staging.finish()
    assert asked == [0], "no file of accounts begins with it"
    assert staging.is_sound() and staging._hashed is None
    staging.begin()
    staging.close()
    assert staging._hashed is None and staging._storage.open_files == 0


@pytest.mark.parametrize("begin", ["begin_additions", "begin_removals"])
def test_a_damaged_vault_takes_no_batch(begin):
    flash = FlashModel({"vault.0": b"junk"})
    vault = opened(flash)
    assert refusal(getattr(Batches(vault), begin), 1) == "damaged"
    assert vault.batch is None and flash.files == {"vault.0": b"junk"}


@pytest.mark.parametrize(
    "fill", [lambda vault: of_additions(vault, account(1)), lambda vault: of_removals(vault, 0)]
)
def test_a_batch_ends_even_if_it_could_not_be_taken(fill):
    flash = StubbornFlash(small_vault().files)
    vault = opened(flash)
    old = contents(vault)
    batches = finished(fill(vault))
    flash.refuses_write = UNCLEAN
    assert refusal(batches.commit) == "storage"
    assert vault.batch is None and contents(vault) == old
    flash.refuses_write = None
    vault.add(account(9))
    assert contents(opened(flash))[:3] == old
