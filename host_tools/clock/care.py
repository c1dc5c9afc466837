"""Looking after one token's clock: measure, set and trim it, and write down what was seen.

What a sync learns goes into the token's history; from the history come the drift that the token is
told, the decision to trim, and the verdict on a trim that was made.
"""

import time
from collections.abc import Callable

from host_tools.client.status import ClockStatus
from host_tools.client.token_client import TokenClient
from host_tools.clock import history, token_clock
from host_tools.clock.drift import Estimate, estimate, set_elsewhere
from host_tools.clock.history import ClockHistory, Record, Trim
from host_tools.clock.time_reading import TimeReading
from host_tools.clock.trim import Decision, Outcome, decide, verdict
from host_tools.errors import ToolError

# What the token counts with until it is told more, DATA_SHEET_PPB in picototp/clock/record.py.
_DATA_SHEET_PPM = 2.0
_MOST_PPB = 50_000  # the protocol's limit, either way


class ClockCare:
    """The clock of a connected token; `source` is one of history.SOURCES.

    A history that cannot be read or written is a warning to `warn`: a sync is worth having
    without. Only trimming needs it. `now_ns` is the clock to which `reading` refers.
    """

    def __init__(
        self,
        token: TokenClient,
        reading: TimeReading,
        history: ClockHistory,
        source: str,
        warn: Callable[[str], None] = lambda line: None,
        now_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._token = token
        self._clock = token_clock.TokenClock(token, reading, now_ns)
        self._reading = reading
        self._now_ns = now_ns
        self._history = history
        self._source = source
        self._warn = warn
        self._problem: ToolError | None = None
        self.records: list[Record] = []
        try:
            self.records = history.read()
        except ToolError as error:
            self._no_history(error)

    def measure(self) -> token_clock.ClockOffset | None:
        """The clock's error, also kept in the history; None if the clock is not set."""
        measured = self._clock.measure()
        self._note(measured, after_set=False)
        return measured

    def _note(self, measured: token_clock.ClockOffset | None, after_set: bool) -> None:
        facts = self._facts()
        if measured is None or facts.aging is None:
            return
        record = history.Measurement(
            measured.unix_s,
            measured.error_s,
            measured.uncertainty_s,
            after_set,
            facts.aging,
            facts.temperature_c,
            self._source,
            facts.set_unix_s,
        )
        before = history.measurements(self.records)
        if before and not after_set and set_elsewhere(before[-1], record):
            self._warn(
                "the clock was set by another computer, or by a run that was cut off; no drift is"
                " learned from the time in between"
            )
        self._keep(record)

    def set(self, confirm: bool = False) -> token_clock.ClockOffset:
        """Set the clock, telling the token what is known of its drift, and measure it again.

        With `confirm`, its user has to agree, also to a small step.

        A drift known less well than the data sheet's would only make it ask for syncs too soon.
        """
        drift = estimate(self.records, self._facts().aging)
        if drift is None or drift.half_width_ppm >= _DATA_SHEET_PPM:
            after = self._clock.correct(confirm=confirm)
        else:
            after = self._clock.correct(
                _ppb(drift.ppm), _ppb(drift.half_width_ppm), confirm=confirm
            )
        self._note(after, after_set=True)
        if after is None:
            raise ToolError("the clock was set, but lost its time again; check its wires")
        return after

    def trim(self, again: bool = False) -> Decision:
        """Trim the clock if that is sure to help; with `again`, also where it once did not.

        ToolError without a history: nobody could tell then whether the trim made it worse.
        """
        if self._problem is not None:
            raise ToolError(f"not trimmed, because {self._problem.message}")
        decision = decide(self.records, again)
        if decision.aging is not None and decision.drift is not None:
            self._change_aging(decision.aging, decision.drift)
        return decision

    def undo_if_worse(self) -> tuple[Trim, Estimate] | None:
        """Undo the last trim if it made the drift worse; return that trim and its outcome."""
        found = verdict(self.records)
        if found is None:
            return None
        outcome, trim, after = found
        if outcome is not Outcome.WORSE or after is None:
            return None
        self._warn(
            f"the trim of aging {trim.aging_from:+d} to {trim.aging_to:+d} made the drift worse:"
            f" {after.ppm:+.2f} ppm, {trim.ppm:+.2f} before; the token asks to take it back"
        )
        self._change_aging(trim.aging_from, after, undo=True)
        return trim, after

    def _change_aging(self, aging: int, drift: Estimate, undo: bool = False) -> None:
        """Ask the token to do it, record it, and measure again: a new free run begins."""
        before = self._facts().aging
        if before is None:
            raise ToolError("not trimmed: the DS3231 does not answer; check its wires")
        self._token.set_aging(aging)
        unix_s = self._reading.unix_ns_at(self._now_ns()) / 1e9
        self._keep(Trim(unix_s, before, aging, drift.ppm, drift.half_width_ppm, undo))
        self.measure()

    def _facts(self) -> ClockStatus:
        """The clock's part of the status; its `aging` is None if the RTC did not answer."""
        return self._token.status().clock

    def _keep(self, record: Record) -> None:
        self.records.append(record)
        if self._problem is not None:
            return
        try:
            self._history.append(record)
        except ValueError as error:
            self._warn(f"the token reports something impossible about its clock: {error}")
            self.records.pop()
        except ToolError as error:
            self._no_history(error)

    def _no_history(self, error: ToolError) -> None:
        self._problem = error
        self._warn(f"{error.message}: the clock's drift is not learned from this")


def _ppb(ppm: float) -> int:
    return max(-_MOST_PPB, min(_MOST_PPB, round(ppm * 1000)))
