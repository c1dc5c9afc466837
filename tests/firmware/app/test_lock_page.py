"""The page of a locked token, in the whole main loop: the PIN by one button, and when it locks."""

import pytest

import quick_pbkdf2
from picototp.app import lock_page
from picototp.app.interface import PIN_PAUSE_MS
from picototp.protocol.frames import CONSENT_TIMEOUT_MS
from picototp.screens.values import BLANK, CodeScreen, ConfirmScreen, MenuScreen, PinScreen
from picototp.vault.key_record import LOCK_AFTER_S
from tests.firmware.app.interface_rig import DARK_AFTER_MS
from wired_token import READ_S, WiredToken, an_account

PIN = "40713"
WRONG = "40714"


@pytest.fixture(autouse=True)
def quick():
    with quick_pbkdf2.patched():
        yield


@pytest.fixture
def locked():
    """After power-up, with the display dark."""
    return locked_token()


def locked_token(pin=PIN):
    token = WiredToken((an_account("alice"), an_account("bob")))
    change = token.vault.changing_pin(bytearray(pin.encode()))
    while not change.step(1_000_000):
        pass
    token.restart()
    token.hello()
    token.run(1)
    return token


@pytest.fixture
def awake(locked):
    locked.click()
    return locked


def double(token):
    token.press(100, 100)
    token.press(100)


def choose(token, symbol):
    """Click until the symbol is shown, and hold."""
    for _ in range(14):
        if token.screen.symbol == symbol:
            token.hold()
            return
        token.click()
    raise AssertionError(f"{symbol} never came")


def enter(token, digits):
    for digit in digits:
        choose(token, digit)


def check(token):
    """OK, and until it is checked."""
    choose(token, "OK")
    while token.screen is not BLANK and "Checking..." in getattr(token.screen, "lines", ()):
        token.run(0.05)


def entered_bytes(token):
    return bytes(token.interface._lock_page._entered)


def test_a_press_wakes_to_the_page_and_is_no_click(awake):
    screen = awake.screen
    assert isinstance(screen, PinScreen)
    assert (screen.title, screen.entered) == ("Locked", 0)
    assert screen.symbol.isdigit()


def test_the_pin_opens_to_the_accounts(awake):
    enter(awake, PIN)
    assert awake.screen.entered == len(PIN)
    check(awake)
    assert isinstance(awake.screen, CodeScreen)
    assert awake.screen.name == "alice"
    assert len(awake.screen.code) == 6
    assert not awake.vault.locked


def symbols(token, step):
    """All that come until the first comes again."""
    seen = [token.screen.symbol]
    while True:
        step()
        if token.screen.symbol == seen[0]:
            return "".join(seen)
        seen.append(token.screen.symbol)


@pytest.mark.parametrize(
    ("count", "ring"),
    [(0, "0123456789"), (1, "0123456789<"), (3, "0123456789<"), (4, "OK0123456789<")],
)
def test_which_symbols_there_are(awake, count, ring):
    """The digits in their order, from any of them on; OK first, once there may be enough."""
    enter(awake, "1" * count)
    seen = symbols(awake, awake.click)
    first = next(digit for digit in seen if digit.isdigit())
    digits = "0123456789"
    turned = digits[int(first) :] + digits[: int(first)]
    assert seen == ring.replace(digits, turned)


def test_the_digits_begin_anywhere(awake):
    """Each time, and every digit about as often: the chance of a digit that is left out in 300 is
    1 in 10 to the 13."""
    first = []
    while len(first) < 300:
        symbol = awake.screen.symbol
        if symbol.isdigit():
            first.append(symbol)
        if awake.screen.symbol == "OK":
            double(awake)  # back to <
        awake.hold()
    assert set(first) == set("0123456789")
    assert max(first.count(digit) for digit in set(first)) < 75


def test_a_double_click_goes_back(awake):
    seen = symbols(awake, lambda: double(awake))
    assert seen in 2 * "0987654321" and len(seen) == 10


def test_full_at_32_digits(awake):
    enter(awake, "1" * 32)
    assert awake.screen.entered == 32
    assert symbols(awake, awake.click) == "OK<"
    choose(awake, "<")
    assert (awake.screen.entered, awake.screen.symbol) == (31, "OK")


def test_a_digit_is_taken_back(awake):
    enter(awake, PIN[:2] + "9<" + PIN[2:])
    check(awake)
    assert not awake.vault.locked


def test_no_digit_is_shown_but_the_one_to_choose(awake):
    for count, digit in enumerate(PIN, 1):
        choose(awake, digit)
        assert awake.screen.entered == count
        assert awake.screen.symbol in "0123456789" if count < 4 else awake.screen.symbol == "OK"


