"""The vault without faults: every operation, its refusals, and what it leaves on flash."""

import pytest

from open_vault import opened
from picototp.vault.account import Account
from picototp.vault.errors import VaultError
from picototp.vault.vault import MAX_ACCOUNTS, Vault
from tests.firmware.vault.vault_flash_model import FlashModel, contents, fields


def account(number, **changes):
    values = {"issuer": "ACME", "name": f"user {number}", "secret": b"secret %04d" % number}
    values.update(changes)
    return Account(**values)


def vault_of(count):
    flash = FlashModel()
    vault = opened(flash)
    for number in range(count):
        vault.add(account(number))
    return flash, vault


def names(vault):
    return [vault.label(index)[1] for index in range(len(vault))]


def refusal(call, *arguments, **options):
    with pytest.raises(VaultError) as caught:
        call(*arguments, **options)
    return caught.value.code


def test_a_fresh_vault_is_empty_and_writes_nothing():
    flash = FlashModel()
    vault = opened(flash)
    assert (len(vault), vault.generation, vault.damaged) == (0, 0, False)
    assert vault.slots() == (("missing", 0, 0), ("missing", 0, 0))
    assert vault.find("ACME", "user 0") == -1
    assert vault.shortest_period_s() is None
    assert flash.steps == 0


def test_add_read_and_reopen():
    flash, vault = vault_of(3)
    assert [contents(vault)] == [[fields(account(number)) for number in range(3)]]
    assert contents(opened(flash)) == contents(vault)
    assert vault.summary(1) == ("ACME", "user 1", "totp", "SHA1", 6, 30, 0)
    assert vault.label(2) == ("ACME", "user 2")
    assert [vault.find("ACME", f"user {number}") for number in range(4)] == [0, 1, 2, -1]
    assert flash.open_files == 0


def test_find_compares_both_labels_and_not_their_concatenation():
    vault = opened(FlashModel())
    vault.add(account(0, issuer="ab", name="c"))
    vault.add(account(1, issuer="a", name="bc"))
    vault.add(account(2, issuer="", name="abc"))
    assert [vault.find(*label) for label in [("ab", "c"), ("a", "bc"), ("", "abc")]] == [0, 1, 2]
    assert vault.find("abc", "") == -1
    assert vault.find("", "a" * 256) == vault.find("a" * 256, "") == -1  # a request may ask so


def test_duplicate_and_replace_in_place():
    flash, vault = vault_of(3)
    other = account(1, secret=b"another one", digits=8)
    assert refusal(vault.add, other) == "duplicate"
    assert vault.add(other, replace=True) == 1
    assert fields(vault.account(1)) == fields(other)
    assert names(vault) == ["user 0", "user 1", "user 2"]
    assert not any(b"secret 0001" in data for data in flash.files.values())
    assert vault.add(account(7), replace=True) == 3


@pytest.mark.parametrize("number", range(3))
def test_a_duplicate_is_found_at_any_position(number):
    _, vault = vault_of(3)
    other = account(number, secret=b"another one")
    assert refusal(vault.add, other) == "duplicate"
    assert vault.add(other, replace=True) == number
    assert len(vault) == 3 and fields(vault.account(number)) == fields(other)


def test_rename():
    _, vault = vault_of(3)
    assert refusal(vault.rename, 0, "ACME", "user 1") == "duplicate"
    assert refusal(vault.rename, 0, "ACME", "") == "bad-name"
    assert refusal(vault.rename, 0, "A\n", "x") == "bad-issuer"
    assert refusal(vault.rename, 3, "ACME", "x") == "not-found"
    generation = vault.generation
    vault.rename(1, "ACME", "user 1")
    assert vault.generation == generation
    vault.rename(1, "Other", "new name, longer")
    assert fields(vault.account(1)) == fields(account(1, issuer="Other", name="new name, longer"))
    assert names(vault) == ["user 0", "new name, longer", "user 2"]


def test_rename_takes_what_the_display_shows_for_the_names():
    flash, vault = vault_of(2)
    before = vault.generation
    assert refusal(vault.rename, 0, "ACME", "user 0", "é", "") == "bad-issuer"
    assert refusal(vault.rename, 0, "ACME", "user 0", "", "x" * 49) == "bad-name"
    assert vault.generation == before
    for shown in (("A", ""), ("", "u"), ("A", "u"), ("", "")):
        vault.rename(0, "ACME", "user 0", *shown)
        before += 1
        assert vault.names(0) == opened(flash).names(0) == ("ACME", "user 0", *shown)
        assert vault.generation == before
        vault.rename(0, "ACME", "user 0", *shown)
        assert vault.generation == before, "nothing is to be written"


