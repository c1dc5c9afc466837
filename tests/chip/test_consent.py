"""The rules of consent on the emulated chip, where the press comes by an edge of the pin and the
question by the real display: what counts as a yes, and when a question waits.

All of them, to the millisecond: tests/firmware/app/test_consent.py and test_link.py.
"""

import pytest

from display_text import shows
from flash_tree import with_files
from host_tools.client.conversation import IN_USE, REFUSED
from host_tools.client.ports import SerialConnection
from host_tools.client.token_client import TokenClient
from host_tools.client.wire_errors import TokenError
from host_tools.simulator.board import VirtualBoard
from tests.chip.chip_bench import HOLD_S, eventually, say_yes, settle

pytestmark = pytest.mark.chip

WIPE = "All 0 accounts"  # a line of its question
EARLY_S = 0.6  # after its question was drawn, a press counts for nothing
SILENCE_S = 30
PAUSE_S = 5


@pytest.fixture(scope="module")
def token(plug_in, firmware, tmp_path_factory):
    folder = tmp_path_factory.mktemp("consent")
    (folder / "flash.bin").write_bytes(with_files(firmware, {}))
    return plug_in(VirtualBoard(folder))


class Host:
    """A session whose questions get `answer`; `told` is what it was told, in order."""

    def __init__(self, token, answer):
        self.told = []
        self.asked_ns = 0  # of the board's time, when it was told of the question
        self._token = token
        self._answer = answer

    def _asks(self):
        self.told.append("asks")
        self.asked_ns = self._token.board.clock.now_ns()
        self._answer(self._token)

    def _later(self, why, seconds):
        self.told.append(why)
        if why == IN_USE:
            self._token.hold(False)

    def wipe(self):
        """Ask for it: "" after a yes, or the code of the refusal."""
        line = SerialConnection(self._token.port.path)
        with TokenClient(line, self._asks, on_later=self._later) as client:
            try:
                client.request("wipe")
            except TokenError as error:
                return error.code
        return ""


def press_early(token):
    """A hold that begins too early, and goes on far beyond the moment from which one counts."""
    eventually(lambda: shows(token.screen(), WIPE), "the question")
    token.board.clock.after(EARLY_S, lambda: token.hold(True))
    token.board.clock.after(2 * HOLD_S, lambda: None)
    assert shows(token.screen(), WIPE), "it is no yes"
    token.hold(False)
    settle(token)
    assert shows(token.screen(), WIPE), "nor a no"
    token.board.elapse(SILENCE_S)


def click(token):
    eventually(lambda: shows(token.screen(), WIPE), "the question")
    token.board.clock.after(1.5, lambda: None)
    token.press(0.1)


def test_a_press_that_begins_too_early_answers_nothing(token):
    host = Host(token, press_early)
    assert host.wipe() == "timed-out"
    assert host.told[-1] == "asks"


def test_a_hold_of_somebody_who_has_read_it_is_a_yes(token):
    host = Host(token, say_yes)
    assert host.wipe() == ""


def test_after_a_no_the_next_question_waits(token):
    """By the board's own time: a busy computer may be late with the next request."""
    first = Host(token, click)
    assert first.wipe() == "refused"
    again = Host(token, say_yes)
    assert again.wipe() == ""
    assert again.asked_ns - first.asked_ns >= PAUSE_S * 1e9
    assert [why for why in again.told if why != REFUSED] == ["asks"]


def test_while_the_button_is_down_a_question_waits(token):
    settle(token)
    token.hold(True)
    settle(token)
    host = Host(token, say_yes)
    assert host.wipe() == ""
    assert host.told == [IN_USE, "asks"]
