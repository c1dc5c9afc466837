"""`picototp doctor --acceptance`: all that it asks of a builder, and what its report tells."""

import time

import pytest

from display_text import QUESTION
from host_tools.client.ports import PATIENCE_VARIABLE
from host_tools.credentials.credential import Credential
from ntp_faults import faulty
from programs import PICOTOTP, run
from terminal_program import Terminal
from waiting import eventually

LOOK = "press the token's button when you have"
PRESS = "press the token's button 5 times now"
UNPLUG = "unplug the token, wait ten seconds"
CUT = "power cut {} of 3"
CONFIRM = "confirm on the token"


class Acceptance:
    """A builder who does what the terminal says, one thing after the other."""

    def __init__(self, hands, server, folder):
        self.hands = hands
        self.token = hands.token
        self.report = folder / "report.md"
        self._command = (
            *(*PICOTOTP, "doctor", "--acceptance", "--port", self.token.port.path),
            *("--server", server, "--report", self.report),
        )

    def run(self, cut):
        """(exit code, what was printed in the end); `cut()` makes a power cut in a change."""
        with Terminal(*self._command, columns=300) as terminal:
            terminal.wait_for(LOOK)
            eventually(lambda: self.token.screen_on)
            while "do you see" not in terminal.read():
                self.token.press(0.1)
            terminal.type("y\n")
            terminal.wait_for(PRESS)
            while "button:  " not in terminal.read():
                self.token.press(0.1)
            terminal.wait_for(UNPLUG)
            self.power_cut()
            confirmed = 0
            for number in range(1, 4):
                confirmed = self._confirm(terminal, CUT.format(number), confirmed)
                terminal.wait_for(CUT.format(number))
                eventually(lambda n=confirmed: terminal.read().count(CONFIRM) > n, "the question")
                confirmed += 1
                cut()
            self._confirm(terminal, None, confirmed)
            return terminal.end(), terminal.text

    def _confirm(self, terminal, until, confirmed):
        """Say yes to each question until that is printed, or it has ended."""

        def is_over():
            text = terminal.read()
            return terminal.process.poll() is not None if until is None else until in text

        def step():
            nonlocal confirmed
            if terminal.read().count(CONFIRM) > confirmed and self.hands.shows(QUESTION):
                confirmed += 1
                self.hands.yes()
            return is_over()

        try:
            eventually(step, until or "its end", patience_s=60)
        except AssertionError:
            raise AssertionError(f"{until} never came, but:\n{terminal.text}") from None
        return confirmed

    def power_cut(self):
        self.token.power(False)
        self.token.power(True)
        eventually(lambda: self.token.engine.ready.is_set(), "a start")

    def yes_and_cut(self):
        """Hold until the question goes, and pull the cable at that moment."""
        self.hands.sees(QUESTION)
        self.token.hold(True)
        eventually(lambda: self.hands.elapse(0.1) or not self.hands.shows(QUESTION))
        self.token.power(False)
        self.token.hold(False)
        self.token.power(True)


@pytest.fixture
def acceptance(hands, tmp_path, monkeypatch):
    monkeypatch.setenv(PATIENCE_VARIABLE, "3")
    with hands.client() as client:
        client.add(Credential("My bank", "alice@example.com", b"a secret of alice"))
    hands.elapse(31)  # dark
    hands.token.board.rtc.set_unix_ns(time.time_ns())
    hands.elapse(2)
    with faulty() as (server, _):
        yield Acceptance(hands, server, tmp_path)


def test_a_sound_token_is_accepted_and_the_report_tells_nothing_of_its_owner(acceptance):
    code, said = acceptance.run(acceptance.yes_and_cut)
    assert code == 0, said
    assert "3 accounts added, compared and removed" in said
    assert "3 cuts while an account was added, and no account was lost" in said
    with acceptance.hands.client() as client:
        assert [account.name for account in client.accounts()] == ["alice@example.com"]
        number = client.info.token
    report = acceptance.report.read_text(encoding="utf-8")
    assert "0 of 22 checks are wrong" in report
    for checked in ("wires", "power cuts", "sync", "drift"):
        assert f"| {checked} | " in report
    for private in (number, "alice", "My bank", acceptance.token.port.path, "127.0.0.1", "/tmp"):
        assert private not in report


def test_it_needs_somebody_at_the_board(hands):
    port = hands.token.port.path
    result = run(*PICOTOTP, "doctor", "--acceptance", "--no-hands", "--port", port)
    assert result.code == 2 and "somebody at the board" in result.complaint
