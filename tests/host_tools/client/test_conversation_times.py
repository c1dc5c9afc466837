"""How long a client waits for what, and how often it asks again: to the quarter of a second."""

import re

import pytest

from clockwork_token import TICK_S, ClockworkToken
from host_tools.client.conversation import IN_USE, REFUSED
from host_tools.client.token_client import TokenClient
from host_tools.client.wire_errors import TokenError
from host_tools.errors import NoToken, UsageProblem
from scripted_token import HELLO, refusal

BUTTON = {"wait": "button", "timeout_ms": 30_000}
WORKING = {"wait": "working", "timeout_ms": 10_000}
DAMAGE = {"id": None, "s": None, **refusal("bad-frame", "a frame arrived damaged")}
DONE = {"done": True}


def busy(wait_s):
    error = {"code": "busy", "message": "the token is saving", "wait_s": wait_s}
    return {"ok": False, "error": error}


def in_turn(*answers):
    """Each request gets the next one; the last stays."""
    left = list(answers)
    return lambda request: left.pop(0) if len(left) > 1 else left[0]


def requests(token, op):
    """When it was asked for that."""
    return [
        at_s for at_s, one in zip(token.heard_at_s, token.heard, strict=True) if one["op"] == op
    ]


# --- the answer to a request ---------------------------------------------------------------------


@pytest.mark.parametrize("patience", [1, 6])
@pytest.mark.parametrize(
    ("op", "seconds"),
    [
        ("status", 5),
        ("add", 5),
        ("unlock", 15),
        ("set_pin", 15),
        ("batch_end", 10),
        ("diagnose", 35),
    ],
)
def test_a_silent_token_is_given_up_after_what_the_request_may_take(op, seconds, patience):
    token = ClockworkToken(patience, **{op: []})
    with TokenClient(token) as client, pytest.raises(NoToken, match=r"does not answer; unplug it"):
        client.request(op)
    assert token.now_s() == seconds * patience
    assert requests(token, op) == [0]


def test_an_answer_counts_up_to_the_last_moment():
    token = ClockworkToken(status=(5 - TICK_S, DONE))
    with TokenClient(token) as client:
        assert client.request("status")["done"]


def test_what_answers_another_request_or_session_is_skipped():
    strays = [
        {"id": 7, **DONE},
        {"s": "ffffffff", **DONE},
        {"id": 7, **BUTTON},
        {"id": 7, **WORKING},
    ]
    token = ClockworkToken(status=[*strays, b"noise\n", b'!P1 {"id": 1} 00000000\n'])
    with TokenClient(token, pytest.fail) as client, pytest.raises(NoToken):
        client.request("status")
    assert token.now_s() == 5


def test_a_request_that_is_too_long_is_not_sent():
    token = ClockworkToken()
    with TokenClient(token) as client, pytest.raises(UsageProblem, match="shorten the names"):
        client.request("add", name="x" * 1024)
    assert token.ops() == ["hello"]


# --- what arrived damaged ------------------------------------------------------------------------


@pytest.mark.parametrize("first_patience", [1, 1.5])
@pytest.mark.parametrize(("op", "seconds"), [("status", 3), ("unlock", 9)])
def test_after_a_damaged_request_it_is_asked_three_times(op, seconds, first_patience):
    token = ClockworkToken(1, first_patience, **{op: DAMAGE})
    with TokenClient(token) as client, pytest.raises(TokenError) as caught:
        client.request(op)
    assert caught.value.code == "bad-frame"
    each_s = seconds * first_patience
    assert requests(token, op) == [0, each_s, 2 * each_s]
    assert token.now_s() == 3 * each_s


def test_if_the_noise_was_from_before_the_answer_follows():
    token = ClockworkToken(status=[DAMAGE, (3 - TICK_S, DONE)])
    with TokenClient(token) as client:
        assert client.request("status")["done"]
    assert requests(token, "status") == [0]


def test_a_report_of_damage_prolongs_nothing():
    token = ClockworkToken(status=[DAMAGE, (2, DAMAGE)])
    with TokenClient(token) as client, pytest.raises(TokenError):
        client.request("status")
    assert requests(token, "status") == [0, 3, 6]
    token = ClockworkToken(status=in_turn([(4, DAMAGE)], DONE))
    with TokenClient(token) as client:
        assert client.request("status")["done"]
    assert requests(token, "status") == [0, 5]


