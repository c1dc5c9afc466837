"""Waking, going dark, going through the accounts, the menu, changes by the host."""

import hashlib

import pyotp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from picototp.app.menu_page import about
from picototp.clock.states import MISSING
from picototp.codes import base32
from picototp.screens.values import (
    BLANK,
    SHIFT_MAX_PX,
    CodeScreen,
    MenuScreen,
)
from picototp.vault.account import Account
from picototp.vault.key_record import PIN as PIN_STATE
from tests.firmware.app.interface_rig import (
    ACCOUNTS,
    DARK_AFTER_MS,
    PARTS,
    SECRETS,
    Hands,
    account,
    judge,
)

# --- waking and going dark ---------------------------------------------------------------------


def test_dark_at_first(hands):
    assert not hands.interface.lit
    assert hands.screen() is BLANK
    assert not hands.interface.animating(hands.now_ms)


def test_a_press_wakes_and_shows_the_code_at_once(hands):
    hands.down()
    screen = hands.screen()
    assert isinstance(screen, CodeScreen)
    assert (screen.issuer, screen.name) == ("Example", "alice")
    assert screen.code == judge("alice", hands.unix_s)
    assert (screen.position, screen.total) == (1, len(ACCOUNTS))


def test_the_press_that_wakes_is_no_click(hands):
    assert hands.wake().name == "alice"
    hands.click()
    assert hands.screen().name == "bob"


def test_a_click_right_after_the_press_that_wakes_is_one_click(hands):
    hands.click(pause_ms=100)
    hands.click()
    assert hands.screen().name == "bob"


def test_waking_with_a_hold_opens_the_menu(hands):
    hands.hold()
    assert isinstance(hands.screen(), MenuScreen)


def test_dark_30_s_after_the_last_press(awake):
    awake.click(pause_ms=0)
    awake.wait(DARK_AFTER_MS - 10)
    assert awake.interface.lit
    awake.wait(20)
    assert not awake.interface.lit
    assert awake.screen() is BLANK


def test_every_press_keeps_it_lit(awake):
    for _ in range(4):
        awake.wait(DARK_AFTER_MS - 1000)
        awake.click()
        assert awake.interface.lit


def test_a_button_that_is_stuck_lets_it_go_dark(awake):
    awake.down()
    awake.wait(DARK_AFTER_MS + 1000)
    assert not awake.interface.lit
    awake.up()
    awake.wait(100)
    assert not awake.interface.lit
    assert isinstance(awake.wake(), CodeScreen)


def test_it_wakes_to_the_account_that_it_showed_last(awake):
    awake.pick("bob")
    awake.wait(DARK_AFTER_MS)
    assert awake.wake().name == "bob"


def test_the_picture_moves_from_wake_to_wake(hands):
    shifts = []
    for _ in range(6):
        shifts.append(hands.wake().shift_px)
        hands.wait(DARK_AFTER_MS)
    assert sorted(set(shifts)) == list(range(SHIFT_MAX_PX + 1))


# --- going through the accounts ----------------------------------------------------------------


def test_click_goes_on_and_around(awake):
    names = []
    for _ in range(5):
        names.append(awake.screen().name)
        awake.click()
    assert names == ["alice", "bob", "counter", "carol", "alice"]


def test_double_click_goes_back_and_around(awake):
    names = []
    for _ in range(5):
        names.append(awake.screen().name)
        awake.double()
    assert names == ["alice", "carol", "counter", "bob", "alice"]


