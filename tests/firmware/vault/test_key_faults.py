"""The key's files under power cuts at every byte, full and lying flash, tampering, new formats."""

import hashlib
import struct
import zlib

import pytest

from open_vault import SOURCES, HandClock, opened
from picototp.vault import tries
from picototp.vault.errors import VaultError, VaultTooNew
from tests.firmware.vault.vault_cases import account, changed, entered, flipped, refusal
from tests.firmware.vault.vault_flash_model import FlashModel, PowerCut, contents, fields
from tests.firmware.vault.vault_reader import (
    KEY_FILES,
    VAULT_FILES,
    is_open,
    mac,
    open_keys,
    read_key,
)

PIN, OTHER = b"2580", b"other pin"
HOUR_US = 3_600_000_000


def token(has_pin=True, failures=0, limit=5):
    """The files of a token with one account, and what that is."""
    flash = FlashModel()
    vault = opened(flash)
    vault.add(account(1))
    vault.keys.set_limit(limit)
    if has_pin:
        changed(vault, PIN)
        vault, clock = patient(flash.files, flash)
        for _ in range(failures):
            clock.us += HOUR_US
            assert not entered(vault.keys, b"0000")
    return flash.files


def patient(files, flash=None):
    clock = HandClock()
    vault = opened(flash or FlashModel(files), clock)
    clock.us += HOUR_US
    return vault, clock


def unlocked(flash, pin):
    """A vault at power-up into which this PIN was entered, if there is one."""
    vault, _ = patient(None, flash)
    if vault.keys.has_pin:
        assert entered(vault.keys, pin)
        vault.unlock()
    return vault


def opens(files, pin):
    """What the accounts are with this PIN, or None if it is not the one."""
    vault, _ = patient(files)
    if vault.locked:
        if not entered(vault.keys, pin):
            return None
        vault.unlock()
    return None if vault.damaged else contents(vault)


def cuts(files, prepare, operation, commits_at_close):
    """Yield the files after a cut at each step of `operation(vault)`, then those after no cut.

    It draws the same numbers each time, so that each PIN is stretched once."""
    drawn = SOURCES.number
    whole = FlashModel(files, commits_at_close=commits_at_close)
    vault = prepare(whole)
    whole.steps = 0
    operation(vault)
    for steps_left in range(whole.steps):
        SOURCES.number = drawn
        flash = FlashModel(files, commits_at_close=commits_at_close)
        vault = prepare(flash)
        flash.steps_left = steps_left
        with pytest.raises(PowerCut):
            operation(vault)
        yield flash.files
    yield whole.files


both_flashes = pytest.mark.parametrize("commits_at_close", [False, True])


@both_flashes
@pytest.mark.parametrize("new", [OTHER, None])
def test_a_cut_while_the_pin_changes_leaves_the_old_or_the_new_one(new, commits_at_close):
    seen = []
    for files in cuts(
        token(),
        lambda flash: unlocked(flash, PIN),
        lambda vault: changed(vault, new),
        commits_at_close,
    ):
        held = {pin: opens(files, pin) for pin in (PIN, OTHER)}
        is_new = held[PIN] is None or not opened(FlashModel(files)).locked
        assert held[OTHER if is_new else PIN] == [fields(account(1))]
        assert not seen or is_new >= seen[-1], "the new one was there already and went away"
        seen.append(is_new)
        again = FlashModel(files)
        opened(again)
        assert again.files["key.0"] == again.files["key.1"], "the start made up for it"
    assert seen[0] is False and seen[-1] is True


@both_flashes
def test_a_cut_while_the_first_pin_is_set_never_loses_the_accounts(commits_at_close):
    seen = set()
    files = token(has_pin=False)
    for cut in cuts(files, opened, lambda vault: changed(vault, PIN), commits_at_close):
        flash = FlashModel(cut)
        vault = opened(flash)
        seen.add(vault.locked)
        assert opens(cut, PIN) == [fields(account(1))]
        if vault.locked:
            assert not open_keys(flash.files), "an open key stayed beside the PIN"
    assert seen == {False, True}


@both_flashes
def test_a_cut_while_the_first_pin_seals_plain_files_never_loses_the_accounts(commits_at_close):
    plain = {"vault.0": token_v1(), "vault.1": token_v1()}
    expected = contents(opened(FlashModel(plain)))
    seen = set()
    for cut in cuts(plain, opened, lambda vault: changed(vault, PIN), commits_at_close):
        flash = FlashModel(cut)
        locked = opened(flash).locked
        seen.add(locked)
        assert opens(cut, PIN) == expected
        if locked:
            assert not any(b"alice" in data for data in flash.files.values())
    assert seen == {False, True}


def token_v1():
    from tests.firmware.vault.test_format import vector

    return vector("v1.hex")


