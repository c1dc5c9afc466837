"""A token that works for long: the host waits as long as it says, and comes back to a busy one."""

import pytest

from host_tools.client.conversation import ANSWER_TIMEOUT_S, BUSY_PATIENCE_S, MOST_WORKINGS
from host_tools.client.token_client import TokenClient
from host_tools.client.wire_errors import TokenError
from host_tools.errors import NoToken
from scripted_token import HELLO, ScriptedToken, refusal

WORKING = {"wait": "working", "timeout_ms": 10_000}


def busy(wait_s=1):
    error = {"code": "busy", "message": "the token is saving; try again in a moment"}
    return {"ok": False, "error": {**error, "wait_s": wait_s}}


class SlowToken(ScriptedToken):
    """Says so many times that it is at work, nine seconds apart, before it answers."""

    def __init__(self, says, **script):
        super().__init__(**script)
        self._says = says
        self._due = []

    def read(self):
        if self._due and self.now_s() >= self._due[0][0]:
            return self._due.pop(0)[1]
        return super().read()

    def _say(self, request, answer):
        if request["op"] != "log":
            super()._say(request, answer)
            return
        for number in range(self._says):
            super()._say(request, WORKING)
            self._due.append((self.now_s() + 9 * number, self._out))
            self._out = b""
        super()._say(request, answer)
        self._due.append((self.now_s() + 9 * self._says, self._out))
        self._out = b""


def nobody():
    raise AssertionError("nobody was asked to confirm anything")


@pytest.mark.parametrize("says", [1, 3, MOST_WORKINGS])
def test_the_host_waits_as_long_as_the_token_says(says):
    token = SlowToken(says)
    with TokenClient(token, on_wait=nobody) as host:
        assert host.error_log() == ""
    assert token.now_s() > 9 * says > ANSWER_TIMEOUT_S


def test_a_token_that_is_at_work_for_ever_is_given_up():
    with TokenClient(SlowToken(MOST_WORKINGS + 20), on_wait=nobody) as host, pytest.raises(NoToken):
        host.error_log()


def times(count, answer, then):
    """That answer so many times, and then the other one."""
    answers = [answer] * count
    return lambda request: answers.pop() if answers else then


def test_a_busy_token_is_asked_again_after_the_time_that_it_says():
    token = ScriptedToken(log=times(3, busy(), {"text": ""}))
    with TokenClient(token, on_wait=nobody) as host:
        began_s = token.now_s()
        assert host.error_log() == ""
    assert token.ops().count("log") == 4
    assert 3 <= token.now_s() - began_s < 4


def test_a_hello_to_a_busy_token_is_said_again():
    token = ScriptedToken(hello=times(12, busy(), HELLO))
    with TokenClient(token, on_wait=nobody) as host:
        assert host.info.firmware == "0.0.0"
    assert token.now_s() >= 12


@pytest.mark.parametrize("op", ["hello", "log"])
def test_a_token_that_is_busy_for_ever_is_given_up(op):
    token = ScriptedToken(**{op: lambda request: busy()})
    with pytest.raises(TokenError, match="saving"), TokenClient(token, on_wait=nobody) as host:
        host.error_log()
    assert BUSY_PATIENCE_S <= token.now_s() < 2 * BUSY_PATIENCE_S


def test_a_busy_token_that_gives_no_time_is_an_error_at_once():
    token = ScriptedToken(log=refusal("busy", "one request at a time"))
    with TokenClient(token, on_wait=nobody) as host, pytest.raises(TokenError):
        host.error_log()
    assert token.ops().count("log") == 1
