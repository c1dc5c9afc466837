"""What whoever takes the token apart finds in its flash, once it has cleaned that: nothing old.

The token runs on MicroPython's unix port, with a littlefs on a model of the NOR flash. More of what
makes a secret an old one, its destruction by wrong PINs too, is in test_flash_cleaner.py.
"""

import random
from pathlib import Path

import pytest

import leaks
from host_tools.credentials.credential import Credential
from host_tools.pico.littlefs_image import file_system
from host_tools.simulator.devices.flash import Tear
from leaks import leaked
from programs import tool
from waiting import eventually

SEED = 20261125
SECRETS = [b"the secret %d, 20 byte" % number for number in range(4)]
PIN, NEW_PIN = "48291507", "77104268"
PLAIN = Path(__file__).resolve().parents[1] / "vectors" / "vault" / "v1.hex"
PLAIN_SECRETS = [b"12345678901234567890", bytes(range(128))]
BALLAST = {"/ballast": bytes(300 * 4096)}  # as the firmware does, it leaves less to be cleaned
TURNS = 40  # of the main loop without any flash operation: there is nothing to do


def found(hands, secrets) -> list[bytes]:
    """Those that are anywhere in the flash, in any form."""
    flash = hands.token.board.flash
    return leaked(flash.read(0, flash.size), secrets)


def key_record(hands) -> list[bytes]:
    """What the newest record of the key holds."""
    flash = hands.token.board.flash
    return leaks.key_record(flash.read(0, flash.size))


def cleaning(hands) -> bool:
    with hands.client() as client:
        return client.status().cleaning


def rest(hands) -> None:
    """Until nothing was done to the flash for some turns."""
    flash = hands.token.board.flash
    hands.elapse(3.1)
    before = -1
    while flash.operations != before:
        before = flash.operations
        hands.turns(TURNS)


def clean(hands) -> None:
    """Leave the token alone until it has cleaned its flash."""
    assert cleaning(hands)
    rest(hands)
    assert not cleaning(hands)


def load(hands) -> None:
    with hands.client() as client:
        for number, secret in enumerate(SECRETS):
            client.add(Credential("Example", f"user {number}", secret))


def set_pin(hands, pin: str) -> None:
    with hands.client() as client:
        client.request("set_pin", pin=pin)


def boot_from(boot, folder, files):
    (folder / "flash.bin").write_bytes(file_system({**BALLAST, **files}))
    return boot(folder)


@pytest.fixture
def hands(boot, tmp_path):
    """Hands on a token without accounts."""
    return boot_from(boot, tmp_path, {})


@pytest.fixture
def with_pin(hands):
    """A token with accounts and a PIN, clean."""
    load(hands)
    set_pin(hands, PIN)
    clean(hands)
    return hands


def test_the_open_key_is_gone_after_a_pin_was_set(hands):
    load(hands)
    assert not cleaning(hands)
    (key,) = key_record(hands)
    set_pin(hands, PIN)
    assert found(hands, [key]) == [key], "else this test proves nothing"
    shown = tool("provision", "--port", hands.token.port.path, "status").out
    assert "cleaning flash" in shown
    clean(hands)
    assert found(hands, [key, *SECRETS, PIN.encode()]) == []
    assert "cleaning" not in tool("provision", "--port", hands.token.port.path, "status").out
    with hands.client() as client:
        assert len(client.accounts()) == len(SECRETS)


def test_the_record_of_the_old_pin_is_gone(with_pin):
    old = key_record(with_pin)
    assert len(old) == 3
    set_pin(with_pin, NEW_PIN)
    assert found(with_pin, old) == old, "else this test proves nothing"
    clean(with_pin)
    pins = [pin.encode() for pin in (PIN, NEW_PIN)]
    assert found(with_pin, [*old, *SECRETS, *pins]) == []


def test_the_key_is_gone_after_a_wipe(hands):
    load(hands)
    key = key_record(hands)
    with hands.client() as client:
        client.request("wipe")
    assert found(hands, key) == key, "else this test proves nothing"
    clean(hands)
    assert found(hands, [*key, *SECRETS]) == []
    load(hands)


def test_the_plain_accounts_of_earlier_firmware_are_gone(boot, tmp_path):
    hands = boot_from(boot, tmp_path, {"/data/vault.0": bytes.fromhex(PLAIN.read_text())})
    assert not cleaning(hands)
    set_pin(hands, PIN)
    assert found(hands, PLAIN_SECRETS) == PLAIN_SECRETS, "else this test proves nothing"
    clean(hands)
    assert found(hands, PLAIN_SECRETS) == []
    with hands.client() as client:
        assert len(client.accounts()) == 4


def test_a_power_cut_while_it_is_cleaned(hands):
    """At some flash operations: the token starts, holds what it held, and cleans later."""
    chance = random.Random(SEED)
    print("seed", SEED)
    load(hands)
    (key,) = key_record(hands)
    set_pin(hands, PIN)
    flash = hands.token.board.flash
    for cut in (chance.randrange(60, 250), chance.randrange(300, 800)):
        hands.elapse(2.5)
        flash.cut_after(cut, chance.choice(list(Tear)), SEED)
        hands.elapse(0.6)
        eventually(lambda: not flash.powered, "the power cut")
        hands.token.power(False)
        hands.token.power(True)
        assert cleaning(hands)
        with hands.client() as client:
            client.request("unlock", pin=PIN)
            assert len(client.accounts()) == len(SECRETS)
    clean(hands)
    assert found(hands, [key, *SECRETS]) == []
    with hands.client() as client:
        for number, secret in enumerate(SECRETS):
            assert client.check(Credential("Example", f"user {number}", secret), 0)
