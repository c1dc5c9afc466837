"""Flash that is full, refuses, lies or rots: each change counts whole, or not at all."""

import pytest

from picototp.board.storage import UNCLEAN
from picototp.vault.errors import VaultError
from picototp.vault.slot import Slot
from tests.firmware.vault.test_format import plain_vault
from tests.firmware.vault.vault_cases import (
    DROPS_SECRET_1,
    OPERATIONS,
    account,
    at_rest,
    changed,
    flipped,
    opened,
    refusal,
    small_vault,
    starts,
)
from tests.firmware.vault.vault_flash_model import FlashModel, contents
from tests.firmware.vault.vault_reader import open_keys, remains


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name != "wipe"])
def test_full_flash_at_any_byte_changes_nothing_and_says_so(name):
    files = starts()["both"]
    whole = FlashModel(files)
    old = contents(opened(whole))
    OPERATIONS[name](opened(whole))
    first_write = min(len(files["vault.0"]), len(whole.files["vault.0"])) - 20
    for room_bytes in range(first_write):
        flash = FlashModel(files, room_bytes=room_bytes)
        vault = opened(flash)
        assert refusal(OPERATIONS[name], vault) == "storage"
        assert contents(vault) == contents(opened(flash)) == old
        assert flash.open_files == 0
        flash.room_bytes = None
        OPERATIONS[name](vault)
        assert contents(vault) == contents(opened(flash)) == contents(opened(whole))


def test_full_flash_while_the_second_file_is_renewed_still_drops_the_secret():
    files = starts()["both"]
    for name in DROPS_SECRET_1:
        finished = 0
        for room_bytes in range(700):
            flash = FlashModel(files, room_bytes=room_bytes)
            try:
                OPERATIONS[name](opened(flash))
            except VaultError as error:
                assert error.code == "storage"
                continue
            finished += 1
            assert not remains(flash.files, b"secret1")
        assert finished > 100


class LyingFlash(FlashModel):
    """Says that it wrote, and did something else."""

    def __init__(self, files, lie):
        super().__init__(files)
        self.lie = lie

    def open_write(self, name):
        before = self.files.get(name)
        file = super().open_write(name)
        close = file.close

        def lying_close():
            close()
            self.files[name] = self.lie(before, self.files[name])

        file.close = lying_close
        return file


@pytest.mark.parametrize(
    "lie",
    [
        lambda before, after: before,
        lambda before, after: after[:-1],
        lambda before, after: flipped(after, 130, 2),
        lambda before, after: b"",
    ],
)
def test_what_does_not_read_back_as_written_does_not_count(lie):
    files = starts()["both"]
    flash = LyingFlash(files, lie)
    vault = opened(flash)
    old = contents(vault)
    assert refusal(vault.add, account(9)) == "storage"
    assert contents(vault) == contents(opened(flash)) == old


def test_the_mac_is_looked_at_before_a_file_is_the_only_one(monkeypatch):
    """A CRC-32 may agree by chance: here it always does."""

    def agrees(_slot):
        yield
        return True

    monkeypatch.setattr(Slot, "comparing", agrees)
    files = small_vault().files
    old = contents(opened(FlashModel(files)))
    flash = LyingFlash(files, lambda _, after: flipped(after, 130, 2) if after[130:] else after)
    vault = opened(flash)
    assert refusal(changed, vault, b"4711") == "storage"
    assert contents(vault) == contents(opened(flash)) == old
    for change in (lambda vault: vault.remove(0), lambda vault: vault.add(account(9))):
        flash.files = dict(files)
        vault = opened(flash)
        change(vault)
        vault.renew()
        assert contents(opened(flash)) == old, "the file before is still there"


def test_flash_that_rots_after_load_is_not_copied_on():
    flash = small_vault()
    vault = opened(flash)
    active = vault._active.name
    older = contents(opened(FlashModel({k: v for k, v in flash.files.items() if k != active})))
    flash.files[active] = flipped(flash.files[active], 105, 1)
    before = dict(flash.files)
    assert refusal(vault.add, account(9)) == "storage"
    assert flash.files == before
    assert vault.slots()[int(active[-1])][0] == "corrupt"
    assert contents(opened(flash)) == older
    vault.wipe()
    assert flash.files == {"unclean": b""}


def test_reading_from_a_file_that_vanished_is_a_storage_error():
    flash = small_vault()
    vault = opened(flash)
    flash.files.clear()
    assert refusal(vault.account, 0) == refusal(vault.find, "A", "n0") == "storage"
    assert refusal(vault.add, account(9)) == "storage"


