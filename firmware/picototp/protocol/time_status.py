"""What `status` tells about the clock, and when the request under way arrived."""

from picototp.clock.states import OK


class TimeStatus:
    """The clock as the service knows it from the start. `arrived_us` is a value of the counter."""

    def __init__(self, keeper, monotonic):
        self._keeper = keeper
        self._monotonic = monotonic
        self.arrived_us = 0

    def status(self) -> dict:
        """The clock's part of the answer to `status`."""
        keeper = self._keeper
        keeper.check()
        record = keeper.record
        status = {
            "state": keeper.state,
            "set_unix_s": record.set_unix_s,
            "settings": record.settings,
            "refused": record.refused,
            "confirmed_unix_s": record.confirmed_unix_s,
            "moved_us": record.moved_us,
            "jump_unix_s": record.jump_unix_s,
            "jump_s": record.jump_s,
            "drift_ppb": record.drift_ppb,
            "drift_uncertainty_ppb": record.drift_uncertainty_ppb,
            "trimmed_aging": record.aging,
        }
        if keeper.state == OK:
            unix_us = keeper.unix_us(self._monotonic.now_us())
            status["unix_us"] = unix_us
            status["uncertainty_us"] = keeper.uncertainty_us
            heard = keeper.hears_square_wave(self._monotonic.now_us())
            status["rollover"] = "square-wave" if heard else "polled"
            status["error_bound_s"] = record.error_bound_s(unix_us // 1_000_000)
        return status
