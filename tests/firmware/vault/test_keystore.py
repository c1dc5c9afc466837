"""The data key by itself: what it leaves in flash and in memory, and what it does not do twice."""

import pytest

from open_vault import HandClock, opened
from picototp.board.storage import UNCLEAN
from picototp.codes.stream_mac import StreamMac
from picototp.vault import key_record, pin
from picototp.vault.key_record import DESTROYED, OPEN, WIPING
from picototp.vault.seal import Seal
from picototp.vault.tries import FILE_NAMES
from tests.firmware.vault.test_key_faults import OTHER, PIN, patient, token, unlocked
from tests.firmware.vault.vault_cases import account, changed, entered, refusal
from tests.firmware.vault.vault_flash_model import FlashModel, contents, fields
from tests.firmware.vault.vault_reader import KEY_FILES, open_keys, read_key

LONG_US = 3_600_000_000


def clean(has_pin=True, failures=0):
    """A token whose storage was not told that old copies may be in it."""
    files = token(has_pin, failures)
    files.pop(UNCLEAN, None)
    return FlashModel(files)


def ended(attempt):
    while not attempt.step(100_000):
        pass
    return attempt.ok


# The record


def is_sound(state, limit=10, lock_code=0, rounds=None):
    if rounds is None:
        rounds = 20_000 if state == key_record.PIN else 0
    record = key_record.body(state, limit, 1, None, lock_code) + bytes(4)
    record[12:16] = rounds.to_bytes(4, "big")
    return key_record.is_sound(record)


def test_each_field_of_a_record_has_its_limits():
    assert [state for state in range(256) if is_sound(state)] == [0, 1, 2, 3]
    assert [limit for limit in range(256) if is_sound(OPEN, limit)] == [0, *range(5, 21)]
    with_pin = (0, 1, 19_999, 20_000, 20_001, 999_999, 1_000_000, 1_000_001, 2**32 - 1)
    believed = [rounds for rounds in with_pin if is_sound(key_record.PIN, rounds=rounds)]
    assert believed == [20_000, 20_001, 999_999, 1_000_000]
    for state in (OPEN, DESTROYED, WIPING):
        assert [rounds for rounds in with_pin if is_sound(state, rounds=rounds)] == [0]


def test_a_record_without_a_pin_is_the_documented_one():
    head = b"PTKY\x01\x00\x0a\x00" + (258).to_bytes(4, "big") + bytes(20)
    key = bytes(range(32))
    assert key_record.body(OPEN, 10, 258, key) == head + key + bytes(32)
    assert key_record.body(OPEN, None, 258) == head[:6] + b"\0" + head[7:] + bytes(64)
    record = key_record.body(WIPING, None, 1, None, 179)
    assert (key_record.state_of(record), key_record.lock_code_of(record)) == (WIPING, 179)


# In flash


@pytest.mark.parametrize("has_pin", [False, True])
@pytest.mark.parametrize(
    "change",
    [lambda vault: vault.keys.destroy(), lambda vault: vault.wipe()]
    + [lambda vault: changed(vault, OTHER)],
)
def test_the_storage_is_told_that_an_old_copy_stays(change, has_pin):
    flash = clean(has_pin)
    change(unlocked(flash, PIN))
    assert UNCLEAN in flash.files


def test_the_last_wrong_pin_tells_it_too():
    flash = clean(failures=4)
    vault, _ = patient(None, flash)
    assert not entered(vault.keys, b"9999")
    assert vault.keys.destroyed and UNCLEAN in flash.files


def refuse():
    raise OSError(5, "refused")


def test_without_that_nothing_is_changed_but_the_end_of_the_key():
    for change in (lambda vault: vault.wipe(), lambda vault: changed(vault, OTHER)):
        flash = clean()
        before = dict(flash.files)
        vault = unlocked(flash, PIN)
        flash.mark_unclean = refuse
        files = dict(flash.files)
        assert refusal(change, vault) == "storage"
        assert flash.files == files
        assert {name: files[name] for name in KEY_FILES} == {n: before[n] for n in KEY_FILES}
        assert contents(vault) == [fields(account(1))]
    vault.keys.destroy()
    assert [read_key(flash.files[name]) for name in KEY_FILES] == ["destroyed"] * 2


