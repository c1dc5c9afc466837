"""The menu and the pages behind it. Loaded with the first hold that opens it.

interface.py decides when it is shown, and hands on the gestures that are for it.
"""

from picototp.app import messages
from picototp.clock import states, time_text
from picototp.screens.text import wrap
from picototp.screens.values import MenuScreen
from picototp.vault.errors import VaultError

FEW = 5  # accounts that nobody needs help to find one of

_ITEMS = ("Find", "Lock now", "Clock", "About", "Check parts", "Erase all", "Back")
_ERASE_ALL = ("Accounts and PIN.", "This cannot be undone.")


class MenuPage:
    """`interface` is the Interface, `parts()` the lines of the board's state."""

    def __init__(self, interface, vault, version: str, parts):
        self._interface = interface
        self._vault = vault
        self._version = version
        self._parts = parts
        # Without the first one where a few clicks go through all accounts.
        self._items = _ITEMS[0 if len(vault) > FEW else 1 :]
        self._selected = 0
        self._behind = ""  # the item whose page is shown
        self._find = None  # or the page that finds an account

    def hold(self, now_ms: int) -> None:
        """Choose; in a page behind it, go to the top of the menu."""
        if self._find is not None:
            self._find.hold(now_ms)
        elif self._behind:
            self._interface.open_menu()
        else:
            self._choose(self._items[self._selected], now_ms)

    def _choose(self, item: str, now_ms: int) -> None:
        interface = self._interface
        if item == "Find":
            from picototp.app import find_page  # takes 5 KB of the heap

            self._find = find_page.opened(interface, self._vault, now_ms)
        elif item == "Lock now":
            interface.darken(now_ms)
            self._vault.lock()
        elif item == "Erase all":
            interface.ask_back("Erase everything?", _ERASE_ALL, now_ms, self._erase_all)
        elif item == "Check parts":
            interface.notice(("Parts", self._parts(), "click = back"), now_ms)
        elif item == "Back":
            interface.show_codes(now_ms)
        else:
            self._behind = item

    def _erase_all(self, now_ms: int) -> None:
        try:
            self._vault.wipe()
        except VaultError as error:
            self._interface.notice(("Not erased", wrap(error.message), "click = back"), now_ms)
        self._interface.accounts_changed(now_ms, None, True)

    def step(self, step: int) -> bool:
        """Go on by so many lines; False if it only went back to the menu."""
        if self._find is not None:
            self._find.step(step)
        elif self._behind:
            self._behind = ""
            return False
        else:
            self._selected = (self._selected + step) % len(self._items)
        return True

    def run(self, is_down: bool, now_ms: int) -> bool:
        """See FindPage; called in every turn."""
        return self._find is not None and self._find.run(is_down, now_ms)

    def screen(self, clock, shortest_period_s: int | None, shift_px: int):
        """The screen value to show; `clock` is a ClockView."""
        if self._find is not None:
            return self._find.screen(shift_px)
        if self._behind == "Clock":
            return messages.message(clock_page(clock, shortest_period_s), shift_px)
        if self._behind:
            return messages.message(about(self._version, self._vault), shift_px)
        title = "Menu" if self._vault.keys.has_pin else "Menu: no PIN is set"
        return MenuScreen(title, self._items, self._selected, shift_px)


def clock_page(clock, shortest_period_s: int | None) -> tuple:
    """What `message` takes, of a ClockView."""
    if clock.state != states.OK:
        from picototp.app import no_code  # mostly there is a time

        return no_code.CLOCK_MESSAGES[clock.state]
    unix_s = clock.unix_us // 1_000_000
    date, time = time_text.utc(unix_s)
    line = messages.clock_line(clock.record, unix_s, shortest_period_s)
    return "Clock", (date, f"{time} UTC", line), "click = back"


def about(version: str, vault) -> tuple:
    """What `message` takes, of the firmware and what it keeps."""
    count = "Locked" if vault.locked else f"{len(vault)} accounts"
    pin: tuple = ("PIN set",)
    if not vault.keys.has_pin:
        pin = ("No PIN: any holder", "can read all secrets") if len(vault) else ("No PIN",)
    return "About", (f"PicoTOTP {version}", count) + pin, "click = back"
