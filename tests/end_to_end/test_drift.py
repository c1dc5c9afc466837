"""The drift learned and trimmed through the real firmware; days pass by moving the token's clock.

The host's clock is the board's, so a day passes for both at once, and only the RTC drifts.
"""

import math
import os
import time

import pytest

from drift_rig import BackwardsDS3231
from host_tools.client.ports import SerialConnection
from host_tools.client.token_client import TokenClient
from host_tools.clock.care import ClockCare
from host_tools.clock.history import DATA_VARIABLE, ClockHistory, trims
from host_tools.clock.time_reading import TimeReading
from host_tools.clock.trim import Outcome, verdict
from host_tools.simulator.board import VirtualBoard

# Each takes half a minute, most of it waiting; make test-clock runs them all, and make test all of
# them with simulated time throughout (tests/host_tools/clock/test_trim.py).
RATES_PPM = (-1.7, 1.7, 4.3, -0.4) if os.environ.get("PICOTOTP_SYNCS") else (-1.7,)
DAY_HOURS = 24
SWING_C = 10.0
SHORT_WAIT_S = 0.2
SOURCE_UNCERTAINTY_S = 0.001
COEFFICIENT_PPM_PER_C = 0.01  # the model's
ALLOWED_PPM = 0.1 + COEFFICIENT_PPM_PER_C * SWING_C / 2


class Skipping(TokenClient):
    """A client that spares the test the wait for the next second, which measuring and setting need.

    Host and token skip the same time, so nothing they know of one another changes.
    """

    board: VirtualBoard

    def request(self, op, **fields):
        if op == "set_time" or fields.get("fresh"):
            to_second_s = -self.board.rtc.unix_ns() % 10**9 / 1e9
            self.board.elapse(max(0.0, to_second_s - SHORT_WAIT_S))
        return super().request(op, **fields)


class Owner:
    """Somebody who syncs a token day by day, and agrees to whatever it asks."""

    def __init__(self, hands, ppm) -> None:
        self.hands = hands
        self.board = hands.token.board
        self.board.rtc.ppm = ppm
        self.warnings: list[str] = []
        self._start_ns = self.board.clock.now_ns()
        self._start_unix_ns = time.time_ns()

    def true_ns(self) -> int:
        return self._start_unix_ns + self.board.clock.now_ns() - self._start_ns

    def live(self, days) -> None:
        """Let days pass, a temperature each hour."""
        for hour in range(days * DAY_HOURS):
            turn = 2 * math.pi * hour / DAY_HOURS
            self.board.rtc.temperature_c = 25 + SWING_C / 2 * math.sin(turn)
            self.board.elapse(3600)
        self.hands.turns()

    def reading(self) -> TimeReading:
        now_ns = self.board.clock.now_ns()
        unix_ns = self._start_unix_ns + now_ns - self._start_ns
        return TimeReading(now_ns, unix_ns, 0.0, SOURCE_UNCERTAINTY_S, ["here"])

    def sync(self, trim=False):
        """What synctime.py does, --trim included; the record of what was cared for."""
        client = Skipping(SerialConnection(self.hands.token.port.path), on_wait=self.hands.yes)
        client.board = self.board
        with client as token:
            history = ClockHistory(token.info.token, self.complain)
            care = ClockCare(
                token, self.reading(), history, "ntp", self.warnings.append, self.board.clock.now_ns
            )
            care.measure()
            care.set()
            undone = care.undo_if_worse()
            decision = care.trim() if trim else None
            status = token.status().clock
        assert history.read() == care.records
        return care, undone, decision, status

    def complain(self, line) -> None:
        raise AssertionError(line)

    def true_ppm(self, days) -> float:
        before_ns, start_ns = self.board.rtc.unix_ns() - self.true_ns(), self.true_ns()
        self.live(days)
        after_ns = self.board.rtc.unix_ns() - self.true_ns()
        return (after_ns - before_ns) / (self.true_ns() - start_ns) * 1e6


@pytest.fixture
def owner(hands, tmp_path, monkeypatch):
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    return lambda ppm: Owner(hands, ppm)


def synced_until(someone, days, done, trim=False):
    """Sync every so many days until `done`: a loaded computer measures less exactly."""
    for _ in range(30):
        someone.live(days)
        synced = someone.sync(trim)
        if done(*synced):
            return synced
    raise AssertionError("it never happened")


def trimmed(_care, undone, decision, _status) -> bool:
    assert undone is None
    return decision.aging is not None


@pytest.mark.parametrize("ppm", RATES_PPM)
def test_synced_daily_and_trimmed_it_keeps_within_a_tenth_ppm_for_a_month(owner, ppm):
    someone = owner(ppm)
    someone.sync()
    for day in range(9):
        someone.live(1)
        _, undone, _, status = someone.sync()
        assert undone is None
        if day:
            error_ppb = status.drift_ppb - 1000 * ppm
            assert abs(error_ppb) <= status.drift_uncertainty_ppb + 50
    *_, decision, status = synced_until(someone, 1, trimmed, trim=True)
    assert decision.aging == status.aging == round(10 * ppm)
    assert status.drift_ppb is None  # of the old rate
    assert abs(someone.true_ppm(30)) <= ALLOWED_PPM
    care, *_ = someone.sync()
    assert verdict(care.records)[0] is Outcome.IMPROVED
    assert not someone.warnings


def test_a_trim_that_makes_it_worse_is_taken_back(owner):
    someone = owner(1.7)
    someone.board.rtc.__class__ = BackwardsDS3231
    someone.sync()
    *_, decision, status = synced_until(someone, 4, trimmed, trim=True)
    assert decision.aging == status.aging == 17
    care, undone, _, status = synced_until(someone, 2, lambda _, undone, *rest: undone)
    assert undone[1].ppm == pytest.approx(3.4, abs=0.4)
    assert status.aging == 0
    assert trims(care.records)[-1].undo is True
    (warning,) = someone.warnings
    assert "made the drift worse" in warning
    assert someone.true_ppm(10) == pytest.approx(1.7, abs=0.06)
    _, undone, decision, status = someone.sync(trim=True)
    assert undone is None and decision.aging is None and "--trim-again" in decision.reason
    assert status.aging == 0
