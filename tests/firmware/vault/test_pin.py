"""The PIN: locking, entering, changing, charging, delays, destruction; without faults of flash."""

import zlib

import pytest

from open_vault import HandClock, opened
from picototp.vault import key_record, pin, tries
from picototp.vault.errors import VaultError
from picototp.vault.slot import SCRATCH_BYTES
from tests.firmware.vault.vault_cases import account, changed, entered, refusal, small_vault
from tests.firmware.vault.vault_flash_model import FlashModel, contents, fields
from tests.firmware.vault.vault_reader import KEY_FILES, VAULT_FILES, open_keys, read_key, remains

PIN = b"2580"
HOUR_MS = 3_600_000


def with_pin(count=2, limit=10):
    """Flash of a token with accounts and a PIN, and what its accounts are."""
    flash = FlashModel()
    vault = opened(flash)
    for number in range(count):
        vault.add(account(number))
    vault.keys.set_limit(limit)
    changed(vault, PIN)
    assert not vault.locked, "whoever sets a PIN need not enter it"
    return flash, contents(vault)


def patient(flash):
    """A vault at power-up, and long after it."""
    clock = HandClock()
    vault = opened(flash, clock)
    clock.us += HOUR_MS * 1000
    return vault, clock


def wrong(vault, clock, times=1):
    for number in range(times):
        clock.us += HOUR_MS * 1000
        assert entered(vault.keys, b"%04d" % number) is False


def test_a_fresh_token_has_no_key_and_no_pin():
    flash = FlashModel()
    keys = opened(flash).keys
    assert (keys.has_pin, keys.locked, keys.destroyed, keys.failures) == (False,) * 3 + (0,)
    assert (keys.limit, keys.wait_ms(), keys.exists) == (10, 0, False)
    assert refusal(keys.unlocking, bytearray(PIN)) == "bad-pin"
    keys.lock()
    assert flash.steps == 0


def test_without_a_pin_lock_does_nothing():
    flash = FlashModel()
    vault = opened(flash)
    vault.add(account(0))
    vault.lock()
    assert not vault.locked and contents(vault) == [fields(account(0))]


def test_a_pin_locks_the_vault_at_power_up_and_opens_it():
    flash, held = with_pin()
    vault, _ = patient(flash)
    assert (vault.locked, vault.damaged, len(vault), vault.generation) == (True, False, 0, 0)
    assert refusal(vault.unlock) == "locked"
    attempt = vault.keys.unlocking(bytearray(PIN))
    assert attempt.ok is None and attempt.rounds == 20_000
    steps = 1
    while not attempt.step(1000):
        assert attempt.ok is None and vault.locked
        steps += 1
    assert (steps, attempt.ok, attempt.step(1), vault.keys.failures) == (20, True, True, 0)
    vault.unlock()
    assert contents(vault) == held
    vault.add(account(7))
    assert vault.slots()[int(vault._active.name[-1])][0] == "active"


def test_while_locked_everything_but_wipe_is_refused():
    flash, _ = with_pin()
    before = dict(flash.files)
    vault, _ = patient(flash)
    refused = [
        lambda: vault.account(0),
        lambda: vault.summary(0),
        lambda: vault.label(0),
        lambda: vault.find("A", "n0"),
        lambda: vault.shortest_period_s(),
        lambda: vault.add(account(9)),
        lambda: vault.rename(0, "A", "x"),
        lambda: vault.move(0, 1),
        lambda: vault.remove(0),
        lambda: vault.advance_counter(0),
        lambda: vault.changing_pin(bytearray(b"9999")),
        lambda: vault.keys.changing_pin(None),
        lambda: vault.keys.set_limit(None),
        lambda: vault.keys.make_key(),
    ]
    assert [refusal(call) for call in refused] == ["locked"] * len(refused)
    assert [slot[0] for slot in vault.slots()] == ["locked", "locked"]
    assert flash.files == before
    vault.wipe()
    assert flash.files == {"unclean": b""}
    assert not vault.locked and not vault.keys.has_pin
    vault.add(account(1))
    assert contents(opened(flash)) == [fields(account(1))]


def test_locking_wipes_what_we_own_and_closes_the_vault():
    flash, held = with_pin()
    vault, _ = patient(flash)
    assert entered(vault.keys, PIN)
    vault.unlock()
    vault.account(0)
    assert vault._scratch == bytearray(SCRATCH_BYTES), "a secret was left in the buffer"
    keys = vault.keys
    key, seal, wrapper = keys._key, keys.seal, keys._wrapper
    pads = [mac._inner for mac in (seal.mac, seal._nonces, wrapper._check)]
    secrets = [key, wrapper._pad, seal._cipher._stream, *pads]
    assert all(any(secret) for secret in secrets)
    vault.lock()
    assert not any(any(secret) for secret in secrets)
    assert (vault.locked, len(vault), keys.seal) == (True, 0, None)
    assert entered(keys, PIN)
    vault.unlock()
    assert contents(vault) == held


