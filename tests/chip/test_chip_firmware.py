"""The firmware, compiled for the RP2040 and run on it: one life of a token with one account.

Each start costs some fifteen seconds of a computer's time, so there are only as many as it needs.
"""

import time

import pyotp
import pytest
from chip_bench import PATIENCE_S, eventually

from host_tools import client, otpauth
from host_tools.client import TokenClient
from host_tools.otpauth import Credential
from host_tools.simulator.board import VirtualBoard
from host_tools.simulator.digits import read_code

pytestmark = pytest.mark.chip

ALICE = Credential("Example", "alice@example.com", b"12345678901234567890")
HOLD_S = 0.9
A_FEW_TURNS_S = 0.25  # of the main loop, one of which may draw the question
A_FIFTH_OF_A_START_NS = 200_000_000


class PowerFailed(Exception):
    """In the midst of a request: nobody waits for its answer."""


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """An emulated chip answers some twenty times later than a real one."""
    monkeypatch.setattr(client, "ANSWER_TIMEOUT_S", PATIENCE_S)
    monkeypatch.setattr(client, "HELLO_TIMEOUT_S", PATIENCE_S)
    monkeypatch.setattr(client, "DAMAGED_WAIT_S", PATIENCE_S)


def test_a_life_of_a_token(plug_in, firmware, tmp_path):
    (tmp_path / "flash.bin").write_bytes(firmware)
    board = VirtualBoard(tmp_path)
    token = plug_in(board)

    def say_yes() -> None:
        """Hold the button, most of the time by moving the clock: frames are slow to draw here."""
        token.hold(True)
        board.clock.after(A_FEW_TURNS_S, lambda: None)
        board.elapse(HOLD_S)
        board.clock.after(A_FEW_TURNS_S, lambda: token.hold(False))

    with TokenClient(token.port.path, on_wait=say_yes) as host:
        assert host.info["token"] == board.unique_id.hex()
        host.add(ALICE)
        assert host.check(ALICE, int(time.time()))
    assert_shows_right_code(token)

    def say_yes_and_fail() -> None:
        board.flash.cut_after(1, torn=True)
        say_yes()
        eventually(lambda: not token.engine.running)
        raise PowerFailed

    with pytest.raises(PowerFailed), TokenClient(token.port.path, say_yes_and_fail) as host:
        host.request("remove", issuer=ALICE.issuer, name=ALICE.name)
    assert not token.screen_on
    token.power(True)
    eventually(lambda: token.engine.run.chip.now_ns > A_FIFTH_OF_A_START_NS)
    token.engine.reset()  # and the RUN pin, while it starts
    assert token.engine.ready.wait(PATIENCE_S) and not token.at_prompt
    assert_shows_right_code(token)
    with TokenClient(token.port.path) as host:
        assert [account["name"] for account in host.accounts()] == [ALICE.name]
        assert host.check(ALICE, int(time.time()))
    assert board.display.complaints == []


def assert_shows_right_code(token) -> None:
    """A press, if it is dark, and the code of the time that the RTC holds."""
    if not token.screen_on:
        token.press()
    rtc = token.board.rtc
    judge = pyotp.parse_uri(otpauth.build_uri(ALICE))
    before_s = rtc.unix()
    eventually(lambda: read_code(token.screen()))
    shown = read_code(token.screen())
    assert shown in {judge.at(int(before_s) - 1), judge.at(int(rtc.unix()))}