@both_flashes
def test_a_cut_while_a_wrong_pin_is_entered_never_frees_the_attempt(commits_at_close):
    files = token(failures=2)
    answered = []

    def operation(vault):
        attempt = vault.keys.unlocking(bytearray(b"9999"))
        answered.append(attempt)
        while not attempt.step(100_000):
            pass

    seen = []
    for cut in cuts(files, lambda flash: patient(None, flash)[0], operation, commits_at_close):
        failures = opened(FlashModel(cut)).keys.failures
        seen.append(failures)
        assert opens(cut, PIN) == [fields(account(1))]
    assert sorted(set(seen)) == [2, 3] and seen == sorted(seen)
    assert len(answered) == 1, "whenever it was cut, the PIN was not even looked at"


@both_flashes
@pytest.mark.parametrize("pin", [PIN, b"9999"])
def test_a_cut_in_the_last_attempt_gives_no_second_one(pin, commits_at_close):
    files = token(failures=4)

    def prepare(flash):
        return patient(None, flash)[0]

    seen = []
    for cut in cuts(files, prepare, lambda vault: entered(vault.keys, pin), commits_at_close):
        keys = opened(FlashModel(cut)).keys
        seen.append("gone" if keys.destroyed else keys.failures)
        if keys.destroyed:
            flash = FlashModel(cut)
            opened(flash)
            assert [read_key(flash.files[name]) for name in KEY_FILES] == ["destroyed"] * 2
    order = [4, "gone", 0] if pin == PIN else [4, "gone"]
    assert list(dict.fromkeys(seen)) == order
    assert seen == sorted(seen, key=order.index)


@both_flashes
def test_a_cut_while_wiping_leaves_all_or_nothing(commits_at_close):
    for has_pin in (False, True):
        files = token(has_pin, failures=1 if has_pin else 0)
        for cut in cuts(
            files,
            lambda flash: opened(flash),
            lambda vault: vault.wipe(),
            commits_at_close,
        ):
            held = opens(cut, PIN)
            assert held in ([], [fields(account(1))])
            if held == []:
                flash = FlashModel(cut)
                vault = opened(flash)
                assert flash.files == {"unclean": b""}, "the start went on with it"
                assert not vault.damaged and not vault.keys.has_pin
                vault.add(account(2))
                assert contents(opened(flash)) == [fields(account(2))]
        assert held == []


def test_a_wipe_that_flash_refuses_is_finished_by_the_next_change():
    flash = FlashModel(token())
    remove = flash.remove

    def refuse(name):
        raise OSError(5, "refused")

    flash.remove = refuse
    vault = opened(flash)
    assert refusal(vault.wipe) == "storage"
    assert len(vault) == 0
    again = opened(flash)
    assert not again.damaged and len(again) == 0 and not again.locked
    for each in (vault, again):
        assert refusal(each.add, account(3)) == "storage"
    flash.remove = remove
    again.add(account(3))
    assert contents(opened(flash)) == [fields(account(3))]


# Flash that is full or lies


def test_full_flash_lets_no_attempt_through():
    files = token()
    refused = 0
    for room in range(16):
        flash = FlashModel(files, room_bytes=room)
        vault, _ = patient(None, flash)
        assert refusal(vault.keys.unlocking, bytearray(PIN)) == "storage"
        assert vault.locked
        refused += 1
        flash.room_bytes = None
        assert entered(vault.keys, PIN)
    assert refused == 16


def test_flash_that_does_not_keep_the_charge_lets_no_attempt_through():
    flash = FlashModel(token())
    vault, _ = patient(None, flash)
    flash.open_write = lambda name: FlashModel().open_write(name)
    assert refusal(vault.keys.unlocking, bytearray(PIN)) == "storage"


@pytest.mark.parametrize("new", [OTHER, None])
def test_full_flash_at_any_byte_leaves_a_pin_that_opens(new):
    files = token()
    succeeded = []
    drawn = SOURCES.number
    for room in range(400):
        SOURCES.number = drawn
        flash = FlashModel(files)
        vault = unlocked(flash, PIN)
        flash.room_bytes = room
        try:
            changed(vault, new)
            is_new = True
        except VaultError as error:
            assert error.code == "storage"
            is_new = False
        assert vault.keys.has_pin == (new is not None or not is_new)
        assert opens(flash.files, new if is_new and new else PIN) == [fields(account(1))]
        succeeded.append(is_new)
        if is_new:
            assert not any(data == files["key.0"] for data in flash.files.values())
    assert set(succeeded) == {False, True} and succeeded == sorted(succeeded)


def test_a_key_destroyed_on_flash_that_refuses_is_gone_from_here_and_at_the_next_start():
    files = token(failures=4)
    flash = FlashModel(files)
    vault, _ = patient(None, flash)
    write = flash.open_write

    def refuse(name):
        if name in KEY_FILES:
            raise OSError(5, "refused")
        return write(name)

    flash.open_write = refuse
    assert not entered(vault.keys, b"9999")
    assert vault.keys.destroyed
    assert refusal(vault.keys.unlocking, bytearray(PIN)) == "destroyed"
    assert opened(flash).keys.destroyed
    flash.open_write = write
    assert opened(flash).keys.destroyed
    assert [read_key(flash.files[name]) for name in KEY_FILES] == ["destroyed"] * 2


