"""The link's questions to the millisecond, between parts that only note what it asks of them: when
one is put, what its host hears of it, and how it ends. test_link.py has the whole token."""

import pytest

from picototp.app.asking import BUTTON_BUSY_MS, FIRST_PAUSE_MS
from picototp.app.interface import NO, NOT_SHOWN, TIMED_OUT, YES
from picototp.protocol import frames
from picototp.protocol.request import Consent
from tests.firmware.app.link_parts import Parts, codes, line_of

OTHER = line_of("hello", 9, "s2", v=frames.VERSION)
ASKED = {"wait": "button", "timeout_ms": frames.CONSENT_TIMEOUT_MS}


def later(why, wait_ms, wait_s):
    return {"wait": "later", "why": why, "wait_s": wait_s, "timeout_ms": wait_ms}


@pytest.fixture
def parts():
    return Parts().greeted()


def asked(parts, at=70_000, then=dict):
    """With a question on its display."""
    assert parts.request("a", parts.consent(then), at) == [ASKED]
    return parts


def answered(parts, answer, at=None):
    parts.answer, parts.asking = answer, False
    return parts.poll(at=at)


def test_a_question_is_put_at_once(parts):
    asked(parts, 70_000)
    question = ("ask", "Sure?", ("a", "b"), 70_000, "pages")
    assert parts.names()[-2:] == ["begin", "ask"] and parts.asked[-1] == question
    assert parts.changed and not parts.link.idle
    assert not parts.left_traces
    assert parts.poll() == [] and not parts.changed
    assert codes(parts.request("b", {})) == ["busy"]


def test_another_page_of_it_has_more_time_and_its_host_hears_so(parts):
    asked(parts)
    parts.asked_ms += 1
    assert parts.poll() == [ASKED]
    assert parts.poll() == []


@pytest.mark.parametrize(
    ("answer", "code", "message"),
    [
        (NO, "refused", "you said no on the token, so it was not done"),
        (TIMED_OUT, "timed-out", "nobody confirmed on the token in time; try again"),
        (NOT_SHOWN, "no-display",
         "the token has no working display to ask on; check its wires"),
    ],
)  # fmt: skip
def test_without_a_yes_nothing_is_done(parts, answer, code, message):
    asked(parts)
    (said,) = answered(parts, answer)
    assert said == {"ok": False, "error": {"code": code, "message": message}}
    assert parts.names()[1:] == ["otherwise", "forget"]
    assert parts.changed and parts.link.idle


def test_a_no_to_a_question_that_does_not_care(parts):
    parts.request("a", Consent("Sure?", (), dict), 70_000)
    assert codes(answered(parts, NO)) == ["refused"]


def test_after_a_yes_it_is_done_and_forgotten(parts):
    asked(parts, then={"index": 2})
    assert answered(parts, YES) == [{"ok": True, "index": 2}]
    assert parts.names()[1:] == ["then", "forget"]
    assert parts.changed and parts.link.idle


def test_after_a_yes_it_may_take_its_time(parts):
    asked(parts, then=parts.waiting([None, {"x": 1}]))
    assert answered(parts, YES) == []
    assert parts.names()[1:] == ["then", "forget"] and not parts.link.idle
    assert parts.poll() == []
    assert parts.poll() == [{"ok": True, "x": 1}]
    assert parts.link.idle


def test_without_a_display_there_is_no_question(parts):
    parts.shows = False
    assert codes(parts.request("a", parts.consent(), 70_000)) == ["no-display"]
    assert parts.names()[2:] == ["forget"]  # nobody refused
    assert parts.link.idle and not parts.asking


# --- when it waits -----------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [NO, TIMED_OUT, NOT_SHOWN])
@pytest.mark.parametrize(("after_ms", "wait_s"), [(0, 5), (1, 5), (1_000, 4), (1_001, 4),
                                                  (FIRST_PAUSE_MS - 1, 1)])  # fmt: skip
def test_after_no_yes_the_next_one_waits(parts, answer, after_ms, wait_s):
    asked(parts, 70_000)
    answered(parts, answer, 70_500)
    left_ms = FIRST_PAUSE_MS - after_ms
    told = parts.request("a", parts.consent(), 70_500 + after_ms)
    assert told == [later("refused", left_ms, wait_s)]
    assert parts.changed and "begin" not in parts.names() and not parts.link.idle
    assert parts.poll(at=70_500 + FIRST_PAUSE_MS - 1) == [] and not parts.changed
    assert parts.poll(at=70_500 + FIRST_PAUSE_MS) == [ASKED] and parts.changed


def test_after_a_yes_the_next_one_does_not(parts):
    asked(parts, 70_000)
    answered(parts, NO, 70_001)
    asked(parts, 80_000)
    answered(parts, YES, 80_001)
    asked(parts, 80_002)


def test_a_question_that_was_taken_back_counts_as_a_no_if_it_was_seen(parts):
    asked(parts, 70_000)
    parts.poll(OTHER, 70_100)
    told = parts.poll(line_of("a", s="s2"), 70_101)
    assert told == [later("refused", FIRST_PAUSE_MS - 1, 5)]
    parts.poll(line_of("hello", v=1), 70_102)  # which takes back what nobody has seen
    told = parts.request("a", parts.consent(), 70_103)
    assert told == [later("refused", FIRST_PAUSE_MS - 3, 5)]


def test_while_the_button_is_in_use_it_waits_for_a_minute_at_most(parts):
    parts.busy_hand = True
    told = parts.request("a", parts.consent(), 70_000)
    assert told == [later("in-use", BUTTON_BUSY_MS, 60)]
    assert parts.poll(at=70_000 + BUTTON_BUSY_MS - 1) == []
    (said,) = parts.poll(at=70_000 + BUTTON_BUSY_MS)
    assert said["error"] == {
        "code": "timed-out", "message": "the button was in use for a minute; ask again",
    }  # fmt: skip
    assert parts.names()[-1] == "forget" and "otherwise" not in parts.names()
    assert parts.link.idle


def test_the_minute_begins_when_the_pause_is_over(parts):
    asked(parts, 70_000)
    answered(parts, NO, 70_000)
    parts.busy_hand = True
    assert len(parts.request("a", parts.consent(), 71_000)) == 1
    over_ms = 70_000 + FIRST_PAUSE_MS
    assert parts.poll(at=over_ms) == [later("in-use", BUTTON_BUSY_MS, 60)]
    assert parts.poll(at=over_ms + BUTTON_BUSY_MS - 1) == []
    parts.busy_hand = False
    assert parts.poll(at=over_ms + BUTTON_BUSY_MS) == [ASKED]


# --- another host ------------------------------------------------------------------------------


@pytest.mark.parametrize("seen", [False, True])
def test_a_question_is_taken_back_when_another_host_comes(parts, seen):
    parts.busy_hand = not seen
    parts.request("a", parts.consent(), 70_000)
    lost, hello = parts.poll(OTHER, 70_100)
    assert lost["error"] == {
        "code": "other-host", "message": "another program took over; nothing was changed",
    }  # fmt: skip
    assert hello == {"ok": True}
    assert ("withdraw" in parts.names()) is seen
    assert parts.names().count("forget") == 1
    assert not {"otherwise", "then"} & set(parts.names())
    assert parts.link.idle and parts.changed


def test_what_changes_on_the_display_by_itself_is_to_be_drawn(parts):
    """A question that goes without the link."""
    asked(parts)
    plain = parts.read

    def read():
        parts.asking = False
        return plain()

    parts.read = read
    assert parts.poll() == [] and parts.changed
