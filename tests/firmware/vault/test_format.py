"""The format versions, read by an independent reader and compared with committed files.

The files in tests/vectors/vault must stay readable for ever: never write them anew.
"""

import hashlib
import struct
import zlib
from pathlib import Path

import pytest

from open_vault import Sources, opened
from picototp.vault.account import Account
from picototp.vault.record import pack_record
from tests.firmware.vault.vault_cases import changed, entered, refusal
from tests.firmware.vault.vault_flash_model import FlashModel, PowerCut, contents, fields
from tests.firmware.vault.vault_reader import (
    KEY_FILES,
    VAULT_FILES,
    open_keys,
    read_key,
    read_vault,
    remains,
)

VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "vault"
PIN = b"2580"
REMOVED = b"a secret that was removed"
ACCOUNTS = [
    Account("ACME Co", "alice@example.com", b"12345678901234567890"),
    Account("", "no issuer", bytes(range(128)), "SHA512", 8, 60),
    Account("Zoë's Bücher", "鍵", b"\x00\xff", "SHA256", 7, 86400),
    Account("Bank", "counter", b"12345678901234567890", kind="hotp", counter=2**64 - 2),
]
EXPECTED = [fields(account) for account in ACCOUNTS]


def vector(name):
    return bytes.fromhex((VECTORS / name).read_text())


def written():
    flash = FlashModel()
    vault = opened(flash, sources=Sources())
    for account in ACCOUNTS:
        vault.add(account)
    return flash, vault


def plain_vault(names=VAULT_FILES):
    """Flash as firmware that knew only version 1 left it."""
    return FlashModel(dict.fromkeys(names, vector("v1.hex")))


def plain_file(generation, flags, more=b""):
    """The file of version 1 with other numbers, and one account more if given."""
    data = vector("v1.hex")
    count = len(EXPECTED) + bool(more)
    payload = data[88:-32] + more
    head = struct.pack(">4sBBBBIIHH", b"PTVL", 1, 0, flags, 0, generation, len(payload), count, 0)
    file = head + struct.pack(">I", zlib.crc32(head)) + bytes(64) + payload
    return file + hashlib.sha256(file).digest()


def half_renewed():
    """What firmware of version 1 wrote when it removed an account, and the power failed before it
    wrote the other file anew too."""
    return plain_file(5, 1)


def stale_file():
    """That other file."""
    return plain_file(4, 0, pack_record(Account("", "removed", REMOVED)))


# Version 1


@pytest.mark.parametrize("name", VAULT_FILES)
def test_version_1_stays_readable(name):
    data = vector("v1.hex")
    assert read_vault(data) == (5, 0, EXPECTED)
    flash = FlashModel({name: data})
    vault = opened(flash)
    assert contents(vault) == EXPECTED
    assert vault.generation == 5
    assert flash.files == {name: data}, "reading must not write"


@pytest.mark.parametrize("names", [VAULT_FILES, VAULT_FILES[:1], VAULT_FILES[1:]])
def test_the_first_change_writes_both_files_of_version_1_anew(names):
    flash = plain_vault(names)
    opened(flash).move(0, 1)
    (key,) = open_keys(flash.files)
    moved = [EXPECTED[1], EXPECTED[0], *EXPECTED[2:]]
    assert sorted(read_vault(flash.files[name], key) for name in VAULT_FILES) == [
        (6, 1, moved),
        (7, 0, moved),
    ]
    assert not any(b"alice" in data for data in flash.files.values())
    assert contents(opened(flash)) == moved


@pytest.mark.parametrize("names", [VAULT_FILES, VAULT_FILES[:1], VAULT_FILES[1:]])
def test_version_1_cut_between_its_two_files_is_made_whole_by_the_first_change(names):
    """It says that the other file is stale. There is no key yet to write that one anew with."""
    files = {names[0]: half_renewed()}
    if len(names) > 1:
        files[names[1]] = stale_file()
    flash = FlashModel(files)
    vault = opened(flash)
    assert contents(vault) == EXPECTED
    assert flash.files == files
    vault.move(0, 1)
    (key,) = open_keys(flash.files)
    moved = [EXPECTED[1], EXPECTED[0], *EXPECTED[2:]]
    assert [read_vault(flash.files[name], key)[2] for name in VAULT_FILES] == [moved, moved]
    assert contents(opened(flash)) == moved
    assert not any(REMOVED in data for data in flash.files.values())