def test_the_pin_is_wiped_from_the_callers_buffer_whatever_happens():
    flash, _ = with_pin()
    vault, _ = patient(flash)
    given = [bytearray(PIN), bytearray(b"1"), bytearray(b"0000")]
    vault.keys.unlocking(given[0])
    assert refusal(vault.keys.unlocking, given[1]) == "bad-pin"
    assert refusal(vault.keys.unlocking, given[2]) == "too-soon"
    unlocked = opened(FlashModel())
    given += [bytearray(PIN), bytearray(b"123")]
    unlocked.changing_pin(given[3])
    assert refusal(unlocked.changing_pin, given[4]) == "bad-pin"
    assert not any(any(each) for each in given)


@pytest.mark.parametrize("length", [0, 3, 33, 100])
def test_pins_of_a_wrong_length_are_refused_and_not_charged(length):
    flash, _ = with_pin()
    vault, _ = patient(flash)
    steps = flash.steps
    assert refusal(vault.keys.unlocking, bytearray(b"1" * length)) == "bad-pin"
    assert (flash.steps, vault.keys.failures) == (steps, 0)
    assert refusal(opened(FlashModel()).changing_pin, bytearray(b"1" * length)) == "bad-pin"


@pytest.mark.parametrize("chosen", [b"1234", b"x" * 32, "é€😀1".encode(), bytes(4)])
def test_any_pin_of_4_to_32_bytes_works(chosen):
    flash = FlashModel()
    vault = opened(flash)
    vault.add(account(0))
    changed(vault, chosen)
    vault, clock = patient(flash)
    assert not entered(vault.keys, chosen[:-1] + b"?")
    clock.us += HOUR_MS * 1000
    assert entered(vault.keys, chosen)


# Attempts


def charged(flash):
    """Failures as the files say, by the description in tries.py."""
    found = [flash.files[name] for name in tries.FILE_NAMES if name in flash.files]
    return max(found, key=lambda data: int.from_bytes(data[8:12], "big"))[5] if found else 0


def test_an_attempt_is_charged_in_flash_before_it_is_looked_at(monkeypatch):
    flash, _ = with_pin()
    vault, clock = patient(flash)
    seen = []

    class Watched(pin.Pbkdf2):
        def __init__(self, *arguments):
            seen.append(charged(flash))
            super().__init__(*arguments)

    monkeypatch.setattr(pin, "Pbkdf2", Watched)
    vault.keys.unlocking(bytearray(PIN))  # and the power is cut
    assert seen == [1] and charged(flash) == 1
    vault, clock = patient(flash)
    assert vault.keys.failures == 1
    wrong(vault, clock, 2)
    assert (seen, vault.keys.failures) == ([1, 2, 3], 3)
    assert patient(flash)[0].keys.failures == 3
    clock.us += HOUR_MS * 1000
    assert entered(vault.keys, PIN)
    assert (vault.keys.failures, charged(flash), patient(flash)[0].keys.failures) == (0, 0, 0)


def test_delays_grow_and_begin_anew_at_power_up():
    flash, _ = with_pin(limit=None)
    vault, clock = patient(flash)
    assert vault.keys.wait_ms() == 0
    waits = []
    for _ in range(14):
        assert not entered(vault.keys, b"0000")
        waits.append(vault.keys.wait_ms())
        assert refusal(vault.keys.unlocking, bytearray(PIN)) == "too-soon"
        clock.us += (waits[-1] - 1) * 1000
        assert vault.keys.wait_ms() == 1
        assert refusal(vault.keys.unlocking, bytearray(PIN)) == "too-soon"
        fresh = HandClock()
        assert opened(flash, fresh).keys.wait_ms() == waits[-1], "a power cut saves no time"
        clock.us += 1000
        assert vault.keys.wait_ms() == 0
    assert waits == [1000 * 2**number for number in range(12)] + [HOUR_MS] * 2
    assert vault.keys.failures == 14
    assert entered(vault.keys, PIN) and vault.keys.wait_ms() == 0


