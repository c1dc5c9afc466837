"""Reading the time: real servers, and a server with every fault that a server can have.

Nothing here leaves loopback.
"""

import contextlib
import socket
import threading
import time

import pytest

from host_tools.clock import ntp_exchange
from host_tools.clock.ntp import read_servers
from ntp_faults import faulty, reply, server, silent
from readings import QUICK, assert_ahead, half_a_second_in, refusal
from time_server import running_time_server

NS = 1_000_000_000


def test_a_real_server(time_server):
    reading = read_servers([time_server], **QUICK)
    assert reading.used == [time_server] and not reading.rejected and not reading.warnings
    # It serves this computer's own clock: the truth is an offset of 0.
    assert_ahead(reading, 0)
    error_ns = reading.unix_ns_at(time.monotonic_ns()) - time.time_ns()
    assert abs(error_ns) < reading.uncertainty_s * NS + 1_000_000


def test_a_reading_goes_on_by_the_monotonic_clock_and_its_bound_grows(time_server):
    reading = read_servers([time_server], **QUICK)
    later_ns = reading.monotonic_ns + 1000 * NS
    assert reading.unix_ns_at(later_ns) - reading.unix_ns == 1000 * NS
    assert reading.uncertainty_s_at(reading.monotonic_ns) == reading.uncertainty_s
    assert reading.uncertainty_s_at(later_ns) == pytest.approx(reading.uncertainty_s + 0.015)


def test_a_server_ahead_gives_that_offset():
    with faulty(ahead_s=2.5) as (name, _):
        reading = read_servers([name], **QUICK)
    assert_ahead(reading, 2.5)
    ahead_ns = reading.unix_ns_at(time.monotonic_ns()) - time.time_ns()
    assert ahead_ns / NS == pytest.approx(2.5, abs=0.2)


def test_three_servers_one_lying_is_outvoted_and_named(time_server):
    with running_time_server() as second, faulty(ahead_s=0.5) as (liar, _):
        reading = read_servers([liar, time_server, second], **QUICK)
    assert reading.used == [time_server, second]
    ((name, reason),) = reading.rejected
    assert name == liar and "outvoted" in reason and half_a_second_in(reason)
    assert_ahead(reading, 0)


def test_two_that_disagree_are_refused(time_server):
    with faulty(ahead_s=0.5) as (liar, _):
        message = refusal([time_server, liar], timeout_s=1.0)
    assert "disagree" in message and time_server in message and liar in message
    assert half_a_second_in(message) == 1 and "--server" in message


def test_two_against_two_are_refused():
    with contextlib.ExitStack() as stack:
        names = [stack.enter_context(faulty(ahead_s=s))[0] for s in (0, 0, 0.5, 0.5)]
        assert "disagree" in refusal(names, timeout_s=1.0)


def test_two_among_four_are_no_majority():
    with contextlib.ExitStack() as stack:
        names = [stack.enter_context(faulty(ahead_s=s))[0] for s in (0, 0, 0.5, -0.5)]
        assert "disagree" in refusal(names, timeout_s=1.0)


def test_all_different_are_refused():
    with contextlib.ExitStack() as stack:
        names = [stack.enter_context(faulty(ahead_s=s))[0] for s in (0, 0.5, -0.5)]
        assert "disagree" in refusal(names, timeout_s=1.0)


def test_a_vague_server_does_not_decide_between_two_exact_ones():
    with contextlib.ExitStack() as stack:
        changes = ({"ahead_s": 0.5}, {"ahead_s": -0.5}, {"dispersion_s": 1.0})
        names = [stack.enter_context(faulty(**change))[0] for change in changes]
        assert "disagree" in refusal(names, timeout_s=1.0)


