"""What a computer can have the display do, and Steam's codes: the commands as a user runs them."""

import json

import pyotp.contrib
import pytest

from display_text import question_at, shows
from host_tools.simulator.digits import read_code
from programs import tool
from waiting import eventually

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
STEAM = f"otpauth://steam/Steam:gordon?secret={SECRET}&issuer=Steam"
ALICE = f"otpauth://totp/Example:alice?secret={SECRET}&issuer=Example"


@pytest.fixture
def provision(hands):
    """Runs provision.py on the token, with a yes to every question unless told otherwise."""

    def run_it(*arguments, on_confirm=None, **options):
        port = hands.token.port.path
        answer = on_confirm or hands.yes
        return tool("provision", "--port", port, *arguments, on_confirm=answer, **options)

    return run_it


def load(provision, *uris):
    for uri in uris:
        result = provision("add", "-", typed=uri)
        assert result.code == 0, result.err


def test_steam_from_the_uri_to_display_and_command(hands, provision):
    load(provision, STEAM)
    hands.assert_code(lambda unix_s: pyotp.contrib.Steam(SECRET).at(unix_s))
    (listed,) = json.loads(provision("list", "--json").out)
    assert (listed["kind"], listed["digits"], listed["period"]) == ("totp", 5, 30)
    assert provision("list").out.split("\t")[2].strip() == "Steam"
    result = provision("code", "gordon")
    now_s = int(hands.token.board.rtc.unix())
    judge = pyotp.contrib.Steam(SECRET)
    assert result.out.strip() in {judge.at(now_s + offset_s) for offset_s in range(-90, 31, 30)}
    verified = provision("verify", "-", typed=STEAM)
    assert verified.code == 0, verified.err


def test_an_account_on_the_display_without_a_question(hands, provision):
    load(provision, ALICE, STEAM)
    hands.elapse(31)
    assert not hands.token.screen_on

    def nobody():
        raise AssertionError("the token asked")

    result = provision("show", "alice", on_confirm=nobody)
    assert result.code == 0, result.err
    hands.sees("Example", "alice")
    code = eventually(lambda: read_code(hands.token.screen()))
    assert code not in result.out + result.err
    assert provision("show", "nobody there").code == 2


def test_a_locked_token_asks_for_its_pin_on_its_own_display(hands, provision):
    load(provision, ALICE)
    assert provision("pin", "set", "-", typed="9041\n").code == 0
    assert provision("lock").code == 0
    hands.elapse(31)
    with hands.client() as client:
        assert client.show() is False
        hands.sees("Locked")
        client.unlock("9041")
        assert client.show(client.accounts()[0]) is True
    hands.sees("alice")


def test_order_and_look(hands, provision):
    load(provision, STEAM, ALICE)
    assert provision("order", "name").code == 0

    def turned():
        return [row[::-1] for row in reversed(hands.token.screen())]

    def yes_upside_down():
        question_at(turned, hands.elapse, hands.click)
        hands.hold()

    changes = ("--brightness", "20", "--dark-after", "60", "--upside-down")
    assert provision("display", *changes, on_confirm=yes_upside_down).code == 0
    told = json.loads(provision("display", "--json").out)
    assert told == {"brightness": 20, "dark_after_s": 60, "upside_down": True, "order": "name"}
    assert "upside down" in provision("display").out
    assert hands.token.board.display.contrast == 51
    assert shows(turned(), "alice")

    def no():
        hands.elapse(2)  # upright, as it was asked for
        hands.sees("Keep it like this?")
        hands.click()

    assert provision("display", "--upright", "--brightness", "1", on_confirm=no).code == 4
    eventually(lambda: shows(turned(), "alice"))
    assert hands.token.board.display.contrast == 51
    assert provision("display", "--brightness", "0").code == 2
