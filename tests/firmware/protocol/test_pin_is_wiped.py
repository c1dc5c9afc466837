"""Whatever comes of a request with a PIN, no buffer of ours holds the PIN afterwards."""

import pytest

from picototp.protocol import pin_service
from picototp.vault import pin as vault_pin
from tests.firmware.protocol.service_rig import error_of
from tests.firmware.protocol.test_service_pin import PIN, WRONG, power_cycle, say_yes
from tests.firmware.protocol.test_service_pin import quick as quick  # a fixture


@pytest.fixture
def buffers(monkeypatch):
    """Every buffer that a PIN of a request was put into."""
    made = []
    pin_of = pin_service._pin_of

    def recorded(message):
        made.append(pin_of(message))
        assert "pin" not in message, "a request that waits for the button would keep it"
        return made[-1]

    monkeypatch.setattr(pin_service, "_pin_of", recorded)
    return made


def asked(token, buffers):
    assert token.request("set_pin", pin=PIN)["wait"] == "button"
    assert bytes(buffers[-1]) == PIN.encode(), "it is held for the answer"


def wiped(buffers):
    return bool(buffers) and not any(any(buffer) for buffer in buffers)


def test_when_another_host_takes_over(token, buffers):
    asked(token, buffers)
    token.hello("another")
    assert wiped(buffers)


def test_when_the_same_host_says_hello_again(token, buffers):
    asked(token, buffers)
    token.hello()
    assert wiped(buffers)


def test_when_there_is_no_display_to_ask_on(token, buffers):
    token.panel.ok = False
    assert error_of(token.request("set_pin", pin=PIN)) == "no-display"
    assert wiped(buffers)


@pytest.mark.parametrize("seconds", [0.1, 31])
def test_after_a_no_and_after_silence(token, buffers, seconds):
    asked(token, buffers)
    token.button.down = seconds < 1
    token.run(seconds)
    token.button.down = False
    assert error_of(token.answered()) in ("refused", "timed-out")
    assert wiped(buffers)


def test_after_a_yes(token, buffers):
    assert say_yes(token, "set_pin", pin=PIN) == {"ok": True}
    assert wiped(buffers)


def test_after_a_yes_that_comes_too_late(token, buffers):
    say_yes(token, "set_pin", pin=PIN)
    asked(token, buffers)
    token.vault.lock()
    token.button.down = True
    assert error_of(token.answered()) == "locked"
    assert wiped(buffers)


def test_after_a_yes_that_flash_refuses(token, buffers):
    asked(token, buffers)
    token.storage.broken = True
    token.button.down = True
    assert error_of(token.answered()) == "storage"
    assert wiped(buffers)


def test_what_a_pin_that_could_not_be_kept_made(token, monkeypatch):
    made = []

    class Recorded(vault_pin.Wrapper):
        def __init__(self, stretched):
            super().__init__(stretched)
            made.append(self)

    monkeypatch.setattr(vault_pin, "Wrapper", Recorded)
    token.request("set_pin", pin=PIN)
    token.button.down = True
    while token.link._pending.wait is None:
        token.turn()
    token.storage.broken = True
    assert error_of(token.answered()) == "storage"
    assert len(made) == 1 and not any(made[0]._pad)


@pytest.mark.parametrize("pin", ["123", "1" * 33])
def test_a_pin_that_cannot_be_one(token, buffers, pin):
    assert error_of(token.request("set_pin", pin=pin)) == "bad-pin"
    assert wiped(buffers)


def test_an_attempt_whatever_comes_of_it(token, buffers):
    assert error_of(token.request("unlock", pin=PIN)) == "not-locked"
    say_yes(token, "set_pin", pin=PIN)
    power_cycle(token)
    for pin, code in ((WRONG, "wrong-pin"), (PIN, "too-soon")):
        assert error_of(token.request("unlock", pin=pin)) == code
        assert wiped(buffers)
    token.run(1.1)
    assert token.request("unlock", pin=PIN) == {"ok": True}
    assert wiped(buffers) and len(buffers) == 5
