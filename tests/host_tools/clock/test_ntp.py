"""Reading the time: real servers, and a server with every fault that a server can have.

Nothing here leaves loopback.
"""

import contextlib
import re
import socket
import sys
import threading
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host_tools.clock import host_clock, majority, ntp, ntp_exchange
from host_tools.clock.host_clock import read_host_clock
from host_tools.clock.ntp import read_servers, split_server
from host_tools.errors import TimeSourceError, UsageProblem
from ntp_faults import faulty, reply, server, silent
from time_server import running_time_server

NS = 1_000_000_000
QUICK = {"samples": 2, "spacing_s": 0.0}
IMPATIENT = {"samples": 1, "timeout_s": 0.3}


def assert_ahead(reading, ahead_s):
    """The reading holds the truth, which is known here, within its own bound, and is of use."""
    assert abs(reading.unix_offset_s - ahead_s) <= reading.uncertainty_s < 0.4


def half_a_second_in(text):
    """How often it tells an offset of about +0.5 s: on a loaded machine, not to the millisecond."""
    return sum(abs(float(told) - 0.5) < 0.2 for told in re.findall(r"\+\d+\.\d+(?= s)", text))


def refusal(servers, **options):
    with pytest.raises(TimeSourceError) as caught:
        read_servers(servers, **(IMPATIENT | options))
    assert "\n" not in caught.value.message and caught.value.exit_code == 5
    return caught.value.message


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


def test_one_machine_has_one_vote():
    with faulty(ahead_s=0.5) as (liar, _), faulty() as (good, _):
        message = refusal([liar, liar, f" {liar} ", good], timeout_s=1.0)
    assert "disagree" in message and half_a_second_in(message) == 1


def needs_ipv6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError as error:
        pytest.skip(f"no IPv6 loopback: enable IPv6 on lo to run this test ({error})")


def resolve(monkeypatch, names):
    """Let each of these names have these addresses (HOST:PORT), whatever port is asked for."""
    lookup = socket.getaddrinfo

    def found(host, *args, **options):
        if host not in names:
            return lookup(host, *args, **options)
        ends = [split_server(address) for address in names[host]]
        return [one for end in ends for one in lookup(*end, type=socket.SOCK_DGRAM)]

    monkeypatch.setattr(socket, "getaddrinfo", found)


@pytest.mark.parametrize("second", [("six", "four"), ("four",)])
def test_one_machine_has_one_vote_by_ipv6_and_ipv4(monkeypatch, second):
    needs_ipv6()
    with (
        faulty(ahead_s=0.5, family=socket.AF_INET6) as (six, _),
        faulty(ahead_s=0.5) as (four, _),
        faulty() as (good, _),
    ):
        ends = {"six": six, "four": four}
        names = {"one.invalid": [six, four], "two.invalid": [ends[name] for name in second]}
        resolve(monkeypatch, names)
        message = refusal([*names, good], timeout_s=1.0)
    assert "disagree" in message and half_a_second_in(message) == 1


def test_machines_that_share_their_names_have_a_vote_each(monkeypatch):
    """As in the NTP pool, where few servers are near: all of them are under each of its names."""
    with faulty() as (first, _), faulty() as (second, _):
        names = {"0.pool.invalid": [first, second], "1.pool.invalid": [first, second]}
        resolve(monkeypatch, names)
        assert read_servers(list(names), **QUICK).used == list(names)


def test_ipv6():
    needs_ipv6()
    with faulty(family=socket.AF_INET6) as (name, _):
        assert_ahead(read_servers([name], **QUICK), 0)


def test_far_from_this_computers_clock_is_refused_with_both_times():
    with faulty(ahead_s=3600) as (name, _):
        message = refusal([name], timeout_s=1.0)
        times = re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", message)
        assert name in message and len(times) == 2 and times[0] > times[1]
        reading = read_servers([name], max_host_offset_s=4000, **QUICK)
    assert_ahead(reading, 3600)


@pytest.mark.parametrize("year", [2035, 2037, 2100])
def test_seconds_that_wrap_in_2036(year):
    ahead_s = (year - 1970) * 365.2425 * 86400 - time.time()
    clock = host_clock.HostClock(time.monotonic_ns(), int((time.time() + ahead_s) * NS))
    limits = ntp_exchange.Limits(
        samples=1, spacing_s=0.0, timeout_s=2.0, deadline_s=time.monotonic() + 4
    )
    with faulty(ahead_s=ahead_s + 3) as (name, _):
        sample = ntp_exchange.best_sample(
            name, *split_server(name), clock, limits, ntp_exchange.Claims()
        )
    assert abs(sample.offset_s - 3) <= sample.distance_s < 1


def test_a_name_that_nobody_knows(monkeypatch):
    def unknown(*args, **options):
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)  # no lookup may leave this machine
    assert "nosuch.invalid: its name was not found" in refusal(["nosuch.invalid"])


