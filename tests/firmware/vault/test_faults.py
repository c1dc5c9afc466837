"""Power cuts at every byte, flipped bytes, damage, newer formats."""

import binascii
import struct

import pytest

from picototp.vault.errors import VaultTooNew
from tests.firmware.vault.vault_cases import (
    DROPS_SECRET_1,
    OPERATIONS,
    account,
    at_rest,
    flipped,
    opened,
    refusal,
    small_vault,
    starts,
)
from tests.firmware.vault.vault_flash_model import FlashModel, PowerCut, contents, fields
from tests.firmware.vault.vault_reader import KEY_FILES, VAULT_FILES, open_keys, remains


def cut_everywhere(files, operation, commits_at_close):
    """Yield the files after a cut at each step of an operation, and the state before and after."""
    whole = FlashModel(files, commits_at_close=commits_at_close)
    vault = opened(whole)
    old = contents(vault)
    whole.steps = 0
    operation(vault)
    new = contents(vault)
    for steps_left in range(whole.steps):
        flash = FlashModel(files, commits_at_close=commits_at_close)
        vault = opened(flash)
        flash.steps_left = steps_left
        with pytest.raises(PowerCut):
            operation(vault)
        yield flash.files, old, new


@pytest.mark.parametrize("commits_at_close", [False, True])
@pytest.mark.parametrize("start", ["both", "swapped", "single"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_a_cut_at_any_step_leaves_old_or_new(name, start, commits_at_close):
    seen_new = 0
    before = starts()[start]
    keys = open_keys(before)
    assert remains(before, b"secret1")
    for files, old, new in cut_everywhere(before, OPERATIONS[name], commits_at_close):
        flash = FlashModel(files)
        vault = opened(flash)
        found = contents(vault)
        assert not vault.damaged
        assert found in (old, new)
        if seen_new:
            assert found == new, "the new state was there already and went away"
        seen_new += found == new
        assert contents(at_rest(flash)) == found
        if found == new and name in DROPS_SECRET_1:
            assert not remains(flash.files, b"secret1", keys)
        vault.add(account(77))
        assert contents(opened(flash)) == [*found, fields(account(77))]
    assert seen_new or name in ("add", "rename", "move", "advance")


def test_a_cut_while_a_cut_removal_is_finished():
    """The second cut comes while a start makes up for the first one."""
    files, seen = starts()["both"], 0
    for first_cut, old, new in cut_everywhere(files, OPERATIONS["remove"], False):
        flash = FlashModel(first_cut)
        at_rest(flash)
        if flash.steps == 0 or seen > 25:
            continue
        seen += 1
        for steps_left in range(flash.steps):
            again = FlashModel(first_cut, steps_left=steps_left)
            with pytest.raises(PowerCut):
                at_rest(again)
            last = FlashModel(again.files)
            assert contents(at_rest(last)) == new != old
            assert not remains(last.files, b"secret1")
    assert seen > 20


@pytest.mark.parametrize("commits_at_close", [False, True])
def test_a_cut_in_the_very_first_write_leaves_an_empty_vault_and_no_damage(commits_at_close):
    for files, old, new in cut_everywhere({}, OPERATIONS["add"], commits_at_close):
        flash = FlashModel(files)
        vault = opened(flash)
        assert not vault.damaged
        assert contents(vault) in (old, new)
        if len(vault) == 0:
            # The next attempt may be cut as well.
            again = FlashModel(files, steps_left=(7 * len(files.get("vault.0", b""))) % 250)
            with pytest.raises(PowerCut):
                opened(again).add(account(4))
            assert not opened(FlashModel(again.files)).damaged
            vault.add(account(5))
            assert contents(opened(flash)) == [fields(account(5))]


def test_a_removed_account_does_not_return_when_one_file_rots_later():
    for name in DROPS_SECRET_1[:2]:
        flash = small_vault()
        OPERATIONS[name](opened(flash))
        expected = contents(opened(flash))
        for file in list(flash.files):
            rotten = FlashModel(flash.files)
            rotten.files[file] = b"\xff" * 200
            assert contents(opened(rotten)) == expected


@pytest.mark.parametrize("mask", [0x01, 0x80, 0xFF])
def test_a_flipped_byte_in_one_file_means_the_other_one(mask):
    flash = small_vault()
    active = opened(flash)._active.name
    newest = contents(opened(flash))
    older = newest[:2]
    for name in VAULT_FILES:
        data = flash.files[name]
        for offset in range(len(data)):
            spoilt = FlashModel(flash.files)
            spoilt.files[name] = flipped(data, offset, mask)
            before = dict(spoilt.files)
            vault = opened(spoilt)
            assert contents(vault) == (older if name == active else newest)
            assert not vault.damaged
            assert spoilt.files == before, "reading must not write"
            slot = int(name[-1])
            assert vault.slots()[slot][0] == "corrupt"
            assert vault.slots()[1 - slot][0] == "active"


def test_the_spoilt_file_is_the_next_to_be_written():
    flash = small_vault()
    spoilt = opened(flash)._active.name
    flash.files[spoilt] = flipped(flash.files[spoilt], 100, 4)
    vault = opened(flash)
    vault.add(account(8))
    assert vault._active.name == spoilt
    assert contents(opened(flash))[-1] == fields(account(8))


def test_a_file_that_is_too_long_or_too_short_is_not_believed():
    flash = small_vault()
    active = opened(flash)._active.name
    data = flash.files[active]
    for spoilt in [data + b"\0", data + data, *(data[:length] for length in range(len(data)))]:
        assert len(opened(FlashModel({**flash.files, active: spoilt}))) == 2


def damaged_files():
    flash = small_vault()
    keys = {name: flash.files[name] for name in KEY_FILES}
    both = {name: flipped(flash.files[name], 90, 1) for name in VAULT_FILES}
    for name, data in both.items():
        yield {**keys, name: data}
        yield {**keys, name: data[:50] if name == "vault.1" else b"junk"}
        yield {**keys, **both, name: b""}
    yield {**keys, **both}
    yield {name: flash.files[name] for name in VAULT_FILES}  # sound, and the key is lost
    yield {**dict.fromkeys(KEY_FILES, b"junk"), "vault.1": flash.files["vault.1"]}


@pytest.mark.parametrize("files", list(damaged_files()))
def test_damaged_means_empty_and_closed_until_wiped(files):
    flash = FlashModel(files)
    vault = opened(flash)
    assert vault.damaged
    assert len(vault) == 0
    assert refusal(vault.add, account(0)) == "damaged"
    assert refusal(vault.remove, 0) == "damaged"
    assert refusal(vault.move, 0, 0) == "damaged"
    assert refusal(vault.rename, 0, "A", "b") == "damaged"
    assert refusal(vault.advance_counter, 0) == "damaged"
    assert flash.files == files
    assert flash.steps == 0
    vault.wipe()
    assert not vault.damaged
    vault.add(account(0))
    assert contents(opened(flash)) == [fields(account(0))]


def test_a_cut_while_wiping_a_damaged_vault_leaves_it_damaged_or_empty():
    for files in damaged_files():
        whole = FlashModel(files)
        opened(whole).wipe()
        for steps_left in range(whole.steps):
            flash = FlashModel(files)
            vault = opened(flash)
            flash.steps_left = steps_left
            with pytest.raises(PowerCut):
                vault.wipe()
            vault = opened(FlashModel(flash.files))
            assert len(vault) == 0
            vault.wipe()
            assert not vault.damaged


def newer(data, **changes):
    """A file head with other values and a CRC that agrees."""
    head = list(struct.unpack(">4sBBBBIIHH", data[:20]))
    for index, value in changes.values():
        head[index] = value
    packed = struct.pack(">4sBBBBIIHH", *head)
    return packed + struct.pack(">I", binascii.crc32(packed)) + data[24:]


@pytest.mark.parametrize(
    "change", [(1, 3), (1, 1), (1, 0), (1, 255), (2, 2), (2, 0), (3, 0x81), (4, 1), (8, 1)]
)
@pytest.mark.parametrize("name", ["vault.0", "vault.1"])
@pytest.mark.parametrize("others", [False, True])
def test_a_newer_format_is_never_touched(change, name, others):
    flash = small_vault()
    flash.files[name] = newer(flash.files[name], change=change)
    if not others:
        del flash.files["vault.1" if name == "vault.0" else "vault.0"]
    before = dict(flash.files)
    vault = opened(flash)
    assert vault.too_new
    for call in (vault.wipe, lambda: vault.add(account(0)), lambda: vault.remove(0)):
        with pytest.raises(VaultTooNew) as caught:
            call()
        assert caught.value.code == "too-new"
    assert len(vault) == 0
    assert flash.files == before
    assert vault.slots()[int(name[-1])][0] == "too-new"


@pytest.mark.parametrize("name", ["vault.0", "vault.1"])
def test_an_only_file_that_lost_its_end_is_damage_unless_it_is_a_first_write(name):
    files = small_vault().files
    data = files[name]
    del files["vault.1" if name == "vault.0" else "vault.0"]
    assert struct.unpack_from(">I", data, 8)[0] > 1
    for length in range(12, len(data)):
        assert opened(FlashModel({**files, name: data[:length]})).damaged


def test_a_damaged_file_that_reads_well_again_does_not_outlive_a_wipe():
    good, seen = small_vault().files, 0
    bad = {**good, **{name: flipped(good[name], 90, 1) for name in VAULT_FILES}}
    whole = FlashModel(bad)
    opened(whole).wipe()
    for steps_left in range(whole.steps):
        flash = FlashModel(bad)
        vault = opened(flash)
        flash.steps_left = steps_left
        with pytest.raises(PowerCut):
            vault.wipe()
        still_bad = [name for name in VAULT_FILES if flash.files.get(name) == bad[name]]
        if still_bad and not opened(FlashModel(flash.files)).damaged:
            seen += 1
            assert len(opened(FlashModel({**flash.files, still_bad[0]: good[still_bad[0]]}))) == 0
    assert seen
