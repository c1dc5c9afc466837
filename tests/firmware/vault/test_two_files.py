"""The two files of the accounts: what marks flash as unclean, what the self test says, what is
wiped, and what changes leave in RAM."""

import binascii

import pytest

from open_vault import opened
from picototp.board.storage import UNCLEAN
from picototp.vault.errors import VaultError, VaultTooNew
from picototp.vault.record import pack_record
from picototp.vault.slot_pair import BATCH_NAME
from tests.firmware.vault.test_bad_flash import StubbornFlash
from tests.firmware.vault.test_format import plain_vault
from tests.firmware.vault.test_slot import plain_file
from tests.firmware.vault.vault_cases import account, changed, entered, refusal, small_vault
from tests.firmware.vault.vault_flash_model import FlashModel, contents, fields
from tests.firmware.vault.vault_reader import KEY_FILES, VAULT_FILES

PIN = b"2580"


def cleaned(flash):
    """What flash is once the storage has erased its old copies."""
    flash.files.pop(UNCLEAN, None)
    return flash


@pytest.mark.parametrize(
    ("change", "drops"),
    [
        (lambda vault: vault.add(account(9)), False),
        (lambda vault: vault.rename(0, "A", "other"), False),
        (lambda vault: vault.move(0, 2), False),
        (lambda vault: vault.advance_counter(1), False),
        (lambda vault: vault.add(account(1, secret=b"other"), replace=True), True),
        (lambda vault: vault.remove(1), True),
    ],
)
def test_flash_is_unclean_once_a_secret_is_dropped(change, drops):
    flash = cleaned(small_vault())
    vault = opened(flash)
    change(vault)
    assert flash.unclean == vault.renewing == drops
    cleaned(flash)
    vault.rename(0, "A", "another")
    assert flash.unclean == drops, "this writes over the file with the secret"
    cleaned(flash)
    vault.rename(0, "A", "and another")
    assert not flash.unclean and not vault.renewing


def test_flash_is_unclean_once_a_plain_file_is_written_over():
    flash = plain_vault()
    opened(flash).move(0, 1)
    assert flash.unclean


@pytest.mark.parametrize("begin", [small_vault, plain_vault])
def test_nothing_is_dropped_while_flash_cannot_be_marked_unclean(begin):
    flash = StubbornFlash(begin().files)
    vault = opened(flash)
    old, files = contents(vault), dict(flash.files)
    flash.refuses_write = UNCLEAN
    assert refusal(vault.remove, 1) == "storage"
    flash.files = {name: data for name, data in flash.files.items() if name not in KEY_FILES}
    assert flash.files == {name: files[name] for name in files if name not in KEY_FILES}
    assert contents(vault) == old


@pytest.mark.parametrize("count", [0, 254, 255, 256, 300])
def test_a_file_has_255_accounts_at_most(count):
    records = [pack_record(account(number)) for number in range(count)]
    vault = opened(FlashModel({"vault.0": plain_file(records)}))
    assert vault.damaged == (count > 255)
    assert len(vault) == (0 if count > 255 else count)


def test_records_of_any_length_stay_whole_wherever_they_go():
    def fresh():
        vault = opened(FlashModel())
        for number in range(5):
            vault.add(account(number, secret=b"s" * (1 + 7 * number), kind="hotp"))
        return vault

    changes = [lambda vault, at=at, to=to: vault.move(at, to) for at in range(5) for to in range(5)]
    for index in range(5):
        changes += [
            lambda vault, index=index: vault.remove(index),
            lambda vault, index=index: vault.rename(index, "A" * 20, "b"),
            lambda vault, index=index: vault.advance_counter(index),
            lambda vault, index=index: vault.add(account(index, secret=b"x"), replace=True),
        ]
    for change in changes:
        vault = fresh()
        change(vault)
        again = opened(vault._storage)
        assert vault._offsets == again._offsets
        assert contents(vault) == contents(again)
        assert vault.generation == again.generation


def test_a_list_that_was_copied_is_not_read_to_find_its_records():
    flash = small_vault()
    for change in (
        lambda vault: vault.move(0, 2),
        lambda vault: vault.add(account(9)),
        lambda vault: vault.advance_counter(0),
        lambda vault: vault.remove(3),
    ):
        vault = opened(flash)
        for slot in vault._slots:
            slot.offsets = None
        change(vault)
        vault.renew()
        assert contents(vault) == contents(opened(flash))


