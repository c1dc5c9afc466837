"""What answers may be no token at all: each of its bytes is checked before anybody believes it."""

import pytest

from answers import CLOCK, STATUS
from host_tools.client.answers import page_of
from host_tools.client.conversation import MOST_WAITS
from host_tools.client.fields import BadAnswer
from host_tools.client.printable import printable
from host_tools.client.token_client import TokenClient
from host_tools.client.wire_errors import TokenError
from host_tools.credentials.credential import Credential
from host_tools.errors import NoToken
from scripted_token import ACCOUNT, HELLO, ScriptedToken, refusal

CREDENTIAL = Credential("Example", "alice", b"12345678901234567890")
READS = {
    "status": lambda token: token.status(),
    "list": lambda token: token.accounts(),
    "log": lambda token: token.error_log(),
    "check": lambda token: token.check(CREDENTIAL, 59),
    "clock_log": lambda token: token.clock_log(),
    "code": lambda token: token.code(token.accounts()[0]),
}


def listing(*accounts, **fields):
    return {"accounts": list(accounts), "total": len(accounts), **fields}


BAD = [
    ("hello", {**HELLO, "token": "a\u202eb"}),
    ("hello", {**HELLO, "token": "two words"}),
    ("hello", {**HELLO, "token": ""}),
    ("hello", {**HELLO, "firmware": "1\u200b"}),
    ("hello", {**HELLO, "limits": {"\x1b[2J": 1}}),
    ("hello", {**HELLO, "limits": {"x" * 100: 1}}),
    ("hello", {**HELLO, "limits": {str(count): 1 for count in range(60)}}),
    ("hello", {**HELLO, "limits": [1]}),
    ("hello", {"v": 1}),
    ("status", {}),
    ("list", listing({**ACCOUNT, "name": "\x1b]52;c;YQ==\x07"})),
    ("list", listing({**ACCOUNT, "name": ["alice"]})),
    ("list", listing({**ACCOUNT, "digits": 10**300})),
    ("list", listing(ACCOUNT, total=10**9)),
    ("list", {"accounts": [ACCOUNT, ACCOUNT], "total": 1}),
    ("list", {"total": 1}),
    ("log", {"text": "\x1b[1A\x1b[2K"}),
    ("check", {"match": "yes"}),
    ("clock_log", {"entries": [{"kind": "small"}], "total": 1}),
    ("code", {"code": "12345", "left_s": 5}),
    ("code", {"code": "1234567", "left_s": 5}),
    ("code", {"code": "abcdef", "left_s": 5}),
    ("code", {"code": "\u0661\u0662\u0663\u0664\u0665\u0666", "left_s": 5}),
    ("code", {"code": 755224, "left_s": 5}),
    ("code", {"code": "755224", "left_s": -1}),
    ("code", {}),
]


@pytest.mark.parametrize(("op", "answer"), BAD, ids=lambda value: str(value)[:40])
def test_an_answer_that_no_token_gives(op, answer):
    client = TokenClient(ScriptedToken(**{op: answer}))
    with pytest.raises(BadAnswer) as raised, client as token:
        READS[op](token)
    assert raised.value.message.isprintable()


@pytest.mark.parametrize("number", [10**310, -(10**310), 1e400, float("nan")])
def test_a_number_beyond_all_floats(number):
    answer = ScriptedToken(status=lambda _: status_with(temperature_c=number))
    with pytest.raises(BadAnswer), TokenClient(answer) as token:
        token.status()


def status_with(**clock):
    return {**STATUS, "clock": {**CLOCK, **clock}}


def test_a_list_without_end():
    """Each answer has one more account, and says that there are more to come."""
    stranger = ScriptedToken(list={"accounts": [ACCOUNT], "total": 4096})
    with TokenClient(stranger) as token:
        assert len(token.accounts()) == 4096
    growing = ScriptedToken(list=lambda asked: {"accounts": [ACCOUNT], "total": asked["from"] + 2})
    with pytest.raises(BadAnswer), TokenClient(growing) as token:
        token.accounts()


