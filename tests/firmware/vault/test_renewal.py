"""What follows a change that drops a secret: the other file is rewritten, later and in pieces."""

import pytest

from picototp.vault import slot_upkeep
from tests.firmware.vault.vault_cases import account, at_rest, changed, opened, small_vault
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
        assert contents(vault) == expected
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
