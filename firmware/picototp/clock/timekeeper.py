"""What time it is: the RTC's seconds, carried on between its ticks by the microsecond counter.

The DS3231 tells whole seconds. The timekeeper watches for the moment at which they change (the
rollover), remembers the counter's value there as its anchor, and computes the time from it. The
Pico's own crystal is good to some 50 ppm, so the anchor is renewed every minute (3 ms); in between
one look a second makes sure that RTC and anchor still agree, and a disagreement starts over.

Stages of an anchor, by `uncertainty_us`:
  half a second   one look at the RTC; its second began at some time within the last second
  milliseconds    two looks of the main loop with a rollover between them
  under a ms      a burst of looks around the moment at which the next rollover was expected
  a tenth of one  the falling edge of the RTC's square wave, where that is wired: it is believed
                  when two edges are a second apart, and makes bursts needless

The RTC that is passed in has `read() -> Unix seconds` and `read_seconds() -> raw seconds register`
(cheaper, for bursts); both raise ClockError. `record` is the ClockRecord: it knows of settings that
were interrupted, and of a time that has certainly passed. `square_wave` has `take() -> counter at
its last fall, or None`.
"""

from picototp.clock.states import MESSAGES, MISSING, MOVED_BACK, NOT_SET, OK, ClockError

SECOND_US = 1_000_000

# How far off the counter may run: the crystal's tolerance, its temperature and its age.
COUNTER_PPM = 50
# The anchor is renewed this often: COUNTER_PPM of a minute are 3 ms.
RENEW_US = 60 * SECOND_US
# The main loop turns at least this often, so a burst may start that long before its rollover ...
LOOP_STEP_US = 20_000
# ... or this long, if a caller waits for it: a turn that draws the whole display.
SLOW_STEP_US = 70_000
# It must start this long before the rollover to see the old second first, a minute after the last.
BURST_LEAD_US = 4_000
NO_BURST_US = 60 * SECOND_US
# How far RTC and anchor may be apart at a check, besides the anchor's uncertainty.
CHECK_SLACK_US = 5_000
# Two edges of the square wave are a second apart, by a counter that may be off by COUNTER_PPM; more
# is a loose wire, or a fall that was noted late because interrupts were off.
EDGE_SLACK_US = 300
EDGE_UNCERTAINTY_US = 100
EDGE_LASTS_US = 2_500_000
# Good enough for a burst; above it the main loop's own looks narrow the anchor down first.
COARSE_US = 40_000
# The floor under the time is written to flash this often: a day of wear, a day of travel back.
FLOOR_STEP_S = 86_400
# A clock that lost some seconds shows no code that a server would take for another one's.
FLOOR_SLACK_S = 10
# An RTC this far from where the counter has carried its time was moved behind our back. By
# less it is followed: its own faults do that, and the next sync finds it.
MOVED_S = FLOOR_STEP_S
MOVED_LOOKS = 3
# A lost or unset clock is looked at again this often.
RETRY_US = SECOND_US


def is_sure_of_period(into_us: int, period_us: int, uncertainty_us: int) -> bool:
    """Whether a clock that is known so well is certainly in a period of a code, `into_us` after
    that began. If not, the code may be the neighbour's."""
    return uncertainty_us < COARSE_US or uncertainty_us <= into_us < period_us - uncertainty_us


