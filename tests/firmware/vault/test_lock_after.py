"""When a dark token locks: what can be kept, what keeps it, and who can change it."""

import struct

import pytest

from open_vault import opened
from picototp.vault import key_record, key_settings
from tests.firmware.vault.test_key_faults import (
    OTHER,
    PIN,
    cuts,
    opens,
    patient,
    resealed,
    token,
    unlocked,
)
from tests.firmware.vault.vault_cases import account, changed, entered, refusal
from tests.firmware.vault.vault_flash_model import FlashModel, fields
from tests.firmware.vault.vault_reader import KEY_FILES, read_key

CHOICES = [*range(121), *range(180, 3601, 60), None]


def test_each_choice_has_a_byte_and_each_byte_a_meaning():
    codes = [key_settings.lock_code(after_s) for after_s in CHOICES]
    assert len(set(codes)) == len(codes)
    assert key_settings.lock_code(60) == 0, "what it is at first, and in every older record"
    assert [key_record.lock_after_s(code) for code in codes] == CHOICES
    record = bytearray(opens_with(0))
    sound = []
    for code in range(256):
        record[7] = code
        if key_record.is_sound(record):
            sound.append(key_record.lock_after_s(code))
    assert set(sound) == set(CHOICES)


def opens_with(lock_code):
    return key_record.body(key_record.OPEN, 10, 1, bytes(32), lock_code) + bytes(4)


@pytest.mark.parametrize("after_s", [-1, 121, 179, 181, 3599, 3601, 3660, 7200, 86_400])
def test_what_cannot_be_kept_is_refused_and_changes_nothing(after_s):
    flash = FlashModel(token())
    vault = unlocked(flash, PIN)
    files = dict(flash.files)
    assert refusal(vault.keys.set_lock_after, after_s) == "bad-lock-after"
    assert flash.files == files


def test_it_is_kept_over_everything_but_a_wipe():
    flash = FlashModel()
    keys = opened(flash).keys
    assert keys.lock_after_s == 60 and not flash.files
    keys.set_lock_after(0)
    vault = opened(flash)
    assert vault.keys.lock_after_s == 0
    vault.add(account(1))
    changed(vault, PIN)
    vault.keys.set_limit(5)
    assert unlocked(flash, PIN).keys.lock_after_s == 0
    vault = unlocked(flash, PIN)
    vault.keys.set_lock_after(None)
    read_key(flash.files["key.0"], PIN)  # its tag was made anew
    assert (vault.keys.lock_after_s, vault.keys.limit) == (None, 5)
    changed(vault, OTHER)
    vault.keys.set_limit(None)
    locked = opened(flash)
    assert locked.locked and locked.keys.lock_after_s is None
    vault = unlocked(flash, OTHER)
    changed(vault, None)
    vault = opened(flash)
    assert (vault.keys.lock_after_s, vault.keys.limit) == (None, None)
    vault.wipe()
    assert opened(flash).keys.lock_after_s == 60


def test_without_the_pin_it_cannot_be_changed():
    flash = FlashModel(token())
    files = dict(flash.files)
    vault = opened(flash)
    assert refusal(vault.keys.set_lock_after, None) == "locked"
    assert flash.files == files
    for code in (1, 100, 179, 255):  # written to the flash by somebody
        bad = bytearray(files["key.0"])
        bad[7] = code
        vault, _ = patient(dict(files, **{name: resealed(bad) for name in KEY_FILES}))
        assert vault.locked and not entered(vault.keys, PIN)


@pytest.mark.parametrize("commits_at_close", [False, True])
@pytest.mark.parametrize("has_pin", [False, True])
def test_a_cut_leaves_the_old_or_the_new_time(has_pin, commits_at_close):
    seen = []
    for files in cuts(
        token(has_pin),
        lambda flash: unlocked(flash, PIN),
        lambda vault: vault.keys.set_lock_after(300),
        commits_at_close,
    ):
        flash = FlashModel(files)
        seen.append(opened(flash).keys.lock_after_s)
        assert opened(FlashModel(files)).keys.limit == 5
        assert opens(files, PIN) == [fields(account(1))]
        assert flash.files["key.0"] == flash.files["key.1"], "the start made up for it"
    assert set(seen) == {60, 300} and seen == sorted(seen)


def test_full_flash_leaves_the_old_time():
    flash = FlashModel(token())
    vault = unlocked(flash, PIN)
    for room in range(0, 100, 7):
        flash.room_bytes = room
        assert refusal(vault.keys.set_lock_after, None) == "storage"
        assert vault.keys.lock_after_s == 60
    flash.room_bytes = None
    assert opens(flash.files, PIN) == [fields(account(1))]
    assert opened(flash).keys.lock_after_s == 60


def test_a_damaged_vault_gets_no_key():
    files = token(has_pin=False)
    files = {name: data[:-1] for name, data in files.items()}
    flash = FlashModel(files)
    vault = opened(flash)
    assert vault.damaged
    assert refusal(vault.set_lock_after, 5) == "damaged"
    assert flash.files == files


def test_a_record_of_before_has_the_first_time():
    record = token()["key.0"]
    assert struct.unpack_from(">B", record, 7) == (0,)
    assert key_record.lock_after_s(key_record.lock_code_of(record)) == 60