def test_a_start_after_the_end_writes_nothing_more():
    flash = FlashModel(token(failures=4))
    vault, _ = patient(None, flash)
    assert not entered(vault.keys, b"9999")
    flash.steps = 0
    keys = opened(flash).keys
    assert keys.destroyed and flash.steps == 0
    assert keys.limit == 5, "what was chosen is still told"


def test_an_attempt_that_ends_after_the_key_did_writes_nothing_more():
    flash = FlashModel(token(failures=3))
    vault, clock = patient(None, flash)
    attempts = []
    for given in (b"9999", PIN):
        attempts.append(vault.keys.unlocking(bytearray(given)))
        clock.us += LONG_US
    assert ended(attempts[0]) is False and vault.keys.destroyed
    flash.steps = 0
    assert ended(attempts[1]) is False
    assert (vault.keys.seal, flash.steps) == (None, 0)


def test_a_key_that_is_there_is_not_made_again():
    flash = FlashModel(token(has_pin=False))
    (key,) = open_keys(flash.files)
    keys = opened(flash).keys
    flash.steps = 0
    keys.make_key()
    assert open_keys(flash.files) == {key} and flash.steps == 0


def test_a_load_reads_all_anew():
    flash = FlashModel(token(failures=2))
    vault, clock = patient(None, flash)
    assert entered(vault.keys, PIN)
    files = token(failures=3)
    vault.keys.destroy()
    flash.files = dict(files)
    vault.keys.load()
    keys = vault.keys
    assert (keys.destroyed, keys.locked, keys.failures) == (False, True, 3)
    clock.us += LONG_US
    assert entered(keys, PIN)
    key, seal = keys._key, keys.seal
    flash.files = {}
    keys.load()
    assert (keys.has_pin, keys.locked, keys.exists, keys.seal) == (False, False, False, None)
    assert not any(key) and not any(seal.mac._inner)


@pytest.mark.parametrize("name", [*KEY_FILES, *FILE_NAMES])
def test_a_wipe_that_flash_refuses_at_its_end_goes_on_later(name):
    flash = FlashModel(token(failures=2))
    vault, _ = patient(None, flash)
    remove = flash.remove
    flash.remove = lambda each: refuse() if each == name else remove(each)
    assert refusal(vault.wipe) == "storage"
    assert name in flash.files and vault.keys.wiping and not opened(flash).keys.has_pin
    flash.remove = remove
    vault.add(account(2))
    assert not vault.keys.wiping and contents(opened(flash)) == [fields(account(2))]


def test_a_wipe_after_the_end_begins_anew_without_a_start():
    flash = FlashModel(token())
    vault = unlocked(flash, PIN)
    vault.keys.destroy()
    assert refusal(vault.add, account(2)) == "destroyed"
    vault.wipe()
    assert (vault.keys.destroyed, vault.keys.has_pin) == (False, False)
    vault.add(account(2))
    assert contents(opened(flash)) == [fields(account(2))]


def test_a_pin_comes_with_a_sound_count_of_no_wrong_ones():
    """So that a power cut while the first attempt is charged leaves one."""
    flash = FlashModel(token(has_pin=False))
    assert not set(FILE_NAMES) & set(flash.files)
    changed(opened(flash), PIN)
    assert flash.files["tries.0"][5] == 0


# In memory


def test_a_wipe_that_cannot_be_ended_leaves_no_key():
    flash = FlashModel(token())
    vault = unlocked(flash, PIN)
    key = vault.keys._key
    assert any(key)
    flash.remove = lambda name: refuse()
    assert refusal(vault.wipe) == "storage"
    assert vault.keys.wiping and vault.keys.seal is None and not any(key)


def test_the_key_of_an_earlier_attempt_goes_with_the_next():
    vault, clock = patient(token())
    attempts = []
    for _ in range(2):
        attempts.append(vault.keys.unlocking(bytearray(PIN)))
        clock.us += LONG_US
    assert ended(attempts[0])
    key, wrapper = vault.keys._key, vault.keys._wrapper
    assert ended(attempts[1])
    assert any(vault.keys._key) and not any(key) and not any(wrapper._pad)


