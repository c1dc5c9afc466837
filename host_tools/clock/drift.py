"""How fast a token's clock drifts, from what was measured; arithmetic only.

Between two settings the clock runs free: its error grows along a line. All free runs with the same
aging register share one slope, the drift, and each has an offset of its own, so the drift is the
weighted least squares slope; for runs of two measurements that is the weighted mean of their rates.
Positive ppm is a clock that runs fast. Intervals hold 95 %: they follow from the measurements'
stated uncertainties, and from the scatter about the lines where that is larger.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, median

from host_tools.clock.history import Measurement, Record, measurements

DAY_S = 86_400.0
# Measurements closer than this share most of what is wrong with them: the network's asymmetry.
APART_S = 3600.0
MOST_PPM = 50.0  # ten times what the worst DS3231M drifts: beyond it somebody set the clock
# Crystals age: data sheet DS3231, "Crystal Aging", 1 ppm in the first year.
MEMORY_S = 365 * DAY_S
STATED_FREEDOM = 4  # how much the measurements' own uncertainties are trusted, see _half_width
UNCERTAINTY_S = 0.010  # of a measurement, where there is none to judge by
MOST_DAYS = 3650  # a plan beyond this is none

_Z = NormalDist().inv_cdf(0.975)
# Student's t for 1 to 10 degrees of freedom, 97.5 % (any table of it).
_T = (12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281)


@dataclass(frozen=True)
class Estimate:
    """The drift with its 95 % interval, and the free runs and days that it is based on."""

    ppm: float
    half_width_ppm: float
    days: float
    runs: int

    def words(self) -> str:
        """The drift in words, for people."""
        return (
            f"{self.ppm:+.3f} ppm, give or take {self.half_width_ppm:.3f}"
            f" ({self.days:.1f} days in {self.runs} free run{'s' if self.runs != 1 else ''})"
        )


@dataclass(frozen=True)
class FreeRuns:
    """Measurements between which nobody set the clock or its aging, and sentences on breaks."""

    runs: list[list[Measurement]]
    notes: list[str]


@dataclass(frozen=True)
class _Fit:
    """The slope and the sums that its interval needs; seconds, and s/s for the slope."""

    slope: float
    information: float  # 1 / variance of the slope, if the uncertainties are right
    squares: float  # chi-square of the residuals
    freedom: int
    span_s: float


def free_runs(records: Sequence[Record]) -> FreeRuns:
    """Cut the history where the clock was set, trimmed, or jumped; all aging values together."""
    runs: list[list[Measurement]] = []
    notes: list[str] = []
    last: Measurement | None = None
    elsewhere = 0
    for record in records:
        if not isinstance(record, Measurement):
            last = None  # a trim: another rate begins
            continue
        why = None if last is None else _break_between(last, record)
        if why:
            notes.append(why)
        foreign = last is not None and not record.after_set and set_elsewhere(last, record)
        elsewhere += foreign
        if last is None or why or foreign or record.after_set or record.aging != last.aging:
            runs.append([])
        runs[-1].append(record)
        last = record
    if elsewhere:  # one sentence for all: syncing on two computers causes one every day
        times = f"{elsewhere} times" if elsewhere > 1 else "once"
        notes.append(
            f"{times} the clock was set elsewhere, or by a run that was cut off, between two"
            " measurements: no drift is learned from the time between those"
        )
    return FreeRuns(runs, notes)


def set_elsewhere(first: Measurement, second: Measurement) -> bool:
    """Whether the token's last setting is one that this computer did not make.

    Judged by the time of that setting, not by the token's count of them, which could come round to
    the same number after its flash was wiped.
    """
    known = first.set_unix_s is not None and second.set_unix_s is not None
    return known and first.set_unix_s != second.set_unix_s


def _break_between(first: Measurement, second: Measurement) -> str | None:
    """Why no drift leads from one to the other, if so and if no setting explains it."""
    if second.after_set or set_elsewhere(first, second):
        return None
    elapsed_s = second.unix_s - first.unix_s
    if elapsed_s < 0:
        return (
            "a measurement was skipped: it is"
            f" {-elapsed_s:.0f} s earlier than the measurement before it"
        )
    change_s = second.error_s - first.error_s
    unexplained_s = abs(change_s) - first.uncertainty_s - second.uncertainty_s
    if unexplained_s > MOST_PPM / 1e6 * elapsed_s:
        return (
            f"a jump of {change_s:+.3f} s within {elapsed_s / DAY_S:.1f} days was skipped:"
            " drift cannot explain it: another program set the clock"
        )
    return None


def current_aging(records: Sequence[Record]) -> int | None:
    """The aging register at the last measurement."""
    found = measurements(records)
    return found[-1].aging if found else None


def usable_runs(records: Sequence[Record], aging: int | None = None) -> list[list[Measurement]]:
    """The free runs that tell of the drift with this aging, by default the current one.

    Measurements soon after another one are left out, and so are runs too old to tell of today.
    """
    aging = current_aging(records) if aging is None else aging
    newest_s = max((record.unix_s for record in measurements(records)), default=0.0)
    found = []
    for run in free_runs(records).runs:
        thinned = _thinned(run)
        recent = newest_s - run[-1].unix_s <= MEMORY_S
        if run[0].aging == aging and recent and len(thinned) > 1:
            found.append(thinned)
    return found


def _thinned(run: list[Measurement]) -> list[Measurement]:
    kept = [run[0]]
    for record in run[1:]:
        if record.unix_s - kept[-1].unix_s >= APART_S:
            kept.append(record)
    return kept


def estimate(records: Sequence[Record], aging: int | None = None) -> Estimate | None:
    """The drift with this aging, by default the current one; None if there is nothing to estimate
    it from."""
    runs = usable_runs(records, aging)
    fit = _fit(runs)
    if fit is None:
        return None
    half_width = _half_width(fit.information, fit.squares, fit.freedom)
    return Estimate(fit.slope * 1e6, half_width * 1e6, fit.span_s / DAY_S, len(runs))


def days_needed(records: Sequence[Record], half_width_ppm: float) -> int | None:
    """Days of one sync each until the interval is narrower than that, judging by those before.

    0 if it is so already, None if it never will be.
    """
    narrow = half_width_ppm / 1e6
    uncertainties_s = [record.uncertainty_s for record in measurements(records)]
    typical_s = median(uncertainties_s or [UNCERTAINTY_S])
    day_information = DAY_S**2 / (2 * (typical_s / 2) ** 2)
    # Without a run yet: the first one has two measurements, and its line goes through both.
    fit = _fit(usable_runs(records)) or _Fit(0.0, 0.0, 0.0, -1, 0.0)
    if fit.information and _half_width(fit.information, fit.squares, fit.freedom) < narrow:
        return 0
    scatter = max(1.0, fit.squares / fit.freedom) if fit.freedom > 0 else 1.0
    for days in range(1, MOST_DAYS + 1):
        information = fit.information + days * day_information
        squares = fit.squares + days * scatter
        if _half_width(information, squares, fit.freedom + days) < narrow:
            return days
    return None


def offset_s(run: Sequence[Measurement], ppm: float) -> float:
    """The error at the first measurement of a line with this slope through a run."""
    weights = [_weight(record) for record in run]
    levels = [record.error_s - ppm / 1e6 * (record.unix_s - run[0].unix_s) for record in run]
    return sum(w * level for w, level in zip(weights, levels, strict=True)) / sum(weights)


def _weight(record: Measurement) -> float:
    return 1 / (record.uncertainty_s / 2) ** 2  # stated for 95 %: two standard deviations


def _fit(runs: list[list[Measurement]]) -> _Fit | None:
    """One slope for all runs, an offset for each."""
    if not runs:
        return None
    information = moment = squares = span_s = 0.0
    for run in runs:
        weights = [_weight(record) for record in run]
        total = sum(weights)
        start_s = run[0].unix_s  # near the times: no digits are lost
        times = [record.unix_s - start_s for record in run]
        errors = [record.error_s for record in run]
        time_mean = sum(w * t for w, t in zip(weights, times, strict=True)) / total
        error_mean = sum(w * e for w, e in zip(weights, errors, strict=True)) / total
        for w, t, e in zip(weights, times, errors, strict=True):
            information += w * (t - time_mean) ** 2
            moment += w * (t - time_mean) * (e - error_mean)
            squares += w * (e - error_mean) ** 2
        span_s += times[-1]
    slope = moment / information
    freedom = sum(len(run) - 1 for run in runs) - 1
    return _Fit(slope, information, max(0.0, squares - slope * moment), freedom, span_s)


def _half_width(information: float, squares: float, freedom: int) -> float:
    """95 % either way. More scatter than the stated uncertainties widens it; less never narrows it.

    The stated ones count like STATED_FREEDOM residuals: two days alone prove neither little nor
    much, and the interval shrinks from day to day.
    """
    pooled = STATED_FREEDOM + freedom
    scatter = max(1.0, (STATED_FREEDOM + squares) / pooled)
    return student_t(pooled) * math.sqrt(scatter / information)


def student_t(freedom: int) -> float:
    """The 97.5 % quantile of Student's t distribution for 1 degree of freedom or more.

    Beyond the table: the Cornish-Fisher expansion (Abramowitz and Stegun 26.7.5), good to 1e-4.
    """
    if freedom <= len(_T):
        return _T[freedom - 1]
    first = (_Z**3 + _Z) / 4
    second = (5 * _Z**5 + 16 * _Z**3 + 3 * _Z) / 96
    third = (3 * _Z**7 + 19 * _Z**5 + 17 * _Z**3 - 15 * _Z) / 384
    return _Z + first / freedom + second / freedom**2 + third / freedom**3
