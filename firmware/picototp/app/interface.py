"""The state machine of display and button: gestures go in, a screen value comes out.

It draws nothing and reads no clock. Dark, a press wakes it and shows the current account at once.
Lit, a click goes on to the next account, exactly two clicks back to the previous one, more in quick
succession forward by their number, a hold opens the menu (or says "yes" where there is a question).
It goes dark a while after the last press.

A press is meant for what was on the display when the finger came down. If that changed by itself
before the finger did something, it does nothing: a hold for one thing is never a yes to another.
"""

from picototp.app import messages
from picototp.app.code_page import ClockView, CodePage
from picototp.app.gestures import HOLD, PRESS, Series
from picototp.protocol.frames import CONSENT_TIMEOUT_MS
from picototp.screens.values import BLANK
from picototp.vault.errors import VaultError
from picototp.vault.settings import NOBODY, Settings

YES, NO, TIMED_OUT, NOT_SHOWN = "yes", "no", "timed-out", "not-shown"
PIN_PAUSE_MS = 5_000  # a finger on a locked token that rests for longer enters no PIN


def _new_question(*what):
    """A Question: few starts see one."""
    from picototp.app import question

    return question.Question(*what)


class Interface:
    """State of the user interface. `vault` gives the accounts, `version` is shown in the menu, as
    are the lines of `parts()`, the state of the board; `settings` are what the user chose.
    `typing`: keyboard and setting, if it may type."""

    def __init__(self, vault, version: str, parts, settings: Settings, typing: tuple | None = None):
        self._vault = vault
        self._parts = parts
        self._version = version
        self._settings = settings
        self._lit = False
        self._dark_since_ms = 0
        self._waking = False  # the press that woke the display is not a click
        self._touched_ms = 0
        self._idle_from_ms = 0  # the dark after the last press or the right PIN: the lock counts
        self._open_until_ms = 0  # it does not lock before
        self.used_ms = 0  # the last press that was for no question
        self.button_down = False  # the main loop tells
        self._changes = 0  # of the display, other than by the button
        self._meant = 0  # how many there had been at the last press; -1 if it means nothing
        self._wakes = 0
        self._page = None  # the menu, while it is open
        self._question = None  # a Question
        self._notice: tuple | None = None
        self._notice_passes = False  # by itself, once something else happens
        self._code_page = CodePage(vault, settings)
        self._lock_page = None  # made when the token is locked for the first time
        self._series = Series()  # of the clicks that went through a list
        self.typist = None  # types the code
        if typing is not None:
            from picototp.app import typist  # most tokens type nothing

            self.typist = typist.Typist(typing, self)
        self.shown = BLANK  # what is on the display, as far as it works; the main loop tells
        self.left_traces = False  # whether memory may hold something secret that nobody uses
        self._forgotten = vault.keys.forgotten
        self.answer: str | None = None  # YES, NO, TIMED_OUT or NOT_SHOWN after a question

    # --- what the main loop tells ------------------------------------------------------------

    @property
    def lit(self) -> bool:
        """Whether the display is on."""
        return self._lit

    def handle(self, gesture: str, now_ms: int) -> None:
        """React to a gesture."""
        self._touched_ms = now_ms
        self._idle_from_ms = self._open_until_ms = now_ms + self._settings.dark_after_s * 1000
        if gesture == PRESS:
            self._press(now_ms)
            return
        waking, self._waking = self._waking, False
        meant = self.meant and not (waking and gesture != HOLD)
        if meant and self._goes_through(gesture, now_ms, waking):
            self._step(self._series.click(now_ms), now_ms)
        else:
            self._series.forget()  # it did something else: it woke the display, it answered

    def _goes_through(self, gesture: str, now_ms: int, waking: bool) -> bool:
        """Whether it is a click through a list; what else it may be for is done."""
        if self._question is not None:
            self._answer_question(self._question, gesture, now_ms)
        elif self._notice is not None:
            self._notice = None
        elif gesture == HOLD:
            self._hold(now_ms, waking)
        else:
            return True
        return False

    def tick(self, now_ms: int) -> bool:
        """Let time pass: silence ends a question, the display goes dark, the token locks, a PIN is
        checked, two clicks turn out to be all, accounts that passed by stand still. True if one of
        the last three happened, so that there is something else to show."""
        checked = self._lock_page is not None and self._lock_page.work()
        if checked:
            self._touched_ms = now_ms  # the time to read begins now
            self._changes += 1
            if not self._vault.locked:
                self.unlocked(now_ms)
        step = self._series.pause(now_ms)
        if step:
            self._step(step, now_ms)
        changed = checked or step != 0 or self._code_page.comes_to_rest(now_ms)
        if self._page is not None and self._page.run(self.button_down, now_ms):
            changed = True
            self._touched_ms = now_ms
        if self._question is not None:
            if now_ms - self._question.asked_ms >= CONSENT_TIMEOUT_MS:
                self._drop_question(TIMED_OUT)
        elif self._must_lock(now_ms):
            self.darken(now_ms)
            self._vault.lock()
        elif not self._lit:
            self._settings.save_in_time(now_ms - self._dark_since_ms, now_ms)
        elif now_ms - self._touched_ms >= self._settings.dark_after_s * 1000:
            self.darken(now_ms)
        return (self.typist is not None and self.typist.tick(now_ms)) or changed

    def darken(self, now_ms: int) -> None:
        """Go dark at once and forget what was shown."""
        self._lit = False
        self._dark_since_ms = now_ms
        self._code_page.ends()
        self._changes += 1
        self._series.forget()
        self._notice = None
        self._page = None
        self._forget()

    def take_traces(self, quiet: bool) -> bool:
        """Whether memory is to be overwritten now: a key or a PIN was let go since the last call,
        or, while it is quiet, a request left something secret."""
        forgotten = self._vault.keys.forgotten
        if forgotten == self._forgotten and not (quiet and self.left_traces):
            return False
        self.left_traces, self._forgotten = False, forgotten
        return True

    def _must_lock(self, now_ms: int) -> bool:
        """Whether it was left alone for so long. No question of a host puts that off, even if it
        lights the display."""
        if now_ms < self._open_until_ms or self._vault.locked or not self._vault.keys.has_pin:
            return False
        after_s = self._vault.keys.lock_after_s
        return after_s is not None and now_ms - self._idle_from_ms >= after_s * 1000

    def _forget(self) -> None:
        """Wipe what was read, computed or entered."""
        if self._lock_page is not None:
            self._lock_page.forget()
        self._code_page.forget()

    def in_use(self, now_ms: int) -> bool:
        """Whether the user is at something that no question may get in between: the button is down,
        a PIN is being entered or checked, or the token asks something of its own."""
        if self.button_down or self._question is not None:
            return True
        if self.typist is not None and self.typist.active:
            return True
        if self._lock_page is not None and self._lock_page.in_use:
            return True
        entering = self._lit and self._page is None and self._vault.locked
        return entering and self.used_ms > 0 and now_ms - self.used_ms < PIN_PAUSE_MS

    def ask(self, title: str, lines: tuple, now_ms: int, pages=None) -> None:
        """Put a question to the user; `answer` holds the outcome once it is there. `pages`
        as in protocol/request.py, Consent."""
        self.end_progress()
        if not self._lit:
            self._wake(now_ms)
        self._waking = False
        self._series.forget()
        self._touched_ms = now_ms
        self._changes += 1
        self.answer = None
        self._question = _new_question(title, lines, now_ms, None, pages)

    def ask_back(self, title: str, lines: tuple, now_ms: int, then) -> None:
        """Ask before what the user wants is done, by `then(now_ms)`."""
        self._question = _new_question(title, lines, now_ms, then)

    @property
    def meant(self) -> bool:
        """Whether the display is what it was when the button went down, but for what that did."""
        return self._meant == self._changes

    @property
    def asked_ms(self) -> int:
        """Since when the question, or the page of it that is shown, has waited."""
        return self._question.asked_ms if self._question is not None else 0

    @property
    def asking(self) -> bool:
        """Whether there is a question."""
        return self._question is not None

    def question_drawn(self, drawn: bool, now_ms: int) -> None:
        """The question was sent to the display, or that failed: then there is no question."""
        if self._question is None:
            return
        if not drawn:
            self._drop_question(NOT_SHOWN)
        elif self._question.drawn_ms is None:
            self._question.drawn_ms = now_ms

    def withdraw_question(self) -> None:
        """Who asked is gone."""
        if self._question is not None:
            self._drop_question(NO)

    def notice(self, message: tuple, now_ms: int) -> None:
        """Show (title, lines, hint) until the next click."""
        if not self._lit:
            self._wake(now_ms)
        self._touched_ms = now_ms
        self._series.forget()
        self._notice, self._notice_passes = message, False

    def progress(self, message: tuple, now_ms: int, begins: bool) -> None:
        """Show how far a computer has come, until something else happens; lights the display only
        where that `begins`."""
        if begins:
            self.notice(message, now_ms)
            self._notice_passes = True
            self._changes += 1
        elif self._notice_passes and self._notice is not None:
            self._notice = message

    def end_progress(self) -> None:
        """It is over."""
        if self._notice_passes:
            self._notice_passes, self._notice = False, None

    def unlocked(self, now_ms: int) -> None:
        """The right PIN was entered, here or by a host."""
        # In the dark, too, there is time to use it.
        self._open_until_ms = now_ms + self._settings.dark_after_s * 1000
        self._idle_from_ms = self._open_until_ms if self._lit else now_ms
        self.accounts_changed(now_ms)

    def accounts_changed(
        self, now_ms: int, show_index: int | None = None, moved: bool = False
    ) -> None:
        """The vault holds something else now, or is locked or open; show the account at
        `show_index` if given. `moved`: positions mean other accounts than before."""
        if moved:
            self._settings.recent = NOBODY
        self._forget()
        self.end_progress()
        self._changes += 1
        if show_index is not None:
            self._code_page.go_to(show_index)
        self._series.forget()
        self.show_codes(now_ms)

    def show(self, now_ms: int, index: int | None) -> None:
        """Show this account (None: whichever it is), lit. That puts off no lock."""
        if not self._lit:
            self._wake(now_ms)
        self._touched_ms = now_ms
        self.accounts_changed(now_ms, index)

    # --- gestures ----------------------------------------------------------------------------

    def _press(self, now_ms: int) -> None:
        """The finger came down: find out what for."""
        if self.typist is not None:
            self.typist.press()
        self._meant = self._changes
        if self._question is None:
            self.used_ms = now_ms
        elif not self._question.listens(now_ms):
            self._meant = -1
        if not self._lit:
            self._wake(now_ms)
            self._waking = True
        self._step(self._series.press(now_ms), now_ms)

    def _wake(self, now_ms: int) -> None:
        self._lit = True
        self._wakes += 1
        self.show_codes(now_ms)

    def show_codes(self, now_ms: int) -> None:
        """Show the accounts, or what stands in their place while they are locked."""
        self._page = None
        self._code_page.begin(now_ms)

    def _answer_question(self, question, gesture: str, now_ms: int) -> None:
        if not question.is_last_page:
            if gesture != HOLD:
                question.turn(now_ms)
            return
        self._end_question(YES if gesture == HOLD else NO)
        if gesture == HOLD and question.then is not None:
            question.then(now_ms)

    def _drop_question(self, answer: str) -> None:
        """It goes without the button: a finger that is down for it is down for nothing."""
        self._changes += 1
        self._end_question(answer)

    def _end_question(self, answer: str) -> None:
        self._question = None
        self.answer = answer

    def _hold(self, now_ms: int, waking: bool) -> None:
        if self._page is not None:
            self._page.hold(now_ms)
        elif self._vault.locked:
            if self._locked_page().hold(waking):
                self.open_menu()
        elif not (self._show_hotp_code(now_ms) or self._offers_typing(now_ms, waking)):
            self.open_menu()

    def _offers_typing(self, now_ms: int, waking: bool) -> bool:
        """Whether the hold may be for that: the code was there when the finger came down."""
        return self.typist is not None and not waking and self.typist.offer(now_ms)

    def _show_hotp_code(self, now_ms: int) -> bool:
        """Whether the hold was for that."""
        try:
            return self._code_page.show_hotp_code()
        except VaultError as error:
            self.notice(messages.no_code(error.message, "click = back"), now_ms)
            return True

    def open_menu(self) -> None:
        """Show the menu, from its top."""
        from picototp.app import menu_page  # a start needs none

        page = menu_page.MenuPage(self, self._vault, self._version, self._parts)
        self._page = page  # type: ignore[assignment]

    def _locked_page(self):
        if self._lock_page is None:
            from picototp.app import lock_page  # no token without a PIN needs it

            self._lock_page = lock_page.LockPage(self._vault)  # type: ignore[assignment]
        return self._lock_page

    def _step(self, step: int, now_ms: int) -> None:
        if not step:
            return
        if self._page is not None:
            if not self._page.step(step):
                self._series.forget()
        elif self._vault.locked:
            self._locked_page().step(step)
        else:
            self._code_page.step(step, now_ms, self._series.goes_on)

    # --- screens -----------------------------------------------------------------------------

    def animating(self, now_ms: int) -> bool:
        """Whether the screen may change between two seconds: a bar fills, or a name scrolls."""
        if not self._lit:
            return False
        if self._question is not None:
            return True
        if self._page is not None:
            return False
        if self._vault.locked:
            return True  # the wait for the next PIN ends at any time
        return self._code_page.animating

    def screen(self, now_ms: int, held_ms: int, clock: ClockView):
        """The screen value to show now; BLANK when dark. `held_ms`: how long the button is down."""
        if not self._lit:
            return BLANK
        shift_px = self._wakes % 3  # against burn-in: screens/values.py
        if self._question is not None:
            return self._question.screen(now_ms, held_ms, self.meant, shift_px)
        if self._notice is not None:
            return messages.message(self._notice, shift_px)
        if self._page is not None:
            return self._page.screen(clock, self._code_page.shortest_period_s, shift_px)
        if self._vault.locked:
            return self._locked_page().screen(shift_px)
        screen = self._code_page.screen(now_ms, clock, shift_px)
        return screen if self.typist is None else self.typist.on(screen)

    def prepare(self) -> None:
        """Find out beforehand what would delay the code, or a yes; called in each turn."""
        if self._question is not None:
            self._vault.check_some()
        self._code_page.prepare()