def test_wrong_pins_and_the_wait_that_counts_down(awake):
    enter(awake, WRONG)
    check(awake)
    screen = awake.screen
    assert (screen.title, screen.lines) == ("Wrong PIN, 9 left", ("Next try in", "1 s"))
    awake.run(1.2)
    assert isinstance(awake.screen, PinScreen)
    assert awake.screen.title == "Wrong PIN, 9 left"
    enter(awake, WRONG)
    check(awake)
    seen = []
    while not isinstance(awake.screen, PinScreen):
        if awake.screen.lines[1] not in seen:
            seen.append(awake.screen.lines[1])
        awake.run(0.1)
    assert seen == ["2 s", "1 s"]
    assert awake.screen.title == "Wrong PIN, 8 left"
    enter(awake, PIN)
    check(awake)
    assert isinstance(awake.screen, CodeScreen)


def test_power_up_does_not_shorten_the_wait(awake):
    for _ in range(4):
        enter(awake, WRONG)
        check(awake)
        awake.run(10)
    awake.restart()
    awake.click()
    assert awake.screen.title == "Locked, 6 left"
    assert awake.screen.lines[1] in ("8 s", "7 s")


def test_nothing_is_entered_during_the_wait_and_a_hold_opens_the_menu(awake):
    for _ in range(3):
        enter(awake, WRONG)
        check(awake)
        awake.run(2.2 if awake.vault.keys.failures < 3 else 0)
    awake.click()
    awake.hold()
    assert isinstance(awake.screen, MenuScreen)
    assert awake.vault.keys.failures == 3


def test_the_last_wrong_pin_destroys(awake):
    while not awake.vault.keys.destroyed:
        enter(awake, WRONG)
        check(awake)
        awake.clock.elapse_ns(3_600 * 10**9)
        awake.click()
    assert awake.screen.title == "Accounts destroyed"
    awake.restart()
    awake.click()
    assert awake.screen.title == "Accounts destroyed"
    awake.hold()
    assert isinstance(awake.screen, MenuScreen)


def test_while_a_pin_is_checked_the_port_and_the_watchdog_are_served(awake, monkeypatch):
    monkeypatch.setattr(lock_page, "SLICE_ROUNDS", 300)  # it takes 6 s
    enter(awake, PIN)
    fed, began_ns = len(awake.watchdog.fed_ns), awake.clock.now_ns()
    choose(awake, "OK")
    assert awake.screen.lines == ("Checking...",)
    assert awake.request("status")["locked"] is True
    assert awake.request("list")["error"]["code"] == "locked"
    awake.click()
    awake.hold()  # these go nowhere
    assert awake.vault.locked
    while awake.vault.locked:
        awake.turn()
    taken_s = (awake.clock.now_ns() - began_ns) / 10**9
    assert taken_s > 3
    assert len(awake.watchdog.fed_ns) - fed > taken_s
    awake.run(0.1)
    assert isinstance(awake.screen, CodeScreen)


def test_entered_digits_are_wiped_when_it_goes_dark(awake):
    enter(awake, PIN)
    assert entered_bytes(awake).startswith(PIN.encode())
    awake.run(DARK_AFTER_MS / 1000)
    assert awake.screen is BLANK
    assert not any(entered_bytes(awake))
    awake.click()
    assert awake.screen.entered == 0


def test_entered_digits_are_wiped_when_they_are_checked(awake):
    enter(awake, PIN)
    choose(awake, "OK")
    assert not any(entered_bytes(awake))


# --- when it locks -----------------------------------------------------------------------------


@pytest.fixture
def opened(awake):
    enter(awake, PIN)
    check(awake)
    return awake


def test_a_minute_after_the_dark(opened):
    opened.run(DARK_AFTER_MS / 1000 + 0.2)
    assert opened.screen is BLANK
    opened.run(LOCK_AFTER_S - 2)
    assert not opened.vault.locked
    opened.click()
    assert isinstance(opened.screen, CodeScreen)
    opened.run(DARK_AFTER_MS / 1000 + LOCK_AFTER_S + 0.5)
    assert opened.vault.locked
    opened.click()
    assert isinstance(opened.screen, PinScreen)


def test_a_minute_after_it_was_unlocked_in_the_dark(locked):
    assert locked.request("unlock", pin=PIN)["ok"]
    assert locked.screen is BLANK
    locked.run(LOCK_AFTER_S - 1)
    assert not locked.vault.locked
    locked.run(2)
    assert locked.vault.locked


def test_unlocked_by_the_host_while_the_page_is_shown(awake):
    enter(awake, PIN[:2])
    assert awake.request("unlock", pin=PIN)["ok"]
    awake.run(0.1)
    assert isinstance(awake.screen, CodeScreen)
    assert not any(entered_bytes(awake))


