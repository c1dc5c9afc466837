"""The page of the accounts: one of them, with its code.

It keeps what it has read and computed of the account that is shown, and forgets it when told to.
interface.py decides when this page is shown.
"""

from collections import namedtuple

from picototp.app import messages
from picototp.app.question import SCROLL_STEP_MS, scrolled_px
from picototp.clock.states import OK
from picototp.clock.timekeeper import is_sure_of_period
from picototp.codes import otp
from picototp.screens.text import name_overflow_px, shown
from picototp.screens.values import BAR_WIDTH_PX, CodeScreen
from picototp.vault.errors import VaultError

NEXT_CODE_S = 5  # in the last seconds of a period the next code is shown too
PERIODS_AT_ONCE = 8  # accounts whose period is looked at in one turn: 6 ms

# What the display must know of the clock: its state, Unix microseconds (None unless OK), how
# well the second's phase is known, and the record of the last setting.
ClockView = namedtuple("ClockView", ("state", "unix_us", "uncertainty_us", "record"))


class CodePage:
    """The account that is shown, by its position in the `vault`. The vault must not be locked."""

    def __init__(self, vault):
        self._vault = vault
        self._index = 0
        self._shown_since_ms = 0
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

    def step(self, step: int, now_ms: int) -> None:
        """Go on by that many accounts, around the end."""
        if len(self._vault):
            self._index = (self._index + step) % len(self._vault)
        self.forget()
        self.begin(now_ms)

    def go_to(self, index: int) -> None:
        """Show the account at that position, after forget() was called."""
        self._index = index

    def forget(self) -> None:
        """Wipe what is known of the account, its codes included."""
        self._account = None
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
        self.forget()
        self._current()
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
        if self._vault.too_new:
            return messages.message(messages.TOO_NEW, shift_px)
        if self._vault.keys.destroyed:
            return messages.message(messages.DESTROYED, shift_px)
        if self._vault.damaged:
            return messages.message(messages.DAMAGED, shift_px)
        if not len(self._vault):
            if clock.state == OK:
                return messages.message(messages.NO_ACCOUNTS, shift_px)
            return messages.message(messages.CLOCK_MESSAGES[clock.state], shift_px)
        account = self._current()
        if account.kind == "hotp":
            return self._hotp_screen(account, now_ms, shift_px)
        if clock.state != OK:
            return messages.message(messages.CLOCK_MESSAGES[clock.state], shift_px)
        return self._totp_screen(account, now_ms, clock, shift_px)

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