class Timekeeper:
    """Carries the time. All `now_us` arguments and results of the counter are Monotonic's.

    `state` says whether `unix_us` can answer; `uncertainty_us` how well the second's phase is
    known, not how far the RTC itself may have drifted since it was set.
    """

    def __init__(self, rtc, monotonic, record, built_unix_s: int, square_wave=None):
        self._rtc = rtc
        self._monotonic = monotonic
        self.built_unix_s = built_unix_s
        self.record = record
        self._square_wave = square_wave
        self._edge_us: int | None = None  # the last fall
        self._edge_used_us: int | None = None  # the last one that was believed
        self.state = MISSING
        self.uncertainty_us = 0
        self._anchor_unix_s = 0
        self._anchor_us = 0
        self._renewed_us = 0
        self._checked_us = 0
        self._look: tuple | None = (
            None  # (counter, seconds) of the main loop's last look while narrowing down
        )
        self.suspended = False  # while the RTC is being set
        self._doubted = 0  # looks in a row at an RTC that contradicts the counter
        self._wanted = False  # a caller waits for a burst
        self._is_urgent = _never
        self.rollovers_seen = 0  # bursts that caught a rollover: to wait for a fresh one, compare

    # --- what others ask ---------------------------------------------------------------------

    def unix_us(self, now_us: int) -> int:
        """Unix microseconds now. ClockError if the clock cannot be trusted."""
        if self.state != OK:
            raise ClockError(self.state, MESSAGES[self.state])
        return self._anchor_unix_s * SECOND_US + (now_us - self._anchor_us)

    def carried_unix_s(self, now_us: int) -> int | None:
        """What the counter makes of the last time that the clock told, whatever it tells now; None
        if it has told none since power-up."""
        return self._whole_seconds(now_us) if self._anchor_unix_s else None

    def next_edge_us(self, now_us: int) -> int:
        """The counter's value at which the next second is expected to begin."""
        into_second_us = (now_us - self._anchor_us) % SECOND_US
        return now_us + SECOND_US - into_second_us

    # --- the main loop -----------------------------------------------------------------------

    def yield_to(self, is_urgent) -> None:
        """End a burst as soon as `is_urgent()` is true, and try again at the next second."""
        self._is_urgent = is_urgent

    def start(self) -> None:
        """First look at the RTC."""
        try:
            self.restore_aging()
        except ClockError:
            pass  # no RTC, no trimming: the state says so
        self._anchor_from_one_look()

    def restore_aging(self) -> None:
        """An RTC that lost both its supplies has lost its trimming with them: write what it was
        trimmed to. ClockError if it does not answer."""
        aging = self.record.aging
        if aging is not None and self._rtc.aging() != aging:
            self._rtc.set_aging(aging)

    def poll(self, now_us: int) -> None:
        """Do what is due; called by every turn of the main loop.

        Takes up to 40 ms once a minute, and 150 ms when it settles or a caller waits for it.
        """
        edge_us = self._square_wave.take() if self._square_wave is not None else None
        if self.suspended:
            return
        if edge_us is not None:
            self._heard(edge_us)
        if self.state != OK:
            if now_us - self._checked_us >= RETRY_US:
                self._anchor_from_one_look()
            return
        if self.uncertainty_us >= COARSE_US:
            self._narrow_down()
        elif not self._burst_in_us(now_us):
            self._burst()
        elif now_us - self._checked_us >= SECOND_US:
            self.check()
            self._raise_floor(now_us)

    def idle_us(self, now_us: int) -> int:
        """For how long `poll` has nothing to do, so that the main loop may sleep: a second at most,
        and 0 while it watches for a rollover."""
        idle_us = self._checked_us + SECOND_US - now_us
        if self.state == OK:
            if self.uncertainty_us >= COARSE_US:
                return 0
            idle_us = min(idle_us, self._burst_in_us(now_us))
        return max(0, idle_us)

    def _burst_in_us(self, now_us: int) -> int:
        """In how long a burst should begin: 0 for now, NO_BURST_US if none is wanted."""
        urgent = self._wanted or self.uncertainty_us > 2_000
        early = not urgent and now_us - self._renewed_us < RENEW_US
        if early or self.hears_square_wave(now_us):
            return NO_BURST_US
        ahead_us = self.next_edge_us(now_us) - now_us - self.uncertainty_us
        if BURST_LEAD_US <= ahead_us <= (SLOW_STEP_US if urgent else LOOP_STEP_US):
            return 0
        return (ahead_us - LOOP_STEP_US) % SECOND_US

    def hears_square_wave(self, now_us: int) -> bool:
        """Whether the square wave is wired, and recent rollovers came from it."""
        used_us = self._edge_used_us
        return used_us is not None and now_us - used_us < EDGE_LASTS_US

    def forget_square_wave(self) -> None:
        """Forget the edges heard so far: the clock was set, so they no longer mean anything."""
        self._edge_us = self._edge_used_us = None

    def _heard(self, edge_us: int) -> None:
        """Take a fall of the square wave: a second began there, unless it was noise."""
        before_us, self._edge_us = self._edge_us, edge_us
        if before_us is None or abs(edge_us - before_us - SECOND_US) > EDGE_SLACK_US:
            return
        if not self._is_expected(edge_us):
            return  # if it was right all the same, a burst will find that out
        seconds = self._read()
        now_us = self._monotonic.now_us()
        if seconds is None or now_us - edge_us > SECOND_US // 2:
            return  # so late that it may be the next second already
        agrees = self._is_fine() and self._whole_seconds(edge_us + SECOND_US // 2) == seconds
        self._checked_us = now_us
        self._edge_used_us = edge_us
        self.anchor_at(seconds, edge_us, EDGE_UNCERTAINTY_US)
        self.rollovers_seen += 1
        if agrees:  # else it is one look, which may have been misread
            self._raise_floor(now_us)

    def _is_expected(self, edge_us: int) -> bool:
        """Whether a second may begin there by what is known already."""
        if not self._is_fine():
            return True
        into_us = (edge_us - self._anchor_us) % SECOND_US
        run_us = (edge_us - self._renewed_us) * COUNTER_PPM // 1_000_000
        return min(into_us, SECOND_US - into_us) <= self.uncertainty_us + EDGE_SLACK_US + run_us

    def check(self) -> None:
        """Compare RTC and anchor by one look, and start over if they do not agree.

        Done every second, and when the display wakes, so that no code comes from a stale anchor.
        Not while the RTC is being set: how far that moves the clock is told from the old anchor.
        """
        if self.suspended:
            return
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
            self.anchor_at(seconds, after_us - SECOND_US // 2, SECOND_US // 2)

    def _raise_floor(self, now_us: int) -> None:
        """Remember once a day that this time has passed."""
        if not self.record.set_unix_s:
            return  # this clock was never set: it may show any time
        if not self._is_fine():
            return  # one look may have been misread; an anchor so good took several that agree
        unix_s = self._whole_seconds(now_us)
        if unix_s - self.record.floor_unix_s < FLOOR_STEP_S:
            return
        self.record.floor_unix_s = unix_s
        try:
            self.record.save()
        except OSError:
            pass  # a flash that is full or broken: the floor holds until the power goes

    def want_rollover(self) -> None:
        """Observe the next rollover, for a caller who wants a fresh measurement."""
        self._wanted = True  # without a good anchor the next one forgets it

    # --- anchors -----------------------------------------------------------------------------

    def _whole_seconds(self, now_us: int) -> int:
        return self._anchor_unix_s + (now_us - self._anchor_us) // SECOND_US

    def _is_fine(self) -> bool:
        return self.state == OK and self.uncertainty_us < COARSE_US

    def _read(self) -> int | None:
        """One look at the RTC: seconds, or None with `state` saying why not."""
        try:
            if self.record.interrupted:
                raise ClockError(NOT_SET, "a setting was interrupted")
            seconds = self._rtc.read()
            if seconds < self.built_unix_s:
                raise ClockError(NOT_SET, "before the firmware was built")
            if seconds < self.record.floor_unix_s - FLOOR_SLACK_S:
                raise ClockError(MOVED_BACK, "a time that has passed already")
            if self._contradicts(seconds):
                raise ClockError(NOT_SET, "another day than the counter says")
        except ClockError as error:
            self.state = error.state
            self._checked_us = self._monotonic.now_us()
            return None
        return seconds

    def _contradicts(self, seconds: int) -> bool:
        """Whether the RTC was moved by a day or more since the last anchor, as the counter has it.

        No setting of ours, no drift and no misread second does that. A second look may find it
        right again; else only a new setting helps, also after a restart.
        """
        if not self._anchor_unix_s or not self.record.set_unix_s:
            return False  # this clock was never set: it may show any time
        if abs(seconds - self._whole_seconds(self._monotonic.now_us())) < MOVED_S:
            self._doubted = 0
            return False
        self._doubted += 1
        if self._doubted >= MOVED_LOOKS:
            self.record.distrust()
        return True

    def _anchor_from_one_look(self) -> None:
        seconds = self._read()
        if seconds is not None:
            now_us = self._monotonic.now_us()
            self._checked_us = now_us
            self.anchor_at(seconds, now_us - SECOND_US // 2, SECOND_US // 2)

    def anchor_at(self, unix_s: int, at_us: int, uncertainty_us: int) -> None:
        """Note that second `unix_s` began at the counter's value `at_us`, known so well."""
        self._anchor_unix_s = unix_s
        self._anchor_us = at_us
        self._doubted = 0
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
            self.anchor_at(seconds, (start_us + after_us) // 2, (after_us - start_us) // 2 + 1)
            # A loop that was held up leaves the gap too wide: keep looking.
            self._look = (before_us, seconds)
        elif self._look is not None and seconds != self._look[1]:
            self.anchor_at(seconds, after_us - SECOND_US // 2, SECOND_US // 2)
        else:
            self._look = (before_us, seconds)

    def _burst(self) -> None:
        """Look as fast as the bus allows until the seconds register changes.

        Uses the seconds register alone; a change other than to the next second, or none within
        the time in which it must come, is left to `check`.
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
                if self._is_urgent():
                    return
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
            self.anchor_at(expected, (before_us + now_us) // 2, (now_us - before_us) // 2 + 1)
            self.rollovers_seen += 1
        else:
            self._anchor_from_one_look()

    def _anchor_matches(self, expected: int, seconds_register: int) -> bool:
        tens, ones = divmod(expected % 60, 10)
        return seconds_register == tens << 4 | ones


def _never() -> bool:
    return False
