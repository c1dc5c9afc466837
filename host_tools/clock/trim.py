"""Whether to trim a token's clock, to what, and whether a trim helped; decisions only.

The DS3231's aging register (data sheet, "Aging Offset") changes the rate by about 0.1 ppm a step at
25 C, and positive values slow the clock. A trim waits until the drift is known well enough to
resolve one step, so that it is right the first time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from host_tools.clock.drift import DAY_S, Estimate, current_aging, days_needed, estimate
from host_tools.clock.history import AGING_RANGE, Record, Trim, trims

STEP_PPM = 0.1
RESOLVED_PPM = STEP_PPM / 2  # a 95 % interval narrower than this either way tells steps apart
JUDGED_S = 90 * DAY_S  # changes later than this are not caused by the trim


class Outcome(Enum):
    """What the last trim did to the drift."""

    IMPROVED = "improved"
    WORSE = "worse"
    OPEN = "open"  # not known yet


@dataclass(frozen=True)
class Decision:
    """Trim to `aging`, or not (None), and why, as a sentence without its full stop."""

    aging: int | None
    reason: str
    drift: Estimate | None


def decide(records: Sequence[Record], again: bool = False) -> Decision:
    """What `--trim` should do now.

    A direction in which a trim had to be undone is blocked unless `again`, which a user asked for.
    """
    aging = current_aging(records)
    drift = estimate(records)
    if aging is None or drift is None or drift.half_width_ppm >= RESOLVED_PPM:
        return Decision(None, _wait(records, drift), drift)
    steps = round(drift.ppm / STEP_PPM)
    target = aging + steps
    if steps == 0:
        reason = f"the drift is already within one step of {STEP_PPM} ppm"
    elif target not in AGING_RANGE:
        reason = (
            f"it would need aging {target:+d}, and the range ends at {AGING_RANGE[-1]:+d}:"
            " the chip is out of specification, so replace it"
        )
    elif not again and _is_barred(records, steps):
        reason = (
            f"an earlier trim in the same direction ({steps:+d} steps now) made the drift worse"
            " and was undone; --trim-again tries it once more"
        )
    else:
        return Decision(target, f"{steps:+d} steps of {STEP_PPM} ppm, from aging {aging:+d}", drift)
    return Decision(None, reason, drift)


def _wait(records: Sequence[Record], drift: Estimate | None) -> str:
    known = (
        "nothing is known of the drift with this aging yet"
        if drift is None
        else f"the drift is known to {drift.half_width_ppm:.3f} ppm only"
    )
    days = days_needed(records, RESOLVED_PPM)
    if days is None:
        return f"{known}; measurements this inexact can never resolve one step"
    return (
        f"{known}; one step needs {RESOLVED_PPM} ppm:"
        f" sync daily for {days} more day{'s' if days != 1 else ''}"
    )


def _is_barred(records: Sequence[Record], steps: int) -> bool:
    """Whether the last trim in this direction was undone. A later trim in this direction that the
    user asked for, and that was not undone, lifts the ban.
    """
    barred = False
    for trim in trims(records):
        moved = trim.aging_to - trim.aging_from
        if trim.undo:
            if moved * steps < 0:
                barred = True
        elif moved * steps > 0:
            barred = False
    return barred


def last_trim(records: Sequence[Record]) -> tuple[Trim, list[Record]] | None:
    """The last trim and what was recorded since."""
    for index in range(len(records) - 1, -1, -1):
        record = records[index]
        if isinstance(record, Trim):
            return record, list(records[index + 1 :])
    return None


def verdict(records: Sequence[Record]) -> tuple[Outcome, Trim, Estimate | None] | None:
    """What the last trim did, once the runs since then tell; None if there is none to judge.

    Worse means that the drift was larger than before beyond both intervals as soon as that could
    be told: then undo it. Ageing of the crystal years later is not the trim's fault. An
    undo, and a trim whose register was changed since, are not judged.
    """
    found = last_trim(records)
    if found is None or found[0].undo:
        return None
    trim, since = found
    judged = [record for record in since if record.unix_s - trim.unix_s <= JUDGED_S]
    if current_aging(since) not in (trim.aging_to, None):
        return None
    after = None
    for count in range(1, len(judged) + 1):
        after = estimate(judged[:count], trim.aging_to)
        outcome = Outcome.OPEN if after is None else _compared(trim, after)
        if outcome is not Outcome.OPEN:
            return outcome, trim, after
    return Outcome.OPEN, trim, after


def _compared(trim: Trim, after: Estimate) -> Outcome:
    change_ppm = abs(after.ppm) - abs(trim.ppm)
    if abs(change_ppm) <= after.half_width_ppm + trim.half_width_ppm:
        return Outcome.OPEN
    return Outcome.WORSE if change_ppm > 0 else Outcome.IMPROVED
