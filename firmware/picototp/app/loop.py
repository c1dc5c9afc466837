"""The main loop: button, port, clock, display, some 150 times a second."""

import gc

from picototp.app import messages
from picototp.app.code_page import ClockView
from picototp.app.gestures import HOLD, Gestures
from picototp.clock.states import OK
from picototp.screens import render
from picototp.screens.values import BLANK

IDLE_MS = 5  # how long a turn waits for bytes on the port
ANIMATION_MS = 60  # how often a screen that moves is drawn
FEED_MS = 100
# Work that takes longer in one turn is told: on the display, and to whoever is at the port.
LONG_MS = 300
# In the dark, a collection after so many turns: they leave some 100 bytes each, of 80 KB, and a
# press takes 15 KB. It takes 20 ms, which a press must never have to wait for twice.
COLLECT_TURNS = 250
TURNS_OF_A_REQUEST = 50  # what serving one leaves counts as so many
# Old copies of secrets are erased from flash, up to 60 ms at a time, once nothing else has happened
# for so long: not while a PIN is set, and not between the requests that set the clock.
QUIET_MS = 3_000
# What requests left of secrets is overwritten, which takes 0.1 s, once nothing has happened for so
# long: not between those of a batch. A lock does not wait for that.
TRACES_MS = 300
SECOND_US = 1_000_000
# What is drawn now is on the display so much later: it shows the time of then, or a press shortly
# before the code changes would show the old one, and draw it all again.
DRAWING_US = 25_000


class Loop:
    """Turns events into what the user sees. All parts are handed in; `clean()` does a piece of work
    that can wait, and says whether there is more of it; `overwrite()` leaves nothing in memory of
    what was let go."""

    def __init__(self, board, interface, link, timekeeper, monotonic, clean, overwrite):
        self._board = board
        self._interface = interface
        self._link = link
        self._timekeeper = timekeeper
        self._monotonic = monotonic
        self._clean = clean
        self._overwrite = overwrite
        self._unclean = True  # as far as is known
        self._busy_ms = 0
        self._gestures = Gestures()
        self._shown = None
        self._drawn_ms = 0
        self._drawn_second = -1
        self._fed_ms = -FEED_MS
        self._began_ms = 0  # of the present turn
        self._told = False  # whether the display says that this turn takes long
        self._turns = COLLECT_TURNS  # since the last collection, which the start needs as well
        timekeeper.yield_to(self._is_pressed)
        board.storage.working = self.work_on

    def run(self) -> None:
        """Until the board wants to restart."""
        self._timekeeper.start()
        while not self._board.restart_wanted:
            self.turn()
            if not self._link.behind:
                self.rest()

    def turn(self) -> None:
        """One round: everything that is due now."""
        now_us = self._monotonic.now_us()
        now_ms = now_us // 1000
        self._began_ms, self._told = now_ms, False
        if now_ms - self._fed_ms >= FEED_MS:
            self._feed(now_ms)
        self._interface.button_down = self._gestures.is_down
        happened = self._link.poll(now_us)
        self._timekeeper.poll(self._monotonic.now_us())  # a request may have taken long
        was_lit, was_asking = self._interface.lit, self._interface.asking
        self._turns += TURNS_OF_A_REQUEST if happened else 1
        if not was_lit:
            self._tidy()
        for gesture in self._gestures.update(self._board.button.is_down(), now_ms):
            if not was_lit:
                self._timekeeper.check()  # no code from an anchor that nobody looked at lately
            if gesture == HOLD and self._interface.asking:
                self._draw(now_ms)  # a display that has failed meanwhile shows nothing to agree to
            self._interface.handle(gesture, now_ms)
            happened = True
        if self._interface.tick(now_ms):
            happened = True
        if was_asking and not self._interface.asking:
            self._link.poll(self._monotonic.now_us())  # a yes: nothing is worth drawing before it
            happened = True
        if self._interface.lit or was_lit or happened:
            self._draw_if_due(now_ms, happened or self._interface.lit != was_lit)
        if happened or self._gestures.is_down:
            self._busy_ms = now_ms
            self._unclean = True
        elif self._unclean and now_ms - self._busy_ms >= QUIET_MS:
            self._unclean = self._clean()
        if self._interface.take_traces(now_ms - self._busy_ms >= TRACES_MS):
            self._overwrite()
        elif not happened:
            self._interface.prepare()

    def work_on(self, saves: bool) -> None:
        """Called in the midst of work that is not split into turns: what it `saves` must be whole.
        That work ends by itself, so the watchdog is fed."""
        now_ms = self._monotonic.now_ms()
        self._feed(now_ms)
        if now_ms - self._began_ms < LONG_MS:
            return
        try:
            if saves and self._interface.lit and not self._told:
                self._told = True
                self._shown = messages.message(messages.SAVING, 0)
                self._board.panel.show(self._shown, render.render)
            self._link.work_on(now_ms, saves)
        except MemoryError:
            pass  # the work is worth more than words about it

    def _feed(self, now_ms: int) -> None:
        self._board.watchdog.feed()
        self._fed_ms = now_ms

    def rest(self) -> None:
        """Wait for bytes, for a short time; in the dark, where no host can send any, sleep until
        something is due or happens, for a second at most."""
        idle = not (self._interface.lit or self._unclean or self._gestures.is_down)
        if idle and self._link.idle and self._board.alone:
            sleep_ms = self._timekeeper.idle_us(self._monotonic.now_us()) // 1000
            if sleep_ms > IDLE_MS:
                self._board.sleep(sleep_ms)
                return
        self._board.port.wait(IDLE_MS)

    def _is_pressed(self) -> bool:
        """Whether the button is down and its gesture undecided. A stalled loop would restart a
        hold."""
        gestures = self._gestures
        return not gestures.held if gestures.is_down else self._board.button.is_down()

    def _tidy(self) -> None:
        """In the dark, do beforehand what would delay the code when the button is pressed."""
        self._board.panel.rest()
        if self._turns >= COLLECT_TURNS:
            gc.collect()
            self._turns = 0

    def _draw_if_due(self, now_ms: int, happened: bool) -> None:
        """Draw when something happened, a second began, or the screen moves by itself."""
        now_us = self._monotonic.now_us()
        second = now_us // SECOND_US
        unix_us = None
        if self._timekeeper.state == OK:
            unix_us = self._timekeeper.unix_us(now_us) + DRAWING_US
            second = unix_us // SECOND_US
        moved = now_ms - self._drawn_ms >= ANIMATION_MS and self._interface.animating(now_ms)
        if not happened and not moved and second == self._drawn_second:
            return
        self._drawn_ms = now_ms
        self._drawn_second = second
        self._draw(now_ms, unix_us)

    def _draw(self, now_ms: int, unix_us: int | None = None) -> None:
        keeper = self._timekeeper
        clock = ClockView(keeper.state, unix_us, keeper.uncertainty_us, keeper.record)
        screen = self._interface.screen(now_ms, self._gestures.held_ms(now_ms), clock)
        if screen != self._shown or self._board.panel.stale:
            self._shown = screen
            self._board.panel.show(screen, render.render)
            self._interface.shown = screen if self._board.panel.ok else BLANK
            if self._interface.asking:
                self._interface.question_drawn(self._board.panel.ok, self._monotonic.now_ms())
