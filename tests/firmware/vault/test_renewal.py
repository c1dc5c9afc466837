"""What follows a change that drops a secret: the other file is rewritten, later and in pieces."""

import pytest

from picototp.vault import slot_upkeep
from tests.firmware.vault.test_format import half_renewed
from tests.firmware.vault.vault_cases import (
    account,
    at_rest,
    changed,
    opened,
    refusal,
    small_vault,
)
from tests.firmware.vault.vault_flash_model import FlashModel, contents
from tests.firmware.vault.vault_reader import VAULT_FILES, open_keys, remains


def removed(count=1):
    flash = small_vault()
    vault = opened(flash)
    keys = open_keys(flash.files)
    for _ in range(count):
        vault.remove(1)
    return flash, vault, keys


def test_a_removal_counts_before_the_other_file_is_rewritten():
    flash, vault, keys = removed()
    assert vault.renewing and flash.unclean
    assert remains(flash.files, b"secret1", keys)
    assert contents(opened(FlashModel(flash.files))) == contents(vault)
    vault.renew()
    assert not vault.renewing
    assert not remains(flash.files, b"secret1", keys)


def test_it_goes_in_pieces_and_the_accounts_can_be_read_between_them(monkeypatch):
    monkeypatch.setattr(slot_upkeep, "PIECES", 1)
    flash, vault, keys = removed()
    expected = contents(vault)
    pieces = 0
    while vault.renew_some():
        pieces += 1
        assert contents(vault) == expected and vault.renewing
        assert pieces < 50
    assert pieces > 0 and not vault.renew_some()
    assert not remains(flash.files, b"secret1", keys)


@pytest.mark.parametrize("pieces", [0, 1, 2])
def test_the_next_change_does_it_as_well(pieces):
    flash, vault, keys = removed()
    for _ in range(pieces):
        vault.renew_some()
    vault.rename(0, "A", "another")
    assert not remains(flash.files, b"secret1", keys)
    assert flash.open_files == 0
    assert contents(at_rest(FlashModel(flash.files))) == contents(vault)


def test_a_start_does_it_as_well():
    flash, vault, keys = removed()
    flash.remove("unclean")
    again = opened(flash)
    assert again.renewing and remains(flash.files, b"secret1", keys)
    again.renew()
    assert not remains(flash.files, b"secret1", keys)
    assert flash.unclean, "the blocks of the file before are free now"
    assert contents(again) == contents(vault)


def test_a_lock_does_it_first_for_nobody_can_without_the_key():
    flash = small_vault()
    vault = opened(flash)
    changed(vault, b"2580")
    generation = vault.generation
    vault.remove(1)
    vault.lock()
    assert vault.locked
    heads = [int.from_bytes(flash.files[name][8:12], "big") for name in VAULT_FILES]
    assert sorted(heads) == [generation + 1, generation + 2]


def test_a_wipe_in_the_midst_of_it_leaves_nothing():
    flash, vault, _ = removed()
    vault.renew_some()
    vault.wipe()
    assert not [name for name in flash.files if name != "unclean"]
    assert flash.open_files == 0 and not vault.renew_some()


def test_flash_that_refuses_it_is_not_asked_again_and_again():
    flash, vault, keys = removed()
    flash.room_bytes = 10
    vault.renew()
    steps = flash.steps
    assert not vault.renew_some() and flash.steps == steps
    assert not remains(flash.files, b"secret1", keys), "the other file is gone then"
    flash.room_bytes = None
    vault.add(account(9))
    assert contents(at_rest(FlashModel(flash.files))) == contents(vault)


def test_the_very_first_account_needs_no_cleaning():
    flash = FlashModel()
    vault = opened(flash)
    vault.add(account(1))
    assert not vault.renewing and not flash.unclean
    assert all(name in flash.files for name in VAULT_FILES)


def test_what_was_checked_beforehand_is_not_checked_again():
    flash = small_vault()
    vault = opened(flash)
    reads = []
    digesting = vault._active.digesting
    vault._active.digesting = lambda: reads.append(1) or digesting()
    for _ in range(20):
        vault.check_some()
    assert len(reads) == 1
    vault.keys.monotonic.us += 59_000_000
    active = vault._active
    vault.rename(0, "A", "another")
    assert len(reads) == 1
    assert vault._active is not active


@pytest.mark.parametrize("late_us", [0, 61_000_000])
def test_a_file_that_rotted_is_found_out_by_the_check_or_by_the_change(late_us):
    flash = small_vault()
    vault = opened(flash)
    if late_us:
        for _ in range(20):
            vault.check_some()
        vault.keys.monotonic.us += late_us
    name = vault._active.name
    flash.files[name] = flash.files[name][:-40] + b"\0" * 40
    for _ in range(20):
        if not late_us:
            vault.check_some()
    with pytest.raises(Exception, match="changed"):
        vault.add(account(9))


def checked(vault):
    for _ in range(20):
        vault.check_some()


@pytest.mark.parametrize(("late_us", "is_believed"), [(59_999_999, True), (60_000_000, False)])
def test_a_check_is_believed_for_a_minute(late_us, is_believed):
    flash = small_vault()
    vault = opened(flash)
    vault.keys.monotonic.us = 5_000_000
    checked(vault)
    flash.files[vault._active.name] = flash.files[vault._active.name][:-1] + b"\0"
    vault.keys.monotonic.us += late_us
    if is_believed:
        vault.rename(0, "A", "another")
    else:
        assert refusal(vault.rename, 0, "A", "another") == "storage"


