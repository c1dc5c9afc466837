"""What a run of `picototp synctime` measured and did, for people and for programs."""

from dataclasses import dataclass

from host_tools.client.conversation import Json
from host_tools.client.status_words import CLOCK_STATES
from host_tools.clock.care import ClockCare
from host_tools.clock.drift import Estimate
from host_tools.clock.history import Trim
from host_tools.clock.time_reading import TimeReading
from host_tools.clock.token_clock import ClockOffset
from host_tools.clock.trim import Decision
from host_tools.commands.clock_report import drift_record
from host_tools.errors import ToolError


@dataclass
class Report:
    """What a run measured and did. `state` is that of the clock before, `after` None for --check.

    `problem` is what kept the aging register from being changed; the clock was set all the same.
    """

    reading: TimeReading
    before: ClockOffset | None
    state: str
    after: ClockOffset | None = None
    drift: Estimate | None = None
    decision: Decision | None = None
    undone: Trim | None = None
    problem: ToolError | None = None

    def take_care(self, care: ClockCare, trim: bool, again: bool) -> None:
        """Undo a trim that made it worse; otherwise trim, if asked to."""
        try:
            undone = care.undo_if_worse()
            if undone is not None:
                self.undone = undone[0]
            elif trim:
                self.decision = care.trim(again)
        except ToolError as error:
            self.problem = error

    def lines(self) -> list[str]:
        """For people."""
        reading = self.reading
        by_whom = " as you state" if reading.stated else ""
        used = ", ".join(reading.used)
        lines = [f"source: {used}, good to {reading.uncertainty_s:.4f} s{by_whom}"]
        lines.append(f"before: {self.before.words() if self.before else CLOCK_STATES[self.state]}")
        if self.after is not None:
            lines.append(f"after:  {self.after.words()}")
        if self.drift is not None:
            lines.append(f"drift:  {self.drift.words()}")
        if self.decision is not None:
            done = "trimmed" if self.decision.aging is not None else "not trimmed"
            lines.append(f"trim:   {done}: {self.decision.reason}")
        if self.undone is not None:
            old, new = self.undone.aging_from, self.undone.aging_to
            lines.append(f"trim:   undone, aging is {old:+d} again: {new:+d} made the drift worse")
        return lines

    def as_json(self) -> Json:
        """The report for --json."""
        reading, before, after = self.reading, self.before, self.after
        decision, undone = self.decision, self.undone
        rejected = [{"server": server, "reason": reason} for server, reason in reading.rejected]
        return {
            "source": reading.used,
            "source_uncertainty_s": round(reading.uncertainty_s, 6),
            "source_uncertainty_stated": reading.stated,
            "rejected": rejected,
            "before": before.as_json() if before else None,
            "set": after is not None,
            "after": after.as_json() if after else None,
            "drift": drift_record(self.drift),
            "trim": {"aging": decision.aging, "reason": decision.reason} if decision else None,
            "undone": {"from": undone.aging_to, "to": undone.aging_from} if undone else None,
        }
