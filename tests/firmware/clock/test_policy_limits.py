"""The policy by itself: both sides of each of its limits."""

from types import SimpleNamespace

import pytest

from picototp.clock import policy
from workbench import NOW_UNIX_S

NOW_US = NOW_UNIX_S * 1_000_000
DAY_S = 86_400


def record(**changes):
    """Of a clock that was set and confirmed a second ago."""
    before_s = NOW_UNIX_S - 1
    fields = {"set_unix_s": before_s, "confirmed_unix_s": before_s, "floor_unix_s": before_s}
    return SimpleNamespace(**fields | {"jump_unix_s": 0, "moved_us": 0} | changes)


def wanted(step_us=0, uncertainty_us=0, old_us=NOW_US, **changes):
    new_us = NOW_US + step_us if old_us is None else old_us + step_us
    return policy.needs_button(record(**changes), old_us, new_us, uncertainty_us)


def test_what_drift_explains():
    assert policy.explained_us(NOW_UNIX_S, NOW_UNIX_S) == 2_000_000
    assert policy.explained_us(NOW_UNIX_S + DAY_S, NOW_UNIX_S) == 2_000_000 + 864_000
    assert policy.explained_us(NOW_UNIX_S, NOW_UNIX_S + 1) == 2_000_000


def test_a_clock_that_stands_on_nobodys_word_needs_the_button():
    assert not wanted()
    assert wanted(old_us=None)
    assert wanted(set_unix_s=0)
    assert wanted(jump_unix_s=NOW_UNIX_S - 50)


@pytest.mark.parametrize("way", [1, -1])
@pytest.mark.parametrize("uncertainty_us", [0, 500_000])
def test_the_largest_step(way, uncertainty_us):
    """A year after it was set: drift would explain more."""
    old = {"confirmed_unix_s": NOW_UNIX_S - 365 * DAY_S, "floor_unix_s": NOW_UNIX_S - 365 * DAY_S}
    most_us = 2_000_000 - uncertainty_us
    assert not wanted(way * most_us, uncertainty_us, **old)
    assert wanted(way * (most_us + 1), uncertainty_us, **old)


def test_the_sum_of_all_steps():
    day = {"confirmed_unix_s": NOW_UNIX_S - DAY_S}
    assert not wanted(64_000, moved_us=2_800_000, **day)
    assert wanted(64_001, moved_us=2_800_000, **day)
    assert not wanted(63_000, 1_000, moved_us=2_800_000, **day)
    assert wanted(63_001, 1_000, moved_us=2_800_000, **day)


def test_the_floor():
    assert not wanted(-1_000_000)
    assert wanted(-1_000_001)


def test_what_is_a_jump():
    old_us = NOW_US + 5_999_999
    for step_us, jump in ((2_000_050, False), (2_000_051, True)):
        assert policy.is_jump(record(set_unix_s=NOW_UNIX_S), old_us, step_us) == jump
