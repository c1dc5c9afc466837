"""The page of a locked token by itself: what each click and hold makes of the PIN."""

import pytest

from picototp.app import messages
from picototp.app.lock_page import LockPage
from picototp.protocol.pin_service import SLICE_ROUNDS
from picototp.screens.values import MessageScreen, PinScreen
from picototp.vault.errors import VaultError
from picototp.vault.pin import PIN_MAX_BYTES, PIN_MIN_BYTES


class Attempt:
    """Takes three slices."""

    def __init__(self, ok):
        self.ok = ok
        self.slices = []

    def step(self, rounds):
        self.slices.append(rounds)
        return len(self.slices) == 3


class FakeVault:
    """A locked vault, its keys, and the entropy that these draw."""

    limit, failures = 10, 0

    def __init__(self):
        self.keys = self.entropy = self
        self.random = []  # what is drawn first; then zeros
        self.drawn = 0
        self.waits_ms = 0
        self.right = True
        self.error = None
        self.pins = []
        self.attempt = None
        self.opened = 0

    def draw(self, count):
        self.drawn += count
        return bytes(self.random.pop(0) if self.random else 0 for _ in range(count))

    def wait_ms(self):
        return self.waits_ms

    def wait_s(self):
        return (self.waits_ms + 999) // 1000

    def unlocking(self, pin):
        self.pins.append(bytes(pin))
        if self.error is not None:
            raise self.error
        self.attempt = Attempt(self.right)
        return self.attempt

    def unlock(self):
        self.opened += 1


@pytest.fixture
def vault():
    return FakeVault()


@pytest.fixture
def page(vault):
    return LockPage(vault)


def ring(page):
    """All symbols, from the one that is shown on."""
    seen = []
    while not seen or page.screen(0).symbol != seen[0]:
        seen.append(page.screen(0).symbol)
        page.step(1)
    return seen


def choose(page, *symbols):
    for symbol in symbols:
        page.step(ring(page).index(symbol))
        assert page.hold(False) is False


@pytest.mark.parametrize(
    ("drawn", "first"),
    [([0], "0"), ([9], "9"), ([10], "0"), ([249], "9"), ([250, 3], "3"), ([255, 250, 14], "4")],
)
def test_the_digits_begin_where_a_fair_draw_says(page, vault, drawn, first):
    vault.random = list(drawn)
    seen = ring(page)
    assert seen[0] == first
    assert sorted(seen) == list("0123456789")
    assert (vault.random, vault.drawn) == ([], len(drawn))  # one byte each, and once


def test_they_begin_anew_after_each_symbol(page, vault):
    vault.random = [5, 7, 2, 1, 8]
    for first in "572":
        assert page.screen(0).symbol == first
        page.hold(False)
    assert page.screen(0).symbol == "1"
    page.forget()
    assert page.screen(0).symbol == "8"


@pytest.mark.parametrize("count", range(PIN_MIN_BYTES + 1))
def test_ok_comes_first_from_the_fourth_digit_on(page, count):
    choose(page, *"4071"[:count])
    assert ring(page) == ["OK"] * (count >= 4) + list("0123456789") + ["<"] * (count > 0)


@pytest.mark.parametrize(("count", "digits"), [(PIN_MAX_BYTES - 1, 10), (PIN_MAX_BYTES, 0)])
def test_a_pin_that_is_full_takes_no_digit(page, count, digits):
    choose(page, *"7" * count)
    assert ring(page) == ["OK", *"0123456789"[:digits], "<"]
    choose(page, "OK")


def test_steps_go_both_ways_and_around(page):
    for step, symbol in ((1, "1"), (-2, "9"), (3, "2"), (20, "2"), (0, "2")):
        page.step(step)
        assert page.screen(0).symbol == symbol


def test_after_each_hold_the_first_symbol_is_shown(page):
    page.step(3)
    page.hold(False)
    assert page.screen(2) == PinScreen("Locked", 1, "0", "hold = yes click = next", 2)
    page.step(-1)
    page.hold(False)
    assert page.screen(0).entered == 0
    assert page.screen(0).symbol == "0"


def test_what_was_taken_back_is_wiped_and_no_more(page, vault):
    choose(page, *"40<7<<8")
    assert bytes(page._entered) == b"8".ljust(PIN_MAX_BYTES, b"\0")
    choose(page, *"123", "OK")
    assert vault.pins == [b"8123"]
    assert not any(page._entered)


def test_it_is_in_use_from_the_first_digit_until_the_pin_was_checked(page):
    assert page.in_use is False
    page.step(1)
    assert page.in_use is False
    choose(page, "4")
    assert page.in_use is True
    choose(page, "<")
    assert page.in_use is False
    choose(page, *"4071", "OK")
    assert page.in_use is True
    while not page.work():
        assert page.in_use is True
    assert page.in_use is False


def test_a_pin_is_checked_in_slices(page, vault):
    assert page.work() is False
    choose(page, *"4071", "OK")
    assert [page.work() for _ in range(4)] == [False, False, True, False]
    assert vault.attempt.slices == [SLICE_ROUNDS] * 3
    assert vault.opened == 1


def test_while_it_is_checked_no_gesture_does_anything(page, vault):
    choose(page, *"4071", "OK")
    checking = messages.message(messages.CHECKING, 1)
    for waking in (False, True):
        page.step(1)
        assert page.hold(waking) is False
        assert page.screen(1) == checking
    while not page.work():
        pass
    assert vault.pins == [b"4071"]
    assert page.screen(0).symbol == "0"


def test_forgetting_ends_no_attempt_and_keeps_no_digit(page, vault):
    choose(page, *"407")
    page.step(2)
    page.forget()
    assert not any(page._entered)
    assert (page.screen(0).entered, page.screen(0).symbol) == (0, "0")
    choose(page, *"4071", "OK")
    page.forget()
    while not page.work():
        pass
    assert vault.opened == 1


def test_a_wrong_pin_is_told_until_it_is_forgotten(page, vault):
    vault.right = False
    choose(page, *"4071", "OK")
    vault.failures = 3
    while not page.work():
        pass
    assert vault.opened == 0
    assert page.screen(0).title == "Wrong PIN, 7 left"
    page.forget()
    assert page.screen(0).title == "Locked, 7 left"
    vault.limit = None
    assert page.screen(0).title == "Locked"


def test_a_right_pin_is_not_told_to_be_wrong(page):
    choose(page, *"4071", "OK")
    while not page.work():
        pass
    assert page.screen(0).title == "Locked"


def test_during_the_wait_nothing_moves_and_a_hold_is_for_the_menu(page, vault):
    vault.waits_ms = 1
    assert page.screen(2) == MessageScreen("Locked", ("Next try in", "1 s"), "hold = menu", 2)
    page.step(3)
    assert page.hold(False) is True
    vault.waits_ms = 0
    assert page.screen(0) == PinScreen("Locked", 0, "0", "hold = yes click = next", 0)


def test_a_hold_from_the_dark_is_for_the_menu_and_takes_nothing(page):
    assert page.hold(True) is True
    assert page.screen(0).entered == 0


def test_an_attempt_that_cannot_be_made_is_told_until_the_next_click(page, vault):
    vault.error = VaultError("storage", "the flash could not be written")
    choose(page, *"4071", "OK")
    screen = page.screen(1)
    assert (screen.title, screen.hint, screen.shift_px) == ("Locked", "hold = menu", 1)
    assert " ".join(screen.lines) == "the flash could not be written"
    assert page.hold(False) is True
    assert page.screen(1) == screen
    page.step(1)
    assert page.screen(0).entered == 0
    assert len(vault.pins) == 1
    assert not page.in_use