@pytest.mark.parametrize("limit", [5, 10, 20])
def test_after_so_many_wrong_pins_the_key_is_destroyed(limit):
    flash, held = with_pin(limit=limit)
    vault, clock = patient(flash)
    wrong(vault, clock, limit - 1)
    assert not vault.keys.destroyed and vault.locked
    clock.us += HOUR_MS * 1000
    last = FlashModel(flash.files)
    attempt = vault.keys.unlocking(bytearray(b"9999"))
    while not attempt.step(1000):
        pass
    assert attempt.ok is False
    assert [read_key(flash.files[name]) for name in KEY_FILES] == ["destroyed"] * 2
    for each in (vault, patient(flash)[0]):
        keys = each.keys
        assert (keys.destroyed, keys.has_pin, keys.locked, keys.failures) == (True, False, False, 0)
        assert refusal(keys.unlocking, bytearray(PIN)) == "destroyed"
        assert refusal(keys.set_limit, None) == "destroyed"
    vault = opened(flash)
    assert vault.damaged and len(vault) == 0
    assert refusal(vault.add, account(0)) == refusal(vault.changing_pin, None) == "destroyed"
    vault.wipe()
    assert flash.files == {"unclean": b""} and not vault.damaged
    vault.add(account(0))
    # But the right one as the last attempt opens.
    vault, _ = patient(last)
    assert entered(vault.keys, PIN)
    vault.unlock()
    assert contents(vault) == held and vault.keys.failures == 0


def test_a_last_attempt_that_was_cut_short_counts_as_wrong():
    flash, _ = with_pin(limit=5)
    vault, clock = patient(flash)
    wrong(vault, clock, 4)
    clock.us += HOUR_MS * 1000
    vault.keys.unlocking(bytearray(b"9999"))
    assert patient(flash)[0].keys.destroyed
    assert [read_key(flash.files[name]) for name in KEY_FILES] == ["destroyed"] * 2


def test_without_a_limit_the_key_stays():
    flash, held = with_pin(limit=None)
    vault, clock = patient(flash)
    wrong(vault, clock, 300)
    assert vault.keys.failures == 255
    vault, clock = patient(flash)
    assert entered(vault.keys, PIN)
    vault.unlock()
    assert contents(vault) == held


def test_the_limit_is_kept_and_checked():
    flash, _ = with_pin(limit=7)
    vault, _ = patient(flash)
    assert vault.keys.limit == 7
    assert entered(vault.keys, PIN)
    for bad in (4, 21, 0, -1, 255):
        assert refusal(vault.keys.set_limit, bad) == "bad-limit"
    vault.keys.set_limit(20)
    read_key(flash.files["key.0"], PIN)  # its tag was made anew
    vault, _ = patient(flash)
    assert vault.keys.limit == 20 and entered(vault.keys, PIN)
    changed(vault, b"other pin")
    changed(vault, None)
    vault.keys.set_limit(None)
    assert opened(flash).keys.limit is None
    fresh = opened(FlashModel())
    fresh.keys.set_limit(6)
    assert fresh.keys.limit == 6


def test_destroy():
    flash, _ = with_pin()
    vault, _ = patient(flash)
    vault.keys.destroy()
    assert [read_key(flash.files[name]) for name in KEY_FILES] == ["destroyed"] * 2


# Changing it


@pytest.mark.parametrize("new", [b"another", PIN, None])
def test_each_change_makes_another_data_key(new):
    """A copy of the flash from before, with the PIN of then, opens nothing of what comes after; the
    same PIN set once more (`pin rekey`) does that too."""
    flash, held = with_pin()
    before = dict(flash.files)
    key = read_key(before["key.0"], PIN)
    vault, _ = patient(flash)
    assert entered(vault.keys, PIN)
    vault.unlock()
    changed(vault, new)
    assert contents(vault) == held
    vault.add(account(9))
    assert flash.files["key.0"] == flash.files["key.1"]
    new_key = read_key(flash.files["key.0"], new) if new else open_keys(flash.files).pop()
    assert new_key != key
    assert remains(flash.files, b"secret9", [new_key])
    assert remains(before, b"secret1", [key])
    for secret in (b"secret1", b"secret9"):
        assert not remains({name: flash.files[name] for name in VAULT_FILES}, secret, [key])
    mixed = {**flash.files, **{name: before[name] for name in KEY_FILES}}  # put back by somebody
    again, _ = patient(FlashModel(mixed))
    assert entered(again.keys, PIN)
    again.unlock()
    assert again.damaged and not len(again)


def test_the_first_pin_makes_another_data_key():
    flash = FlashModel()
    vault = opened(flash)
    vault.add(account(1))
    copy = dict(flash.files)
    changed(vault, PIN)
    assert read_key(flash.files["key.0"], PIN) not in open_keys(copy)


