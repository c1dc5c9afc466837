"""No buffer of ours that held a key or a PIN holds anything once the token is locked or wiped.

Every buffer that these modules ever made is kept here and looked at; the search of the chip's SRAM
(tests/chip/test_sram.py) is the judge of what the interpreter itself leaves.
"""

import pytest

from open_vault import opened
from picototp.codes import hmac, pbkdf2, stream_mac
from picototp.vault import entropy, key_record, pin, record_pair
from picototp.vault.key_record import KEY_AT, SALT_BYTES, TAG_AT
from tests.firmware.vault.vault_cases import account, entered, refusal
from tests.firmware.vault.vault_flash_model import FlashModel

pytestmark = pytest.mark.usefixtures("slow_pins")

PIN, OTHER, WRONG = b"2580", b"147258369", b"2581"
ROUNDS = 30
# What is so short there is a salt, what a nonce is made of, or the mark of a file.
NO_SHORT_SECRETS = (entropy.__name__, record_pair.__name__)
BLOCK = 64
# What a MAC of SHA-1 has where a key and a counter come.
AT_REST = bytes(BLOCK + 8) + b"\x80" + bytes(BLOCK - 11) + (8 * (BLOCK + 8)).to_bytes(2, "big")
MODULES = (hmac, pbkdf2, stream_mac, entropy, key_record, pin, record_pair)


@pytest.fixture
def buffers(monkeypatch):
    """All that were made, each with the name of its module."""
    made = []
    for module in MODULES:
        monkeypatch.setattr(module, "bytearray", recorder(module, made), raising=False)
    for module in (key_record, pin):
        monkeypatch.setattr(module, "ROUNDS_MIN", ROUNDS)
    monkeypatch.setattr(pin, "_TRIAL_ROUNDS", ROUNDS)
    return made


def recorder(module, made):
    class Recorded(bytearray):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            made.append((module.__name__, self))

        def __getitem__(self, key):
            found = super().__getitem__(key)
            # What the plain hashes slice is the interpreter's; the assembler of a Pico does not.
            copies = isinstance(key, slice) and not module.__name__.startswith("picototp.codes")
            return Recorded(found) if copies else found

    return Recorded


def still_there(vault, buffers):
    """The buffers that hold what they should not. A locked key's record is in flash as it is, and
    the pool of entropy tells nothing of what was drawn."""
    keys = vault.keys
    kept = [keys._files.record, keys._count_tries()._files.record, keys.entropy._pool]
    public = [bytes(record) for record in kept if record is not None]
    return [
        f"{module}: {bytes(buffer).hex()}"
        for module, buffer in buffers
        if any(buffer)
        and not any(bytes(buffer).strip(b"\0") in one for one in public)
        and not (module in NO_SHORT_SECRETS and len(buffer) <= SALT_BYTES)
        and not (module == record_pair.__name__ and not any(buffer[KEY_AT:TAG_AT]))
        and not (module == hmac.__name__ and bytes(buffer) in (AT_REST, salted(buffer)))
    ]


def salted(buffer):
    """PBKDF2's first message with whatever salt is in that buffer."""
    length = (8 * (BLOCK + SALT_BYTES + 4)).to_bytes(2, "big")
    message = bytes(buffer[:SALT_BYTES]) + (1).to_bytes(4, "big") + b"\x80"
    return message.ljust(BLOCK - 2, b"\0") + length


def changed(vault, new):
    """Set that PIN, in slices as the token does."""
    change = vault.changing_pin(None if new is None else bytearray(new))
    while not change.step(ROUNDS // 3):
        pass


@pytest.fixture
def vault(buffers):
    vault = opened(FlashModel())
    vault.add(account(1))
    return vault


def test_after_a_pin_was_set(vault, buffers):
    changed(vault, PIN)
    vault.lock()
    assert buffers and still_there(vault, buffers) == []


def test_after_another_pin(vault, buffers):
    changed(vault, PIN)
    changed(vault, OTHER)
    vault.lock()
    assert still_there(vault, buffers) == []


def test_after_wrong_pins_and_the_right_one(vault, buffers):
    changed(vault, PIN)
    vault.lock()
    assert not entered(vault.keys, WRONG)
    assert still_there(vault, buffers) == []
    vault.keys.monotonic.us += 10_000_000
    assert entered(vault.keys, PIN)
    vault.unlock()
    assert still_there(vault, buffers), "an open token has its key"
    vault.lock()
    assert still_there(vault, buffers) == []


def test_after_attempts_and_changes_that_were_given_up(vault, buffers):
    change = vault.changing_pin(bytearray(PIN))
    change.step(ROUNDS // 3)
    change.forget()
    changed(vault, PIN)
    vault.lock()
    attempt = vault.keys.unlocking(bytearray(PIN))
    attempt.step(ROUNDS // 3)
    attempt.forget()
    assert still_there(vault, buffers) == []


def test_after_a_pin_that_flash_refused(vault, buffers):
    changed(vault, PIN)
    change = vault.changing_pin(bytearray(OTHER))
    vault._storage.room_bytes = 0
    with pytest.raises(Exception, match="nothing was changed"):
        while not change.step(ROUNDS // 3):
            pass
    vault._storage.room_bytes = None
    vault.lock()
    assert still_there(vault, buffers) == []


def test_after_the_pin_was_removed_and_all_was_wiped(vault, buffers):
    changed(vault, PIN)
    changed(vault, None)
    assert still_there(vault, buffers), "the open key"
    vault.wipe()
    assert still_there(vault, buffers) == []


def test_after_the_key_was_destroyed(vault, buffers):
    changed(vault, PIN)
    vault.set_limit(5)
    vault.lock()
    for _ in range(5):
        vault.keys.monotonic.us += 10**10
        entered(vault.keys, WRONG)
    assert vault.keys.destroyed
    assert refusal(vault.keys.unlocking, bytearray(PIN)) == "destroyed"
    assert still_there(vault, buffers) == []
