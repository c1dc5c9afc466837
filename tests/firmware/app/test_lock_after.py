"""A dark token locks when its owner said, in the whole main loop; and how that is asked for."""

import pytest

from picototp.protocol import pin_service
from picototp.screens.text import LINE_PX, text_width_px
from picototp.screens.values import BLANK, CodeScreen, ConfirmScreen, PinScreen
from tests.firmware.app.interface_rig import DARK_AFTER_MS
from tests.firmware.app.test_lock_page import PIN, check, enter, locked_token
from tests.firmware.app.test_lock_page import quick as quick  # a fixture
from wired_token import SESSION, WiredToken, an_account

DARK_AFTER_S = DARK_AFTER_MS / 1000


@pytest.fixture
def opened():
    token = locked_token()
    assert token.request("unlock", pin=PIN)["ok"]
    return token


def set_to(token, seconds):
    assert token.confirmed("set_lock_after", seconds=seconds) == {"ok": True}
    assert token.request("status")["lock_after_s"] == seconds


@pytest.mark.parametrize("seconds", [1, 15, 60, 120, 300])
def test_so_long_after_the_dark(opened, seconds):
    set_to(opened, seconds)
    opened.click()
    opened.run(DARK_AFTER_S - 0.2)
    assert opened.screen is BLANK
    opened.run(seconds - 0.5)
    assert not opened.vault.locked
    opened.run(1)
    assert opened.vault.locked


def test_as_soon_as_it_is_dark(opened):
    set_to(opened, 0)
    opened.click()
    opened.run(DARK_AFTER_S - 1)
    assert isinstance(opened.screen, CodeScreen) and not opened.vault.locked
    opened.run(1)
    assert opened.screen is BLANK and opened.vault.locked
    opened.click()
    assert isinstance(opened.screen, PinScreen)


def test_never_by_itself_but_in_every_other_way(opened):
    set_to(opened, None)
    opened.click()
    opened.run(400, wait_ms=50)
    assert opened.screen is BLANK and not opened.vault.locked
    assert opened.request("lock") == {"ok": True}
    assert opened.vault.locked
    assert opened.request("unlock", pin=PIN)["ok"]
    opened.restart()
    assert opened.vault.locked


def test_unlocked_over_usb_in_the_dark_there_is_time_to_use_it(opened):
    set_to(opened, 0)
    opened.request("lock")
    opened.run(DARK_AFTER_S + 1)
    assert opened.request("unlock", pin=PIN)["ok"]
    assert opened.screen is BLANK
    opened.run(DARK_AFTER_S - 2)
    assert opened.request("list")["total"] == 2
    opened.run(3)
    assert opened.vault.locked


def test_entered_by_the_button_it_stays_open_while_lit(opened):
    set_to(opened, 0)
    opened.request("lock")
    opened.run(DARK_AFTER_S + 1)
    opened.click()
    enter(opened, PIN)
    check(opened)
    opened.run(DARK_AFTER_S - 2)
    assert isinstance(opened.screen, CodeScreen)
    opened.run(4)
    assert opened.vault.locked


def test_a_token_without_a_pin_never_locks():
    token = WiredToken((an_account("alice"),))
    token.hello()
    set_to(token, 0)
    token.click()
    token.run(DARK_AFTER_S + 2)
    token.click()
    assert isinstance(token.screen, CodeScreen)


def test_it_is_kept_over_power_up_and_told_while_locked(opened):
    set_to(opened, 3600)
    opened.restart()
    opened.hello()
    status = opened.request("status")
    assert (status["locked"], status["lock_after_s"]) == (True, 3600)


# --- asking for it -----------------------------------------------------------------------------


DARK, NOW = "it goes dark.", "Now: after 60 s"


