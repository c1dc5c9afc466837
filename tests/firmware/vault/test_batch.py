"""Several changes in one write of the vault: what they make of the list, and what ends them."""

import pytest

from open_vault import opened
from picototp.board.storage import UNCLEAN
from picototp.vault.account import Account
from picototp.vault.batch import Batches
from picototp.vault.slot_pair import BATCH_NAME, MAX_ACCOUNTS
from tests.firmware.vault.vault_cases import account, change_several, changed, refusal, small_vault
from tests.firmware.vault.vault_flash_model import FlashModel, contents, fields


def names(vault):
    return [vault.label(index)[1] for index in range(len(vault))]


def begun(count=2):
    """A vault of n0 to n2, and a batch with one of `count` entries."""
    flash = small_vault()
    vault = opened(flash)
    Batches(vault).begin_additions(count)
    Batches(vault).append_account(account(8), False)
    return flash, vault


def test_what_is_new_comes_last_and_what_is_replaced_stays_where_it_was():
    flash = small_vault()
    vault = opened(flash)
    replaced = [account(2, secret=b"two", digits=8), account(0, secret=b"zero", period_s=60)]
    new = [account(7), account(8, kind="hotp", counter=9)]
    kept = fields(vault.account(1))
    Batches(vault).begin_additions(4)
    for each in (new[0], replaced[0], new[1], replaced[1]):
        Batches(vault).append_account(each, True)
    Batches(vault).finish(vault.batch.count)
    assert [Batches(vault).names(number)[1][1] for number in range(4)] == ["n7", "n2", "n8", "n0"]
    assert vault.batch.counts() == (2, 2)
    assert Batches(vault).commit() == 3  # where n7 is now
    expected = [replaced[1], None, replaced[0], *new]
    found = contents(vault)
    assert found == [kept if each is None else fields(each) for each in expected]
    assert contents(opened(flash)) == found


def test_a_batch_is_one_write_of_the_list():
    flash = small_vault()
    vault = opened(flash)
    before = vault.generation
    Batches(vault).begin_additions(100)
    for number in range(100):
        Batches(vault).append_account(account(10 + number), False)
    Batches(vault).finish(vault.batch.count)
    Batches(vault).commit()
    assert len(vault) == 103
    assert vault.generation == before + 1


def test_several_are_removed():
    vault = opened(small_vault())
    for number in (3, 4):
        vault.add(account(number))
    Batches(vault).begin_removals(3)
    for index in (4, 0, 2):
        Batches(vault).append_removal(index)
    assert refusal(Batches(vault).append_removal, 1) == "full"
    Batches(vault).finish(vault.batch.count)
    assert Batches(vault).commit() == 0
    assert names(vault) == ["n1", "n3"]


def test_all_are_removed():
    vault = opened(small_vault())
    Batches(vault).begin_removals(3)
    for index in range(3):
        Batches(vault).append_removal(index)
    Batches(vault).finish(vault.batch.count)
    assert Batches(vault).commit() == 0
    assert names(vault) == []


def test_an_empty_vault_takes_a_batch():
    flash = FlashModel()
    vault = opened(flash)
    Batches(vault).begin_additions(1)
    Batches(vault).append_account(account(1), False)
    Batches(vault).finish(vault.batch.count)
    assert Batches(vault).commit() == 0
    assert names(opened(flash)) == ["n1"]


def test_what_the_token_cannot_take_leaves_the_batch_as_it_was():
    vault = begun()[1]
    for wrong, code in (
        (account(8, secret=b"again"), "duplicate"),
        (account(1), "duplicate"),
        (account(7, secret=b""), "bad-secret"),
        (account(7, digits=9), "bad-digits"),
        (Account("x" * 65, "n", b"key"), "bad-issuer"),
    ):
        assert refusal(Batches(vault).append_account, wrong, False) == code
    Batches(vault).append_account(account(7), False)
    assert refusal(Batches(vault).append_account, account(6), False) == "full"
    Batches(vault).finish(vault.batch.count)
    Batches(vault).commit()
    assert names(vault) == ["n0", "n1", "n2", "n8", "n7"]


def test_no_more_accounts_than_the_token_holds():
    vault = opened(small_vault())
    Batches(vault).begin_additions(MAX_ACCOUNTS)
    for number in range(MAX_ACCOUNTS - 3):
        Batches(vault).append_account(account(number + 3), False)
    assert refusal(Batches(vault).append_account, account(999), False) == "full"
    Batches(vault).append_account(account(1, secret=b"replaced"), True)


