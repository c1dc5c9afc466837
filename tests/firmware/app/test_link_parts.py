"""The link to the millisecond, between parts that only note what it asks of them: what it serves
and how that ends. test_link_questions.py has what it asks; test_link.py has the whole token."""

import pytest

from picototp.app.link import TELL_MS
from picototp.clock.states import MISSING, ClockError
from picototp.protocol import frames
from picototp.protocol.request import RequestError
from picototp.vault.errors import VaultError
from tests.firmware.app.link_parts import SESSION, Parts, codes, line_of

HELLO = line_of("hello", v=frames.VERSION)
OTHER = line_of("hello", 9, "s2", v=frames.VERSION)
BUSY = {"code": "busy", "message": "the token is saving; try again in a moment", "wait_s": 1}


@pytest.fixture
def parts():
    return Parts().greeted()


# --- a turn ------------------------------------------------------------------------------------


def test_one_answer_in_a_turn_whatever_is_wrong_with_the_lines(parts):
    damaged = line_of("a").replace(b'"a"', b'"b"')
    parts.results["a"] = {}
    noise = b"noise\n\n"
    data = (
        noise + b"x" * 2000 + b"\n" + damaged + noise + line_of("a") + line_of("a", s="x") + HELLO
    )
    assert codes(parts.poll(data)) == ["too-long"]
    assert parts.link.behind and not parts.link.idle
    assert codes(parts.poll()) == ["bad-frame"] and "read" not in parts.names()
    assert parts.poll() == [{"ok": True}]
    assert codes(parts.poll()) == ["other-host"] and parts.changed
    assert parts.poll() == [{"ok": True}] and parts.changed
    assert not parts.link.behind and parts.link.idle
    assert parts.poll() == [] and not parts.changed and parts.names() == ["read"]
    assert parts.poll(b"x") == [] and parts.changed  # any byte counts


def test_a_request_arrived_when_it_was_read(parts):
    parts.results["a"] = {}
    read = parts.read

    def slow():
        parts.now += 40
        return read()

    parts.read = slow
    parts.poll(line_of("a") + line_of("a"), 1_000)
    assert ("handle", "a", 1_040_007) in parts.asked
    parts.poll(b"", 2_000)
    assert ("handle", "a", 1_040_007) in parts.asked  # though it is served later


def test_whoever_said_no_hello_is_served_nothing():
    parts = Parts()
    assert codes(parts.request("a", {})) == ["hello-first"]
    parts.poll(OTHER)
    assert codes(parts.request("a", {})) == ["other-host"]
    assert parts.names() == ["read"]


@pytest.mark.parametrize("fields", [{"v": 0}, {"v": 2}, {"s": ""}, {"s": "x" * 17}, {"s": None}])
def test_a_hello_that_is_refused_ends_nothing(parts, fields):
    parts.request("a", parts.waiting([None] * 9))
    code = "wrong-version" if "v" in fields else "bad-request"
    assert codes(parts.poll(line_of("hello", **{"v": 1, **fields}))) == [code]
    parts.hello_error = RequestError("bad-request", "no")
    assert codes(parts.poll(OTHER)) == ["bad-request"]
    assert "cancel" not in parts.names() and "end_progress" not in parts.names()
    assert codes(parts.request("a", {})) == ["busy"]


def test_a_hello_ends_what_it_is_to_end(parts):
    parts.poll(HELLO)
    assert parts.names() == ["read", "end_progress"]


@pytest.mark.parametrize("in_use", [False, True])
def test_an_account_is_not_shown_while_the_button_is_in_use(parts, in_use):
    parts.busy_hand = in_use
    answers = parts.request("show", {"index": 3}, 4_321)
    assert ("in use", 4_321) in parts.asked
    if in_use:
        assert codes(answers) == ["in-use"] and "handle" not in parts.names()
    else:
        assert ("show", 4_321, 3) in parts.asked
    assert parts.request("a", {}) == [{"ok": True}]  # nothing else cares


