"""Ctrl-C while a token is asked: the question is taken back, and what became of it is told."""

import pytest

from clockwork_token import ClockworkToken
from host_tools.client.conversation import Withdrawn
from host_tools.client.token_client import TokenClient
from scripted_token import HELLO, refusal

BUTTON = {"wait": "button", "timeout_ms": 30_000}
STOPPED_AT_S = 3
NOTHING = "stopped; nothing was changed"
TOO_LATE = "stopped too late: the token has done it already"
UNKNOWN = "stopped; the token did not say whether it heard that: look at its display"
SAVING = {"ok": False, "error": {"code": "busy", "message": "the token is saving", "wait_s": 1}}


def stopped(wipe, hello, **options):
    """The token, and what is told, where the user stops three seconds after `wipe` was asked.

    Those are the answers to that request, and to the hello by which it is withdrawn.
    """
    hellos = [HELLO, hello]
    token = ClockworkToken(
        stops_at_s=STOPPED_AT_S, hello=lambda _: hellos.pop(0), wipe=wipe, **options
    )
    with TokenClient(token) as client:
        with pytest.raises(Withdrawn) as caught:
            client.request("wipe")
        assert caught.value.__cause__ is None and caught.value.__suppress_context__
    return token, caught.value.message


def test_a_question_is_withdrawn_by_a_hello_in_a_session_of_its_own():
    token, told = stopped(BUTTON, HELLO)
    assert told == NOTHING and token.now_s() == STOPPED_AT_S
    first, asked, last = token.heard
    assert first["s"] == asked["s"] != last["s"] and len(last["s"]) == 8
    assert last == {"id": 0, "s": last["s"], "op": "hello", "v": 1}


def test_what_is_asked_next_is_in_that_session():
    hellos = [HELLO, HELLO]
    token = ClockworkToken(stops_at_s=1, hello=lambda _: hellos.pop(0), wipe=BUTTON)
    with TokenClient(token) as client:
        with pytest.raises(Withdrawn):
            client.request("wipe")
        client.status()
    assert token.heard[-1]["s"] == token.heard[-2]["s"] and token.ops()[-1] == "status"


def test_what_the_token_did_just_before_is_told():
    token, told = stopped([BUTTON, (STOPPED_AT_S + 1, {})], [(2, HELLO)])
    assert told == TOO_LATE and token.now_s() == STOPPED_AT_S + 1


@pytest.mark.parametrize("hello", [[], [(1, HELLO)], HELLO])
def test_what_it_refused_just_before_was_not_done(hello):
    _, told = stopped([BUTTON, (STOPPED_AT_S + 0.5, refusal("timed-out", "no"))], hello)
    assert told == NOTHING


@pytest.mark.parametrize("first_patience", [1, 2.5])
def test_of_a_silent_token_nothing_is_known(first_patience):
    token, told = stopped(BUTTON, [], first_patience=first_patience)
    assert told == UNKNOWN
    assert token.now_s() == STOPPED_AT_S + 2 * first_patience


def test_what_answers_something_else_tells_nothing():
    late = STOPPED_AT_S + 1
    strays = [(late, {"id": 9}), (late, {"s": "ffffffff"}), (late, BUTTON)]
    _, told = stopped([BUTTON, *strays], [])
    assert told == UNKNOWN


def test_a_token_that_saves_already_is_awaited():
    """It is too late to withdraw then; the answer to the request says what was done."""
    token, told = stopped([BUTTON, (STOPPED_AT_S + 50, {})], SAVING)
    assert told == TOO_LATE and token.now_s() == STOPPED_AT_S + 50
    _, told = stopped([BUTTON, (STOPPED_AT_S + 50, refusal("storage", "no"))], SAVING)
    assert told == NOTHING
    for patience in (1, 2.5):
        token, told = stopped(BUTTON, [(1, SAVING)], patience=patience)
        assert told == UNKNOWN and token.now_s() == STOPPED_AT_S + 1 + 60 * patience


def test_another_error_in_the_new_session_ends_the_one_before():
    _, told = stopped(BUTTON, refusal("busy", "one request at a time"))
    assert told == NOTHING


class Interrupted(ClockworkToken):
    """The user stops while a request is on its way: with what follows, the line is too long."""

    def write(self, data: bytes) -> None:
        if b'"wipe"' in data:
            super().write(data[1:-9])
            raise KeyboardInterrupt
        super().write(data)


def test_half_a_request_does_not_swallow_the_hello():
    token = Interrupted()
    with TokenClient(token) as client, pytest.raises(Withdrawn, match=NOTHING):
        client.request("wipe", name="x" * 930)
    assert token.ops() == ["hello", "hello"]