def test_another_pin_opens_the_accounts_and_the_old_one_does_not():
    flash, held = with_pin()
    before = dict(flash.files)
    vault, clock = patient(flash)
    assert entered(vault.keys, PIN)
    vault.unlock()
    changed(vault, b"another")
    assert flash.files["key.0"] == flash.files["key.1"]
    assert flash.files["key.0"][16:32] != before["key.0"][16:32], "a salt of its own"
    vault, clock = patient(flash)
    assert not entered(vault.keys, PIN)
    clock.us += HOUR_MS * 1000
    assert entered(vault.keys, b"another")
    vault.unlock()
    assert contents(vault) == held


def test_removing_the_pin_leaves_the_key_open():
    flash, held = with_pin()
    vault, _ = patient(flash)
    assert entered(vault.keys, PIN)
    vault.unlock()
    changed(vault, None)
    assert not vault.keys.has_pin
    vault = opened(flash)
    assert not vault.locked and contents(vault) == held


def test_setting_a_pin_leaves_no_open_key():
    flash = FlashModel()
    vault = opened(flash)
    vault.add(account(1))
    (key,) = open_keys(flash.files)
    changed(vault, PIN)
    assert open_keys(flash.files) == set()
    assert not any(key in data for data in flash.files.values())
    assert not remains(flash.files, b"secret1") and not remains(flash.files, b"secret1", [key])
    assert remains(flash.files, b"secret1", [read_key(flash.files["key.0"], PIN)])


def test_the_rounds_are_what_takes_about_a_second():
    def rounds(trial_us):
        return pin.rounds_for(bytearray(PIN), HandClock(trial_us))

    assert rounds(33_333) == 30_000  # a Pico
    assert rounds(50_000) == rounds(500_000) == rounds(0) == 20_000
    assert rounds(1) == 100_000
    flash = FlashModel()
    vault = opened(flash, HandClock(33_333))
    changed(vault, PIN)
    assert int.from_bytes(flash.files["key.0"][12:16], "big") == 30_000
    read_key(flash.files["key.0"], PIN)


def test_a_change_needs_a_key_that_is_still_unlocked_when_it_ends():
    flash, _ = with_pin()
    vault, _ = patient(flash)
    assert entered(vault.keys, PIN)
    change = vault.changing_pin(bytearray(b"5555"))
    change.step(1000)
    vault.lock()
    with pytest.raises(VaultError) as caught:
        change.step(1_000_000)
    assert caught.value.code == "locked"
    vault, _ = patient(flash)
    assert entered(vault.keys, PIN)


def test_two_attempts_at_a_time_are_both_charged():
    flash, _ = with_pin()
    vault, clock = patient(flash)
    first = vault.keys.unlocking(bytearray(PIN))
    clock.us += HOUR_MS * 1000
    second = vault.keys.unlocking(bytearray(b"0000"))
    assert vault.keys.failures == 2
    while not (first.step(1000) and second.step(1000)):
        pass
    assert (first.ok, second.ok) == (True, False)
    assert not vault.locked


@pytest.mark.usefixtures("slow_pins")
def test_with_the_firmwares_own_pbkdf2():
    flash, held = with_pin(count=1)
    assert read_key(flash.files["key.1"], PIN)
    vault, _ = patient(flash)
    assert entered(vault.keys, PIN)
    vault.unlock()
    assert contents(vault) == held


def test_the_least_of_rounds_is_the_announced_one():
    assert key_record.ROUNDS_MIN == 20_000 and pin.ROUNDS_MADE_MAX <= key_record.ROUNDS_MAX


def test_the_delay_after_a_wrong_pin_begins_when_it_was_found_to_be_wrong():
    """The second of PBKDF2 is no part of it."""
    flash = small_vault()
    clock = HandClock()
    vault = opened(flash, clock)
    changed(vault, PIN)
    vault.lock()
    attempt = vault.keys.unlocking(bytearray(b"not " + PIN))
    clock.us += 900_000
    while not attempt.step(100_000):
        pass
    assert not attempt.ok and vault.keys.wait_ms() == 1000
    clock.us += 900_000
    assert vault.keys.wait_ms() == 100


def test_a_count_of_wrong_pins_from_newer_firmware_outlives_a_wipe():
    """Without a PIN nobody has looked at it before."""
    flash = small_vault()
    body = b"PTTR\x02\x03\0\0" + (1).to_bytes(4, "big")
    newer = body + zlib.crc32(body).to_bytes(4, "big")
    flash.files["tries.0"] = newer
    vault = opened(flash)
    assert len(vault) == 3
    assert refusal(vault.wipe) == "too-new"
    assert flash.files["tries.0"] == newer
    assert len(opened(flash)) == 3