def test_whoever_asks_sees_each_time_that_something_was_let_go():
    """By that the display knows when to overwrite what Python has left in memory."""
    vault, clock = patient(token())
    keys, seen = vault.keys, []

    def saw():
        seen.append(keys.forgotten)

    saw()
    assert not entered(keys, b"9999")
    saw()
    clock.us += LONG_US
    assert entered(keys, PIN)
    saw()
    changed(vault, OTHER)
    saw()
    vault.lock()
    saw()
    keys.destroy()
    saw()
    keys.begin_wipe()
    saw()
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize(
    ("waited_ms", "wait_s"), [(0, 4), (1, 4), (999, 4), (1000, 3), (2999, 2), (3999, 1), (4000, 0)]
)
def test_for_people_the_wait_is_in_whole_seconds_and_never_too_short(waited_ms, wait_s):
    clock = HandClock()
    keys = opened(FlashModel(token(failures=3)), clock).keys
    clock.us += waited_ms * 1000
    assert keys.wait_s() == wait_s
    assert (keys.wait_ms() == 0) == (wait_s == 0)


# Changing the PIN


def test_a_change_is_made_once_and_says_how_much_there_is_to_do():
    flash = FlashModel(token())
    vault = unlocked(flash, PIN)
    change = vault.changing_pin(bytearray(OTHER))
    assert (change.rounds, change.ok) == (20_000, None)
    assert ended(change) is True
    flash.steps = 0
    assert change.step(1) is True and flash.steps == 0
    removal = vault.changing_pin(None)
    assert (removal.rounds, removal.ok) == (0, None)
    assert removal.step(1) is True and removal.ok is True
    flash.steps = 0
    assert removal.step(1) is True and flash.steps == 0


@pytest.mark.parametrize("has_pin", [False, True])
def test_a_change_that_outlives_its_key_changes_nothing(has_pin):
    flash = FlashModel(token(has_pin))
    vault = unlocked(flash, PIN)
    change = vault.keys.changing_pin(bytearray(OTHER))
    vault.wipe()
    files = dict(flash.files)
    assert refusal(change.step, 1_000_000) == "not-found"
    assert flash.files == files and not vault.keys.has_pin


def test_the_key_alone_can_change_its_pin():
    """Without accounts that have to come under another key."""
    flash = FlashModel()
    keys = opened(flash).keys
    keys.make_key()
    assert ended(keys.changing_pin(bytearray(PIN))) is True
    assert keys.has_pin and not keys.locked
    assert read_key(flash.files["key.0"], PIN) == keys._key
    assert ended(keys.changing_pin(None)) is True
    assert open_keys(flash.files) == {bytes(keys._key)}


def test_a_change_that_was_given_up_may_be_a_removal():
    vault = unlocked(FlashModel(token()), PIN)
    vault.changing_pin(None).forget()
    assert vault.keys.has_pin


def test_the_trial_is_timed_over_all_of_its_rounds(monkeypatch):
    """On a clock that moves with each of them, as they do on a Pico: 20 us, so a million of us
    has 50,000."""
    clock = HandClock()
    steps = []

    class Timed(pin.Pbkdf2):
        def step(self, iterations):
            clock.us += 20 * iterations
            steps.append(iterations)
            return super().step(iterations)

    monkeypatch.setattr(pin, "Pbkdf2", Timed)
    assert pin.rounds_for(bytearray(PIN), clock) == 50_000
    assert steps == [1000]


# The seal


def test_a_nonce_is_the_documented_one():
    class Keys:
        class entropy:
            draw = staticmethod(lambda count: bytearray(b"r" * count))

    seal = Seal(bytes(range(32)), Keys)
    mac = StreamMac(StreamMac(bytes(range(32))).of(b"picototp vault nonce 1"))
    assert seal.nonce(0x01020304) == mac.of(b"\1\2\3\4" + b"r" * 16)[:16]
    assert seal.nonce(2**32 - 1) == mac.of(b"\xff" * 4 + b"r" * 16)[:16]