def plain_files():
    """What earlier firmware left: two files, one, or the begin of the first write of all."""
    both = plain_vault().files
    yield both
    for name in VAULT_FILES:
        yield {name: both[name]}
    yield {VAULT_FILES[0]: both[VAULT_FILES[0]][:6]}


@pytest.mark.parametrize("files", list(plain_files()))
def test_no_plain_copy_is_left_when_a_pin_begins_to_be_set(files):
    flash = FlashModel(files)
    vault = opened(flash)
    old = contents(vault)
    vault.changing_pin(bytearray(PIN)).forget()
    assert not set(flash.files.values()) & set(files.values()) and flash.unclean
    assert contents(vault) == contents(opened(flash)) == old


@pytest.mark.parametrize("files", list(plain_files()))
def test_no_pin_is_set_beside_a_plain_copy_that_cannot_be_erased(files):
    flash = StubbornFlash(files)
    vault = opened(flash)
    old = contents(vault)
    name = flash.refuses_remove = flash.refuses_write = sorted(files)[0]
    assert refusal(vault.changing_pin, bytearray(PIN)) == "storage"
    assert flash.files[name] == files[name]
    assert contents(vault) == contents(opened(flash)) == old and not vault.keys.has_pin


# In RAM


def test_a_lock_and_a_wipe_leave_nothing_in_the_shared_buffer():
    vault = opened(small_vault())
    changed(vault, PIN)
    vault._scratch[:] = b"x" * len(vault._scratch)
    vault.lock()
    assert b"x" not in vault._scratch[40:], "before that is the head of a file"
    vault._scratch[:] = b"x" * len(vault._scratch)
    vault.wipe()
    assert not any(vault._scratch)


def test_a_lock_without_a_pin_changes_nothing():
    flash = small_vault()
    vault = opened(flash)
    vault.remove(0)
    found, files = contents(vault), dict(flash.files)
    vault.lock()
    assert contents(vault) == found and flash.files == files and vault.renewing


def test_a_lock_forgets_the_accounts_and_the_right_pin_brings_them_back():
    flash = small_vault()
    vault = opened(flash)
    found = contents(vault)
    changed(vault, PIN)
    generation = vault.generation
    vault.lock()
    assert (len(vault), vault.generation, vault.locked, vault.damaged) == (0, 0, True, False)
    assert refusal(vault.unlock) == "locked"
    assert entered(vault.keys, PIN)
    vault.unlock()
    assert contents(vault) == found and vault.generation == generation


def test_a_change_after_a_failed_one_counts():
    """Of a new PIN: its key is given up, and with it what was written under it."""
    flash = FlashModel(small_vault().files)
    vault = opened(flash)
    found = contents(vault)
    for room_bytes in (0, 40, 150, 270):
        flash.room_bytes = room_bytes
        with pytest.raises(VaultError):
            changed(vault, PIN)
        flash.room_bytes = None
        assert contents(vault) == contents(opened(FlashModel(flash.files))) == found
        vault.rename(0, "A", f"after {room_bytes}")
        found = contents(vault)
        assert contents(opened(FlashModel(flash.files))) == found


@pytest.mark.parametrize("keep", ["refuse", "agree"])
def test_another_key_takes_over_only_if_it_can_be_kept(keep):
    flash = small_vault()
    vault = opened(flash)
    old, files = contents(vault), dict(flash.files)
    for _ in range(20):
        vault.check_some()

    def refuse():
        raise VaultError("storage", "refused")

    active = vault._active
    if keep == "refuse":
        assert refusal(vault.come_under, vault.keys.seal, refuse) == "storage"
        assert vault._active is active and not vault._is_checked
        assert flash.files[active.name] == files[active.name]
    else:
        vault.come_under(vault.keys.seal, lambda: None)
        assert not vault.renewing
    assert [slot.seal_to_come for slot in vault._slots] == [None, None]
    assert contents(vault) == old


def test_another_key_does_not_take_over_what_rotted():
    flash = small_vault()
    vault = opened(flash)
    for _ in range(20):
        vault.check_some()
    name = vault._active.name
    flash.files[name] = flash.files[name][:-1] + b"\0"
    files = dict(flash.files)
    assert refusal(vault.come_under, vault.keys.seal, None) == "storage"
    assert refusal(vault.rename, 0, "A", "other") == "storage", "the check is not believed now"
    assert flash.files == files