@pytest.mark.parametrize(("total", "is_one"), [(0, True), (4096, True), (4097, False)])
def test_how_long_a_list_may_be(total, is_one):
    entries = [ACCOUNT] * min(total, 1)
    answer = {"accounts": entries, "total": total}
    if is_one:
        parts, told = page_of("list", answer, "accounts", 0)
        assert (len(parts), told) == (len(entries), total)
    else:
        with pytest.raises(BadAnswer):
            page_of("list", answer, "accounts", 0)


def test_a_wait_without_end():
    asked = []
    stranger = ScriptedToken(code=[{"wait": "button", "timeout_ms": 30_000}] * 1000)
    with pytest.raises(NoToken), TokenClient(stranger, lambda: asked.append(1)) as token:
        READS["code"](token)
    assert len(asked) == MOST_WAITS


def test_a_line_without_end_and_noise():
    stranger = ScriptedToken(status=b"!P1 " + b"x" * 5_000_000 + b"\n" + b"\xff\x00" * 1000)
    with pytest.raises(NoToken), TokenClient(stranger) as token:
        token.status()


@pytest.mark.parametrize(
    "error",
    [
        refusal("refused", "\x1b[1A\x1b[2Kdone\nreally\u202e\u200b"),
        refusal("\x1b[2J", "x"),
        refusal({"a": 1}, ["x"]),
        refusal(None, None),
        {"ok": False, "error": "\x1b[2J"},
        {"ok": 1},
        {"ok": False},
        {"ok": False, "error": {"code": "wrong-pin", "message": "no", "tries_left": "\x1b"}},
    ],
    ids=str,
)
def test_an_error_is_one_printable_line(error):
    with pytest.raises(TokenError) as raised, TokenClient(ScriptedToken(lock=error)) as token:
        token.lock()
    assert raised.value.message and raised.value.message.isprintable()
    assert raised.value.code.isprintable()
    assert all(isinstance(value, int) for value in raised.value.data.values())


# --- secrets -------------------------------------------------------------------------------------


class No(Exception):
    pass


def no(_info):
    raise No


@pytest.mark.parametrize(
    "tell",
    [
        lambda token: token.add(CREDENTIAL),
        lambda token: token.unlock("1234"),
        lambda token: token.set_pin("1234"),
        lambda token: token.request("later", accounts=[{"name": "a", "secret": "MZXW6"}]),
    ],
)
def test_no_secret_goes_out_before_it_may(tell):
    stranger = ScriptedToken()
    with TokenClient(stranger, before_secret=no) as token:
        with pytest.raises(No):
            tell(token)
        token.set_pin(None)  # tells nothing
    assert stranger.ops() == ["hello", "set_pin"]


def test_it_is_asked_once_a_session():
    asked = []
    with TokenClient(ScriptedToken(), before_secret=asked.append) as token:
        token.add(CREDENTIAL)
        token.unlock("1234")
        assert asked == [token.info]


# --- characters ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("alice", "alice"),
        ("b\u00fccher \u0430\u65e5", "b\u00fccher \u0430\u65e5"),
        ("a\x1b[2Jb", "a\\u001b[2Jb"),
        ("a\u202eb\u2066", "a\\u202eb\\u2066"),
        ("a\u200bb\ufeff", "a\\u200bb\\ufeff"),
        ("a\u00a0b\u3000", "a\\u00a0b\\u3000"),
        ("\u3164\u2800\ufe0f\u034f", "\\u3164\\u2800\\ufe0f\\u034f"),
        ("\U000e0041\U000e0100", "\\U000e0041\\U000e0100"),
        ("one\ntwo\u2028\x85\x7f", "one\\u000atwo\\u2028\\u0085\\u007f"),
    ],
)
def test_what_is_not_seen_is_written_out(text, shown):
    assert printable(text) == shown
    assert printable(shown) == shown


def test_lines_stay_lines():
    assert printable("a\nb\rc", lines=True) == "a\nb\\u000dc"
