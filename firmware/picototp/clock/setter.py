"""Setting the RTC: to the millisecond or not at all, and only as the policy allows.

A write to the seconds register starts a second (DS3231 data sheet, "Clock and calendar"), so the
phase of the clock is set by when it is written. The setter therefore waits for the edge of the next
whole second. A mark is in flash from before the write until all of it is done and recorded:
whatever is cut off leaves the old time or "not set".
"""

from picototp.clock import calendar
from picototp.clock.log import CONFIRMED, REFUSED, SMALL, TRIMMED, Entry
from picototp.clock.record import DATA_SHEET_PPB, LONGEST_JUMP_S
from picototp.clock.states import MISSING, NOT_SET, OK, UNREADABLE, ClockError
from picototp.clock.timekeeper import COUNTER_PPM, LOOP_STEP_US, SECOND_US, SLOW_STEP_US

LATEST_UNIX_S = calendar.UNIX_2100 - 86_400
# How well the write hits the edge: the bus, and the wait for the counter.
WRITE_UNCERTAINTY_US = 200
# The write is done so long after it should have begun, or something held it up: on a Pico the
# transfer takes 0.3 ms. Then the next second gets another try.
WRITE_MOST_US = 1_000
WRITE_TRIES = 4
# What a user who confirms a setting can have overlooked, at either end of a time in between.
OBSERVED_US = 100_000


