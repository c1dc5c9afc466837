"""The requests that concern the display, with the button and the screens that they lead to."""

import pytest

import quick_pbkdf2
from picototp.screens.values import BLANK, CodeScreen, ConfirmScreen, PinScreen
from picototp.vault.settings import SAVE_AFTER_MS, SAVE_EVERY_MS, Settings
from tests.firmware.protocol.service_rig import ALICE, BOB, NOBODY, error_of, make_token
from wired_token import WiredToken, an_account
from workbench import MemoryStorage

AT_FIRST = {"brightness": 50, "dark_after_s": 30, "upside_down": False, "order": "fixed"}
MANY = [an_account(name) for name in ("zoe", "alice", "mia", "bob", "carl", "dora", "eve")]


@pytest.fixture
def token():
    return make_token()


def settings_of(token):
    answer = token.request("display")
    assert answer.pop("ok")
    return answer


def after_a_power_cut(token):
    again = WiredToken((), token.storage)
    again.hello()
    again.run(3)
    return again


# --- how it looks --------------------------------------------------------------------------------


def test_it_is_told_how_it_is_set(token):
    assert settings_of(token) == AT_FIRST
    assert token.panel.looks == [(50, False)]


def test_a_change_is_seen_while_it_is_asked_for_and_stays_after_a_yes(token):
    changes = {"brightness": 7, "dark_after_s": 60, "upside_down": True}
    assert token.request("set_display", **changes)["wait"] == "button"
    assert token.panel.looks[-1] == (7, True)
    assert isinstance(token.screen, ConfirmScreen)
    assert token.screen.lines == ("Brightness 7 %", "Dark after 60 s", "Upside down")
    assert settings_of_flash(token) == (50, 30, False)
    token.hold()
    assert token.answered()["ok"]
    assert settings_of(token) == {**AT_FIRST, **changes}
    assert token.panel.looks[-1] == (7, True)
    assert settings_of(after_a_power_cut(token)) == {**AT_FIRST, **changes}
    assert after_a_power_cut(token).panel.looks == [(7, True)]


def test_the_question_says_which_way_is_up(token):
    token.request("set_display", dark_after_s=60)
    assert token.screen.lines == ("Brightness 50 %", "Dark after 60 s", "Upright")


def settings_of_flash(token):
    kept = Settings(token.storage)
    return kept.brightness, kept.dark_after_s, kept.upside_down


@pytest.mark.parametrize("how", ["no", "silence", "other host", "flash"])
def test_without_a_yes_it_is_as_before_by_itself(token, how):
    assert token.request("set_display", brightness=1, upside_down=True)["wait"] == "button"
    if how == "no":
        token.click()
        assert error_of(token.answered()) == "refused"
    elif how == "silence":
        token.run(30)
        assert error_of(token.answered()) == "timed-out"
    elif how == "other host":
        token.hello("another")
    else:
        token.storage.broken = True
        token.hold()
        assert error_of(token.answered()) == "storage"
        token.storage.broken = False
    assert token.panel.looks[-1] == (50, False)
    token.hello()
    assert settings_of(token) == AT_FIRST
    assert settings_of_flash(token) == (50, 30, False)


@pytest.mark.parametrize(
    "changes",
    [{"brightness": 0}, {"brightness": 101}, {"dark_after_s": 9}, {"dark_after_s": 121}]
    + [{"upside_down": 1}, {"brightness": "7"}],
)
def test_what_no_display_can_be_is_refused(token, changes):
    assert error_of(token.request("set_display", **changes)) == "bad-request"
    assert token.panel.looks == [(50, False)]


def test_it_goes_dark_when_it_is_told_to(token):
    assert token.confirmed("set_display", dark_after_s=10)["ok"]
    token.press(80)
    token.run(9)
    assert token.screen is not BLANK
    token.run(1)
    assert token.screen is BLANK


# --- an account on the display -------------------------------------------------------------------


def test_an_account_is_shown_without_asking(token):
    assert token.screen is BLANK
    assert token.request("show", **BOB) == {"ok": True, "locked": False, "index": 1}
    assert token.screen.name == "bob"
    assert len(token.screen.code) == 8
    assert token.request("show", **ALICE)["ok"]
    assert token.screen.name == "alice"
    token.run(30.1)
    assert token.screen is BLANK


def test_no_code_leaves_the_token_with_it(token):
    token.request("show", **ALICE)
    assert token.screen.code not in token.everything_sent


def test_an_account_that_is_not_there_changes_nothing(token):
    assert error_of(token.request("show", **NOBODY)) == "not-found"
    assert token.screen is BLANK


def test_not_while_a_finger_is_on_the_button(token):
    token.button.down = True
    token.run(0.1)
    assert error_of(token.request("show", **BOB)) == "in-use"
    assert token.screen.name == "alice"


