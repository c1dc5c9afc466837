"""A PIN from end to end: set over the port, asked for at power-up, entered by the one button."""

import pytest

from display_text import shows
from host_tools.client.wire_errors import TokenError
from host_tools.credentials.credential import Credential
from host_tools.simulator.digits import read_code, read_pin_digit
from judges import needs_code_judge, totp
from tests.end_to_end.hands import PHASE_S
from waiting import eventually

SECRET = b"12345678901234567890"
ACCOUNT = Credential("Example", "alice", SECRET)
PIN = "4071"


def right_code(unix_s):
    return totp(SECRET, unix_s)


@pytest.fixture
def locked(hands):
    """A token with an account and a PIN, after power-up."""
    with hands.client() as client:
        client.add(ACCOUNT)
        client.request("set_pin", pin=PIN)
        client.request("set_limit", limit=5)
    power_cycle(hands)
    return hands


def power_cycle(hands):
    hands.token.power(False)
    hands.token.power(True)
    hands.turns()


def enter(hands, pin):
    """The digits, and OK; with nothing entered yet."""
    hands.wake()
    eventually(lambda: symbol(hands), "a digit to begin with")
    for count, digit in enumerate(pin, 1):
        for _ in range(12):
            if symbol(hands) == digit:
                break
            hands.click()
        hands.hold()
        eventually(lambda: dot_count(hands) == count, f"{count} dots")  # noqa: B023
    hands.hold()  # OK comes first


def symbol(hands):
    """The large digit on the display; None for OK or <."""
    return read_pin_digit(hands.token.screen())


def dot_count(hands):
    return (hands.token.screen()[47] + ".").count("#.")


@needs_code_judge
def test_a_pin_by_the_button_opens_to_the_right_code(locked):
    locked.click()
    locked.sees("Locked")
    assert read_code(locked.token.screen()) is None
    enter(locked, PIN)
    locked.assert_code(right_code)


def test_wrong_pins_by_the_button_destroy_after_the_limit(locked):
    for left in (4, 3, 2, 1):
        enter(locked, "1111")
        # A wait of a second may be over before anybody looks: the hold goes on while it is checked.
        wait = ("Next try in",) if left < 3 else ()
        locked.sees(f"Wrong PIN, {left} left", *wait)
        locked.elapse(2 ** (5 - left))
    enter(locked, "1111")
    locked.sees("Accounts destroyed")
    power_cycle(locked)
    with locked.client() as client:
        assert client.status().vault == "destroyed"
        with pytest.raises(TokenError) as raised:
            client.request("unlock", pin=PIN)
        assert raised.value.code == "destroyed"


@needs_code_judge
def test_unlocked_over_the_port_a_code_leaves_it_after_the_button(locked):
    with locked.client() as client:
        with pytest.raises(TokenError) as raised:
            client.accounts()
        assert raised.value.code == "locked"
        with pytest.raises(TokenError) as raised:
            client.request("unlock", pin="0000")
        assert raised.value.code == "wrong-pin"
        locked.elapse(1.1)
        client.request("unlock", pin=PIN)
        assert [each.name for each in client.accounts()] == ["alice"]
        answer = client.request("code", issuer="Example", name="alice")
        now_s = locked.token.board.rtc.unix()
        assert answer["code"] in {right_code(int(at)) for at in (now_s - 1, now_s + PHASE_S)}
        client.request("lock")
        assert client.status().accounts is None
    locked.wake()
    locked.sees("Locked")


def test_it_locks_a_minute_after_the_dark(locked):
    with locked.client() as client:
        client.request("unlock", pin=PIN)
    locked.click()
    eventually(lambda: read_code(locked.token.screen()), "a code")
    locked.elapse(31)
    assert not locked.token.screen_on
    locked.elapse(61)
    locked.click()
    locked.sees("Locked")


def test_erase_all_by_the_button(locked):
    locked.hold()  # from the dark: the menu
    locked.sees("Menu")
    for _ in range(4):
        locked.click()
    locked.hold()
    locked.sees("Erase everything?")
    locked.yes()
    eventually(lambda: not shows(locked.token.screen(), "Erase everything?"), "the answer taken")
    with locked.client() as client:
        status = client.status()
    assert (status.pin, status.accounts) == (False, 0)
