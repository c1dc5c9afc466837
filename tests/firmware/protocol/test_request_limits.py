"""Every number of every request: the least and the largest that it may be, one less and one more,
and what it is when it is not given."""

import pytest

from every_request import TYPING
from picototp.clock.states import ClockError
from picototp.protocol import frames, request
from picototp.protocol.request import Consent, Part, RequestError, Wait, text_of, whole_of
from picototp.vault.errors import VaultError
from tests.firmware.protocol.service_rig import ALICE, COUNTER, NEW, make_token, true_now

# Request, other fields, the number, its ends.
NUMBERS = [
    ("list", {}, "from", 0, 255),
    ("check", {**ALICE, "proof": ""}, "unix", 0, 1 << 40),
    ("check", {**ALICE, "proof": ""}, "counter", 0, 2**64 - 1),
    ("add", NEW, "digits", 0, 99),
    ("add", NEW, "period", 0, 1 << 24),
    ("add", NEW, "counter", 0, 2**64 - 1),
    ("move", ALICE, "to", 0, 2),
    ("batch_begin", {"what": "add"}, "count", 1, 255),
    ("batch_begin", {"what": "remove"}, "count", 1, 255),
    ("batch_end", {}, "count", 1, 255),
    ("diagnose", {"part": "button"}, "ms", 1, 25_000),
    ("diagnose", {"part": "button"}, "presses", 1, 20),
    ("set_display", {}, "brightness", 1, 100),
    ("set_display", {}, "dark_after_s", 10, 120),
    ("set_limit", {}, "limit", 5, 20),
    ("set_lock_after", {}, "seconds", 0, 3600),
    ("set_aging", {}, "aging", -128, 127),
    ("clock_log", {}, "from", 0, 1 << 16),
    ("set_time", {}, "unix_us", 0, 1 << 53),
    ("set_time", {}, "uncertainty_us", 0, 3_600_000_000),
    ("set_time", {"drift_uncertainty_ppb": 1}, "drift_ppb", -50_000, 50_000),
    ("set_time", {"drift_ppb": 1}, "drift_uncertainty_ppb", 0, 50_000),
]
# What is refused later, for another reason.
BAD_LATER = {
    ("add", "digits", 0): "bad-digits",
    ("add", "digits", 99): "bad-digits",
    ("add", "period", 0): "bad-period",
    ("add", "period", 1 << 24): "bad-period",
    ("add", "counter", 2**64 - 1): "bad-counter",
    ("batch_end", "count", 1): "no-batch",
    ("batch_end", "count", 255): "no-batch",
}


@pytest.fixture(scope="module")
def one_token():
    """Which nothing here changes."""
    return make_token()


def ask(token, op, **fields):
    """What the service says at once: an answer, a question, something to wait for."""
    if op == "set_time":
        fields = true_now(token, **fields)
    return token.service.handle({"op": op, **fields}, token.monotonic.now_us())


@pytest.mark.parametrize(("op", "others", "field", "low", "high"), NUMBERS)
def test_a_number_is_taken_from_its_least_to_its_largest(one_token, op, others, field, low, high):
    for value in (low, high):
        try:
            assert ask(one_token, op, **{**others, field: value}) is not None
        except VaultError as error:
            assert error.code == BAD_LATER[op, field, value]
        except RequestError as error:
            pytest.fail(f"{value}: {error.message}")
        except ClockError as error:
            # 1970, and a time beyond the chip's last year.
            assert (field, error.state) == ("unix_us", "bad-time")
    for value in (low - 1, high + 1, True, None if op == "add" else "1", float(low)):
        with pytest.raises(RequestError) as caught:
            ask(one_token, op, **{**others, field: value})
        assert caught.value.code == "bad-request"
        assert caught.value.message == f"the field {field} must be {low} to {high}"


def test_what_a_number_is_that_is_not_given(one_token):
    assert ask(one_token, "list")["next"] == 3
    assert len(ask(one_token, "list")["accounts"]) == 3
    assert ask(one_token, "clock_log") == {"entries": [], "total": 0, "next": 0}
    fields = {field: value for field, value in NEW.items() if field != "period"}
    assert ask(one_token, "add", **fields).lines[2] == "SHA256, 8 digits, 30 s"
    counted = one_token.service._handlers["add"].__self__.account_from({**NEW, "kind": "hotp"})
    assert (counted.counter, counted.period_s) == (0, 45)
    watched = ask(one_token, "diagnose", part="button")
    assert watched.poll.__self__._answer == {"presses": 1, "ms": 25_000}
    now = ask(one_token, "set_display").lines
    assert now == ("Brightness 50 %", "Dark after 30 s", "Upright")


