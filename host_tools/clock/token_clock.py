"""A token's clock as seen from the host: how far off it is, and setting it.

The token has a microsecond counter and tells for each request when it arrived and when its answer
was made. As NTP does, the host asks several times and believes the exchange with the shortest
delay, which is the round trip without the token's own time: the answer was made that long before
its arrival, at most. So the host knows which true time belongs to a value of the counter, and the
token writes its RTC, and finds the rollover of the RTC's second, by the counter alone.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from host_tools.client.answers import TokenTime
from host_tools.client.conversation import Json
from host_tools.client.token_client import TokenClient
from host_tools.client.wire_errors import TokenError
from host_tools.clock.time_reading import TimeReading
from host_tools.errors import ToolError

FRESH_TRIES = 4  # of two seconds each; an emulated chip, which gets its time in leaps, has more
EXCHANGES = 32
EXCHANGES_S = 2.0  # an emulated chip is slow
GOOD_DELAY_NS = 300_000  # no use in asking on: other uncertainties are larger
# A setting is repeated if the measurement after it says that it is further off than this.
GOAL_S = 0.002
SETTINGS = 3


@dataclass(frozen=True)
class Exchange:
    """One question for the time: the token's answer, and when it was made by the host's clock.

    It was made at `made_ns`, or up to `delay_ns` / 2 before or after.
    """

    answer: TokenTime
    made_ns: int
    delay_ns: int


@dataclass(frozen=True)
class ClockOffset:
    """How far the token's clock was ahead of true time at `unix_s`; seconds.

    `uncertainty_s` covers the serial line, the search for the RTC's rollover, and the source of
    true time; `comparing_s` is the part of the first two, which does not move with the source.
    """

    unix_s: float
    error_s: float
    uncertainty_s: float
    comparing_s: float

    def words(self) -> str:
        """In words, for people: "+0.0003 s, give or take 0.0012 s"."""
        return f"{self.error_s:+.4f} s, give or take {self.uncertainty_s:.4f} s"

    def as_json(self) -> Json:
        """For --json."""
        return {"error_s": round(self.error_s, 6), "uncertainty_s": round(self.uncertainty_s, 6)}


class TokenClock:
    """Measures and sets the clock of the token by a reading of true time.

    `now_ns` is the clock to which the reading refers: this computer's monotonic one.
    """

    def __init__(
        self,
        token: TokenClient,
        reading: TimeReading,
        now_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._token = token
        self._reading = reading
        self._now_ns = now_ns

    def measure(self) -> ClockOffset | None:
        """The clock's error after a fresh rollover of its second; None if the clock is not set."""
        if self._fresh_time().state != "ok":
            return None
        best = self._best_exchange()
        unix_us, uncertainty_us = best.answer.unix_us, best.answer.uncertainty_us
        if unix_us is None or uncertainty_us is None:
            return None
        true_ns = self._reading.unix_ns_at(best.made_ns)
        search_s = uncertainty_us / 1e6
        return ClockOffset(
            true_ns / 1e9,
            (unix_us * 1000 - true_ns) / 1e9,
            search_s + self._uncertainty_s(best),
            search_s + best.delay_ns / 2e9,
        )

    def set(
        self,
        drift_ppb: int | None = None,
        drift_uncertainty_ppb: int = 0,
        confirm: bool = False,
    ) -> TokenTime:
        """Make the token write its RTC so that the second begins where true time has it.

        The token waits for the next whole second, and for its button if the step is one that the
        user must agree to, or with `confirm`. What is known of its drift goes along, for the
        token's own bound. Returns its answer: `confirmed` by the button or not, and `step_us`.
        """
        best = self._best_exchange()
        drift = {"drift_ppb": drift_ppb, "drift_uncertainty_ppb": drift_uncertainty_ppb}
        known = {name: value for name, value in drift.items() if value is not None}
        return self._token.set_time(
            self._reading.unix_ns_at(best.made_ns) // 1000,
            best.answer.ticks_us,
            round(self._uncertainty_s(best) * 1e6),
            confirm,
            **(known if drift_ppb is not None else {}),
        )

    def correct(
        self,
        drift_ppb: int | None = None,
        drift_uncertainty_ppb: int = 0,
        confirm: bool = False,
    ) -> ClockOffset | None:
        """Set the clock as `set` does, and measure it; once more if a busy computer spoiled it."""
        for attempt in range(SETTINGS):
            self.set(drift_ppb, drift_uncertainty_ppb, confirm and not attempt)
            after = self.measure()
            if after is None or abs(after.error_s) <= max(GOAL_S, after.comparing_s):
                break
        return after

    def _uncertainty_s(self, best: Exchange) -> float:
        """How well the true time of the exchange is known."""
        return best.delay_ns / 2e9 + self._reading.uncertainty_s_at(self._now_ns())

    def _fresh_time(self) -> TokenTime:
        """The token's time after it has seen a fresh rollover of the RTC's second.

        A token that is busy, with a long name to scroll for instance, may miss one or two.
        """
        tries = round(FRESH_TRIES * self._token.connection.first_patience)
        for attempt in range(tries):
            try:
                return self._token.time(fresh=True)
            except TokenError as error:
                if error.code != "no-rollover" or attempt == tries - 1:
                    raise
        raise AssertionError("unreachable")

    def _best_exchange(self) -> Exchange:
        """The best of several quick questions for the token's time."""
        best: Exchange | None = None
        end_s = time.monotonic() + EXCHANGES_S
        for _ in range(EXCHANGES):
            one = self._exchange()
            if one.delay_ns <= 0:
                continue  # nothing is that quick: one of the two clocks was moved in the meantime
            if best is None or one.delay_ns < best.delay_ns:
                best = one
            if best.delay_ns <= GOOD_DELAY_NS or time.monotonic() > end_s:
                break
        if best is None:
            raise ToolError(
                "the token's counter and this computer's clock run at different rates; try again"
            )
        return best

    def _exchange(self) -> Exchange:
        sent_ns = self._now_ns()
        answer = self._token.time()
        received_ns = self._now_ns()
        inside_ns = (answer.ticks_us - answer.arrived_us) * 1000
        delay_ns = received_ns - sent_ns - inside_ns
        return Exchange(answer, received_ns - delay_ns // 2, delay_ns)
