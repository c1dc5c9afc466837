"""What flash still holds of old keys and accounts, on MicroPython and a real littlefs: all of it
before the cleaning, nothing after it."""

import hashlib
import random
import struct
import zlib
from pathlib import Path

import pytest

import quick_pbkdf2
from interpreters import Worker
from leaks import leaked
from open_vault import opened
from tests.firmware.vault.vault_cases import account, changed, entered, refusal
from tests.firmware.vault.vault_flash_model import FlashModel, PowerCut
from tests.firmware.vault.vault_reader import KEY_FILES, VAULT_FILES, open_keys

HERE = Path(__file__).resolve().parent
FIRMWARE = HERE.parents[2] / "firmware"
VAULT_TESTS = HERE.parent / "vault"
SEED = 20261124
PIN, NEW_PIN, WRONG = b"4829153", b"7710426", b"1111111"
COUNT = 60  # their file has several blocks
SECRETS = [b"%020d" % number for number in range(COUNT)]  # vault_probe.typical()


@pytest.fixture(autouse=True)
def quick_pins():
    """Those of CPython: the probe's are the firmware's own."""
    with quick_pbkdf2.patched():
        yield


@pytest.fixture(scope="module")
def micropython():
    with Worker([FIRMWARE, HERE, VAULT_TESTS], heap_size="8m") as worker:
        yield worker


class Probe:
    """A token in MicroPython, and its flash as whoever has it in hand sees it."""

    def __init__(self, micropython, path):
        self._micropython = micropython
        self._path = path

    def __call__(self, name, *arguments):
        return self._micropython.call("flash_cleaner_probe", name, *arguments)

    def flash(self):
        """(all of it, what was ever written there and is in no file any more)."""
        old = self("save", str(self._path))
        return self._path.read_bytes(), old

    def state(self):
        names = ("unclean", "destroyed", "damaged", "accounts", "files", "free")
        return dict(zip(names, self("state"), strict=True))


@pytest.fixture
def probe(micropython, tmp_path):
    return Probe(micropython, tmp_path / "flash")


def plain_file(count):
    """What firmware that did not encrypt yet wrote (format 1 in slot.py)."""
    payload = b""
    for number in range(count):
        label = b"Example Company", b"somebody%03d@example.com" % number
        texts = b"".join(bytes((len(text),)) + text for text in (SECRETS[number], *label))
        body = bytes((1, 1, 6)) + (30).to_bytes(3, "big") + bytes(8) + texts
        payload += struct.pack(">H", len(body)) + body
    head = struct.pack(">4sBBBBIIHH", b"PTVL", 1, 0, 0, 0, 7, len(payload), count, 0)
    crc = struct.pack(">I", zlib.crc32(head))
    file = head + crc + bytes(64) + payload
    return file + hashlib.sha256(file).digest()


def data_key(image):
    """The key that lies open in flash."""
    at = image.rindex(b"PTKY\1\0")
    (key,) = open_keys({"key.0": image[at : at + 100]})
    return key


def with_accounts(probe, count=COUNT):
    probe("begin")
    probe("add", 0, count)


def with_pin(probe, count=COUNT):
    with_accounts(probe, count)
    probe("set_pin", PIN)
    probe("clean")


def fill_with_wrong_pins(probe):
    probe("lock")
    for _ in range(5):
        assert probe("enter", WRONG) is False


def set_pin(probe):
    with_accounts(probe)
    key = data_key(probe.flash()[0])
    probe("set_pin", PIN)
    return [key]


def set_pin_of_a_few(probe):
    with_accounts(probe, 2)  # all that there is lies in the folder's log
    key = data_key(probe.flash()[0])
    probe("set_pin", PIN)
    return [key]


def change_pin(probe):
    with_pin(probe)
    probe("set_pin", NEW_PIN)
    return []


def remove_pin(probe):
    with_pin(probe)
    probe("set_pin", None)
    return []


def wipe(probe):
    with_accounts(probe)
    key = data_key(probe.flash()[0])
    probe("wipe")
    return [key]


def wipe_with_pin(probe):
    with_pin(probe)
    probe("wipe")
    return []


def destroy(probe):
    with_pin(probe)
    probe("limit", 5)
    fill_with_wrong_pins(probe)
    assert probe.state()["destroyed"]
    return []


def upgrade(probe):
    probe("begin", plain_file(COUNT - 1))
    assert len(probe.state()["accounts"]) == COUNT - 1
    probe("add", COUNT - 1, COUNT)
    return SECRETS[:-1]


def upgrade_of_a_few(probe):
    probe("begin", plain_file(2))
    probe("add", 2, 3)
    return SECRETS[:2]


def upgrade_by_setting_a_pin(probe):
    probe("begin", plain_file(COUNT))
    probe("set_pin", PIN)
    return SECRETS


def remove(probe):
    with_accounts(probe)
    probe("remove", 7)
    return []


def replace(probe):
    with_accounts(probe)
    probe("replace", b"a new secret")
    return []


