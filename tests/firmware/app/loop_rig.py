"""A main loop between parts that only note what it asks of them, to the millisecond."""

import types

from picototp.clock.states import NOT_SET
from picototp.screens.values import BLANK
from workbench import stand_in_modules

with stand_in_modules(framebuf=["MONO_VLSB", "FrameBuffer"], machine=[]):
    from picototp.app import loop

SHOWN = loop.render.render  # by which a screen is drawn


class Rig:
    """A Loop, all of its parts, and what it asked of them in `asked`, by name."""

    def __init__(self):
        self.asked = []
        # the board
        self.is_down = False
        self.alone = False
        self.restart_wanted = ""
        self.button = types.SimpleNamespace(is_down=lambda: self.is_down)
        self.watchdog = types.SimpleNamespace(feed=self._noted("feed"))
        self.storage = types.SimpleNamespace()
        self.port = types.SimpleNamespace(wait=self._noted("port wait"))
        self.panel = types.SimpleNamespace(
            ok=True, stale=False, rest=self._noted("rest"), show=self._noted("show")
        )
        self.sleep = self._noted("sleep")
        # the clock
        self.now_ms = 0
        self.record = "record"
        self.uncertainty_us = 7
        self.state = NOT_SET
        self.zero_us = 0  # Unix time at power-up
        self.idle_us = lambda now_us: self.sleeps_us
        self.sleeps_us = 500_000
        self.yield_to = lambda is_pressed: setattr(self, "is_pressed", is_pressed)
        self.start = self._noted("start")
        self.check = self._noted("check")
        # the interface
        self.lit = self.asking = self.button_down = False
        self.shown = BLANK
        self.ticks = self.moves = self.wakes = False
        self.traces = None  # True: whenever it is quiet
        self.picture = 0
        self.question_drawn = self._noted("question drawn")
        self.prepare = self._noted("prepare")
        # the link
        self.served = False
        self.idle, self.behind = True, False
        self.link = types.SimpleNamespace(poll=self._poll_link, work_on=self._noted("tell"))
        self.uncleaned = 0
        self.screens = []
        self.loop = loop.Loop(self, self, self, self, self, self._clean, self._noted("overwrite"))

    def _noted(self, name):
        return lambda *what: self.asked.append((name, *what))

    def now_us(self):
        return self.now_ms * 1000

    @property
    def now_ms(self):
        return Milliseconds(self._now_ms)

    @now_ms.setter
    def now_ms(self, value):
        self._now_ms = int(value)

    def poll(self, now_us):
        """Of the timekeeper and of the link, which tells whether something happened."""
        self.asked.append(("poll", now_us))
        return self.served

    _poll_link = poll

    def work_on(self, now_ms, saves):
        self.asked.append(("tell", now_ms, saves))

    def unix_us(self, now_us):
        return self.zero_us + now_us

    def handle(self, gesture, now_ms):
        self.asked.append((gesture, now_ms))
        self.lit = self.lit or self.wakes

    def tick(self, now_ms):
        return self.ticks

    def take_traces(self, quiet):
        self.asked.append(("quiet", quiet))
        return bool(self.traces and quiet)

    def animating(self, now_ms):
        return self.moves

    def screen(self, now_ms, held_ms, clock):
        self.screens.append((now_ms, held_ms, clock))
        return self.picture

    def _clean(self):
        self.asked.append(("clean",))
        self.uncleaned -= 1
        return self.uncleaned > 0

    # --- what tests do -------------------------------------------------------------------------

    def turn(self, at_ms=None, **changes):
        """A turn at that time; what it asked."""
        if at_ms is not None:
            self.now_ms = at_ms
        for name, value in changes.items():
            setattr(self, name, value)
        self.asked.clear()
        self.screens.clear()
        self.loop.turn()
        return list(self.asked)

    def did(self, name, at_ms=None, **changes):
        """How often a turn at that time did this."""
        return sum(one[0] == name for one in self.turn(at_ms, **changes))

    def at_rest(self):
        """What it does between two turns."""
        self.asked.clear()
        self.loop.rest()
        return list(self.asked)


class Milliseconds(int):
    """A time, and the method that gives it."""

    def __call__(self):
        return int(self)
