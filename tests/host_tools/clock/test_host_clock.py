"""This computer's own clock as the source of time."""

import sys
import time

import pytest

from host_tools.clock import host_clock
from host_tools.clock.host_clock import read_host_clock
from host_tools.errors import UsageProblem

NS = 1_000_000_000


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