# --- what a success does to the display --------------------------------------------------------

MOVES = {"move", "remove", "batch_end", "wipe"}


@pytest.mark.parametrize("index", [None, 4])
@pytest.mark.parametrize("op", ["add", "rename", "lock", *sorted(MOVES)])
def test_a_change_is_told_to_the_interface(parts, op, index):
    result = {} if index is None else {"index": index}
    assert parts.request(op, result, 5_000) == [{"ok": True, **result}]
    assert ("accounts_changed", 5_000, index, op in MOVES) in parts.asked


def test_an_unlocked_token_is_told_to_the_interface(parts):
    parts.request("unlock", {}, 5_000)
    assert parts.asked[2:] == [("unlocked", 5_000)]


def test_any_other_request_changes_nothing_on_the_display(parts):
    assert parts.request("list", {"index": 1}) == [{"ok": True, "index": 1}]
    assert parts.names() == ["read", "handle"]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_how_far_a_batch_has_come_is_shown_and_not_sent(parts, count):
    result = {"count": count, "of": 2, "line": "Example: alice"}
    assert parts.request("batch", result, 800) == [{"ok": True, "count": count, "of": 2}]
    message = ("From the computer", (f"{count} of 2:", "Example: alice"), "nothing is stored yet")
    assert parts.asked[-1] == ("progress", message, 800, count == 0)


SECRET = {"add", "batch_entry", "check", "unlock", "set_pin", "code"}


@pytest.mark.parametrize("op", [*sorted(SECRET), "list", "lock", "batch_begin"])
def test_which_requests_leave_something_secret_in_memory(parts, op):
    result = {"count": 1, "of": 1, "line": ""} if op.startswith("batch") else {}
    parts.request(op, result)
    assert parts.left_traces is (op in SECRET)
    parts.left_traces = False
    parts.request(op, RequestError("bad-request", "no"))
    assert parts.left_traces is (op in SECRET)


@pytest.mark.parametrize("data", [b"x" * 2000 + b"\n", line_of("add").replace(b"add", b"adb")])
def test_what_could_not_be_read_may_have_been_secret(parts, data):
    assert len(parts.poll(data)) == 1
    assert parts.left_traces


# --- errors ------------------------------------------------------------------------------------

ERRORS = [
    (VaultError("full", "m", {"wait_s": 3}), {"code": "full", "message": "m", "wait_s": 3}),
    (VaultError("full", "m"), {"code": "full", "message": "m"}),
    (RequestError("no-pin", "m"), {"code": "no-pin", "message": "m"}),
    (ClockError(MISSING, "m"), {"code": "missing", "message": "m"}),
    (OSError(28, "x"), {"code": "storage",
                        "message": "the flash could not be written (error 28)"}),
    (MemoryError(), {"code": "no-memory",
                     "message": "the token has no memory left; restart it"}),
]  # fmt: skip


@pytest.mark.parametrize(("error", "told"), ERRORS)
@pytest.mark.parametrize("when", ["at once", "later", "after a yes"])
def test_every_error_is_an_answer_and_ends_what_was_awaited(parts, error, told, when):
    wait = parts.waiting([None, error])
    if when == "at once":
        answers = parts.request("a", error)
    elif when == "later":
        assert parts.request("a", wait) == []
        assert parts.asked[-1] == ("poll", parts.now_us())  # in the same turn
        answers = parts.poll()
        assert parts.changed and parts.names().count("cancel") == 1
    else:
        parts.request("a", parts.consent(error))
        parts.answer = "yes"
        answers = parts.poll()
        assert parts.names()[-2:] == ["then", "forget"]
        assert "otherwise" not in parts.names()  # he said yes
    assert answers == [{"ok": False, "error": told}]
    assert parts.link.idle
    parts.link.work_on(10**6, False)
    assert parts.said() == []  # nobody waits any more


