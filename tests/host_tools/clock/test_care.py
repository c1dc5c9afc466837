"""Looking after a token's clock: what the token is told, and what keeps it from being trimmed."""

import pytest

from answers import status
from drift_rig import START_S
from host_tools.clock.care import ClockCare
from host_tools.clock.drift import DAY_S, estimate
from host_tools.clock.history import DATA_VARIABLE, ClockHistory, Measurement
from host_tools.clock.time_reading import TimeReading
from host_tools.clock.token_clock import ClockOffset, TokenClock
from host_tools.errors import ToolError

HOUR_S = 3600.0


class StatusOnly:
    """A token that tells its status; whatever else it is asked, it does, and `asked` has it."""

    def __init__(self, **clock):
        self.clock = {"aging": 0, "temperature_c": 25.0, **clock}
        self.asked = []

    def status(self):
        return status(clock=self.clock)

    def set_aging(self, aging):
        self.asked.append("set_aging")


@pytest.fixture
def settings(monkeypatch):
    """What each setting told the token of its drift: (ppb, uncertainty), or nothing."""
    told = []

    def correct(clock, *drift, confirm=False):
        assert not confirm
        told.append(drift)
        return ClockOffset(START_S + 20 * DAY_S, 0.0, 0.012, 0.001)

    monkeypatch.setattr(TokenClock, "correct", correct)
    return told


def care_of(token, records, tmp_path, monkeypatch):
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    history = ClockHistory("e6614103e7", pytest.fail)
    for record in records:
        history.append(record)
    reading = TimeReading(0, int(START_S * 1e9), 0.0, 0.012, ["a server"])
    return ClockCare(token, reading, history, "ntp", pytest.fail, lambda: 0)


def two_syncs(apart_s, uncertainty_s, ppm=1.0, runs=1):
    records = []
    for run in range(runs):
        at_s = START_S + run * apart_s
        for unix_s, error_s, after_set in (
            (at_s, 0.0, True),
            (at_s + apart_s, ppm * 1e-6 * apart_s, False),
        ):
            records.append(Measurement(unix_s, error_s, uncertainty_s, after_set, 0, 25.0, "ntp"))
    return records


@pytest.mark.parametrize(("apart_s", "uncertainty_s"), [(HOUR_S, 0.012), (5 * DAY_S, 16.0)])
def test_a_poor_estimate_does_not_replace_the_data_sheet(
    settings, tmp_path, monkeypatch, apart_s, uncertainty_s
):
    """The token would count more than the 2 ppm that every DS3231 keeps, and ask too soon."""
    records = two_syncs(apart_s, uncertainty_s)
    assert estimate(records).half_width_ppm > 2.0
    care_of(StatusOnly(), records, tmp_path, monkeypatch).set()
    assert settings == [()]


def test_an_estimate_better_than_the_data_sheet_goes_to_the_token(settings, tmp_path, monkeypatch):
    records = two_syncs(DAY_S, 0.012)
    care_of(StatusOnly(), records, tmp_path, monkeypatch).set()
    ((ppb, uncertainty_ppb),) = settings
    assert ppb == 1000 and 200 < uncertainty_ppb < 2000


def test_no_trim_while_the_clock_does_not_answer(tmp_path, monkeypatch):
    token = StatusOnly()
    token.clock["aging"] = None
    care = care_of(token, two_syncs(DAY_S, 0.002, runs=10), tmp_path, monkeypatch)
    with pytest.raises(ToolError, match="does not answer; check its wires"):
        care.trim()
    assert not token.asked