@pytest.mark.parametrize(
    ("seconds", "title", "lines"),
    [
        (0, "When to lock?", ("It locks as soon as", DARK, NOW)),
        (90, "When to lock?", ("It locks 90 s after", DARK, NOW)),
        (3600, "When to lock?", ("It locks 60 min after", DARK, NOW)),
        (
            None,
            "Never lock itself?",
            ("It stays open until", "it is unplugged, or", "locked by hand."),
        ),
    ],
)
def test_the_question_and_its_no(opened, seconds, title, lines):
    files = dict(opened.storage.files)
    assert opened.request("set_lock_after", seconds=seconds)["wait"] == "button"
    opened.run(0.1)
    assert isinstance(opened.screen, ConfirmScreen)
    assert (opened.screen.title, opened.screen.lines) == (title, lines)
    opened.click()
    assert opened._mine(opened.answers()[0])["error"]["code"] == "refused"
    assert opened.storage.files == files


def test_no_word_of_it_is_too_wide(opened):
    times = [*range(121), *range(180, 3601, 60), None]
    for now in (0, 120, 3600, None):
        set_to(opened, now)
        for seconds in times if now == 120 else (0, None):
            asked = pin_service.PinService(opened.vault)._set_lock_after({"seconds": seconds})
            for line in (asked.title, *asked.lines):
                assert text_width_px(line) <= LINE_PX, line


@pytest.mark.parametrize("seconds", [-1, 3601, "60", True, 1.5, [1]])
def test_what_is_no_time(opened, seconds):
    answer = opened.request("set_lock_after", seconds=seconds)
    assert answer["error"]["code"] == "bad-request"
    assert opened.request("set_lock_after")["error"]["code"] == "bad-request"


def test_a_time_that_cannot_be_kept_is_refused_before_the_button(opened):
    answer = opened.request("set_lock_after", seconds=121)
    assert answer["error"]["code"] == "bad-lock-after"
    assert "whole minutes" in answer["error"]["message"]


def test_a_wipe_that_flash_refused_is_not_forgotten():
    token = WiredToken([an_account()])
    token.hello()

    def refuse(name):
        raise OSError(5, "refused")

    token.storage.remove = refuse
    assert token.confirmed("wipe")["error"]["code"] == "storage"
    assert token.vault.keys.wiping
    assert token.confirmed("set_lock_after", seconds=5)["error"]["code"] == "storage"
    assert token.vault.keys.wiping


def test_locked_during_the_question_it_changes_nothing(opened):
    assert opened.request("set_lock_after", seconds=None)["wait"] == "button"
    opened.vault.lock()
    opened.button.down = True
    assert opened.answered()["error"]["code"] == "locked"
    assert opened.vault.keys.lock_after_s == 60


# --- questions put nothing off ------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [0, 60])
@pytest.mark.parametrize("asked_for_s", [5, 25, 31])
def test_questions_do_not_put_it_off(opened, seconds, asked_for_s):
    """A program asks again and again, and takes back what it asked."""
    set_to(opened, seconds)
    opened.click()
    began_ns = opened.clock.now_ns()
    while not opened.vault.locked:
        opened.post({"id": 1, "s": SESSION, "op": "hello", "v": 1})
        opened.post({"id": 2, "s": SESSION, "op": "wipe"})
        for _ in range(asked_for_s):
            if not opened.vault.locked:
                opened.run(1)
        opened.answers()
        assert opened.clock.now_ns() - began_ns < (DARK_AFTER_S + seconds + 33) * 10**9
    assert opened.clock.now_ns() - began_ns > (DARK_AFTER_S + seconds - 1) * 10**9


def test_neither_do_requests_that_need_no_button(opened):
    set_to(opened, 60)
    opened.click()
    for _ in range(int(DARK_AFTER_S) + 61):
        opened.request("list")
        opened.run(1)
        if opened.vault.locked:
            return
    raise AssertionError("still open")


def test_a_question_that_is_answered_in_time_is_served(opened):
    """The time is over while it is on the display; the button begins it anew."""
    set_to(opened, 0)
    opened.click()
    opened.run(DARK_AFTER_S - 4)
    assert opened.request("remove", issuer="Example", name="bob")["wait"] == "button"
    opened.run(5)
    opened.hold()
    assert opened._mine(opened.answers()[0])["ok"]
    assert len(opened.vault) == 1 and not opened.vault.locked