def test_an_unreadable_only_file_is_damage_and_not_a_fresh_vault():
    flash = FlashModel({"vault.0": b""})

    def fail(name):
        raise OSError(5, "input/output error")

    flash.open_read = fail
    assert opened(flash).damaged


class StubbornFlash(FlashModel):
    """Refuses to write, read or remove a file when told so."""

    def __init__(self, files):
        super().__init__(files)
        self.refuses_write = self.refuses_remove = None
        self.unreadable = ()

    def open_write(self, name):
        if name == self.refuses_write:
            raise OSError(5, "refused")
        return super().open_write(name)

    def open_read(self, name):
        if name in self.unreadable:
            raise OSError(5, "refused")
        return super().open_read(name)

    def remove(self, name):
        if name == self.refuses_remove:
            raise OSError(5, "refused")
        super().remove(name)


@pytest.mark.parametrize("name", DROPS_SECRET_1)
def test_an_old_file_that_cannot_be_written_anew_is_removed(name):
    flash = StubbornFlash(starts()["both"])
    vault = opened(flash)
    flash.refuses_write = vault._active.name
    OPERATIONS[name](vault)
    assert not remains(flash.files, b"secret1")
    assert contents(opened(flash)) == contents(vault)


@pytest.mark.parametrize("name", DROPS_SECRET_1)
def test_an_old_file_that_cannot_be_erased_is_erased_by_a_later_start(name):
    flash = StubbornFlash(starts()["both"])
    keys = open_keys(flash.files)
    vault = opened(flash)
    flash.refuses_write = flash.refuses_remove = vault._active.name
    if name == "wipe":
        assert refusal(vault.wipe) == "storage"
        assert len(vault) == 0
    else:
        OPERATIONS[name](vault)
    expected = contents(vault)
    assert remains({flash.refuses_write: flash.files[flash.refuses_write]}, b"secret1", keys)
    assert contents(opened(flash)) == expected
    flash.refuses_write = flash.refuses_remove = None
    assert contents(at_rest(flash)) == expected
    assert not remains(flash.files, b"secret1", keys)


def test_a_change_reported_as_failed_does_not_appear_after_a_restart():
    """The file was written well, but could not be read back at that moment."""
    flash = StubbornFlash(starts()["both"])
    vault = opened(flash)
    old = contents(vault)
    flash.unreadable = (vault._other().name,)
    assert refusal(vault.add, account(9)) == "storage"
    flash.unreadable = ()
    assert contents(opened(flash)) == contents(vault) == old


@pytest.mark.parametrize("begin", [plain_vault, small_vault])
@pytest.mark.parametrize(
    "change",
    [
        lambda vault: vault.set_limit(5),
        lambda vault: vault.set_lock_after(5),
        lambda vault: changed(vault, b"2580"),
        lambda vault: changed(vault, None),
        lambda vault: vault.add(account(9)),
    ],
)
def test_no_change_forgets_that_a_wipe_is_to_be_finished(begin, change):
    """A new key in the place of the mark would leave the files for the next start to find."""
    flash = begin()

    def refuse(name):
        raise OSError(5, "refused")

    open_write = flash.open_write
    flash.open_write = lambda name: refuse(name) if name.startswith("vault") else open_write(name)
    flash.remove = refuse
    vault = opened(flash)
    assert refusal(vault.wipe) == "storage"
    assert refusal(change, vault) == "storage"
    again = opened(FlashModel(flash.files))
    assert contents(again) == [] and not again.damaged
    del flash.open_write, flash.remove
    change(vault)
    assert not opened(FlashModel(flash.files)).damaged


STORED = ("vault.0", "vault.1", "key.0", "key.1")


@pytest.mark.parametrize("refuses_write", [True, False])
@pytest.mark.parametrize(
    ("name", "has_pin"),
    [(name, has_pin) for name in STORED for has_pin in (True, False)] + [("tries", True)],
)
def test_a_wipe_that_cannot_remove_a_file_says_so(name, has_pin, refuses_write):
    flash = StubbornFlash(starts()["both"])
    vault = opened(flash)
    if has_pin:
        changed(vault, b"2580")
    (name,) = [found for found in flash.files if found.startswith(name)]
    flash.refuses_remove = name
    flash.refuses_write = name if refuses_write else None
    assert refusal(vault.wipe) == "storage"
    assert name in flash.files
    flash.refuses_write = flash.refuses_remove = None
    vault.wipe()
    assert not [left for left in flash.files if left != UNCLEAN]