def open_item(token, item):
    token.hold()
    while token.screen.items[token.screen.selected] != item:
        token.click()
    token.hold()


def test_lock_now(opened):
    open_item(opened, "Lock now")
    assert opened.screen is BLANK
    assert opened.vault.locked
    assert opened.interface._code_page._generator is None


def test_without_a_pin_it_never_locks():
    token = WiredToken((an_account("alice"),))
    token.click()
    token.run(DARK_AFTER_MS / 1000 + LOCK_AFTER_S + 5)
    token.click()
    assert isinstance(token.screen, CodeScreen)
    assert token.interface._lock_page is None


# --- what else there is while it is locked -----------------------------------------------------


def test_waking_with_a_hold_opens_the_menu_as_always(locked):
    locked.hold()
    assert isinstance(locked.screen, MenuScreen)
    while locked.screen.items[locked.screen.selected] != "About":
        locked.click()
    locked.hold()
    assert locked.screen.lines[1:] == ("Locked", "PIN set")


def test_the_clock_page(locked):
    open_item(locked, "Clock")
    assert locked.screen.title in ("Clock", "Clock not set")


def test_a_question_of_the_host_waits_until_the_pin_is_entered(awake):
    """A digit is taken by the same hold that would say yes."""
    enter(awake, PIN[:3])
    told = awake.request("wipe", reads=False)
    assert told == {"wait": "later", "why": "in-use", "wait_s": 60, "timeout_ms": 60_000}
    enter(awake, PIN[3:])
    check(awake)
    assert awake.answered() == {"wait": "button", "timeout_ms": CONSENT_TIMEOUT_MS}
    assert isinstance(awake.screen, ConfirmScreen)
    awake.run(READ_S)
    awake.click()
    assert awake.answers()[0]["error"]["code"] == "refused"
    assert len(awake.vault) == 2


def test_the_first_digit_is_being_looked_for(awake):
    awake.click()
    assert awake.request("maintenance", reads=False)["why"] == "in-use"
    awake.run(PIN_PAUSE_MS / 1000 - 1)
    assert awake.answers() == []
    awake.click()
    awake.run(PIN_PAUSE_MS / 1000 - 1)
    assert awake.answers() == [] and isinstance(awake.screen, PinScreen)
    assert awake.answered()["wait"] == "button"


def test_a_question_that_waits_too_long_is_dropped(awake):
    """Somebody plays with the PIN for more than a minute."""
    assert awake.request("wipe", reads=False)["why"] == "in-use"
    for _ in range(30):
        awake.press(100, 2500)
    (answer,) = awake.answers()
    assert answer["error"]["code"] == "timed-out"
    assert awake.request("wipe", reads=False)["why"] == "in-use"


def test_erase_all(locked):
    open_item(locked, "Erase all")
    assert locked.screen.title == "Erase everything?"
    locked.run(READ_S)
    locked.click()
    assert locked.vault.locked
    assert isinstance(locked.screen, MenuScreen)
    locked.hold()
    assert isinstance(locked.screen, ConfirmScreen)
    locked.run(READ_S)
    locked.hold()
    assert not locked.vault.keys.has_pin
    assert len(locked.vault) == 0
    assert set(locked.storage.files) <= {"clock.set", "clock.log", "unclean"}
    assert locked.screen.title in ("No accounts yet", "Clock not set")


def test_silence_erases_nothing(opened):
    open_item(opened, "Erase all")
    opened.run(31)
    assert len(opened.vault) == 2


def test_a_question_of_the_host_takes_the_place_of_erase_all(opened):
    open_item(opened, "Erase all")
    opened.request("remove", issuer="Example", name="bob")
    opened.run(0.5)
    assert opened.screen.title == "Remove account?"
    opened.hold()
    assert len(opened.vault) == 1


def test_flash_that_fails_tells_so_and_tries_nothing(awake):
    enter(awake, PIN)
    awake.storage.broken = True
    choose(awake, "OK")
    assert "flash" in " ".join(awake.screen.lines)
    awake.storage.broken = False
    awake.click()
    assert isinstance(awake.screen, PinScreen)
    assert awake.vault.keys.failures == 0


def test_a_digit_that_is_taken_back_is_wiped(awake):
    enter(awake, "47<")
    assert awake.screen.entered == 1
    assert entered_bytes(awake).rstrip(b"\0") == b"4"


def test_a_wrong_pin_is_not_told_to_who_comes_after_a_dark_minute(awake):
    enter(awake, WRONG)
    check(awake)
    assert awake.screen.title == "Wrong PIN, 9 left"
    awake.run(60 + DARK_AFTER_MS / 1000)
    assert awake.screen is BLANK
    awake.click()
    assert awake.screen.title == "Locked, 9 left"
