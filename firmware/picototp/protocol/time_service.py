"""The requests that concern the clock: reading it, setting it, trimming it, what was done to it.

Loaded when one of them first comes.
"""

from picototp.clock import time_text
from picototp.clock.states import MOVED_BACK, OK, ClockError
from picototp.protocol.request import Consent, Part, RequestError, Wait, whole_of

_TICKS_AGE_US = 600_000_000  # an older moment says little: the counter drifts by up to 50 ppm
ROLLOVER_TIMEOUT_US = 2_500_000  # the clock's second changes within one
_MOST_DRIFT_PPB = 50_000
_MOST_UNCERTAINTY_US = 3_600_000_000  # a host that knows true time less well does not know it


class TimeService:
    """Handlers by the name of their request. `times` has when the current request arrived."""

    def __init__(self, times, keeper, setter, monotonic):
        self._times = times
        self._keeper = keeper
        self._setter = setter
        self._monotonic = monotonic
        self.handlers = {
            "time": self._time,
            "set_time": self._set_time,
            "set_aging": self._set_aging,
            "clock_log": self._clock_log,
        }

    # --- reading -----------------------------------------------------------------------------

    def _time(self, message: dict):
        """The token's idea of now and the counter at that moment; `fresh`: after a new rollover."""
        keeper = self._keeper
        keeper.check()
        arrived_us = self._times.arrived_us
        if message.get("fresh") is not True or keeper.state != OK:
            return self._now(arrived_us)
        seen = keeper.rollovers_seen
        deadline_us = self._monotonic.now_us() + ROLLOVER_TIMEOUT_US

        def poll(now_us: int) -> dict | None:
            if keeper.rollovers_seen != seen or keeper.state != OK:
                return self._now(arrived_us)
            if now_us > deadline_us:
                raise no_rollover()
            keeper.want_rollover()
            return None

        return Wait(poll, lambda: None)

    def _now(self, arrived_us: int) -> dict:
        keeper = self._keeper
        answer: dict = {"state": keeper.state, "arrived_us": arrived_us}
        now_us = self._monotonic.now_us()
        answer["ticks_us"] = now_us
        if keeper.state == OK:
            answer["unix_us"] = keeper.unix_us(now_us)
            answer["uncertainty_us"] = keeper.uncertainty_us
        return answer

    def _clock_log(self, message: dict) -> dict:
        start = whole_of(message, "from", 0, 1 << 16, 0)
        entries = self._setter.log.entries()
        fields = ("kind", "unix_s", "step_us", "uncertainty_us", "aging", "temperature_c")

        part = Part()
        for entry in entries[start:]:
            if not part.add(dict(zip(fields, entry))):  # noqa: B905
                break
        next_index = start + len(part.entries)
        return {"entries": part.entries, "total": len(entries), "next": next_index}

    # --- setting -----------------------------------------------------------------------------

    def _set_time(self, message: dict):
        """Set the RTC so that it shows `unix_us` when the counter is at `ticks_us`.

        `uncertainty_us` is how well the host knows that. The user is asked if the policy wants it,
        or the host (`confirm`): a setting that nobody confirmed does not make the token's own bound
        smaller.
        """
        unix_us = whole_of(message, "unix_us", 0, 1 << 53)
        now_us = self._monotonic.now_us()
        at_us = whole_of(message, "ticks_us", max(0, now_us - _TICKS_AGE_US), now_us)
        uncertainty_us = whole_of(message, "uncertainty_us", 0, _MOST_UNCERTAINTY_US)
        drift = _drift_of(message)
        setter = self._setter
        setter.check_settable(unix_us)
        self._keeper.check()

        def begin(confirmed: bool) -> Wait:
            setter.begin(unix_us, at_us, uncertainty_us, confirmed)
            return Wait(lambda now_us: self._set(now_us, drift, confirmed), setter.cancel, True)

        if message.get("confirm") is not True and not setter.needs_button(unix_us, at_us):
            return begin(False)
        lines = self._clock_change(unix_us + now_us - at_us, now_us)
        return Consent(
            "Set the clock?",
            lines,
            lambda: begin(True),
            lambda: setter.refuse(unix_us, at_us, uncertainty_us),
        )

    def _set(self, now_us: int, drift: tuple | None, confirmed: bool) -> dict | None:
        setter, keeper = self._setter, self._keeper
        setter.poll(now_us)
        if setter.setting:
            return None
        if keeper.state != OK:
            raise ClockError(keeper.state, "the clock was not set: the RTC or flash failed")
        if drift is not None:
            setter.keep_drift(drift[0], drift[1])
        answer = self._now(self._times.arrived_us)
        answer["confirmed"] = confirmed
        answer["step_us"] = setter.last_step_us
        return answer

    def _clock_change(self, new_us: int, now_us: int) -> tuple:
        """Old and new time in plain words."""
        keeper, record = self._keeper, self._keeper.record
        new_s = new_us // 1_000_000
        if keeper.state != OK:
            why = "It was moved back." if keeper.state == MOVED_BACK else "It is not set yet."
            floor_s = record.floor_unix_s
            last = f"was {time_text.minute(floor_s)}" if floor_s else "UTC"
            return (why, f"new {time_text.minute(new_s)}", last)
        old_us = keeper.unix_us(now_us)
        step = time_text.step(new_us - old_us)
        if record.jump_unix_s:
            step = "was " + time_text.moved(record.jump_s)
        old, new = time_text.change(old_us // 1_000_000, new_s)
        return (step, f"old {old}", f"new {new}")

    # --- trimming ----------------------------------------------------------------------------

    def _set_aging(self, message: dict) -> Consent:
        aging = whole_of(message, "aging", -128, 127)
        setter = self._setter
        old = setter.aging()

        def then() -> dict:
            setter.set_aging(aging)
            return {"aging": aging}

        slower = "slower" if aging > old else "faster"
        tenths = abs(aging - old)
        lines = (
            f"{tenths // 10}.{tenths % 10} ppm {slower}",
            f"aging register {old:+d}",
            f"to {aging:+d}",
        )
        return Consent("Trim the clock?", lines, then)


def no_rollover() -> RequestError:
    """The error of a clock that should have gone on by a second."""
    return RequestError(
        "no-rollover", "the clock's seconds do not advance; check the wires of the DS3231"
    )


def _drift_of(message: dict) -> tuple | None:
    """(ppb, uncertainty in ppb) that the host measured, or None if the request does not give it."""
    if message.get("drift_ppb") is None:
        return None
    return (
        whole_of(message, "drift_ppb", -_MOST_DRIFT_PPB, _MOST_DRIFT_PPB),
        whole_of(message, "drift_uncertainty_ppb", 0, _MOST_DRIFT_PPB),
    )
