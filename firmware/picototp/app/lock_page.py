"""The page of a locked token: the PIN by one button.

A click goes on to the next symbol, two clicks back, a hold takes it: a digit, "<", which takes
the last digit back, or OK, which from the fourth digit on comes first. The digits begin at random
each time: who hears or counts the clicks learns nothing. interface.py decides when this page is
shown.
"""

from picototp.app import messages
from picototp.protocol.pin_service import SLICE_ROUNDS
from picototp.screens.text import wrap
from picototp.screens.values import PinScreen
from picototp.vault.errors import VaultError
from picototp.vault.key_record import blank
from picototp.vault.pin import PIN_MAX_BYTES, PIN_MIN_BYTES

_DIGITS = ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")
_FAIR = 250  # bytes below this are spread evenly over ten digits
_OK, _BACK = "OK", "<"


class LockPage:
    """What was entered of the PIN, and the attempt that is being checked."""

    def __init__(self, vault):
        self._vault = vault
        self._entered = bytearray(PIN_MAX_BYTES)
        self._count = 0
        self._selected = 0
        self._first: int | None = None  # the digit that comes first; None: still to be drawn
        self._attempt = None
        self._was_wrong = False
        self._problem = ""  # why the last attempt could not be made

    def forget(self) -> None:
        """Wipe what was entered. An attempt that was begun goes on: it is charged already."""
        blank(self._entered)
        self._count = self._selected = 0
        self._first = None
        self._was_wrong = False

    @property
    def in_use(self) -> bool:
        """Whether a PIN is being entered or checked."""
        return self._count > 0 or self._attempt is not None

    def _takes_digits(self) -> bool:
        return self._attempt is None and not self._vault.keys.wait_ms()

    def _symbols(self) -> tuple:
        symbols: tuple = ()
        if self._count < PIN_MAX_BYTES:
            first = self._first_digit()
            symbols = _DIGITS[first:] + _DIGITS[:first]
        if self._count >= PIN_MIN_BYTES:
            symbols = (_OK,) + symbols
        return symbols + (_BACK,) if self._count else symbols

    def _first_digit(self) -> int:
        while self._first is None:
            drawn = self._vault.keys.entropy.draw(1)[0]
            if drawn < _FAIR:
                self._first = drawn % 10
        return self._first

    def step(self, step: int) -> None:
        """Go on by so many symbols."""
        self._problem = ""
        if self._takes_digits():
            self._selected = (self._selected + step) % len(self._symbols())

    def hold(self, waking: bool) -> bool:
        """Take the symbol that is shown. True if the hold is for the menu: it began in the dark
        (`waking`), or no symbol is shown."""
        if self._attempt is not None:
            return False
        if waking or self._problem or not self._takes_digits():
            return True
        try:
            self._take()
        except VaultError as error:
            self._problem = error.message
        return False

    def _take(self) -> None:
        symbol = self._symbols()[self._selected]
        self._selected = 0
        self._first = None
        if symbol == _OK:
            pin = self._entered[: self._count]
            self.forget()
            self._attempt = self._vault.keys.unlocking(pin)
        elif symbol == _BACK:
            self._count -= 1
            self._entered[self._count] = 0
        else:
            self._entered[self._count] = ord(symbol)
            self._count += 1

    def work(self) -> bool:
        """Do a slice of the checking. Whether it ended by this: then the vault is open, or not."""
        attempt = self._attempt
        if attempt is None or not attempt.step(SLICE_ROUNDS):
            return False
        self._attempt = None
        if attempt.ok:
            self._vault.unlock()
        else:
            self._was_wrong = True
        return True

    def screen(self, shift_px: int):
        """The screen value to show."""
        if self._attempt is not None:
            return messages.message(messages.CHECKING, shift_px)
        if self._problem:
            return messages.message(("Locked", wrap(self._problem), "hold = menu"), shift_px)
        keys = self._vault.keys
        left = None if keys.limit is None else keys.limit - keys.failures
        title = messages.locked_title(self._was_wrong, keys.failures, left)
        seconds = keys.wait_s()
        if seconds:
            return messages.message(messages.wait(title, seconds), shift_px)
        symbol = self._symbols()[self._selected]
        return PinScreen(title, self._count, symbol, "hold = yes click = next", shift_px)
