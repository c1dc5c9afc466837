"""What time it is: the RTC's seconds, carried on between its ticks by the microsecond counter.

The DS3231 tells whole seconds. The timekeeper watches for the moment at which they change (the
rollover), remembers the counter's value there as its anchor, and computes the time from it. The
Pico's own crystal is good to some 50 ppm, so the anchor is renewed every minute (3 ms); in between
one look a second makes sure that RTC and anchor still agree, and a disagreement starts over.

Stages of an anchor, by `uncertainty_us`:
  half a second   one look at the RTC: the second began somewhere within the last one
  milliseconds    two looks of the main loop with a rollover between them
  under a ms      a burst of looks around the moment at which the next rollover was expected

The RTC that is handed in has `read() -> Unix seconds`, `read_seconds() -> raw seconds register`
(cheaper, for bursts) and `write(unix_s)`; all raise ClockError. `storage` keeps the record of the
last setting.
"""

from picototp.clock import calendar
from picototp.clock.record import SettingRecord

SECOND_US = 1_000_000

# How far off the counter may run: the crystal's tolerance, its temperature and its age.
COUNTER_PPM = 50
# The anchor is renewed this often: COUNTER_PPM of a minute are 3 ms.
RENEW_US = 60 * SECOND_US
# The main loop turns at least this often, so a burst may start so long before its rollover ...
LOOP_STEP_US = 20_000
# ... or this long, if somebody waits for it: a turn that draws the whole display.
SLOW_STEP_US = 70_000
# It must start so long before the rollover to see the old second first, a minute after the last.
BURST_LEAD_US = 4_000
# How far RTC and anchor may be apart at a check, besides the anchor's uncertainty.
CHECK_SLACK_US = 5_000
# Good enough for a burst; above it the main loop's own looks narrow the anchor down first.
COARSE_US = 40_000
LATEST_UNIX_S = calendar.UNIX_2100 - 86_400
# A lost or unset clock is looked at again so often.
RETRY_US = SECOND_US

OK = "ok"
NOT_SET = "not-set"  # the oscillator stopped, or the time lies before the firmware was built
UNREADABLE = "unreadable"  # registers that hold no BCD date
MISSING = "missing"  # nothing answers on the bus


class ClockError(Exception):
    """The clock cannot tell the time. `state`: NOT_SET, UNREADABLE, MISSING, or bad-time."""

    def __init__(self, state: str, message: str):
        super().__init__(message)
        self.state = state
        self.message = message


