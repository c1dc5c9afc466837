"""Asking for the time and for the log of settings, over the port."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from picototp.clock.log import CONFIRMED, ENTRIES_MAX, REFUSED, SMALL, TRIMMED, Entry
from picototp.protocol import frames
from tests.firmware.protocol.service_rig import error_of, in_use
from wired_token import SESSION, WiredToken
from workbench import NOW_UNIX_S


def test_time(token):
    answer = token.request("time")
    assert (answer["ok"], answer["state"]) == (True, "ok")
    assert answer["uncertainty_us"] < 1000
    age_us = token.monotonic.now_us() - answer["ticks_us"]
    error_us = answer["unix_us"] + age_us - token.true_unix_ns() / 1000
    assert abs(error_us) < 1000


def test_fresh_time_waits_for_a_rollover(token):
    token.run(5)
    seen = token.keeper.rollovers_seen
    answer = token.request("time", fresh=True)
    assert token.keeper.rollovers_seen == seen + 1
    assert answer["uncertainty_us"] < 1000
    assert answer["unix_us"] % 1_000_000 < 100_000


@pytest.mark.parametrize("fresh", [False, None, 1, "true"])
def test_only_true_is_fresh(token, fresh):
    seen = token.keeper.rollovers_seen
    assert token.request("time", fresh=fresh)["ok"] is True
    assert token.keeper.rollovers_seen == seen


def test_fresh_time_right_after_power_up(token):
    token.restart()
    token.hello()
    assert token.request("time", fresh=True)["uncertainty_us"] < 1000


def test_no_rollover_is_seen_by_a_loop_that_is_much_too_slow(token):
    token.port.incoming += frames.encode(
        frames.REQUEST_MARK, {"id": 9, "s": SESSION, "op": "time", "fresh": True}
    )
    token.turn()
    into_ms = token.true_unix_ns() // 10**6 % 1000
    token.clock.elapse((1500 - into_ms) % 1000 / 1000)
    for _ in range(5):
        token.loop.turn()
        into_ms = token.true_unix_ns() // 10**6 % 1000
        token.clock.elapse((1500 - into_ms) / 1000)
    assert [error_of(answer) for answer in token.answers()] == ["no-rollover"]
    assert token.request("status")["ok"] is True


@pytest.mark.parametrize("fresh", [False, True])
def test_no_time(token, fresh):
    token.chip.osf = True
    answer = token.request("time", fresh=fresh)
    assert (answer["ok"], answer["state"]) == (True, "not-set")
    assert "unix_us" not in answer
    assert answer["ticks_us"] > 0


def test_the_clock_is_lost_while_somebody_waits_for_its_rollover(token):
    token.run(2)
    token.port.incoming += frames.encode(
        frames.REQUEST_MARK, {"id": 9, "s": SESSION, "op": "time", "fresh": True}
    )
    token.turn()
    token.bus.set_fault("ds3231", "nack")
    token.run(1.2)
    (answer,) = token.answers()
    assert (answer["ok"], answer["state"]) == (True, "missing")


def test_when_the_request_arrived(token):
    """Between the host's sending and the stamp of the answer, in this order."""
    before_us = token.monotonic.now_us()
    answer = token.request("time", fresh=True)
    after_us = token.monotonic.now_us()
    assert before_us <= answer["arrived_us"] < answer["ticks_us"] <= after_us
    assert answer["ticks_us"] - answer["arrived_us"] < 1_100_000
    quick = token.request("time")
    assert 0 <= quick["ticks_us"] - quick["arrived_us"] < 5_000


def test_the_log_comes_in_parts(token):
    in_use(token)
    for number in range(20):
        token.setter.set_aging(number)
    entries, parts = [], 0
    while len(entries) < 21:
        answer = token.request("clock_log", **{"from": len(entries)})
        assert answer["total"] == 21
        entries += answer["entries"]
        assert answer["next"] == len(entries)
        parts += 1
    assert parts > 1
    assert [entry["aging"] for entry in entries] == [0, *range(20)]
    assert token.request("clock_log", **{"from": 21})["entries"] == []


any_entry = st.builds(
    Entry,
    st.sampled_from([CONFIRMED, SMALL, REFUSED, TRIMMED]),
    st.sampled_from([0, NOW_UNIX_S, 2**32 - 1]),
    st.sampled_from([None, 0, 1, -(10**15), 2**63 - 1, 1 - 2**63]),
    st.sampled_from([0, 2**32 - 1, 2**40]),
    st.sampled_from([0, -128, 127]),
    st.sampled_from([None, 0.0, 21.25, -8191.75]),
)


@settings(max_examples=40)
@given(st.lists(any_entry, max_size=ENTRIES_MAX), st.sampled_from(["a", "\x01" * 16, "é" * 8]))
def test_each_part_of_the_log_fits_in_a_frame_whatever_it_holds(entries, session):
    token = WiredToken()
    for entry in entries:
        token.setter.log.append(entry)
    token.hello(session)
    token.number = 2**53 - 3 - ENTRIES_MAX  # the longest request numbers
    fetched = []
    while len(fetched) < len(entries):
        answer = token.request("clock_log", session, **{"from": len(fetched)})
        assert answer["ok"] is True and answer["entries"]
        fetched += answer["entries"]
        assert (answer["next"], answer["total"]) == (len(fetched), len(entries))
    assert [Entry(**entry) for entry in fetched] == token.setter.log.entries()
