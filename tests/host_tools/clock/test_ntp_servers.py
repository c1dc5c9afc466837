"""Which servers are asked: names, addresses, and machines that have one vote each."""

import re
import socket
import threading
import time

import pytest

from host_tools.clock import host_clock, ntp, ntp_exchange
from host_tools.clock.ntp import read_servers, split_server
from host_tools.errors import UsageProblem
from ntp_faults import faulty, silent
from readings import IMPATIENT, QUICK, assert_ahead, half_a_second_in, refusal

NS = 1_000_000_000


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
