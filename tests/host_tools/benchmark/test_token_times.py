"""How `picototp bench` talks to a token: with one that answers by a script, in its own time."""

import pytest

from host_tools.benchmark.running_token import YES_MS, RunningToken
from host_tools.client.wire_errors import TokenError
from host_tools.errors import ToolError
from picototp.app.gestures import HOLD_MS
from picototp.protocol import frames

MS = 1_000_000


class ScriptedPico:
    """Says each of `script`, [(when in ms, fields)], at its time; it is its own chip and console.

    The first time is counted from the request on, the next from when the button goes down.
    """

    def __init__(self, *script):
        self.now_ns = 5_000 * MS
        self.output = bytearray()
        self.asked = []
        self.buttons = []
        self.chip = self.console = self
        self._script = list(script)
        self._due = []

    def send(self, line):
        request = frames.decode(frames.REQUEST_MARK, line.strip())
        if request is not None:  # else it covers a secret in the port's buffers
            self.asked.append(request)
            self._plan()

    def press(self, down):
        self.buttons.append((down, self.now_ns))
        if down:
            self._plan()

    def run_for(self, duration_ns):
        self.now_ns += duration_ns
        while self._due and self._due[0][0] <= self.now_ns:
            asked = self.asked[-1]
            fields = {"id": asked["id"], "s": asked["s"], **self._due.pop(0)[1]}
            self.output += frames.encode(frames.ANSWER_MARK, fields)

    def run_until(self, condition, what):
        for _ in range(60_000):
            if condition():
                return
            self.run_for(MS)
        raise ToolError(f"no {what}")

    def _plan(self):
        after_ms, fields = self._script.pop(0)
        self._due.append((self.now_ns + after_ms * MS, fields))


ASKS = (20, {"wait": "button", "timeout_ms": 30_000})


def test_a_yes_counts_from_the_end_of_the_hold():
    pico = ScriptedPico(ASKS, (1_234, {"ok": True, "index": 254}))
    answer, taken_s = RunningToken(pico).confirm("add", name="n")
    assert answer["index"] == 254
    assert taken_s == pytest.approx(1.234 - 0.8)
    (asked,) = pico.asked
    assert (asked["op"], asked["name"]) == ("add", "n")
    (down, pressed_ns), (up, released_ns) = pico.buttons
    assert (down, up) == (True, False)
    assert released_ns - pressed_ns == 1_234 * MS


def test_it_holds_for_as_long_as_the_firmware_wants():
    assert YES_MS == HOLD_MS


def test_only_the_answer_to_the_request_counts():
    token = RunningToken(ScriptedPico((3, {"ok": True, "id": 0}), (0, {})))
    with pytest.raises(ToolError, match="does not answer"):
        token.client.request("status")


@pytest.mark.parametrize("confirmed", [False, True])
def test_an_error_is_no_measurement(confirmed):
    error = {"ok": False, "error": {"code": "full", "message": "no"}}
    pico = ScriptedPico(*[ASKS] * confirmed, (900, error))
    token = RunningToken(pico)
    with pytest.raises(TokenError) as raised:
        token.confirm("add") if confirmed else token.client.request("add")
    assert raised.value.code == "full"


def test_what_is_not_asked_on_the_token_is_no_measurement():
    with pytest.raises(ToolError, match="does not ask for the button at 'add'"):
        RunningToken(ScriptedPico((1, {"ok": True}))).confirm("add")
