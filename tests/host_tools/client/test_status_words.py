"""What `status` says of the clock."""

import pytest

from answers import status
from host_tools.client.status_words import clock_lines

SET = {"set_unix_s": 1_767_225_600}


@pytest.mark.parametrize(
    ("clock", "line"),
    [
        (SET, "2026-01-01 00:00:00 UTC, error now at most 0.020 s"),
        ({**SET, "error_bound_s": None}, "not known"),
    ],
)
def test_when_it_was_set_last(clock, line):
    assert dict(clock_lines(status(clock).clock))["last set"] == line


def test_a_clock_that_is_not_set_tells_no_time():
    clock = {"state": "not-set", "unix_us": None}
    (word, state), *rest = clock_lines(status(clock).clock)
    assert word == "clock" and "UTC" not in state
    assert "last set" not in dict(rest)