def test_another_key_is_not_kept_if_flash_is_too_full_for_the_accounts():
    flash = small_vault()
    vault = opened(flash)
    old, kept = contents(vault), []
    flash.room_bytes = 50
    assert refusal(vault.come_under, vault.keys.seal, lambda: kept.append(1)) == "storage"
    assert not kept and contents(vault) == old


def test_another_key_takes_the_place_of_a_renewal_at_work():
    flash = FlashModel()
    vault = opened(flash)
    for number in range(40):
        vault.add(account(number, secret=bytes(100)))
    vault.remove(0)
    for _ in range(3):
        assert vault.renew_some()
    expected, at_work, open_files = contents(vault), vault._renewal, []
    vault.come_under(vault.keys.seal, lambda: open_files.append(flash.open_files))
    assert at_work is not None and open_files == [0]
    assert not opened(FlashModel(flash.files)).renewing
    for name in VAULT_FILES:
        assert contents(opened(FlashModel({**flash.files, name: b""}))) == expected


# The self test


def test_the_self_test_tells_what_each_file_is():
    flash = small_vault()
    vault = opened(flash)
    active = VAULT_FILES.index(vault._active.name)

    def states():
        return [state for state, _, _ in vault.slots()]

    older, newer = sorted(vault.slots(), key=lambda found: found[1])
    assert (older[1:], newer[1:]) == ((3, 2), (4, 3)) and newer == vault.slots()[active]
    assert (older[0], newer[0]) == ("sound", "active")
    flash.files[VAULT_FILES[active]] = flash.files[VAULT_FILES[1 - active]]
    assert states() == ["sound", "sound"], "neither is what was loaded"
    flash.files[VAULT_FILES[active]] = b"junk"
    assert states()[active] == "corrupt"
    del flash.files[VAULT_FILES[active]]
    assert states()[active] == "missing"
    changed(opened(flash), PIN)
    vault = opened(flash)
    assert vault.locked and states() == ["locked", "locked"]
    assert [count for _, _, count in vault.slots()] == [2, 2]


def test_keys_of_newer_firmware_close_the_vault():
    flash = small_vault()
    data = flash.files["key.0"]
    newer = data[:4] + bytes((data[4] + 1,)) + data[5:-4]
    flash.files["key.0"] = newer + binascii.crc32(newer).to_bytes(4, "big")
    files = dict(flash.files)
    vault = opened(flash)
    assert vault.too_new and len(vault) == 0 and not vault.damaged
    for call in (vault.wipe, lambda: vault.add(account(9)), lambda: vault.set_limit(5)):
        with pytest.raises(VaultTooNew):
            call()
    assert flash.files == files


# Wiping


def test_an_empty_token_is_not_wiped():
    flash = FlashModel()
    opened(flash).wipe()
    assert flash.steps == 0 and not flash.files


@pytest.mark.parametrize("name", [*VAULT_FILES, *KEY_FILES])
def test_whatever_is_left_is_wiped(name):
    for data in (small_vault().files[name], b"junk"):
        flash = FlashModel({name: data})
        vault = opened(flash)
        vault.wipe()
        assert flash.files == {UNCLEAN: b""}
        assert not vault.damaged and vault.generation == 0
        vault.add(account(1))
        assert contents(opened(flash)) == [fields(account(1))]


def test_a_destroyed_key_is_damage_even_without_accounts():
    flash = FlashModel()
    vault = opened(flash)
    changed(vault, PIN)
    assert not opened(flash).damaged
    vault.set_limit(5)
    vault.lock()
    for _ in range(5):
        vault.keys.monotonic.us += 10**10
        assert not entered(vault.keys, b"wrong")
    again = opened(flash)
    assert again.keys.destroyed and again.damaged
    again.wipe()
    assert not again.damaged


def test_a_batch_that_cannot_be_removed_keeps_no_token_from_starting():
    flash = StubbornFlash({**small_vault().files, BATCH_NAME: b"left"})
    flash.refuses_remove = BATCH_NAME
    assert len(opened(flash)) == 3 and BATCH_NAME in flash.files
    flash.refuses_remove, flash.refuses_write = None, UNCLEAN
    cleaned(flash)
    assert len(opened(flash)) == 3 and BATCH_NAME in flash.files, "its blocks would be free"
    flash.refuses_write = None
    assert len(opened(flash)) == 3
    assert BATCH_NAME not in flash.files and flash.unclean