def test_a_check_is_made_anew_when_its_minute_is_over():
    flash = small_vault()
    vault = opened(flash)
    for _ in range(3):
        checked(vault)
        assert vault._is_checked
        vault.keys.monotonic.us += 60_000_000
        assert not vault._is_checked


def test_a_check_is_of_the_file_before_the_change_and_not_of_the_one_after():
    flash = small_vault()
    vault = opened(flash)
    checked(vault)
    vault.rename(0, "A", "another")
    flash.files[vault._active.name] = flash.files[vault._active.name][:-1] + b"\0"
    assert refusal(vault.rename, 0, "A", "one more") == "storage"


def large_vault():
    """A file of more pieces than are checked or renewed in one go."""
    flash = FlashModel()
    vault = opened(flash)
    for number in range(40):
        vault.add(account(number, secret=bytes(100)))
    return flash, vault


@pytest.mark.parametrize(
    "change",
    [
        lambda vault: vault.rename(0, "A", "another"),
        lambda vault: vault.load(),
        lambda vault: vault.wipe(),
    ],
)
def test_a_check_at_work_ends_with_any_change(change):
    flash, vault = large_vault()
    vault.check_some()
    work = vault._check  # kept, for no garbage collector may have to end it
    assert work is not None and flash.open_files == 1
    change(vault)
    assert flash.open_files == 0
    checked(vault)
    assert flash.open_files == 0


def test_a_check_goes_in_pieces_and_begins_again_where_flash_failed():
    flash, vault = large_vault()
    active, begun = vault._active, []
    digesting = active.digesting
    active.digesting = lambda: begun.append(1) or digesting()
    vault.check_some()
    vault.check_some()
    assert len(begun) == 1
    data = flash.files.pop(active.name)
    vault._forget_check()
    vault.check_some()  # does not fail, and does not count
    flash.files[active.name] = data
    vault.check_some()
    assert len(begun) == 3
    checked(vault)
    assert vault._is_checked and len(begun) == 3 and flash.open_files == 0
    vault.rename(0, "A", "another")
    assert len(begun) == 3


def test_an_empty_vault_has_nothing_to_check_or_to_renew():
    flash = FlashModel()
    vault = opened(flash)
    vault.check_some()
    assert not vault.renewing and not vault.renew_some()
    vault.renew()
    assert flash.steps == 0 and flash.open_files == 0


def test_a_plain_file_is_not_renewed_before_there_is_a_key():
    flash = FlashModel({"vault.0": half_renewed()})
    vault = opened(flash)
    assert not vault.renewing and not vault.renew_some() and flash.steps == 0


def test_it_comes_before_the_cleaning_which_goes_on_as_long_as_there_is_some():
    flash, vault, _ = removed()
    cleanings = []
    left = [False, True, True]
    flash.clean = lambda: cleanings.append(vault.renewing) or left.pop()
    while not cleanings:
        assert vault.tidy()
    assert cleanings == [False] and not vault.renewing
    assert vault.tidy() and not vault.tidy()
    assert cleanings == [False] * 3


def test_doing_all_of_it_lets_the_storage_breathe():
    flash, vault = large_vault()
    vault.remove(0)
    breaths = []
    flash.breathe = breaths.append
    vault.renew()
    assert len(breaths) > 2 and set(breaths) == {True}


@pytest.mark.parametrize("there", [True, False])
def test_flash_is_unclean_only_if_there_was_another_file(there):
    flash, vault, _ = removed()
    flash.remove("unclean")
    if not there:
        flash.remove(vault._other().name)
    vault.renew()
    assert flash.unclean == there and not vault.renewing
    assert all(name in flash.files for name in VAULT_FILES)


@pytest.mark.parametrize("rots", [True, False])
def test_what_rotted_is_not_copied_over_the_other_file(rots):
    flash, vault, _ = removed()
    name, other = vault._active.name, vault._other().name
    data, kept = flash.files[name], flash.files[other]
    flash.files[name] = data[:-1] + b"\0"
    if not rots:
        del flash.files[name]
    vault.renew()
    assert flash.files[other] == kept and flash.open_files == 0
    assert not vault.renewing and not vault.renew_some(), "it is not tried again and again"
    flash.files[name] = data
    vault.load()
    assert vault.renewing
    vault.renew()
    assert flash.files[other] != kept and not vault.renewing


def test_a_change_in_the_midst_of_it_takes_its_place():
    flash, vault = large_vault()
    vault.remove(0)
    for _ in range(3):
        assert vault.renew_some() and vault.renewing
    work = vault._renewal  # kept, for no garbage collector may have to end it
    vault.remove(0)
    assert work is not None and vault.renewing and flash.open_files == 0
    vault.renew()
    assert contents(opened(FlashModel(flash.files))) == contents(vault) and len(vault) == 38
    for name in VAULT_FILES:
        assert len(opened(FlashModel({**flash.files, name: b""}))) == 38


def test_a_renewal_that_cannot_close_its_file_is_given_up_all_the_same():
    flash, vault = large_vault()
    vault.remove(0)
    open_write = flash.open_write

    def failing(name):
        file = open_write(name)
        close = file.close
        file.close = lambda: close() or fail()
        return file

    def fail():
        raise OSError(28)

    flash.open_write = lambda name: failing(name) if name in VAULT_FILES else open_write(name)
    while flash.files[vault._other().name]:  # until it is emptied, and being written
        assert vault.renew_some()
    flash.open_write, before = open_write, contents(vault)
    vault.rename(0, "A", "another")
    assert contents(vault) != before and flash.open_files == 0