def test_once_the_question_is_put_noise_is_nothing():
    """The token heard the request then: what it waits for is what counts."""
    for answers in ([BUTTON, (1, DAMAGE), (20, DONE)], [DAMAGE, (1, BUTTON), (20, DONE)]):
        token = ClockworkToken(wipe=answers)
        with TokenClient(token) as client:
            assert client.request("wipe")["done"]
        assert token.ops() == ["hello", "wipe"]
    token = ClockworkToken(wipe=[DAMAGE, (1, BUTTON)])
    with TokenClient(token) as client, pytest.raises(NoToken):
        client.request("wipe")
    assert token.now_s() == 1 + 30 + 5


@pytest.mark.parametrize(
    "answer",
    [
        {**DAMAGE, "id": 9},
        {**DAMAGE, "s": "ffffffff"},
        {"id": None, "s": None, **refusal("refused", "no")},
        {"id": None, "s": None, "ok": False, "error": "bad-frame"},
    ],
    ids=str,
)
def test_what_is_no_report_of_damage(answer):
    token = ClockworkToken(status=answer)
    with TokenClient(token) as client, pytest.raises(NoToken):
        client.request("status")
    assert token.now_s() == 5


def test_any_other_error_ends_the_request():
    token = ClockworkToken(status=refusal("unknown-op", "no"))
    with TokenClient(token) as client, pytest.raises(TokenError):
        client.request("status")
    assert token.ops() == ["hello", "status"] and token.now_s() == 0


# --- the button, and work ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("timeout_ms", "seconds"), [(0, 0), (60_000, 60), (60_001, 30), (-1, 30), ("1", 30)]
)
@pytest.mark.parametrize("wait", ["button", "later", "working"])
def test_who_waits_gets_the_time_that_the_token_says(wait, timeout_ms, seconds):
    token = ClockworkToken(2, unlock=(1, {"wait": wait, "timeout_ms": timeout_ms}))
    with TokenClient(token) as client, pytest.raises(NoToken):
        client.request("unlock")
    assert token.now_s() == 1 + seconds + 3 * 5 * 2


@pytest.mark.parametrize(("op", "told"), [("wipe", 3), ("batch_end", 1)])
def test_each_question_is_told_but_the_pages_of_one_only_once(op, told):
    asked = []
    token = ClockworkToken(**{op: [BUTTON, (1, BUTTON), (2, BUTTON), (3, DONE)]})
    with TokenClient(token, lambda: asked.append(token.now_s())) as client:
        client.request(op)
    assert asked == [0, 1, 2][:told]


def test_a_question_that_comes_later_is_still_told_when_it_comes():
    told = []
    later = {"wait": "later", "why": REFUSED, "timeout_ms": 5_000}
    token = ClockworkToken(
        batch_end=[later, (1, {**later, "why": IN_USE}), (2, BUTTON), (3, BUTTON), (4, DONE)]
    )
    asked = lambda: told.append("button")  # noqa: E731
    with TokenClient(token, asked, on_later=lambda *what: told.append(what)) as client:
        client.request("batch_end")
    assert told == [(REFUSED, 5.0), (IN_USE, 5.0), "button"]


@pytest.mark.parametrize(("answer", "most"), [(BUTTON, 16), (WORKING, 40)])
def test_what_prolongs_the_time_counts_so_often(answer, most):
    seconds = answer["timeout_ms"] / 1000 + 5
    for count, last_s in ((most - 1, most - 2), (most, most - 1), (most + 9, most - 1)):
        token = ClockworkToken(wipe=[(at_s, answer) for at_s in range(count)])
        with TokenClient(token) as client, pytest.raises(NoToken):
            client.request("wipe")
        assert token.now_s() == last_s + seconds


# --- hello ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("first_patience", "at_s"), [(1, [0, 1, 3]), (2, [0, 1, 3, 7])])
def test_hello_is_said_again_after_pauses_that_grow(first_patience, at_s):
    token = ClockworkToken(1, first_patience, hello=[])
    with pytest.raises(NoToken, match=r"no PicoTOTP answers at the port"):
        TokenClient(token).hello()
    assert token.heard_at_s == at_s
    assert token.now_s() == 4.5 * first_patience
    assert {one["id"] for one in token.heard} == {1}
    assert {one["v"] for one in token.heard} == {1}
    assert len({one["s"] for one in token.heard}) == 1
    # What it makes keys of, in part, is of no use twice.
    assert len({one["entropy"] for one in token.heard}) == len(at_s)
    assert {len(one["entropy"]) for one in token.heard} == {64}


