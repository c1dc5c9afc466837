"""A timekeeper and a setter whose counter, RTC and square wave show what a test writes."""

from picototp.clock.log import ClockLog
from picototp.clock.record import ClockRecord
from picototp.clock.setter import ClockSetter
from picototp.clock.states import MISSING, ClockError
from picototp.clock.timekeeper import Timekeeper
from workbench import BUILT_UNIX_S, NOW_UNIX_S, MemoryStorage

START_US = 5_234_567
SECOND_US = 1_000_000


class ByHand:
    """Counter, RTC and square wave in one; nothing moves unless a test moves it.

    `us` is the counter, `tells` what the RTC tells, or the ClockError that it raises instead.
    `looks` and `quick_looks` count reads of all registers, and of the seconds alone.
    """

    write_latency_us = 140

    def __init__(self, wired=False):
        self.us = START_US
        self.tells = NOW_UNIX_S
        self.look_us = 0
        self.looks = 0
        self.quick_looks = 0
        self.quick = iter(())  # (how long such a look takes, what it sees)
        self.falls = []
        self.trimmed = []
        self.prepared = False
        self.written = []
        self.write_us = [300]  # how long each write takes; the last one goes for all others
        self.temperature = 20.0
        self._tick_us = 0
        self.storage = MemoryStorage()
        self.record = ClockRecord(self.storage)
        wave = self if wired else None
        self.keeper = Timekeeper(self, self, self.record, BUILT_UNIX_S, wave)
        self.setter = ClockSetter(self, self.keeper, self, ClockLog(self.storage))

    # --- the counter, and the square wave

    def now_us(self):
        self.us += self._tick_us
        return self.us

    def take(self):
        return self.falls.pop(0) if self.falls else None

    # --- the RTC

    def read(self):
        self.looks += 1
        self.us += self.look_us
        if isinstance(self.tells, ClockError):
            raise self.tells
        return self.tells

    def read_seconds(self):
        self.quick_looks += 1
        took_us, seen = next(self.quick)
        self.us += took_us
        if isinstance(seen, ClockError):
            raise seen
        return seen

    def aging(self):
        return self.trimmed[-1] if self.trimmed else 0

    def set_aging(self, aging):
        self.trimmed.append(aging)

    def temperature_c(self):
        if isinstance(self.temperature, ClockError):
            raise self.temperature
        return self.temperature

    def prepare_to_write(self):
        self.prepared = True

    def write(self, unix_s, around):
        before, after = around
        self._tick_us = 1  # the first of these waits for the counter
        before()
        self._tick_us = 0
        self.written.append((unix_s, self.us))
        self.us += self.write_us.pop(0) if len(self.write_us) > 1 else self.write_us[0]
        after()
        self.tells = unix_s

    # --- what tests do

    def at(self, us, tells=None):
        """The counter so long after the start, and the RTC as if it ran with it."""
        self.us = START_US + us
        self.tells = NOW_UNIX_S + us // SECOND_US if tells is None else tells
        return self.us

    def turn(self, us, tells=None):
        """The main loop looks at the clock then; returns how often it read the whole RTC."""
        before = self.looks
        self.keeper.poll(self.at(us, tells))
        return self.looks - before

    def fails(self):
        self.tells = ClockError(MISSING, "nothing answers")


def known(uncertainty_us=500, *, wired=False, began_us=0):
    """A clock that was set, known so well, and looked at just now, in a second that began then."""
    hands = ByHand(wired)
    hands.record.note_setting(NOW_UNIX_S, 1000, 0, True)
    hands.at(0)
    hands.keeper.anchor_at(NOW_UNIX_S, START_US + began_us, uncertainty_us)
    hands.keeper.check()
    assert hands.keeper.uncertainty_us == uncertainty_us
    return hands


def begin(hands, unix_us, at_us=None, *, uncertainty_us=0, confirmed=True):
    hands.setter.begin(unix_us, hands.us if at_us is None else at_us, uncertainty_us, confirmed)
    return hands


def poll_before(hands, edge_us, ahead_us=10):
    """A turn of the main loop so long before a write that starts a second at that moment."""
    hands.us = edge_us - hands.write_latency_us - ahead_us
    hands.setter.poll(hands.us)


def set_to(hands, unix_s, edge_us, **options):
    """That second begins at that moment, in the RTC and in truth."""
    hands.us = edge_us - 500_000
    begin(hands, unix_s * SECOND_US - 500_000, **options)
    poll_before(hands, edge_us)
    assert not hands.setter.setting
    return hands
