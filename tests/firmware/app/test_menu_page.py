"""The menu by itself: what each line does, and what the pages behind it say."""

import pytest

from picototp.app import no_code
from picototp.app.code_page import ClockView
from picototp.app.menu_page import FEW, MenuPage, clock_page
from picototp.clock.states import MISSING, OK
from picototp.screens.values import MenuScreen
from picototp.vault.errors import VaultError
from tests.firmware.app.interface_rig import FakeRecord

ITEMS = ("Lock now", "Clock", "About", "Check parts", "Erase all", "Back")
NOON_S = 1_795_435_200  # 2026-11-23 12:00:00
CLOCK = ClockView(OK, NOON_S * 1_000_000 + 999_999, 300, FakeRecord(NOON_S - 10, 10))


class FakeVault:
    """So many accounts."""

    has_pin = locked = False
    error = None

    def __init__(self, count):
        self._count = count
        self.keys = self
        self.done = []

    def __len__(self):
        return self._count

    def each_names(self, visit):
        for number in range(self._count):
            visit(("", f"user {number}", "", ""))

    def names(self, index):
        return "", f"user {index}", "", ""

    def lock(self):
        self.done.append("lock")

    def wipe(self):
        self.done.append("wipe")
        if self.error is not None:
            raise self.error


class Interface:
    """What it was told: the name of the method, and what with."""

    def __init__(self):
        self.told = []

    def __getattr__(self, name):
        return lambda *arguments: self.told.append((name, *arguments))


class Menu:
    """One that was just opened."""

    def __init__(self, count=FEW):
        self.interface, self.vault = Interface(), FakeVault(count)
        self.page = MenuPage(self.interface, self.vault, "1.2.3", lambda: ("A part",))

    def screen(self, clock=CLOCK, shortest_period_s=30):
        return self.page.screen(clock, shortest_period_s, 1)

    def choose(self, item):
        self.page.step(self.screen().items.index(item) - self.screen().selected)
        self.page.hold(77)


@pytest.mark.parametrize(
    ("count", "items"), [(0, ITEMS), (FEW, ITEMS), (FEW + 1, ("Find", *ITEMS))]
)
def test_more_than_a_few_accounts_can_be_found(count, items):
    assert Menu(count).screen() == MenuScreen("Menu: no PIN is set", items, 0, 1)


def test_steps_go_around():
    menu = Menu()
    for step, selected in ((1, 1), (-2, 5), (1, 0), (8, 2)):
        assert menu.page.step(step) is True
        assert menu.screen().selected == selected


@pytest.mark.parametrize(
    ("item", "told", "done"),
    [
        ("Lock now", ("darken", 77), ["lock"]),
        ("Check parts", ("notice", ("Parts", ("A part",), "click = back"), 77), []),
        ("Back", ("show_codes", 77), []),
    ],
)
def test_what_is_done_at_once(item, told, done):
    menu = Menu()
    menu.choose(item)
    assert (menu.interface.told, menu.vault.done) == ([told], done)


def erase_all(error=None):
    """The menu after a yes to that."""
    menu = Menu()
    menu.vault.error = error
    menu.choose("Erase all")
    (name, title, lines, now_ms, then) = menu.interface.told.pop()
    assert (name, title, now_ms) == ("ask_back", "Erase everything?", 77)
    assert lines == ("Accounts and PIN.", "This cannot be undone.")
    assert menu.vault.done == []
    then(88)
    assert menu.vault.done == ["wipe"]
    return menu.interface.told


def test_erasing_all_makes_all_positions_void():
    assert erase_all() == [("accounts_changed", 88, None, True)]


def test_flash_that_erases_nothing_is_told():
    told, changed = erase_all(VaultError("storage", "the flash is worn"))
    assert told == ("notice", ("Not erased", ("the flash is worn",), "click = back"), 88)
    assert changed == ("accounts_changed", 88, None, True)


@pytest.mark.parametrize("item", ["Clock", "About"])
def test_a_page_behind_it_closes_with_a_click_and_a_hold_leads_to_the_top(item):
    menu = Menu()
    menu.choose(item)
    assert menu.screen().title == item
    assert menu.interface.told == []
    assert menu.page.step(1) is False
    assert menu.screen().items[menu.screen().selected] == item
    assert menu.page.step(1) is True
    menu.choose(item)
    menu.page.hold(80)
    assert menu.interface.told == [("open_menu",)]


def test_what_the_clock_page_says():
    menu = Menu()
    menu.choose("Clock")
    screen = menu.screen()
    line = "set 10 s ago ±11 s"
    assert screen == ("Clock", ("2026-11-23", "12:00:00 UTC", line), "click = back", 1)
    assert menu.screen(shortest_period_s=29).lines[2] == "sync me: ±11 s"
    assert clock_page(CLOCK._replace(state=MISSING), 30) == no_code.CLOCK_MESSAGES[MISSING]


@pytest.mark.parametrize(
    ("count", "locked", "has_pin", "lines"),
    [
        (5, False, True, ("5 accounts", "PIN set")),
        (5, True, True, ("Locked", "PIN set")),
        (1, False, False, ("1 accounts", "No PIN: any holder", "can read all secrets")),
        (0, False, False, ("0 accounts", "No PIN")),
    ],
)
def test_what_the_about_page_says(count, locked, has_pin, lines):
    menu = Menu(count)
    menu.vault.locked, menu.vault.has_pin = locked, has_pin
    assert menu.screen().title == ("Menu" if has_pin else "Menu: no PIN is set")
    menu.choose("About")
    assert menu.screen() == ("About", ("PicoTOTP 1.2.3", *lines), "click = back", 1)


def test_nothing_runs_by_in_the_menu_but_in_find():
    menu = Menu(FEW + 1)
    assert menu.page.run(True, 5_000) is False
    menu.choose("Find")
    assert menu.screen().title == "Find: user "
    assert menu.page.run(True, 77) is False
    assert menu.page.run(True, 5_000) is True
    assert menu.screen().selected == 1
    assert menu.page.step(-1) is True
    assert menu.screen().selected == 0
    menu.page.step(1)
    menu.page.hold(90)
    assert menu.interface.told[0][:2] == ("show", 90)