class Timekeeper:
    """Carries the time. All `now_us` arguments and results of the counter are Monotonic's.

    `state` says whether `unix_us` can answer; `uncertainty_us` how well the second's phase is
    known, not how far the RTC itself may have drifted since it was set.
    """

    def __init__(self, rtc, monotonic, storage, built_unix_s: int):
        self._rtc = rtc
        self._monotonic = monotonic
        self._built_unix_s = built_unix_s
        self.record = SettingRecord(storage)
        self.state = MISSING
        self.uncertainty_us = 0
        self._anchor_unix_s = 0
        self._anchor_us = 0
        self._renewed_us = 0
        self._checked_us = 0
        self._look: tuple | None = (
            None  # (counter, seconds) of the main loop's last look while narrowing down
        )
        self._pending_set: tuple | None = None
        self._wanted = False  # somebody waits for a burst
        self.rollovers_seen = 0  # bursts that caught a rollover: who waits for a fresh one compares

    # --- what others ask ---------------------------------------------------------------------

    def unix_us(self, now_us: int) -> int:
        """Unix microseconds now. ClockError if the clock cannot be trusted."""
        if self.state != OK:
            raise ClockError(self.state, _MESSAGES[self.state])
        return self._anchor_unix_s * SECOND_US + (now_us - self._anchor_us)

    def next_edge_us(self, now_us: int) -> int:
        """The counter's value at which the next second is expected to begin."""
        into_second_us = (now_us - self._anchor_us) % SECOND_US
        return now_us + SECOND_US - into_second_us

    # --- the main loop -----------------------------------------------------------------------

    def start(self) -> None:
        """First look at the RTC."""
        self._anchor_from_one_look()

    def poll(self, now_us: int) -> None:
        """Do what is due; called by every turn of the main loop.

        Takes up to 40 ms once a minute, and 150 ms when it settles or somebody waits for it.
        """
        if self.setting:
            self._set_if_due(now_us)
            return
        if self.state != OK:
            if now_us - self._checked_us >= RETRY_US:
                self._anchor_from_one_look()
            return
        if self.uncertainty_us >= COARSE_US:
            self._narrow_down()
        elif self._is_time_for_burst(now_us):
            self._burst()
        elif now_us - self._checked_us >= SECOND_US:
            self.check()

    def _is_time_for_burst(self, now_us: int) -> bool:
        urgent = self._wanted or self.uncertainty_us > 2_000
        if not urgent and now_us - self._renewed_us < RENEW_US:
            return False
        ahead_us = self.next_edge_us(now_us) - now_us - self.uncertainty_us
        return BURST_LEAD_US <= ahead_us <= (SLOW_STEP_US if urgent else LOOP_STEP_US)

    def check(self) -> None:
        """Compare RTC and anchor by one look, and start over if they do not agree.

        Done every second, and when the display wakes, so that no code comes from a stale anchor.
        """
        before_us = self._monotonic.now_us()
        seconds = self._read()
        if seconds is None:
            return
        after_us = self._monotonic.now_us()
        self._checked_us = after_us
        slack_us = self.uncertainty_us + CHECK_SLACK_US
        earliest = self._whole_seconds(before_us - slack_us)
        latest = self._whole_seconds(after_us + slack_us)
        if self.state != OK or not earliest <= seconds <= latest:
            self._anchor_at(seconds, after_us - SECOND_US // 2, SECOND_US // 2)

    def want_rollover(self) -> None:
        """Have the next rollover observed, for somebody who wants a fresh measurement."""
        if self.state == OK and self.uncertainty_us < COARSE_US:
            self._wanted = True

    # --- setting -----------------------------------------------------------------------------

    def check_settable(self, unix_us: int) -> None:
        """ClockError if that time cannot be right, or if there is no clock to set."""
        if not self._built_unix_s * SECOND_US <= unix_us < LATEST_UNIX_S * SECOND_US:
            raise ClockError("bad-time", "that time lies before this firmware or after 2099")
        try:
            self._rtc.read()
        except ClockError as error:
            if error.state == MISSING:
                raise

    def begin_set(self, unix_us: int, at_us: int, uncertainty_us: int) -> None:
        """Set the RTC so that it shows `unix_us` when the counter stands at `at_us`.

        `uncertainty_us` is how well whoever asks knows that, for the record.

        A write to the seconds register starts a second (data sheet, "Clock and calendar"), so the
        write waits for the next whole second; `setting` is true until it is done. ClockError as
        check_settable.
        """
        self.check_settable(unix_us)
        self.record.begin()  # from here on a cut leaves "not set", never a half-written time
        now_us = self._monotonic.now_us()
        then_unix_us = unix_us + (now_us - at_us) + LOOP_STEP_US
        second = then_unix_us // SECOND_US + 1
        uncertainty_us += (now_us - at_us) * COUNTER_PPM // 1_000_000
        self._pending_set = (second, at_us + second * SECOND_US - unix_us, uncertainty_us)

    @property
    def setting(self) -> bool:
        """Whether a setting is still to be done."""
        return self._pending_set is not None

    def cancel_set(self) -> None:
        """Forget a setting that is not done yet; the RTC keeps what it held."""
        if self._pending_set is not None:
            self._pending_set = None
            self.record.abandon()

    def _set_if_due(self, now_us: int) -> None:
        if self._pending_set is None:
            return
        second, edge_us, uncertainty_us = self._pending_set
        write_us = edge_us - self._rtc.write_latency_us
        if now_us > write_us:  # the loop was held up: too late for this second
            self._pending_set = (second + 1, edge_us + SECOND_US, uncertainty_us)
            return
        if write_us - now_us > SLOW_STEP_US:
            return
        self._pending_set = None
        while self._monotonic.now_us() < write_us:
            pass
        try:
            self._rtc.write(second)
            if self._rtc.read() not in (second, second + 1):
                raise ClockError(UNREADABLE, "the RTC does not hold what was written")
            self.record.finish(second, uncertainty_us + 1_000)
        except (ClockError, OSError) as error:
            # The RTC may hold half of it, so the mark of a setting under way stays and counts.
            self.record.interrupted = True
            self.state = error.state if isinstance(error, ClockError) else NOT_SET
            return
        self._anchor_at(second, edge_us, 4_000)
        self.check()

    # --- anchors -----------------------------------------------------------------------------

    def _whole_seconds(self, now_us: int) -> int:
        return self._anchor_unix_s + (now_us - self._anchor_us) // SECOND_US

    def _read(self) -> int | None:
        """One look at the RTC: seconds, or None with `state` saying why not."""
        try:
            if self.record.interrupted:
                raise ClockError(NOT_SET, "a setting was interrupted")
            seconds = self._rtc.read()
            if seconds < self._built_unix_s:
                raise ClockError(NOT_SET, "before the firmware was built")
        except ClockError as error:
            self.state = error.state
            self._look = None
            self._checked_us = self._monotonic.now_us()
            return None
        return seconds

    def _anchor_from_one_look(self) -> None:
        seconds = self._read()
        if seconds is not None:
            now_us = self._monotonic.now_us()
            self._checked_us = now_us
            self._anchor_at(seconds, now_us - SECOND_US // 2, SECOND_US // 2)

    def _anchor_at(self, unix_s: int, at_us: int, uncertainty_us: int) -> None:
        self._anchor_unix_s = unix_s
        self._anchor_us = at_us
        self.uncertainty_us = uncertainty_us
        self._renewed_us = self._monotonic.now_us()
        self._look = None
        self._wanted = False
        self.state = OK

    def _narrow_down(self) -> None:
        """A look in each turn of the main loop, until two have a rollover between them."""
        before_us = self._monotonic.now_us()
        seconds = self._read()
        if seconds is None:
            return
        after_us = self._monotonic.now_us()
        if self._look is not None and seconds == self._look[1] + 1:
            start_us = self._look[0]
            self._anchor_at(seconds, (start_us + after_us) // 2, (after_us - start_us) // 2 + 1)
            # A loop that was held up leaves the gap too wide: keep looking.
            self._look = (before_us, seconds)
        elif self._look is not None and seconds != self._look[1]:
            self._anchor_at(seconds, after_us - SECOND_US // 2, SECOND_US // 2)
        else:
            self._look = (before_us, seconds)

    def _burst(self) -> None:
        """Look as fast as the bus allows until the seconds register changes.

        Uses the seconds register alone; a change other than to the next second, or none within
        the time in which it must come, leaves the matter to `check`.
        """
        now_us = self._monotonic.now_us()
        deadline_us = self.next_edge_us(now_us) + self.uncertainty_us + 8_000
        expected = self._whole_seconds(deadline_us)
        try:
            first = self._rtc.read_seconds()
            before_us = now_us
            while True:
                start_us = self._monotonic.now_us()
                seconds = self._rtc.read_seconds()
                now_us = self._monotonic.now_us()
                if seconds != first:
                    break
                before_us = start_us
                if now_us > deadline_us:
                    break
        except ClockError as error:
            self.state = error.state
            self._checked_us = now_us
            return
        if seconds == first:  # the edge came before the burst, or not at all
            self._anchor_from_one_look()
            return
        if self._anchor_matches(expected, seconds):
            self._anchor_at(expected, (before_us + now_us) // 2, (now_us - before_us) // 2 + 1)
            self.rollovers_seen += 1
        else:
            self._anchor_from_one_look()

    def _anchor_matches(self, expected: int, seconds_register: int) -> bool:
        tens, ones = divmod(expected % 60, 10)
        return seconds_register == tens << 4 | ones


_MESSAGES = {
    NOT_SET: "the clock is not set; run synctime.py",
    UNREADABLE: "the clock holds no date; run synctime.py",
    MISSING: "no clock answers on the bus; check the wires of the DS3231",
}