def test_an_account_twice_in_a_batch_of_removals():
    vault = opened(small_vault())
    Batches(vault).begin_removals(2)
    Batches(vault).append_removal(1)
    assert refusal(Batches(vault).append_removal, 1) == "duplicate"


@pytest.mark.parametrize("begin", ["begin_additions", "begin_removals"])
def test_a_batch_that_is_not_whole_is_not_taken(begin):
    vault = opened(small_vault())
    getattr(Batches(vault), begin)(2)
    assert refusal(Batches(vault).finish, 2) == "no-batch"
    assert names(vault) == ["n0", "n1", "n2"]


def test_there_is_no_batch_before_one_begins_and_after_it_ended():
    vault = opened(small_vault())
    assert refusal(Batches(vault).finish, 0) == "no-batch"
    assert refusal(Batches(vault).commit) == "no-batch"
    assert refusal(Batches(vault).append_account, account(9), False) == "no-batch"
    change_several(vault)
    assert refusal(Batches(vault).commit) == "no-batch"


@pytest.mark.parametrize(
    "change",
    [
        lambda vault: vault.move(0, 1),
        lambda vault: vault.advance_counter(1),
        lambda vault: vault.remove(2),
        lambda vault: vault.wipe(),
        lambda vault: vault.drop_batch(),
    ],
)
def test_another_change_ends_it(change):
    flash, vault = begun()
    change(vault)
    assert refusal(Batches(vault).append_account, account(9), False) == "no-batch"
    assert BATCH_NAME not in flash.files and flash.open_files == 0
    assert "n8" not in names(vault)


def test_a_lock_ends_it():
    flash, vault = begun()
    vault.drop_batch()
    changed(vault, b"123456")
    Batches(vault).begin_additions(1)
    Batches(vault).append_account(account(8), False)
    Batches(vault).finish(vault.batch.count)
    vault.lock()
    assert vault.batch is None
    assert BATCH_NAME not in flash.files and flash.open_files == 0
    for call in (Batches(vault).commit, lambda: Batches(vault).begin_additions(1)):
        assert refusal(call) == "locked"


def test_nothing_of_an_entry_stays_in_the_shared_buffer():
    _, vault = begun(1)
    Batches(vault).finish(vault.batch.count)
    assert b"secret8" not in bytes(vault._scratch)
    Batches(vault).names(0)
    assert bytes(vault._scratch) == bytes(len(vault._scratch))


def test_flash_never_holds_an_entry_as_it_is():
    flash, vault = begun(1)
    Batches(vault).finish(vault.batch.count)
    assert b"secret8" not in flash.files[BATCH_NAME] and b"n8" not in flash.files[BATCH_NAME]


def test_what_is_dropped_is_to_be_cleaned():
    flash, vault = begun(1)
    Batches(vault).finish(vault.batch.count)
    del flash.files[UNCLEAN]  # cleaned while the question was up
    vault.drop_batch()
    assert BATCH_NAME not in flash.files and flash.unclean


def test_the_next_start_removes_what_a_power_cut_left():
    flash, vault = begun(1)
    Batches(vault).finish(vault.batch.count)
    flash = FlashModel(flash.files)
    del flash.files[UNCLEAN]
    assert names(opened(flash)) == ["n0", "n1", "n2"]
    assert BATCH_NAME not in flash.files and flash.unclean


def test_a_file_that_changed_meanwhile_is_not_taken():
    flash, vault = begun(1)
    Batches(vault).finish(vault.batch.count)
    data = bytearray(flash.files[BATCH_NAME])
    data[-40] ^= 1
    flash.files[BATCH_NAME] = bytes(data)
    assert refusal(Batches(vault).commit) == "storage"
    assert names(opened(flash)) == ["n0", "n1", "n2"]
    assert vault.batch is None and BATCH_NAME not in flash.files


@pytest.mark.parametrize("room_bytes", range(0, 460, 7))
def test_a_full_flash_ends_it_and_changes_nothing(room_bytes):
    flash = FlashModel(small_vault().files, room_bytes=room_bytes)
    vault = opened(flash)
    assert refusal(change_several, vault) == "storage"
    assert names(vault) == ["n0", "n1", "n2"]
    assert BATCH_NAME not in flash.files and flash.open_files == 0