@pytest.mark.parametrize("names", [VAULT_FILES, VAULT_FILES[::-1]])
def test_what_version_1_had_removed_does_not_return(names):
    files = {names[0]: half_renewed(), names[1]: stale_file()}
    whole = FlashModel(files)
    opened(whole).move(0, 1)
    for cut in [*range(0, whole.steps, 23), whole.steps - 1]:
        flash = FlashModel(files, steps_left=cut)
        with pytest.raises(PowerCut):
            opened(flash).move(0, 1)
        after = FlashModel(flash.files)
        assert sorted(contents(opened(after))) == sorted(EXPECTED)


@pytest.mark.parametrize("names", [VAULT_FILES, VAULT_FILES[:1], VAULT_FILES[1:]])
def test_setting_a_pin_leaves_no_plain_copy_of_version_1(names):
    flash = plain_vault(names)
    changed(opened(flash), PIN)
    assert not any(b"alice" in data or b"1234567890" in data for data in flash.files.values())
    assert open_keys(flash.files) == set()
    vault = opened(flash)
    assert vault.locked
    assert entered(vault.keys, PIN)
    vault.unlock()
    assert contents(vault) == EXPECTED


def test_a_spoilt_plain_file_is_gone_too_once_there_is_a_pin():
    for spoilt in (vector("v1.hex")[:-1], b"junk alice"):
        for name, other in (VAULT_FILES, VAULT_FILES[::-1]):
            flash = plain_vault([other])
            opened(flash).move(0, 1)
            flash.files[name] = spoilt
            changed(opened(flash), PIN)
            assert not any(b"alice" in data for data in flash.files.values())
    flash = FlashModel({"vault.0": vector("v1.hex")[:3]})  # the first write of all, cut short
    changed(opened(flash), PIN)
    assert sorted(flash.files) == [*KEY_FILES, "tries.0", "unclean"]


def test_a_plain_file_that_is_put_beside_a_pin_is_not_believed():
    flash = FlashModel()
    vault = opened(flash, sources=Sources())
    vault.add(ACCOUNTS[0])
    changed(vault, PIN)
    replaced = vault._active.name
    flash.files[replaced] = vector("v1.hex")  # of a later generation than the other file
    vault.keys.lock()
    vault = opened(flash)
    assert entered(vault.keys, PIN)
    vault.unlock()
    assert vault.slots()[int(vault._active.name[-1])][0] == "active"
    assert contents(vault) == EXPECTED[:1]
    vault.renew()
    assert flash.files[replaced] != vector("v1.hex"), "it is written over, sealed"


# Version 2


def test_what_is_written_is_the_committed_file_byte_for_byte():
    flash, vault = written()
    assert vault.generation == 5
    assert flash.files[vault._active.name] == vector("v2.hex")
    assert flash.files["key.0"] == flash.files["key.1"] == vector("key_open_v1.hex")


@pytest.mark.parametrize("name", VAULT_FILES)
@pytest.mark.parametrize("key_name", KEY_FILES)
def test_version_2_stays_readable(name, key_name):
    data, key_record = vector("v2.hex"), vector("key_open_v1.hex")
    assert read_vault(data, read_key(key_record)) == (5, 0, EXPECTED)
    vault = opened(FlashModel({name: data, key_name: key_record}))
    assert contents(vault) == EXPECTED
    assert vault.generation == 5


@pytest.mark.usefixtures("slow_pins")
def test_version_2_with_a_pin_stays_readable():
    data, key_record = vector("v2.hex"), vector("key_pin_v1.hex")
    assert read_vault(data, read_key(key_record, PIN)) == (5, 0, EXPECTED)
    vault = opened(FlashModel({"vault.1": data, "key.0": key_record}))
    assert (vault.locked, vault.keys.limit) == (True, 7)
    assert entered(vault.keys, PIN)
    vault.unlock()
    assert contents(vault) == EXPECTED


SHOWN = Account("銀行", "鍵", b"key", issuer_ascii="YinXing", name_ascii="Jian")


def written_with_names():
    """A vault with an account whose names the display cannot show."""
    flash, vault = written()
    vault.add(SHOWN)
    return flash, vault


def test_names_for_the_display_are_written_as_the_committed_file_byte_for_byte():
    flash, vault = written_with_names()
    assert flash.files[vault._active.name] == vector("v2_names.hex")