CHANGES = [
    *(set_pin, set_pin_of_a_few, change_pin, remove_pin, wipe, wipe_with_pin, destroy),
    *(upgrade, upgrade_of_a_few, upgrade_by_setting_a_pin, remove, replace),
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_nothing_old_is_left(probe, change):
    secrets = change(probe)
    image, old = probe.flash()
    assert leaked(image, secrets) == secrets, "else this test proves nothing"
    assert secrets or leaked(image, old), "likewise"
    before = probe.state()
    assert before["unclean"]
    print(probe("clean"), "steps")
    image, old = probe.flash()
    assert leaked(image, secrets + old + [PIN, NEW_PIN, WRONG]) == []
    after = probe.state()
    assert after == {
        **before,
        "unclean": False,
        "files": [name for name in before["files"] if name != "unclean"],
        "free": after["free"],
    }
    assert after["free"] >= before["free"]
    probe("restart")
    assert not probe.state()["unclean"] and probe("clean") == 1


def test_a_step_erases_one_block_at_most(probe):
    set_pin(probe)
    assert probe("erases_in_a_step") == 1
    assert not probe.state()["unclean"]


def test_what_is_written_meanwhile_finds_room_and_nothing_old_is_left(probe):
    """At any moment of the cleaning, also when it has taken all but the last block."""
    with_accounts(probe)
    key = data_key(probe.flash()[0])
    probe("set_pin", PIN)
    steps = probe("clean")
    for before in (1, steps // 2, *range(steps - 4, steps)):
        probe("set_pin", PIN)
        assert probe("clean", before) == before
        probe("add", COUNT, COUNT + 1)
        probe("remove", COUNT)
        assert probe("clean") > 1
        assert len(probe.state()["accounts"]) == COUNT
        image, old = probe.flash()
        assert leaked(image, [key, *old]) == []


def test_a_file_that_is_removed_meanwhile_does_not_come_back(probe):
    """As the mark of a setting that was cut short, when the next setting ends."""
    set_pin(probe)
    probe("put", "clock.setting")
    assert probe("clean", 1) == 1
    probe("discard", "clock.setting")
    assert probe("clean") > 1
    state = probe.state()
    assert not state["unclean"] and "clock.setting" not in state["files"]


def test_blocks_that_became_free_after_littlefs_looked_at_them(probe):
    """It looks at 256 blocks at once. The flash is full but for these."""
    texts = [b"a text that was number %d! " % number for number in range(6)]
    probe("begin")
    probe("fill_flash", texts)
    assert leaked(probe.flash()[0], texts) == texts
    for number, text in enumerate(texts):
        probe("free_and_clean", number)
        assert not probe.state()["unclean"]
        assert text not in probe.flash()[0], number


def test_a_power_cut_while_it_is_cleaned(probe):
    chance = random.Random(SEED)
    print("seed", SEED)
    with_accounts(probe)
    key = data_key(probe.flash()[0])
    probe("set_pin", PIN)
    began = probe("operations")
    probe("clean")
    whole = probe("operations") - began
    cuts = [0, 1, whole - 2, whole - 1, chance.randrange(whole), chance.randrange(whole)]
    for cut in cuts:
        probe("set_pin", NEW_PIN)
        if not probe("cut_while_cleaning", cut):
            assert probe.state()["unclean"]
        assert probe("enter", NEW_PIN)
        assert [account[-1] for account in probe.state()["accounts"]] == SECRETS
        probe("clean")
        state = probe.state()
        assert (state["unclean"], "pad" in state["files"]) == (False, False)
        image, old = probe.flash()
        assert leaked(image, [key, *old]) == []


# The mark, on a storage whose power fails at any step


def destroy_by_wrong_pins(vault):
    vault.lock()
    for _ in range(10):
        vault.keys.monotonic.us += 3_600_000_000
        entered(vault.keys, WRONG)


SPOIL = {
    "set": (False, lambda vault: changed(vault, PIN)),
    "change": (True, lambda vault: changed(vault, NEW_PIN)),
    "remove the PIN": (True, lambda vault: changed(vault, None)),
    "wipe": (False, lambda vault: vault.wipe()),
    "destroy": (True, destroy_by_wrong_pins),
    "remove": (False, lambda vault: vault.remove(0)),
    "replace": (False, lambda vault: vault.add(account(0, secret=b"new"), replace=True)),
}


def small_token(has_pin, steps_left=None):
    flash = FlashModel()
    vault = opened(flash)
    vault.add(account(0))
    vault.add(account(1))
    if has_pin:
        changed(vault, PIN)
        del flash.files["unclean"]  # it was cleaned
    flash.steps_left = steps_left
    return flash, vault


def secrets_in(files):
    """Keys and accounts: what of them is in flash; not the count of wrong PINs."""
    return {name: data for name, data in files.items() if name in KEY_FILES + VAULT_FILES}


@pytest.mark.parametrize("what", SPOIL)
def test_the_mark_is_there_before_anything_becomes_old(what):
    has_pin, spoil = SPOIL[what]
    for steps in (*range(10), *range(10, 100_000, 11)):
        flash, vault = small_token(has_pin, steps)
        before = secrets_in(flash.files)
        try:
            spoil(vault)
            break
        except PowerCut:
            is_marked = "unclean" in flash.files
            assert is_marked or secrets_in(flash.files) == before, steps
            assert FlashModel(flash.files).unclean == is_marked
    assert steps > 2 and flash.files["unclean"] == b""


@pytest.mark.parametrize("what", SPOIL)
def test_without_the_mark_only_destroying_goes_on(what):
    has_pin, spoil = SPOIL[what]
    flash, vault = small_token(has_pin)
    before = dict(flash.files)
    write = flash.open_write

    def refuse(name):
        if name == "unclean":
            raise OSError(5, "refused")
        return write(name)

    flash.open_write = refuse
    if what == "destroy":
        spoil(vault)
        assert vault.keys.destroyed and opened(flash).keys.destroyed
    else:
        assert refusal(spoil, vault) == "storage"
        assert flash.files == before