def test_move_is_what_a_list_does():
    for origin in range(4):
        for target in range(4):
            flash, vault = vault_of(4)
            model = names(vault)
            model.insert(target, model.pop(origin))
            vault.move(origin, target)
            assert names(vault) == names(opened(flash)) == model


def test_remove_leaves_no_trace_in_either_file():
    for index in range(3):
        flash, vault = vault_of(3)
        vault.remove(index)
        assert vault.renewing
        vault.renew()
        assert not vault.renewing
        assert names(vault) == [f"user {number}" for number in range(3) if number != index]
        assert [state for state, _, _ in vault.slots()].count("active") == 1
        assert sorted(state for state, _, _ in vault.slots()) == ["active", "sound"]
        for data in flash.files.values():
            assert b"secret %04d" % index not in data
            assert b"user %d" % index not in data


def test_advance_counter_is_saved_before_it_is_used():
    flash = FlashModel()
    vault = opened(flash)
    vault.add(account(0))
    vault.add(account(1, kind="hotp", counter=2**64 - 3))
    assert refusal(vault.advance_counter, 0) == "bad-kind"
    assert vault.advance_counter(1) == 2**64 - 3
    assert opened(flash).account(1).counter == 2**64 - 2
    assert opened(flash).advance_counter(1) == 2**64 - 2
    vault.load()
    assert refusal(vault.advance_counter, 1) == "bad-counter"
    vault.rename(1, "ACME", "used up")
    assert vault.account(1).counter == 2**64 - 1


def test_shortest_period_is_of_totp_accounts():
    vault = opened(FlashModel())
    vault.add(account(0, kind="hotp", period_s=5))
    assert vault.shortest_period_s() is None
    vault.add(account(1, period_s=60))
    vault.add(account(2, period_s=15))
    vault.add(account(3, period_s=30))
    assert vault.shortest_period_s() == 15


def test_wipe_overwrites_both_files_and_removes_them():
    flash, vault = vault_of(3)
    written = []
    original = flash.open_write
    flash.open_write = lambda name: (written.append(name), original(name))[1]
    vault.wipe()
    assert written[0] == "unclean", "what is left of the key is to be erased, whatever happens next"
    assert sorted(written[1:3]) == ["key.0", "key.1"], "the key goes first"
    assert sorted(written[3:]) == ["vault.0", "vault.1"]
    assert flash.files == {"unclean": b""}
    assert (len(vault), vault.generation) == (0, 0)
    vault.add(account(0))
    assert contents(opened(flash)) == [fields(account(0))]


def test_positions_that_are_not_there():
    _, vault = vault_of(2)
    for index in (-1, 2, 1000):
        for call in (vault.account, vault.summary, vault.label, vault.remove):
            assert refusal(call, index) == "not-found"
        assert refusal(vault.advance_counter, index) == "not-found"
        assert refusal(vault.move, index, 0) == refusal(vault.move, 0, index) == "not-found"


def test_full_at_255_and_replace_still_works():
    flash, vault = vault_of(0)
    for number in range(MAX_ACCOUNTS):
        vault.add(account(number, secret=bytes(128), issuer="i" * 64, name=f"{number:064}"))
    assert refusal(vault.add, account(999)) == "full"
    last = account(0, issuer="i" * 64, name=f"{254:064}")
    assert refusal(vault.add, last) == "duplicate"
    assert vault.add(last, replace=True) == 254
    vault = opened(flash)
    assert len(vault) == MAX_ACCOUNTS == 255
    assert fields(vault.account(254)) == fields(last)


def test_every_change_raises_the_generation_also_over_the_wrap():
    flash, vault = vault_of(2)
    vault._active.generation = 0xFFFFFFFC
    vault.move(0, 1)
    for expected in (0xFFFFFFFE, 0xFFFFFFFF, 0, 1):
        model = names(vault)[::-1]
        vault.move(0, 1)
        assert names(opened(flash)) == names(vault) == model
        assert opened(flash).generation == vault.generation == expected


def test_nothing_works_before_load():
    flash, _ = vault_of(1)
    before = dict(flash.files)
    vault = Vault(flash, opened(FlashModel()).keys)
    assert refusal(vault.add, account(5)) == refusal(vault.wipe) == "storage"
    assert refusal(vault.account, 0) == "not-found"
    assert flash.files == before


def test_a_bad_account_is_refused_before_anything_is_written():
    flash, vault = vault_of(1)
    steps = flash.steps
    assert refusal(vault.add, account(1, digits=4)) == "bad-digits"
    assert flash.steps == steps
