"""The page of the accounts: one of them, with its code.

It keeps what it has read and computed of the account that is shown, and forgets it when told to.
interface.py decides when this page is shown.
"""

from collections import namedtuple

from picototp.app import messages
from picototp.clock.states import OK
from picototp.clock.timekeeper import is_sure_of_period
from picototp.codes import otp
from picototp.screens.text import SCROLL_STEP_MS, name_overflow_px, scrolled_px, shown
from picototp.screens.values import BAR_WIDTH_PX, CodeScreen
from picototp.vault.errors import VaultError
from picototp.vault.settings import RECENT

NEXT_CODE_S = 5  # in the last seconds of a period the next code is shown too
USED_MS = 3_000  # an account that is shown for so long was used
REST_MS = 150  # accounts that pass by faster than this are names without a code
PERIODS_AT_ONCE = 8  # accounts whose period is looked at in one turn: 6 ms

# What the display must know of the clock: its state, Unix microseconds (None unless OK), how
# well the second's phase is known, and the record of the last setting.
ClockView = namedtuple("ClockView", ("state", "unix_us", "uncertainty_us", "record"))


class CodePage:
    """The account that is shown, by its position in the `vault`. The vault must not be locked.
    `settings` are Settings: they say which account that is at first, and which follows."""

    def __init__(self, vault, settings):
        self._vault = vault
        self._settings = settings
        self._index = settings.recent[0] % 255
        self._sequence: tuple | None = None  # ((vault generation, order), positions in that order)
        self._shown_since_ms = 0
        self._passing_until_ms = 0
        # What was last read from flash: ((vault generation, index), Account without its secret and
        # with its names as they are shown).
        self._account: tuple | None = None
        self._overflow_px = 0  # of that account's name
        self._generator: otp.Generator | None = None  # of that account's codes
        self._codes: dict = {}  # counter -> code of that account
        self._hotp_code = b""
        # (vault generation, accounts looked at, their shortest period in seconds)
        self._periods: tuple = (-1, 0, None)

    # --- which account -----------------------------------------------------------------------

    def begin(self, now_ms: int) -> None:
        """Call this when the page appears: a long name stands still at first."""
        self._shown_since_ms = now_ms

    def step(self, step: int, now_ms: int, passing: bool = False) -> None:
        """Go on by that many accounts, around the end. `passing`: more may follow at once, so that
        there is a code only after REST_MS: nobody could read it, and the next click waits for it.
        """
        count = len(self._vault)
        if count:
            if now_ms - self._shown_since_ms >= USED_MS:
                self._settings.note(self._index)  # it was not only passed by
            index = min(self._index, count - 1)
            if self._settings.order:  # not FIXED
                order = self._in_order()
                index = order[(order.find(bytes((index,))) + step) % count]
            else:
                index = (index + step) % count
            self._index = index
        self.forget()
        self.begin(now_ms)
        if passing:
            self._passing_until_ms = now_ms + REST_MS

    def _in_order(self) -> bytes:
        """The positions of all accounts in the order in which clicks go through them."""
        key = (self._vault.generation, self._settings.order)
        if self._sequence is None or self._sequence[0] != key:
            from picototp.app import sequence  # few tokens are asked for another order

            self._sequence = (key, sequence.wanted(self._vault, self._settings))
        return self._sequence[1]

    def ends(self) -> None:
        """The display goes dark, or the accounts will be locked."""
        if len(self._vault):
            self._settings.note(min(self._index, len(self._vault) - 1))
        if self._settings.order == RECENT:  # which stays while it is lit
            self._sequence = None

    def comes_to_rest(self, now_ms: int) -> bool:
        """True once: when an account that clicks were passing by has stopped."""
        if not self._passing_until_ms or now_ms < self._passing_until_ms:
            return False
        self._passing_until_ms = 0
        return True

    def go_to(self, index: int) -> None:
        """Show the account at that position, after forget() was called."""
        self._index = index

    def forget(self) -> None:
        """Wipe what is known of the account, its codes included."""
        self._account = None
        self._passing_until_ms = 0
        if self._generator is not None:
            self._generator.forget()
            self._generator = None
        self._codes = {}
        self._hotp_code = b""

    def _current(self):
        """The account on display, read from flash only once."""
        key = (self._vault.generation, self._index)
        if self._account is None or self._account[0] != key:
            self.forget()
            self._index = min(self._index, len(self._vault) - 1)
            key = (self._vault.generation, self._index)
            account = self._vault.account(self._index)
            self._generator = otp.Generator(account.algorithm, account.secret, account.digits)
            account.secret = b""  # the generator has made of it what it needs
            account.issuer = shown(account.issuer, account.issuer_ascii)
            account.name = shown(account.name, account.name_ascii)
            self._account = (key, account)
            self._overflow_px = name_overflow_px(account.name)
        return self._account[1]

    # --- its codes ---------------------------------------------------------------------------

    def _code_at(self, counter: int) -> bytes:
        """A code of the current account, which must have been read before."""
        if counter not in self._codes and self._generator is not None:
            if len(self._codes) > 1:
                self._codes = {}
            self._codes[counter] = self._generator.code(counter)
        return self._codes[counter]

    def show_hotp_code(self) -> bool:
        """Show the next code of an HOTP account; False if none is waiting to be shown. Raises
        VaultError."""
        if self._hotp_code or not len(self._vault) or self._current().kind != "hotp":
            return False
        counter = self._vault.advance_counter(self._index)  # saved before it is shown
        if self._sequence is not None:  # the names are the same
            self._sequence = ((self._vault.generation, self._sequence[0][1]), self._sequence[1])
        self._current()  # read again, as it was saved
        self._hotp_code = self._code_at(counter)
        return True

    # --- the screen --------------------------------------------------------------------------

    @property
    def animating(self) -> bool:
        """Whether the screen changes between two seconds: the name is too long and scrolls."""
        return self._account is not None and self._overflow_px > 0

    def screen(self, now_ms: int, clock: ClockView, shift_px: int):
        """The screen value to show: the code, or why there is none."""
        try:
            return self._screen(now_ms, clock, shift_px)
        except VaultError as error:  # this account cannot be read; others may be
            return messages.message(messages.no_code(error.message, "hold = menu"), shift_px)

    def _screen(self, now_ms: int, clock: ClockView, shift_px: int):
        vault = self._vault
        if vault.too_new or vault.keys.destroyed or vault.damaged or not len(vault):
            return self._no_code(clock, shift_px)
        if self._passing_until_ms:
            return self._passing_screen(shift_px)
        account = self._current()
        if account.kind == "hotp":
            return self._hotp_screen(account, now_ms, shift_px)
        if clock.state != OK:
            return self._no_code(clock, shift_px)
        return self._totp_screen(account, now_ms, clock, shift_px)

    def _no_code(self, clock: ClockView, shift_px: int):
        from picototp.app import no_code  # in a token that is ready nobody sees one

        return messages.message(no_code.reason(self._vault, clock.state), shift_px)

    def _passing_screen(self, shift_px: int) -> CodeScreen:
        issuer, name, issuer_ascii, name_ascii = self._vault.names(self._index)
        names = shown(issuer, issuer_ascii), shown(name, name_ascii)
        place = self._index + 1, len(self._vault)
        return CodeScreen(*names, b"", b"", 0, -1, *place, "", 0, shift_px)

    def _hotp_screen(self, account, now_ms: int, shift_px: int) -> CodeScreen:
        line = f"counter {account.counter - 1}" if self._hotp_code else messages.HOTP_WAITING
        return self._code_screen(account, self._hotp_code, b"", 0, -1, line, now_ms, shift_px)

    def _totp_screen(self, account, now_ms: int, clock: ClockView, shift_px: int) -> CodeScreen:
        period_us = account.period_s * 1_000_000
        counter, into_us = divmod(clock.unix_us, period_us)
        seconds_left = account.period_s - into_us // 1_000_000
        code = self._code_at(counter)
        if not is_sure_of_period(into_us, period_us, clock.uncertainty_us):
            code = b""  # only within the first second after power-up
        next_code = b""
        if seconds_left <= NEXT_CODE_S and account.period_s > NEXT_CODE_S:
            next_code = self._code_at(counter + 1)
        bar_px = BAR_WIDTH_PX * seconds_left // account.period_s
        unix_s = clock.unix_us // 1_000_000
        line = messages.clock_line(clock.record, unix_s, self.shortest_period_s)
        return self._code_screen(
            account, code, next_code, seconds_left, bar_px, line, now_ms, shift_px
        )

    def _code_screen(
        self, account, code, next_code, seconds_left, bar_px, line, now_ms, shift_px
    ) -> CodeScreen:
        return CodeScreen(
            account.issuer,
            account.name,
            code,
            next_code,
            seconds_left,
            bar_px,
            self._index + 1,
            len(self._vault),
            line,
            scrolled_px(
                self._overflow_px,
                now_ms - self._shown_since_ms,
                self._overflow_px * SCROLL_STEP_MS,
            ),
            shift_px,
        )

    # --- the shortest period -----------------------------------------------------------------

    @property
    def shortest_period_s(self) -> int | None:
        """The shortest period of the TOTP accounts that prepare() has looked at; None without
        any."""
        return self._periods[2]

    def prepare(self) -> None:
        """Look up the periods in advance, a few accounts each turn, so that no press waits for
        it."""
        generation, looked_at, shortest = self._periods
        if generation != self._vault.generation:
            generation, looked_at, shortest = self._vault.generation, 0, None
        elif looked_at >= len(self._vault):
            return
        try:
            found = self._vault.shortest_period_s(looked_at, PERIODS_AT_ONCE)
        except VaultError:
            found = None  # the account's own screen will say what is wrong
        if shortest is None or (found is not None and found < shortest):
            shortest = found
        self._periods = (generation, looked_at + PERIODS_AT_ONCE, shortest)