@pytest.mark.parametrize(
    ("timeout_s", "at_s"), [(0.25, [0]), (1, [0]), (1.25, [0, 1]), (3, [0, 1]), (3.25, [0, 1, 3])]
)
def test_what_is_left_of_the_time_is_used_and_no_more(timeout_s, at_s):
    token = ClockworkToken(hello=[])
    with pytest.raises(NoToken):
        TokenClient(token).hello(timeout_s)
    assert token.heard_at_s == at_s and token.now_s() == timeout_s


def test_a_request_without_a_hello_is_the_first():
    """The token's to refuse; but it can tell which one it refuses."""
    token = ClockworkToken(status=refusal("hello-first", "say hello first"))
    with pytest.raises(TokenError, match="say hello first"):
        TokenClient(token).status()
    assert [one["id"] for one in token.heard] == [1]


def test_a_session_has_eight_hex_digits_of_its_own():
    sessions = set()
    for _ in range(3):
        token = ClockworkToken()
        with TokenClient(token):
            sessions.add(token.heard[0]["s"])
    assert len(sessions) == 3 and all(re.fullmatch("[0-9a-f]{8}", one) for one in sessions)


def test_an_answer_to_an_earlier_hello_is_as_good():
    token = ClockworkToken(hello=in_turn([(2, HELLO)], []))
    assert TokenClient(token).hello().version == 1
    assert token.now_s() == 2


def test_requests_are_numbered_from_that_hello_on():
    token = ClockworkToken(hello=in_turn([], HELLO))
    with TokenClient(token) as client:
        client.status()
        client.status()
    assert [one["id"] for one in token.heard] == [1, 1, 2, 3]


def test_half_a_line_of_a_program_before_does_not_cost_a_try():
    token = ClockworkToken()
    token.write(b"x" * 1000)  # with a request behind it, this is too long for a line
    with TokenClient(token):
        assert token.ops() == ["hello"] and token.now_s() == 0


def test_a_damaged_hello_is_said_again_and_another_error_ends_it():
    token = ClockworkToken(hello=in_turn(DAMAGE, DAMAGE, HELLO))
    with TokenClient(token):
        assert token.heard_at_s == [0, 1, 2]
    token = ClockworkToken(hello=refusal("wrong-version", "no"))
    with pytest.raises(TokenError, match="no"):
        TokenClient(token).hello()
    assert token.heard_at_s == [0]


# --- a token that is busy ------------------------------------------------------------------------


@pytest.mark.parametrize("op", ["hello", "status"])
@pytest.mark.parametrize(("wait_s", "again"), [(1, True), (60, True), (61, False), (0, False)])
def test_who_is_busy_for_a_time_that_somebody_waits_is_asked_again(op, wait_s, again):
    token = ClockworkToken(**{op: in_turn(busy(wait_s), HELLO)})
    if again:
        with TokenClient(token) as client:
            client.request("status")
        assert requests(token, op) == [0, wait_s]
    else:
        with pytest.raises(TokenError) as caught, TokenClient(token) as client:
            client.request("status")
        assert caught.value.code == "busy" and requests(token, op) == [0]


@pytest.mark.parametrize("patience", [1, 1.5])
@pytest.mark.parametrize("op", ["hello", "status"])
def test_a_busy_token_is_given_up_after_a_minute(op, patience):
    token = ClockworkToken(patience, **{op: lambda _: busy(10)})
    with pytest.raises(TokenError) as caught, TokenClient(token) as client:
        client.request("status")
    assert caught.value.code == "busy"
    assert requests(token, op) == [10 * one for one in range(int(6 * patience) + 1)]


def test_after_it_was_busy_a_token_has_the_whole_time_for_its_hello():
    token = ClockworkToken(1, 2, hello=in_turn(busy(8), []))
    with pytest.raises(NoToken):
        TokenClient(token).hello()
    assert token.now_s() == 8 + 4.5 * 2


def test_damage_and_business_do_not_add_up():
    """A token that was busy acted on nothing; the tries for damage are all left."""
    token = ClockworkToken(status=in_turn(busy(1), busy(1), busy(1), DAMAGE, DAMAGE, DONE))
    with TokenClient(token) as client:
        assert client.request("status")["done"]
    assert requests(token, "status") == [0, 1, 2, 3, 6, 9]