def test_an_answer_that_has_no_room(parts):
    (answer,) = parts.request("a", {"text": "x" * frames.MAX_LINE})
    assert answer["ok"] is False
    assert answer["error"] == {
        "code": "no-memory", "message": "the answer is too long; restart the token",
    }  # fmt: skip


# --- waiting -----------------------------------------------------------------------------------


def test_what_is_awaited_is_polled_in_each_turn_until_it_is_there(parts):
    parts.request("a", parts.waiting([None, None, None, {"x": 1}]), 10)
    assert parts.changed and not parts.link.idle
    assert parts.poll(at=20) == [] and ("poll", 20_007) in parts.asked and not parts.changed
    assert codes(parts.request("b", {}, 25)) == ["busy"]
    assert parts.poll(at=30) == [{"ok": True, "x": 1}] and parts.changed
    assert parts.link.idle and parts.names() == ["read", "poll"]


@pytest.mark.parametrize("end", [{}, VaultError("a", "m"), RequestError("a", "m"), OSError(5),
                                 ClockError(MISSING, "m"), MemoryError()])  # fmt: skip
@pytest.mark.parametrize("must_end", [False, True])
def test_what_is_awaited_when_another_host_comes(parts, must_end, end):
    parts.request("a", parts.waiting([None, None, end], must_end))
    lost, hello = parts.poll(OTHER)
    assert lost["error"] == {
        "code": "other-host", "message": "another program took over; ask for the status",
    }  # fmt: skip
    assert hello["ok"] is True
    assert ("cancel" in parts.names()) is not must_end
    assert ("poll" in parts.names()) is must_end
    assert parts.link.idle is not must_end
    assert parts.poll() == []  # whatever comes of it, nobody is told
    assert parts.link.idle
    if must_end:
        assert parts.names().count("cancel") == isinstance(end, Exception)


# --- in the midst of long work -----------------------------------------------------------------


def working(parts, during, at=1_000):
    """What is sent while a request is served, in which `during` happens."""

    def handle(message, arrived_us):
        during()
        return {}

    parts.handle = handle
    return parts.poll(line_of("a"), at)


def test_whoever_waits_for_long_work_hears_of_it_in_time(parts):
    def during():
        for now_ms, count in (
            (1_000 + TELL_MS - 1, 0), (1_000 + TELL_MS, 1), (1_000 + 2 * TELL_MS - 1, 1),
            (1_000 + 2 * TELL_MS, 2),
        ):  # fmt: skip
            parts.link.work_on(now_ms, False)
            assert len(parts.sent) == count
        assert [(one["id"], one["s"]) for one in parts.sent] == [(1, SESSION)] * 2
        assert parts.names().count("read") == 1  # that of the turn

    working_on = {"wait": "working", "timeout_ms": 10_000}
    assert working(parts, during) == [working_on, working_on, {"ok": True}]
    parts.link.work_on(10**6, False)
    assert parts.said() == []


@pytest.mark.parametrize(
    ("data", "errors"),
    [
        (b"", []),
        (b"noise\n", []),
        (line_of("a", 5, "s2"), [BUSY]),
        (line_of("a") * 2, [BUSY, BUSY]),
        (line_of("a").replace(b'"a"', b'"b"'), ["bad-frame"]),
        (b"x" * 2000 + b"\n", []),
        (line_of("a")[:9], []),
    ],
)
def test_what_arrives_while_it_saves_is_put_off(parts, data, errors):
    def during():
        parts.incoming += data
        parts.link.work_on(1_010, False)
        assert parts.sent == []
        parts.link.work_on(1_020, True)

    *put_off, answer = working(parts, during)
    assert answer == {"ok": True}
    assert [one["ok"] for one in put_off] == [False] * len(errors)
    for one, error in zip(put_off, errors, strict=True):
        assert error in (one["error"], one["error"]["code"])