@pytest.mark.parametrize("pace_ms", [60, 100, 150, 250, 400, 600])
def test_quick_clicks_go_on_by_their_number(pace_ms):
    many = [Account("Example", f"user {number}", b"k" * 20) for number in range(51)]
    hands = Hands(many)
    hands.wake()
    for _ in range(46):
        hands.press(pace_ms // 2, pace_ms - pace_ms // 2)
    hands.wait(500)
    assert hands.screen().position == 47
    assert hands.screen().code


def test_accounts_pass_by_without_a_code_until_they_stand_still(awake):
    awake.click(100)
    assert awake.screen().code == judge("bob", awake.unix_s)  # the first one at once
    awake.click(100)
    assert awake.screen().name == "bob"  # back, or on? nothing comes up that was not meant
    awake.down()
    passing = awake.screen()
    assert (passing.name, passing.code, passing.bar_px) == ("counter", b"", -1)
    awake.wait(60)
    awake.up()
    assert awake.screen().name == "carol"
    assert awake.screen().code == b""
    awake.wait(200)
    assert awake.screen().code == judge("carol", awake.unix_s)


@pytest.mark.parametrize("count", [1, 2])
def test_few_accounts(count):
    hands = Hands(ACCOUNTS[:count])
    hands.wake()
    for steps in range(1, 6):
        hands.click()
        assert hands.screen().position == steps % count + 1
    hands.double()
    assert hands.screen().position == (5 - 1) % count + 1


@settings(max_examples=40)
@given(st.lists(st.sampled_from(["click", "double"]), max_size=12))
def test_any_way_through_the_accounts(way):
    hands = Hands()
    hands.wake()
    position = 0
    for gesture in way:
        getattr(hands, gesture)()
        position = (position + (1 if gesture == "click" else -1)) % len(ACCOUNTS)
        assert hands.screen().position == position + 1
    assert hands.stored_counter() == 7


# --- the menu ----------------------------------------------------------------------------------


def chosen(screen):
    assert isinstance(screen, MenuScreen)
    return screen.items[screen.selected]


def open_item(hands, item):
    hands.hold()
    while chosen(hands.screen()) != item:
        hands.click()
    hands.hold()


def test_hold_opens_the_menu_and_click_goes_through_it(awake):
    awake.hold()
    seen = [chosen(awake.screen())]
    for _ in range(6):
        awake.click()
        seen.append(chosen(awake.screen()))
    items = ["Lock now", "Clock", "About", "Check parts", "Erase all", "Back"]
    assert seen == [*items, "Lock now"]
    awake.double()
    assert chosen(awake.screen()) == "Back"
    awake.hold()
    assert awake.screen().name == "alice"


def test_lock_now(awake):
    open_item(awake, "Lock now")
    assert not awake.interface.lit
    assert isinstance(awake.wake(), CodeScreen)


def test_the_clock_page(awake):
    open_item(awake, "Clock")
    screen = awake.screen()
    assert screen.title == "Clock"
    assert screen.lines[0] == "2026-11-23"
    assert screen.lines[1].endswith(" UTC")
    assert screen.lines[2] == "set 60 min ago ±0.03 s"
    awake.click()
    assert isinstance(awake.screen(), MenuScreen)


def test_the_clock_page_without_a_clock(awake):
    open_item(awake, "Clock")
    awake.state = MISSING
    assert awake.screen().title == "RTC not found"


def test_the_about_page(awake):
    open_item(awake, "About")
    text = " ".join(awake.screen().lines)
    assert "1.2.3" in text
    assert "4 accounts" in text
    assert "No PIN: any holder can read all secrets" in text
    awake.click(pause_ms=100)
    awake.click()  # quick, but its first click went back to the menu
    assert chosen(awake.screen()) == "Check parts"


def test_the_page_of_the_parts(awake):
    open_item(awake, "Check parts")
    screen = awake.screen()
    assert (screen.title, screen.lines) == ("Parts", PARTS)
    awake.click()
    assert isinstance(awake.screen(), MenuScreen)


def test_menu_and_about_page_say_what_no_pin_means_until_there_is_one(awake):
    awake.hold()
    assert awake.screen().title == "Menu: no PIN is set"
    awake.vault.keys._files.record[5] = PIN_STATE  # as after setting one, while it is unlocked
    assert awake.screen().title == "Menu"
    assert about("1", awake.vault)[1] == ("PicoTOTP 1", "4 accounts", "PIN set")


def test_the_about_page_of_an_empty_token_tells_of_no_reader():
    assert about("1", Hands(accounts=()).vault)[1] == ("PicoTOTP 1", "0 accounts", "No PIN")


def test_the_menu_does_not_outlive_the_dark(awake):
    awake.hold()
    awake.wait(DARK_AFTER_MS)
    assert isinstance(awake.wake(), CodeScreen)


def test_a_hold_in_a_page_goes_to_the_top_of_the_menu(awake):
    open_item(awake, "About")
    awake.hold()
    assert chosen(awake.screen()) == "Lock now"


# --- changes by the host -----------------------------------------------------------------------


def test_a_new_account_is_shown(awake):
    awake.hold()
    index = awake.vault.add(account("carol", issuer="New"))
    awake.interface.accounts_changed(awake.now_ms, index)
    assert (awake.screen().issuer, awake.screen().position) == ("New", 5)


def test_the_last_account_is_removed_while_it_is_shown(awake):
    awake.pick("carol")
    awake.vault.remove(3)
    awake.interface.accounts_changed(awake.now_ms)
    assert (awake.screen().name, awake.screen().position) == ("counter", 3)


def test_all_accounts_are_wiped_while_one_is_shown(awake):
    awake.pick("counter")
    awake.hold()
    awake.vault.wipe()
    awake.interface.accounts_changed(awake.now_ms)
    assert awake.screen().title == "No accounts yet"
    awake.click()
    awake.hold()
    assert isinstance(awake.screen(), MenuScreen)


def test_a_secret_that_is_replaced_changes_the_code(awake):
    assert awake.screen().code == judge("alice", awake.unix_s)
    awake.vault.add(account("alice", algorithm="SHA512"), replace=True)
    awake.interface.accounts_changed(awake.now_ms, 0)
    expected = pyotp.TOTP(base32.encode(SECRETS["alice"]), digest=hashlib.sha512)
    assert awake.screen().code == expected.at(awake.unix_s).encode()