@pytest.mark.parametrize("name", VAULT_FILES)
def test_names_for_the_display_stay_readable(name):
    data, key_record = vector("v2_names.hex"), vector("key_open_v1.hex")
    expected = [*EXPECTED, fields(SHOWN)]
    assert read_vault(data, read_key(key_record)) == (6, 2, expected)
    vault = opened(FlashModel({name: data, "key.0": key_record}))
    assert contents(vault) == expected
    assert vault.names(4) == ("銀行", "鍵", "YinXing", "Jian")
    assert vault.find("銀行", "鍵") == 4 and vault.label(4) == ("銀行", "鍵")
    assert vault.names(2) == ("Zoë's Bücher", "鍵", "", "")


def test_a_file_says_whether_it_has_names_for_the_display():
    """Firmware before them knows no flag but the first: to it such a file is too new."""
    flash, vault = written_with_names()
    (key,) = open_keys(flash.files)

    def flags():
        return read_vault(flash.files[vault._active.name], key)[1]

    changes = [
        lambda: vault.move(4, 0),
        lambda: vault.rename(1, "A", "b"),
        lambda: vault.advance_counter(4),
        lambda: vault.remove(1),
        lambda: vault.rename(0, "Bank", "key"),
    ]
    for change in changes:
        change()
        vault.renew()
        assert flags() == 2, "as long as accounts are copied, nobody looks whether one needs it"
        assert contents(opened(flash)) == contents(vault)
    assert vault.names(0) == ("Bank", "key", "", "")
    while len(vault):
        vault.remove(0)
    vault.add(ACCOUNTS[0])
    assert flags() == 0


def test_the_very_first_account_may_have_names_for_the_display():
    whole = FlashModel()
    opened(whole).add(SHOWN)
    for cut in range(0, whole.steps, 7):
        flash = FlashModel(steps_left=cut)
        with pytest.raises(PowerCut):
            opened(flash).add(SHOWN)
        vault = opened(FlashModel(flash.files))
        assert not vault.damaged and contents(vault) in ([], [fields(SHOWN)])


def test_the_independent_reader_agrees_after_every_kind_of_change():
    flash, vault = written()
    changes = [
        lambda: vault.move(3, 0),
        lambda: vault.rename(1, "é" * 32, "x"),
        lambda: vault.advance_counter(0),
        lambda: vault.add(Account("é" * 32, "x", b"y"), True),
        lambda: vault.remove(2),
    ]
    (key,) = open_keys(flash.files)
    for change in changes:
        change()
        vault.renew()
        generation, flags, accounts = read_vault(flash.files[vault._active.name], key)
        assert (generation, flags, accounts) == (vault.generation, 0, contents(vault))


def test_a_removal_marks_the_first_file_and_not_the_second():
    flash, vault = written()
    vault.remove(0)
    vault.renew()
    (key,) = open_keys(flash.files)
    read = sorted(read_vault(flash.files[name], key) for name in VAULT_FILES)
    assert [(generation, flags) for generation, flags, _ in read] == [(6, 1), (7, 0)]
    assert read[0][2] == read[1][2] == contents(vault)


def test_nothing_of_an_account_is_in_flash_unencrypted():
    flash, _ = written()
    for text in (b"alice", b"ACME", b"no issuer", b"12345678", bytes(range(8))):
        assert not any(text in data for data in flash.files.values())
        assert remains(flash.files, text)


def test_every_write_has_a_nonce_of_its_own():
    flash, vault = written()
    seen = set()
    for _ in range(50):
        vault.move(0, 1)
        seen.add(flash.files[vault._active.name][24:40])
    assert len(seen) == 50


def test_a_vault_without_its_key_is_damaged_and_says_so():
    flash, _ = written()
    for name in KEY_FILES:
        del flash.files[name]
    before = dict(flash.files)
    vault = opened(flash)
    assert vault.damaged and len(vault) == 0
    assert refusal(vault.add, ACCOUNTS[0]) == "damaged"
    assert flash.files == before
    vault.wipe()
    assert flash.files == {"unclean": b""}


def test_another_tokens_key_opens_nothing():
    flash, _ = written()
    other = FlashModel()
    opened(other).add(ACCOUNTS[0])
    assert open_keys(other.files) != open_keys(flash.files)
    mixed = {name: flash.files[name] for name in VAULT_FILES}
    mixed.update({name: other.files[name] for name in KEY_FILES})
    assert opened(FlashModel(mixed)).damaged