def test_not_over_a_question(token):
    token.press(80)
    token.hold()
    while token.screen.items[token.screen.selected] != "Erase all":
        token.click()
    token.hold()
    assert error_of(token.request("show", **BOB)) == "in-use"
    assert token.screen.title == "Erase everything?"


def test_a_press_that_began_before_does_nothing(token):
    """It was meant for what was there."""
    token.press(80)
    token.request("show", **BOB)
    token.click()
    assert token.screen.name == "counter"


@pytest.fixture
def with_pin(token):
    with quick_pbkdf2.patched():
        token.confirmed("set_pin", pin="9041")
        token.run(2)
        yield token


def test_a_locked_token_asks_for_its_pin_and_shows_nothing_else(with_pin):
    token = with_pin
    assert token.request("lock")["ok"]
    token.run(31)
    assert token.screen is BLANK
    assert token.request("show", **NOBODY) == {"ok": True, "locked": True}
    assert isinstance(token.screen, PinScreen)
    token.click()
    assert error_of(token.request("show")) == "in-use"


def test_it_does_not_put_off_the_lock(with_pin):
    token = with_pin
    token.click()
    for _ in range(10):
        token.run(10)
        token.request("show", **BOB)
    assert token.vault.locked


def test_no_display_is_an_error(token):
    token.panel.ok = False
    assert error_of(token.request("show", **BOB)) == "no-display"


# --- which one comes first, and which next -------------------------------------------------------


def names_by_clicks(token, count):
    seen = [token.screen.name]
    for _ in range(count - 1):
        token.click()
        seen.append(token.screen.name)
    return seen


def with_order(order):
    token = WiredToken(MANY)
    token.hello()
    token.run(3)
    assert token.confirmed("set_order", order=order)["ok"]
    token.run(31)
    assert token.screen is BLANK
    return token


def test_by_name():
    token = with_order("name")
    token.press(80)
    assert names_by_clicks(token, 8) == ["zoe", "alice", "bob", "carl", "dora", "eve", "mia", "zoe"]
    assert token.screen.position == 1  # the place in the list, by which commands know it


def test_recent_ones_come_first():
    token = with_order("recent")
    token.press(80)
    token.click()
    token.click()
    token.run(31)  # dark: mia was used
    token.press(80)
    assert token.screen.name == "mia"
    for _ in range(3):
        token.click()
    token.run(4)  # long enough to be used
    token.click()
    token.run(31)
    token.press(80)
    last, used, before = names_by_clicks(token, 3)
    assert (used, before) == ("bob", "mia")
    assert last not in (used, before)


def test_an_order_that_is_none_is_refused(token):
    assert error_of(token.request("set_order", order="random")) == "bad-request"


def test_the_account_shown_last_is_there_after_a_power_cut():
    token = WiredToken(MANY)
    token.run(3)
    token.press(80)
    for _ in range(3):
        token.click()
    assert token.screen.name == "bob"
    token.run(30 + SAVE_AFTER_MS / 1000 + 0.5)
    again = after_a_power_cut(token)
    again.press(80)
    assert again.screen.name == "bob"


def test_the_flash_is_written_rarely():
    """Not while the display is lit, not for the same account, and once in ten minutes."""
    token = WiredToken(MANY)
    token.run(3)
    written = []
    token.storage.before_write = lambda: written.append(token.monotonic.now_ms())
    for _ in range(25):
        token.press(80)
        token.click()
        token.run(31 + SAVE_AFTER_MS / 1000)
    assert len(written) == 2
    assert written[1] - written[0] >= SAVE_EVERY_MS
    token.run(SAVE_EVERY_MS / 1000)
    assert len(written) == 3
    token.run(3 * SAVE_EVERY_MS / 1000)
    assert len(written) == 3


def test_removing_an_account_forgets_the_places():
    token = WiredToken(MANY)
    token.hello()
    token.run(3)
    token.settings.note(3)
    assert token.settings.recent[:2] == b"\x03\xff"
    assert token.confirmed("remove", issuer="Example", name="zoe")["ok"]
    assert token.settings.recent == b"\xff" * 16


def test_a_damaged_record_counts_as_none():
    storage = MemoryStorage()
    kept = Settings(storage)
    kept.brightness = 9
    kept.note(3)
    kept.save()
    assert (Settings(storage).brightness, Settings(storage).recent[0]) == (9, 3)
    for name in list(storage.files):
        storage.files[name] = storage.files[name][:-1] + b"?"
    assert (Settings(storage).brightness, Settings(storage).recent[0]) == (50, 255)


def test_a_position_that_is_not_there_any_more_is_the_last_one():
    storage = MemoryStorage()
    kept = Settings(storage)
    kept.note(200)
    kept.save()
    token = WiredToken(MANY, storage)
    token.run(3)
    token.press(80)
    assert isinstance(token.screen, CodeScreen)
    assert token.screen.position == len(MANY)