# Damage and tampering


@pytest.mark.parametrize("has_pin", [False, True])
def test_a_spoilt_key_file_is_made_anew_from_the_other(has_pin):
    files = token(has_pin)
    for name in KEY_FILES:
        data = files[name]
        spoilt = [flipped(data, at, 1 << at % 8) for at in range(len(data)) if at != 4]
        for bad in [*spoilt, b"", data[:-1], data + b"\0", b"\xff" * 300]:
            flash = FlashModel({**files, name: bad})
            vault = opened(flash)
            assert flash.files == files
            assert vault.locked == has_pin and not vault.damaged
        flash = FlashModel({each: files[each] for each in files if each != name})
        opened(flash)
        assert flash.files == files


def resealed(record):
    """A key record whose CRC agrees."""
    return bytes(record[:96]) + struct.pack(">I", zlib.crc32(record[:96]))


def test_a_tampered_key_record_opens_nothing():
    files = token()
    data = files["key.0"]
    refused = 0
    for at in range(6, 96):
        bad = resealed(flipped(data, at, 1))
        flash = FlashModel({**files, "key.0": bad, "key.1": bad})
        vault, _ = patient(None, flash)
        if vault.locked:
            assert not entered(vault.keys, PIN), at
            refused += 1
        assert opens(flash.files, PIN) is None
    assert refused > 80


def with_rounds(rounds):
    """A record that is right in all but its number of rounds."""
    stretched = hashlib.pbkdf2_hmac("sha1", PIN, bytes(16), rounds, 20)
    head = struct.pack(">4sBBBBII", b"PTKY", 1, 1, 10, 0, 9, rounds)
    key = mac(stretched, b"picototp key wrap 1")  # which wraps zeros
    body = head + bytes(16) + key
    tag = mac(mac(stretched, b"picototp key check 1"), body)
    return resealed(body + tag + bytes(4))


def test_a_record_with_too_few_or_too_many_rounds_is_not_believed():
    for rounds, fine in ((20_000, True), (19_999, False), (1, False), (0, False)):
        record = with_rounds(rounds or 1)
        if not rounds:
            record = resealed(record[:12] + bytes(4) + record[16:])
        vault, _ = patient({"key.0": record, "key.1": record})
        assert vault.keys.has_pin is fine
        if fine:
            assert entered(vault.keys, PIN)
    record = with_rounds(20_000)
    record = resealed(record[:12] + struct.pack(">I", 1_000_001) + record[16:])
    assert not opened(FlashModel({"key.0": record})).keys.has_pin


@pytest.mark.parametrize("name", [*KEY_FILES, *tries.FILE_NAMES])
def test_a_newer_key_file_is_never_touched(name):
    files = token(failures=2)
    newer = files[name][:4] + b"\x02" + files[name][5:-4] + b"and more"
    newer += struct.pack(">I", zlib.crc32(newer))
    flash = FlashModel({**files, name: newer})
    before = dict(flash.files)
    vault, _ = patient(None, flash)
    assert vault.too_new and len(vault) == 0
    keys = vault.keys
    for call in (
        vault.wipe,
        keys.make_key,
        keys.begin_wipe,
        lambda: vault.add(account(0)),
        lambda: keys.unlocking(bytearray(PIN)),
        lambda: keys.set_limit(5),
    ):
        with pytest.raises(VaultTooNew):
            call()
    assert flash.files == before


def test_a_lost_count_of_attempts_is_neither_none_nor_the_last():
    files = token(failures=2)
    one = {**files, "tries.0": b"junk"}
    assert opened(FlashModel(one)).keys.failures in (1, 2)
    both = {**files, "tries.0": b"junk", "tries.1": b""}
    vault, _ = patient(both)
    assert vault.keys.failures == 4 and not vault.keys.destroyed
    assert entered(vault.keys, PIN) and vault.keys.failures == 0
    bad = flipped(files["tries.0"], 5, 1), flipped(files["tries.1"], 5, 1)
    vault = opened(FlashModel({**files, "tries.0": bad[0], "tries.1": bad[1]}))
    assert vault.keys.failures == 4


def test_a_key_cut_short_in_its_first_write_is_made_anew():
    whole = FlashModel()
    opened(whole).add(account(1))
    for steps_left in range(whole.steps):
        flash = FlashModel(steps_left=steps_left)
        with pytest.raises(PowerCut):
            opened(flash).add(account(1))
        flash = FlashModel(flash.files)
        vault = opened(flash)
        assert not vault.damaged
        if not len(vault):
            vault.add(account(1))
        vault.renew()
        assert contents(opened(flash)) == [fields(account(1))]
        assert set(flash.files) - {"unclean"} == {*KEY_FILES, *VAULT_FILES}
        assert is_open(flash.files["key.0"]) and flash.files["key.0"] == flash.files["key.1"]