class ClockSetter:
    """Sets the RTC and keeps record of it.

    `rtc` has `write(unix_s, around)`, which calls the two functions `around` just before and after
    the transfer that starts the second, `write_latency_us` from there to that start,
    `prepare_to_write`, or the first of these takes longer, `read`, `aging`, `set_aging` and
    `temperature_c`. `log` is the ClockLog.
    """

    def __init__(self, rtc, keeper, monotonic, log):
        self._rtc = rtc
        self._keeper = keeper
        self._monotonic = monotonic
        self.log = log
        self._record = keeper.record
        self._pending: tuple | None = None
        self._tries = 0
        self.last_step_us: int | None = None  # by how much the last setting moved the clock
        self._observed: tuple | None = None  # by the last setting; see _observe

    # --- what is allowed ---------------------------------------------------------------------

    def check_settable(self, unix_us: int) -> None:
        """ClockError if that time cannot be right, or if there is no clock to set."""
        earliest_us = self._keeper.built_unix_s * SECOND_US
        if not earliest_us <= unix_us < LATEST_UNIX_S * SECOND_US:
            raise ClockError("bad-time", "that time is before this firmware, or after 2099")
        try:
            self._rtc.read()
        except ClockError as error:
            if error.state == MISSING:
                raise
        self._rtc.prepare_to_write()

    def needs_button(self, unix_us: int, at_us: int) -> bool:
        """Whether the user must agree that it was `unix_us` when the counter stood at `at_us`."""
        from picototp.clock import policy  # no start has to load it

        return policy.needs_button(
            self._record, self._told_us(at_us), unix_us, self._keeper.uncertainty_us
        )

    def _told_us(self, at_us: int) -> int | None:
        """The time that the clock showed at that counter value; None if it shows none."""
        return self._keeper.unix_us(at_us) if self._keeper.state == OK else None

    def refuse(self, unix_us: int, at_us: int, uncertainty_us: int) -> None:
        """Record a setting that the user refused or ignored."""
        told_us = self._told_us(at_us)
        step_us = None if told_us is None else unix_us - told_us
        self._record.refused += 1
        try:
            self._record.save()
            self._note(REFUSED, unix_us // SECOND_US, step_us, uncertainty_us)
        except OSError:
            pass  # nothing was changed, and the host is refused in any case

    # --- setting -----------------------------------------------------------------------------

    @property
    def setting(self) -> bool:
        """Whether a setting is still to be done."""
        return self._pending is not None

    def begin(self, unix_us: int, at_us: int, uncertainty_us: int, confirmed: bool) -> None:
        """Set the RTC so that it shows `unix_us` when the counter stands at `at_us`.

        `uncertainty_us` is how well the host knows it; `confirmed`: by the user. `poll` does
        it; `setting` is true until then. ClockError as check_settable, and "busy" while another
        setting is under way.
        """
        if self._pending is not None:
            raise ClockError("busy", "the clock is still being set; try again in some seconds")
        self.check_settable(unix_us)
        self._record.begin()  # from here on a cut leaves "not set", never a half-written time
        now_us = self._monotonic.now_us()
        second = (unix_us + (now_us - at_us) + LOOP_STEP_US) // SECOND_US + 1
        uncertainty_us += (now_us - at_us) * COUNTER_PPM // 1_000_000
        self._pending = (second, at_us + second * SECOND_US - unix_us, uncertainty_us, confirmed)
        self._tries = WRITE_TRIES
        self._keeper.suspended = True

    def cancel(self) -> None:
        """Forget a setting that failed before it was done, at any moment of it.

        The RTC keeps what it held; once it was written, it counts as not set.
        """
        if self._pending is None:
            return
        if self._tries == WRITE_TRIES:
            self._done()
            self._record.abandon()
        else:
            self._distrust(NOT_SET)

    def _done(self) -> None:
        self._pending = None
        self._keeper.suspended = False

    def _distrust(self, state: str) -> None:
        """Leave the mark of a setting in flash: the RTC may hold any time."""
        self._done()
        self._record.interrupted = True
        self._keeper.state = state

    def poll(self, now_us: int) -> None:
        """Write if it is time; called by every turn of the main loop while `setting`."""
        if self._pending is None:
            return
        second, edge_us, uncertainty_us, confirmed = self._pending
        a_second_later = second + 1, edge_us + SECOND_US, uncertainty_us, confirmed
        write_us = edge_us - self._rtc.write_latency_us
        if now_us > write_us:  # the loop was held up: too late for this second
            self._pending = a_second_later
            return
        if write_us - now_us > SLOW_STEP_US:
            return
        keeper = self._keeper
        told_us = self._told_us(edge_us)
        try:
            self._tries -= 1  # before the write, which may end anywhere: see cancel
            took_us = self._write(second, write_us)
            if took_us > WRITE_MOST_US and self._tries:
                self._pending = a_second_later
                return
            uncertainty_us += took_us if took_us > WRITE_MOST_US else WRITE_UNCERTAINTY_US
            self._keep(second, told_us, uncertainty_us, confirmed)
        except (ClockError, OSError) as error:
            self._distrust(error.state if isinstance(error, ClockError) else NOT_SET)
            return
        self._done()
        keeper.forget_square_wave()  # its phase is another one now
        keeper.anchor_at(second, edge_us, 4_000)
        keeper.check()

    def _write(self, second: int, write_us: int) -> int:
        """Microseconds from when it should have begun until it was done. ClockError."""
        done_us = write_us

        def wait() -> None:
            while self._monotonic.now_us() < write_us:
                pass

        def written() -> None:
            nonlocal done_us
            done_us = self._monotonic.now_us()

        self._rtc.write(second, (wait, written))
        if self._rtc.read() not in (second, second + 1):
            raise ClockError(UNREADABLE, "the RTC does not hold what was written")
        self._keeper.restore_aging()
        return done_us - write_us

    def _keep(self, unix_s: int, told_us: int | None, uncertainty_us: int, confirmed: bool) -> None:
        """Write the setting to flash."""
        record = self._record
        step_us = None if told_us is None else unix_s * SECOND_US - told_us
        self._mark_jump(unix_s, told_us, confirmed)
        self._observed = self._observe(unix_s, step_us, uncertainty_us) if confirmed else None
        self.last_step_us = step_us
        # A token that was just plugged in may know its own time to half a second only.
        moved_us = abs(step_us or 0) + self._keeper.uncertainty_us
        record.note_setting(unix_s, uncertainty_us, moved_us, confirmed)
        self._note(CONFIRMED if confirmed else SMALL, unix_s, step_us, uncertainty_us)
        record.finish()

    def _mark_jump(self, unix_s: int, told_us: int | None, confirmed: bool) -> None:
        """A large step leaves a mark, which the next confirmed setting without one takes away.

        One back, too. A clock without a time is moved from where the counter has carried it
        since it did, or from the floor that it has passed; and a mark stays then.
        """
        from picototp.clock import policy

        record = self._record
        if not record.set_unix_s:
            return
        from_us = told_us
        if from_us is None:
            carried_s = self._keeper.carried_unix_s(self._monotonic.now_us())
            from_us = max(record.floor_unix_s, carried_s or 0) * SECOND_US
        step_us = unix_s * SECOND_US - from_us
        ahead = policy.is_jump(record, from_us, step_us)
        back = policy.is_jump(record, from_us, -step_us)
        if ahead or (back and not record.jump_unix_s):
            step_s = (step_us + SECOND_US // 2) // SECOND_US
            record.jump_unix_s = unix_s
            record.jump_s = max(-LONGEST_JUMP_S, min(step_s, LONGEST_JUMP_S))
        elif confirmed and told_us is not None and not back:
            record.jump_unix_s = record.jump_s = 0

    def _note(self, kind: str, unix_s: int, step_us: int | None, uncertainty_us: int) -> None:
        aging, temperature_c = 0, None
        try:
            aging, temperature_c = self._rtc.aging(), self._rtc.temperature_c()
        except ClockError:
            pass  # the entry is worth keeping without them
        self.log.append(Entry(kind, unix_s, step_us, uncertainty_us, aging, temperature_c))

    # --- trimming ----------------------------------------------------------------------------

    def set_aging(self, aging: int) -> None:
        """Trim the RTC, -128 to 127, about 0.1 ppm a step, positive slows it. Kept in flash.

        What was known of its drift is forgotten. Raises ClockError and OSError.
        """
        record = self._record
        self._rtc.set_aging(aging)
        unix_us = self._told_us(self._monotonic.now_us())
        record.change_rate(aging, None if unix_us is None else unix_us // SECOND_US)
        record.save()
        if unix_us is not None:
            self._note(TRIMMED, unix_us // SECOND_US, 0, 0)

    def aging(self) -> int:
        """The aging register as it is. ClockError."""
        return self._rtc.aging()

    def keep_drift(self, drift_ppb: int, uncertainty_ppb: int) -> None:
        """What the host has measured of the drift, told with the last setting. Raises OSError.

        It counts for the bound if that setting was confirmed, and if what the token itself saw
        since the last confirmed one agrees; never more closely than it could see that.
        """
        record = self._record
        counts = False
        if self._observed is not None:
            seconds, corrected_us, doubt_us = self._observed
            least_ppb = doubt_us * 1000 // seconds
            uncertainty_ppb = max(uncertainty_ppb, least_ppb)
            off_us = abs(corrected_us + drift_ppb * seconds // 1000)
            counts = off_us <= uncertainty_ppb * seconds // 1000 and least_ppb <= DATA_SHEET_PPB
        elif record.drift_ppb is not None and record.drift_counts:
            return  # what a user confirmed is no host's to change
        record.drift_ppb, record.drift_uncertainty_ppb = drift_ppb, uncertainty_ppb
        record.drift_counts = counts
        record.save()

    def _observe(self, unix_s: int, step_us: int | None, uncertainty_us: int) -> tuple | None:
        """(seconds, microseconds of correction, doubt about these) since the last confirmed
        setting; None if the clock did not run all that time, or at another rate."""
        since_s = self._record.confirmed_unix_s
        if step_us is None or not 0 < since_s < unix_s:
            return None
        if any(one.kind == TRIMMED and one.unix_s >= since_s for one in self.log.entries()):
            return None
        return unix_s - since_s, step_us, self._record.moved_us + uncertainty_us + OBSERVED_US