def test_a_name_lookup_that_hangs_does_not_hang_the_tool(monkeypatch, time_server):
    hanging = threading.Event()
    lookup = socket.getaddrinfo

    def slow(host, *args, **options):
        if host == "slow.invalid":
            hanging.wait(30)
        return lookup(host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    monkeypatch.setattr(ntp, "TOTAL_TIMEOUT_S", 0.6)
    try:
        reading = read_servers(["slow.invalid", time_server], **QUICK)
        assert reading.used == [time_server]
        assert reading.rejected == [("slow.invalid", "no answer in time")]
    finally:
        hanging.set()


def test_a_second_address_is_tried_when_the_first_is_silent(monkeypatch):
    with silent() as (quiet, _), faulty() as (good, _):
        found = [
            (socket.AF_INET, socket.SOCK_DGRAM, 17, "", ("127.0.0.1", split_server(name)[1]))
            for name in (quiet, good)
        ]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: found)
        assert read_servers(["both.invalid"], **IMPATIENT).used == ["both.invalid"]


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("time.example.org", "time.example.org", 123),
        ("time.example.org:1123", "time.example.org", 1123),
        ("10.0.0.1:123", "10.0.0.1", 123),
        ("[::1]:1123", "::1", 1123),
        ("[fe80::1%eth0]", "fe80::1%eth0", 123),
        ("2001:db8::1", "2001:db8::1", 123),
        (" host ", "host", 123),
    ],
)
def test_server_names(text, host, port):
    assert split_server(text) == (host, port)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ":123",
        "host:",
        "host:x",
        "host:0",
        "host:65536",
        "host:+1",
        "host:٣",
        "[::1",
        "[::1]x",
        "[::1]:",
        "[]:1",
        "a b",
        "a\nb",
        "host:" + "1" * 5000,
    ],
)
def test_no_server_names(text):
    with pytest.raises(UsageProblem, match="not a time server") as caught:
        read_servers([text])
    assert "\n" not in caught.value.message


def test_no_servers_named():
    assert "none was named" in refusal([])


def test_the_host_clock():
    reading = read_host_clock()
    assert reading.unix_offset_s == 0.0 and reading.used == ["this computer's clock"]
    assert abs(reading.unix_ns_at(time.monotonic_ns()) - time.time_ns()) < 50_000_000
    assert 0 < reading.uncertainty_s < 100
    assert bool(reading.warnings) == (reading.uncertainty_s >= host_clock.UNKEPT_CLOCK_S)


def test_the_host_clock_where_the_kernel_cannot_be_asked(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    reading = read_host_clock()
    assert reading.uncertainty_s == 16.0 and "cannot say" in reading.warnings[0]


@pytest.mark.parametrize("stated_s", [0.001, 0.5, 60])
def test_what_the_user_states_of_the_host_clock_counts_and_is_kept_as_stated(stated_s, monkeypatch):
    for platform in (sys.platform, "darwin"):
        monkeypatch.setattr(sys, "platform", platform)
        reading = read_host_clock(stated_s)
        assert reading.uncertainty_s == stated_s and reading.stated and not reading.warnings
    assert not read_host_clock().stated


@pytest.mark.parametrize("stated_s", [0, -1, 60.1, float("nan"), float("inf"), float("-inf")])
def test_what_no_doubt_can_be_is_refused(stated_s):
    with pytest.raises(UsageProblem, match=r"seconds from 0\.001 to 60"):
        read_host_clock(stated_s)


def test_where_nothing_is_known_the_user_hears_how_to_say_more(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    (warning,) = read_host_clock().warnings
    assert "16 s" in warning and "--host-uncertainty SECONDS" in warning


def sample(name, offset_s, distance_s):
    return ntp_exchange.Sample(name, offset_s, 2 * distance_s, distance_s, 0)


def test_a_pool_s_name_with_ipv6_costs_its_other_names_no_vote():
    pool = frozenset({"192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::1"})
    answers = [
        replace(sample(name, 0.0, 0.1), family=family, addresses=pool)
        for name, family in (("2", socket.AF_INET6), ("0", socket.AF_INET), ("1", socket.AF_INET))
    ]
    apart = replace(sample("apart", 0.0, 0.1), family=socket.AF_INET6)
    assert [one.server for one in majority.one_vote_each([*answers, apart])] == ["0", "1", "apart"]


def test_the_best_estimate_is_moved_into_the_shared_interval():
    answers = [sample("a", 0.0, 10.0), sample("b", 12.0, 5.0), sample("liar", 40.0, 1.0)]
    assert majority.agreed(answers) == (10.0, 5.0, answers[:2])


distances = st.floats(0.0001, 1.0)


@given(st.lists(st.tuples(distances, st.floats(-1, 1)), min_size=1, max_size=7))
def test_honest_servers_agree_on_bounds_that_hold_the_truth(servers):
    answers = [sample(str(i), 7 + d * error, d * 1.0001) for i, (d, error) in enumerate(servers)]
    offset_s, uncertainty_s, used = majority.agreed(answers)
    assert used == answers
    assert abs(offset_s - 7) <= uncertainty_s + 1e-9
    assert uncertainty_s == min(one.distance_s for one in answers)


@given(
    st.lists(st.tuples(distances, st.floats(-1, 1)), min_size=2, max_size=5),
    st.lists(st.tuples(distances, st.floats(-10, 10)), max_size=4),
)
def test_a_lying_minority_cannot_move_the_time_beyond_an_honest_bound(honest, lies):
    lies = lies[: len(honest) - 1]
    true = [sample(f"h{i}", d * error, d * 1.0001) for i, (d, error) in enumerate(honest)]
    answers = true + [sample(f"l{i}", off, d) for i, (d, off) in enumerate(lies)]
    try:
        offset_s, _, used = majority.agreed(answers)
    except TimeSourceError:
        return
    assert any(one in used for one in true)
    assert any(one.low_s <= offset_s <= one.high_s for one in true)
