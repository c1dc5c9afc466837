"""Reading the time from servers in a test: quickly, and what a right or a refused reading is."""

import re

import pytest

from host_tools.clock.ntp import read_servers
from host_tools.errors import TimeSourceError

QUICK = {"samples": 2, "spacing_s": 0.0}
IMPATIENT = {"samples": 1, "timeout_s": 0.3}


def assert_ahead(reading, ahead_s):
    """The reading holds the truth, which is known here, within its own bound, and is of use."""
    assert abs(reading.unix_offset_s - ahead_s) <= reading.uncertainty_s < 0.4


def half_a_second_in(text):
    """How often it tells an offset of about +0.5 s: on a loaded machine, not to the millisecond."""
    return sum(abs(float(told) - 0.5) < 0.2 for told in re.findall(r"\+\d+\.\d+(?= s)", text))


def refusal(servers, **options):
    """What the user is told where these servers give no time."""
    with pytest.raises(TimeSourceError) as caught:
        read_servers(servers, **(IMPATIENT | options))
    assert "\n" not in caught.value.message and caught.value.exit_code == 5
    return caught.value.message