@pytest.mark.parametrize(
    ("op", "field"),
    [("move", "to"), ("batch_begin", "count"), ("batch_end", "count"), ("set_aging", "aging")]
    + [("set_limit", "limit"), ("set_lock_after", "seconds"), ("check", "unix")]
    + [("add", "digits")],
)
def test_what_must_be_given(one_token, op, field):
    others = {"what": "add", **NEW, **COUNTER, "proof": ""}
    del others["digits"]
    with pytest.raises(RequestError, match=f"the field {field} must be"):
        ask(one_token, op, **others)


@pytest.mark.parametrize("uptime_s", [3, 599, 600, 601, 900])
def test_how_old_the_moment_of_a_setting_may_be(uptime_s):
    token = make_token()
    now_us = uptime_s * 1_000_000
    fields = true_now(token)
    token.monotonic.now_us = lambda: now_us
    least_us = max(0, now_us - 600_000_000)
    for ticks_us in (least_us, now_us):
        assert ask(token, "set_time", **{**fields, "ticks_us": ticks_us}) is not None
    for ticks_us in (least_us - 1, now_us + 1):
        with pytest.raises(RequestError, match=f"ticks_us must be {least_us} to {now_us}"):
            ask(token, "set_time", **{**fields, "ticks_us": ticks_us})


@pytest.mark.parametrize(
    ("op", "others", "field"),
    [(op, ALICE, field) for op in ("rename", "move", "remove", "code", "show")
     for field in ("issuer", "name")]
    + [("rename", {**ALICE, "new_issuer": "", "new_name": "x"}, field)
       for field in ("new_issuer", "new_name")]
    + [("add", NEW, field) for field in ("issuer", "name", "secret", "algorithm", "kind")]
    + [("check", {**ALICE, "unix": 0, "proof": ""}, "proof"), ("unlock", {}, "pin")]
    + [("batch_begin", {"count": 1}, "what"), ("diagnose", {}, "part"), ("set_order", {}, "order")]
    + [("typing", {"on": True, **TYPING}, field) for field in TYPING],
)  # fmt: skip
def test_a_text_that_is_none(one_token, op, others, field):
    for fields in ({}, {field: None}, {field: 7}, {field: ["x"]}):
        given = {name: value for name, value in others.items() if name != field}
        with pytest.raises(RequestError) as caught:
            ask(one_token, op, **given, **fields)
        assert caught.value.message == f"the field {field} must be a string"


@pytest.mark.parametrize(
    ("op", "others", "field", "words"),
    [
        ("batch_begin", {"count": 1}, "what", "add or remove"),
        ("diagnose", {}, "part", "bus, clock, display, pattern, button, flash"),
        ("set_order", {}, "order", "fixed, recent or name"),
        ("typing", {"on": True, **TYPING}, "end", "none, enter, tab"),
        ("typing", {"on": True, **TYPING}, "num_lock", "keep, ignore"),
        ("typing", {"on": True, **TYPING}, "layout", "none, qwerty, qwertz, azerty"),
    ],
)
def test_a_word_that_is_none_of_them(one_token, op, others, field, words):
    with pytest.raises(RequestError, match=f"the field {field} must be:? {words}$"):
        ask(one_token, op, **{**others, field: "another"})


# --- request.py itself -------------------------------------------------------------------------


def test_a_number_of_a_request():
    assert whole_of({"a": 3}, "a", 3, 3) == whole_of({}, "a", 3, 3, 3) == 3
    assert whole_of({"a": 3}, "a", 0, 9, 5) == 3
    for message in ({}, {"a": None}, {"a": 2}, {"a": 4}, {"a": True}, {"a": 3.0}, {"a": "3"}):
        with pytest.raises(RequestError, match="the field a must be 3 to 3"):
            whole_of(message, "a", 3, 3)


def test_a_text_of_a_request():
    assert text_of({"a": ""}, "a") == ""
    with pytest.raises(RequestError, match="the field a must be a string") as caught:
        text_of({"b": "x"}, "a")
    assert caught.value.code == "bad-request" and str(caught.value) == caught.value.message


@pytest.mark.parametrize("count", [1, 3])
def test_a_part_is_filled_to_its_last_byte(count):
    """An entry needs its JSON, and what stands between two."""
    assert request.ROOM == frames.MAX_LINE - 224
    bare = len(frames.ascii_json({"a": ""})) + 2
    for more, fits in ((0, True), (1, False)):
        part = Part()
        entries = [{"a": "é"}] * (count - 1)
        for entry in entries:
            assert part.add(entry) is True
        left = request.ROOM - (count - 1) * (bare + len("\\u00e9")) - bare
        assert part.add({"a": "x" * (left + more)}) is fits
        assert len(part.entries) == count - 1 + fits
        assert part.add({}) is False


def test_what_a_question_and_a_wait_do_that_nobody_told_otherwise():
    plain = Consent("Sure?", (), dict)
    assert plain.begin() is plain.forget() is plain.otherwise is plain.pages is None
    assert Wait(dict, dict).must_end is False
    assert Wait(dict, dict, True).must_end is True
