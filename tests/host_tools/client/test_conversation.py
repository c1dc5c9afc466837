"""What a client does while a token waits, and what it leaves behind on the line."""

import pytest

from host_tools.client.conversation import COVER, IN_USE, REFUSED, TELL_SECRETS
from host_tools.client.token_client import TokenClient
from host_tools.client.wire_errors import TokenError
from host_tools.errors import NoToken, ToolError
from picototp.protocol import frames
from scripted_token import ScriptedToken, refusal

BUTTON = {"wait": "button", "timeout_ms": 30_000}
MINUTES_S = 180  # for somebody who never answers


def later(why, timeout_ms):
    return {"wait": "later", "why": why, "wait_s": timeout_ms // 1000, "timeout_ms": timeout_ms}


class Waits:
    """What the client was told to tell its user, in order."""

    def __init__(self) -> None:
        self.told: list = []

    def client(self, token) -> TokenClient:
        return TokenClient(
            token, lambda: self.told.append("button"), on_later=lambda *what: self.told.append(what)
        )


@pytest.mark.parametrize("why", [REFUSED, IN_USE])
def test_a_question_that_comes_later_is_told_with_the_reason_and_the_time(why):
    waits = Waits()
    with waits.client(ScriptedToken(wipe=[later(why, 5_000), BUTTON, {}])) as client:
        client.request("wipe")
    assert waits.told == [(why, 5.0), "button"]


def test_a_reason_that_is_not_known_is_that_the_button_is_in_use():
    waits = Waits()
    with waits.client(ScriptedToken(wipe=[later("\x1b[2J", 1_000), {}])) as client:
        client.request("wipe")
    assert waits.told == [(IN_USE, 1.0)]


@pytest.mark.parametrize("timeout_ms", [-1, 1 << 40, "5", None, 1.5])
def test_a_time_that_nobody_waits_is_taken_for_that_of_a_question(timeout_ms):
    waits = Waits()
    told = {"wait": "later", "why": REFUSED, "timeout_ms": timeout_ms}
    with waits.client(ScriptedToken(wipe=[told, {}])) as client:
        client.request("wipe")
    assert waits.told == [(REFUSED, frames.CONSENT_TIMEOUT_MS / 1000)]


def test_the_client_waits_for_as_long_as_it_was_told_and_not_for_ever():
    waits = Waits()
    token = ScriptedToken(wipe=[later(REFUSED, 60_000)])
    with waits.client(token) as client, pytest.raises(NoToken, match="does not answer"):
        client.request("wipe")
    assert 60 < token.now_s() < MINUTES_S


def test_by_default_nothing_is_told_and_the_answer_is_taken():
    with TokenClient(ScriptedToken(wipe=[later(IN_USE, 1_000), {"done": 1}])) as client:
        assert client.request("wipe")["done"] == 1


# --- what stays in the buffers of the token's port -----------------------------------------------


class Overheard(ScriptedToken):
    """Keeps the bytes that came, too."""

    def __init__(self, **script) -> None:
        super().__init__(**script)
        self.bytes = b""

    def write(self, data: bytes) -> None:
        self.bytes += data
        super().write(data)


SECRETS = {
    "unlock": {"pin": "2580"},
    "set_pin": {"pin": "2580"},
    "add": {"secret": "JBSWY3DP"},
    "batch_end": {"count": 1},
}
RING_BYTES = 512  # the largest of MicroPython's buffers of the port


def test_every_request_with_a_secret_is_known():
    assert set(SECRETS) == set(TELL_SECRETS)


@pytest.mark.parametrize("answer", [{}, refusal("wrong-pin", "no"), []], ids=["ok", "no", "silent"])
@pytest.mark.parametrize("op", SECRETS)
def test_a_secret_is_covered_by_what_says_nothing(op, answer):
    token = Overheard(**{op: answer})
    with TokenClient(token) as client:
        if answer == {}:
            client.request(op, **SECRETS[op])
        else:
            with pytest.raises(ToolError):
                client.request(op, **SECRETS[op])
    assert token.bytes.endswith(COVER) and len(COVER) > RING_BYTES
    assert token.ops()[-1] == op, "it is no request"
    assert frames.decode(frames.REQUEST_MARK, COVER.rstrip(b"\n")) is None
    assert len(COVER) < frames.MAX_LINE


def test_what_holds_no_secret_is_not_covered():
    token = Overheard()
    with TokenClient(token) as client:
        client.status()
    assert COVER not in token.bytes


def test_a_line_that_broke_is_told_once():
    """The cover cannot be sent either; the error is that of the request."""

    class Broken(ScriptedToken):
        def write(self, data: bytes) -> None:
            if b"unlock" in data or data == COVER:
                raise ToolError(f"broke at {len(data)}")
            super().write(data)

    with TokenClient(Broken()) as client, pytest.raises(ToolError) as caught:
        client.request("unlock", pin="2580")
    assert not isinstance(caught.value, TokenError) and str(len(COVER)) not in caught.value.message