FAULTS = {
    "unsynchronised": ({"leap": 3}, "clock is not synchronised"),
    "stratum 16": ({"stratum": 16}, "stratum 16"),
    "stratum 255": ({"stratum": 255}, "stratum 255"),
    "kiss RATE": ({"leap": 3, "stratum": 0, "ref_id": b"RATE"}, "kiss-of-death RATE"),
    "kiss DENY": ({"stratum": 0, "ref_id": b"DENY"}, "kiss-of-death DENY"),
    "kiss steering the terminal": (
        {"stratum": 0, "ref_id": b"\x1b[2J"},
        "kiss-of-death 0x1b5b324a",
    ),
    "no server": ({"mode": 3}, "mode 3"),
    "no time": ({"transmit": bytes(8)}, "gives no time"),
    "root delay": ({"delay_s": 3.1}, "root distance"),
    "root dispersion": ({"dispersion_s": 1.6}, "root distance"),
    "precision": ({"precision": 127}, "root distance"),
    "held longer than it took": ({"held_s": 1.0}, "timestamps are impossible"),
    "sent before received": ({"held_s": -1.0}, "timestamps are impossible"),
    "wrong origin": ({"origin": b"\1\2\3\4\5\6\7\x08"}, "does not echo"),
    "no origin": ({"origin": bytes(8)}, "does not echo"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_alone_is_refused_and_beside_good_servers_is_left_out(fault, time_server):
    changes, says = FAULTS[fault]
    with faulty(**changes) as (name, _):
        # Only what is skipped as no answer has to be waited for.
        timeout_s = 0.3 if "echo" in says else 2.0
        message = refusal([name], timeout_s=timeout_s)
        assert f"{name}: " in message and says in message and "--source host" in message
        reading = read_servers([name, time_server], samples=1, timeout_s=timeout_s)
    assert reading.used == [time_server]
    ((rejected, reason),) = reading.rejected
    assert rejected == name and says in reason
    assert "nothing confirms it" in reading.warnings[0]


@pytest.mark.parametrize("size", [1, 47])
def test_a_short_packet_is_refused(size):
    with server(lambda question, number: [reply(question)[:size]]) as (name, _):
        assert f"too short ({size} of 48 bytes)" in refusal([name])


def test_silence_is_refused():
    with silent() as (name, questions):
        assert f"{name}: no answer" in refusal([name])
        assert len(questions) == 1


def test_a_port_without_server_is_refused():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    assert "cannot be reached" in refusal([f"127.0.0.1:{port}"])


def test_forged_answers_do_not_keep_the_true_one_out():
    def answers(question, number):
        return [b"", b"x", reply(question, origin=bytes(8), ahead_s=9), reply(question)]

    with server(answers) as (name, _):
        reading = read_servers([name], **QUICK)
    assert_ahead(reading, 0)


@pytest.mark.parametrize("code", [b"RATE", b"DENY", b"RSTR"])
def test_kiss_of_death_ends_the_questions_and_keeps_what_came_before(code):
    def at_once(question, number):
        return [reply(question, stratum=0, ref_id=code)]

    def at_third(question, number):
        return at_once(question, number) if number == 3 else [reply(question)]

    with server(at_once) as (name, questions):
        refusal([name], samples=4, spacing_s=0.0, timeout_s=2.0)
        assert len(questions) == 1
    with server(at_third) as (name, questions):
        assert read_servers([name], samples=6, spacing_s=0.0).used == [name]
        assert len(questions) == 3


def test_a_network_error_keeps_what_came_before(monkeypatch):
    """As when the server is stopped meanwhile, and its machine answers that nobody listens."""
    ask = ntp_exchange._exchange
    asked = []

    def refused_at_third(*question):
        asked.append(question)
        if len(asked) == 3:
            raise ConnectionRefusedError
        return ask(*question)

    monkeypatch.setattr(ntp_exchange, "_exchange", refused_at_third)
    with faulty() as (name, _):
        assert read_servers([name], samples=6, spacing_s=0.0).used == [name]
    assert len(asked) == 3


def test_every_question_is_different_and_tells_nothing_of_this_computer():
    with faulty() as (name, questions):
        read_servers([name], samples=4, spacing_s=0.0)
    assert len({question[40:48] for question in questions}) == 4
    assert {question[:40] for question in questions} == {b"\x23" + bytes(39)}


def test_the_sample_with_the_shortest_delay_counts():
    never = threading.Event()

    def answers(question, number):
        if number != 2:
            never.wait(0.6)  # on its way to the server: the server's time is read afterwards
        return [reply(question)]

    with server(answers) as (name, _):
        reading = read_servers([name], samples=3, spacing_s=0.0)
    assert reading.uncertainty_s < 0.3
    assert_ahead(reading, 0)


def test_root_distance_counts_as_uncertainty():
    with faulty(delay_s=0.4, dispersion_s=0.1) as (name, _):
        reading = read_servers([name], **QUICK)
    assert 0.3 <= reading.uncertainty_s < 0.5


def test_three_asked_and_one_usable_is_refused(time_server):
    with faulty(leap=3) as (first, _), faulty(stratum=16) as (second, _):
        message = refusal([first, time_server, second], timeout_s=2.0)
    assert f"only {time_server}" in message and first in message and second in message
