"""The requests for PIN, lock and code, and what a locked token still answers."""

import base64

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

import quick_pbkdf2
from picototp.protocol import pin_service
from picototp.screens.text import LINE_PX, text_width_px
from picototp.screens.values import ConfirmScreen
from tests.firmware.protocol.service_rig import ALICE, COUNTER, NEW, NOBODY, error_of
from wired_token import SESSION

PIN = "90417-änd"
WRONG = "90418-änd"
NEEDS_PIN = {
    "list": {},
    "add": NEW,
    "rename": {**ALICE, "new_issuer": "", "new_name": "x"},
    "move": {**ALICE, "to": 0},
    "remove": ALICE,
    "check": {**ALICE, "unix": 0, "proof": ""},
    "code": ALICE,
    "set_pin": {"pin": "1234"},
    "set_limit": {"limit": 5},
    "set_lock_after": {"seconds": None},
}


@pytest.fixture(autouse=True)
def quick():
    with quick_pbkdf2.patched():
        yield


def say_yes(token, op, **fields):
    """As token.confirmed(), for what takes seconds after the yes."""
    assert token.request(op, **fields)["wait"] == "button"
    token.button.down = True
    token.run(1)
    token.button.down = False
    token.run(0.5)
    return token._mine((token.answers() or [token.awaited(30)])[0])


@pytest.fixture
def pinned(token):
    assert say_yes(token, "set_pin", pin=PIN) == {"ok": True}
    return token


@pytest.fixture
def locked(pinned):
    """After power-up."""
    power_cycle(pinned)
    return pinned


def power_cycle(token):
    token.restart()
    token.hello()
    token.run(1)


def unlock(token, pin):
    answer = token.request("unlock", pin=pin)
    return "" if answer["ok"] else error_of(answer)


def test_power_up_locks_and_the_pin_unlocks(locked):
    assert locked.vault.locked
    assert error_of(locked.request("list")) == "locked"
    assert unlock(locked, PIN) == ""
    assert locked.request("list")["total"] == 3
    assert locked.request("status")["pin_failures"] == 0


def test_status_of_a_locked_token_tells_of_no_account(locked):
    status = locked.request("status")
    assert status["accounts"] is None
    assert (status["encrypted"], status["pin"], status["locked"]) == (True, True, True)
    assert (status["pin_failures"], status["pin_limit"], status["pin_wait_s"]) == (0, 10, 0)
    said = locked.everything_sent[-2000:].decode()
    unlock(locked, PIN)
    assert locked.request("status")["accounts"] == 3
    assert "alice" not in said


@pytest.mark.parametrize("op", sorted(NEEDS_PIN))
def test_whatever_concerns_accounts_is_refused_while_locked(locked, op):
    files = dict(locked.storage.files)
    assert error_of(locked.request(op, **NEEDS_PIN[op])) == "locked"
    assert locked.storage.files == files


def test_the_rest_works_while_locked(locked):
    for op in ("status", "time", "clock_log", "log"):
        assert locked.request(op)["ok"]
    assert locked.request("selftest")["slots"] == ["locked", "locked"]
    assert say_yes(locked, "set_aging", aging=1)["aging"] == 1
    assert say_yes(locked, "wipe") == {"ok": True}
    status = locked.request("status")
    assert (status["pin"], status["locked"], status["accounts"]) == (False, False, 0)


def test_the_question_to_wipe_a_locked_token_tells_no_number(locked):
    assert locked.request("wipe")["wait"] == "button"
    locked.run(0.1)
    assert isinstance(locked.screen, ConfirmScreen)
    assert locked.screen.lines == ("All accounts", "and the PIN.", "This cannot be undone.")


def test_the_question_to_wipe_an_open_token_tells_the_number_and_that_the_pin_goes(pinned):
    pinned.request("wipe")
    pinned.run(0.1)
    count = len(pinned.vault)
    assert pinned.screen.lines == (
        f"All {count} accounts",
        "and the PIN.",
        "This cannot be undone.",
    )


def test_the_question_to_wipe_a_token_without_a_pin_speaks_of_none(token):
    token.request("wipe")
    token.run(0.1)
    assert token.screen.lines == (f"All {len(token.vault)} accounts", "This cannot be undone.")


def test_maintenance_works_while_locked(locked):
    say_yes(locked, "maintenance")
    assert locked.restart_wanted


def test_a_wrong_pin_is_counted_and_costs_time(locked):
    answer = locked.request("unlock", pin=WRONG)
    assert error_of(answer) == "wrong-pin"
    assert "9 attempts left" in answer["error"]["message"]
    assert (answer["error"]["tries_left"], answer["error"]["wait_s"]) == (9, 1)
    status = locked.request("status")
    assert (status["pin_failures"], status["pin_wait_s"]) == (1, 1)
    assert error_of(locked.request("unlock", pin=PIN)) == "too-soon"
    assert locked.request("status")["pin_failures"] == 1
    locked.run(1.1)
    assert unlock(locked, PIN) == ""


def test_the_wait_is_told_in_seconds_and_begins_anew_at_power_up(locked):
    for wait_s in (1, 2, 4, 8):
        assert unlock(locked, WRONG) == "wrong-pin"
        error = locked.request("unlock", pin=PIN)["error"]
        assert f"wait {wait_s} s" in error["message"] and error["wait_s"] == wait_s
        locked.run(wait_s + 0.1)
    power_cycle(locked)
    assert locked.request("status")["pin_wait_s"] == 7  # one second has passed


def test_wrong_pins_destroy_after_the_limit(pinned):
    assert say_yes(pinned, "set_limit", limit=5) == {"ok": True}
    power_cycle(pinned)
    for _ in range(4):
        assert unlock(pinned, WRONG) == "wrong-pin"
        pinned.clock.elapse_ns(60 * 10**9)
    assert unlock(pinned, WRONG) == "destroyed"
    for _ in range(2):
        assert unlock(pinned, PIN) == "destroyed"
        assert error_of(pinned.request("add", **NEW)) == "destroyed"
        assert pinned.request("status")["vault"] == "destroyed"
        power_cycle(pinned)
    assert say_yes(pinned, "wipe") == {"ok": True}
    assert say_yes(pinned, "add", **NEW)["index"] == 0


def test_an_attempt_that_is_taken_over_stays_charged(locked):
    locked.number += 1
    message = {"id": locked.number, "s": SESSION, "op": "unlock", "pin": WRONG}
    assert locked.post(message) == []  # it takes many turns
    locked.hello("another")
    locked.run(5)
    assert locked.vault.locked
    assert locked.request("status", "another")["pin_failures"] == 1


def test_the_port_is_served_and_the_watchdog_fed_while_a_pin_is_checked(locked):
    locked.number += 1
    first = locked.number
    locked.post({"id": first, "s": SESSION, "op": "unlock", "pin": PIN})
    turns = 0
    while locked.vault.locked:
        answer = locked.post({"id": 1000 + turns, "s": SESSION, "op": "status"})
        assert answer[0]["id"] == first or answer[0]["error"]["code"] == "busy"
        turns += 1
    assert turns > 5


def test_lock(pinned):
    pinned.click()
    assert pinned.request("lock") == {"ok": True}
    assert pinned.vault.locked
    pinned.run(0.1)
    assert pinned.screen.title == "Locked"
    assert pinned.request("lock") == {"ok": True}


def test_without_a_pin_there_is_nothing_to_lock(token):
    assert error_of(token.request("lock")) == "no-pin"
    assert error_of(token.request("unlock", pin=PIN)) == "not-locked"
    assert error_of(token.request("set_pin", pin=None)) == "no-pin"


def test_the_pin_is_changed_and_removed(pinned):
    assert say_yes(pinned, "set_pin", pin=WRONG) == {"ok": True}
    pinned.request("lock")
    assert unlock(pinned, PIN) == "wrong-pin"
    pinned.run(1.1)
    assert unlock(pinned, WRONG) == ""
    assert say_yes(pinned, "set_pin", pin=None) == {"ok": True}
    power_cycle(pinned)
    assert pinned.request("status")["pin"] is False
    assert pinned.request("list")["total"] == 3


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "bad-request"),
        ({"pin": 1234}, "bad-request"),
        ({"pin": "123"}, "bad-pin"),
        ({"pin": "1" * 33}, "bad-pin"),
    ],
)
def test_a_bad_pin_is_refused_before_the_button(token, fields, code):
    assert error_of(token.request("set_pin", **fields)) == code


@pytest.mark.parametrize("limit", [4, 21, "5", True, 0, -1])
def test_a_bad_limit_is_refused_before_the_button(token, limit):
    assert error_of(token.request("set_limit", limit=limit)) == "bad-request"
    assert error_of(token.request("set_limit")) == "bad-request"


def test_no_limit(pinned):
    assert say_yes(pinned, "set_limit", limit=None) == {"ok": True}
    assert pinned.request("status")["pin_limit"] is None
    power_cycle(pinned)
    assert unlock(pinned, WRONG) == "wrong-pin"


@pytest.mark.parametrize(
    ("pin", "title", "line"),
    [
        (None, "Remove the PIN?", "Whoever holds the"),
        ("2580", "Change PIN to this?", "2580"),
        ("2580 ", "Change PIN to this?", "2580<20>"),
    ],
)
def test_the_question_and_its_no(pinned, pin, title, line):
    files = dict(pinned.storage.files)
    pinned.request("set_pin", pin=pin)
    assert pinned.screen.title == title
    assert pinned.screen.lines[0] == line
    pinned.click()
    assert error_of(pinned._mine(pinned.answers()[0])) == "refused"
    assert pinned.storage.files == files


def test_the_question_for_the_first_pin(token):
    token.request("set_pin", pin=PIN)
    assert (token.screen.title, token.screen.lines[0]) == (
        "Set this PIN?",
        "90417-<c3><a4>nd",
    )
    token.click()
    assert error_of(token._mine(token.answers()[0])) == "refused"
    token.run(0.2)
    assert "90417" not in str(token.screen)


@given(st.text(min_size=1, max_size=32), st.text(min_size=1, max_size=32))
def test_two_pins_are_never_shown_alike(one, other):
    shown = [pin_service._visible(bytearray(pin.encode())) for pin in (one, other)]
    assert (shown[0] == shown[1]) == (one == other)
    assert all(0x20 < ord(char) < 0x7F for text in shown for char in text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2580", "2580 "),
        ("<20>", " "),
        ("<3c>", "<"),
        ("\u0430bcd", "abcd"),
        ("12\u200b34", "1234"),
    ],
)
def test_pins_that_look_alike_do_not_here(one, other):
    assert pin_service._visible(one.encode()) != pin_service._visible(other.encode())


def test_no_line_of_that_question_is_too_wide():
    for title in ("Change PIN to this?", "Set this PIN?"):
        assert text_width_px(title) <= LINE_PX - 4
    for line in ("Not yours? Click.", "Without it: all lost"):
        assert text_width_px(line) <= LINE_PX


def test_a_wipe_while_a_pin_is_set_leaves_no_pin(token):
    assert token.request("set_pin", pin=PIN)["wait"] == "button"
    token.button.down = True
    for _ in range(10_000):  # until the yes
        token.turn()
        if token.link._pending.wait is not None:
            break
    token.button.down = False
    token.vault.wipe()
    assert error_of(token.answered()) == "not-found"
    power_cycle(token)
    assert token.request("status")["pin"] is False


# --- code --------------------------------------------------------------------------------------


def code_of(token, named):
    """As text, and what the token said."""
    answer = say_yes(token, "code", **named)
    return answer["code"], answer


def test_a_code_after_the_button(token):
    code, answer = code_of(token, ALICE)
    now_s = token.true_unix_ns() // 10**9
    account = token.vault.account(0)
    totp = pyotp.TOTP(base64.b32encode(account.secret).decode())
    assert code in {totp.at(now_s - 2), totp.at(now_s)}
    assert 0 < answer["left_s"] <= 30


def test_every_code_needs_the_button_again(token):
    code_of(token, ALICE)
    assert token.request("code", **ALICE)["wait"] == "button"
    token.run(0.1)
    assert token.screen.lines[:2] == ("Example", "alice")
    token.click()
    assert error_of(token._mine(token.answers()[0])) == "refused"


def test_a_counter_moves_before_its_code_is_told(token):
    judge = pyotp.HOTP(base64.b32encode(token.vault.account(2).secret).decode())
    for counter in (5, 6):
        code, answer = code_of(token, COUNTER)
        assert (code, answer["left_s"]) == (judge.at(counter), None)
        assert token.vault.account(2).counter == counter + 1


def test_no_code_without_the_account_or_the_clock(token):
    assert error_of(token.request("code", **NOBODY)) == "not-found"
    token.chip.present = False
    assert error_of(token.request("code", **ALICE)) == "missing"
    assert len(code_of(token, COUNTER)[0]) == 6


def test_a_token_that_is_locked_during_the_question_tells_no_code(pinned):
    assert pinned.request("code", **ALICE)["wait"] == "button"
    pinned.vault.lock()
    pinned.button.down = True
    assert error_of(pinned.answered()) == "locked"


@pytest.mark.parametrize(
    ("limit", "lines"),
    [
        (5, ("Accounts destroyed", "after 5 wrong PINs")),
        (None, ("Wrong PINs never", "destroy the accounts.")),
    ],
)
def test_what_the_question_about_a_limit_says(pinned, limit, lines):
    pinned.request("set_limit", limit=limit)
    assert (pinned.screen.title, pinned.screen.lines) == ("Limit wrong PINs?", lines)


def test_what_the_questions_about_a_pin_say(token):
    token.request("set_pin", pin="4711")
    assert token.screen.title == "Set this PIN?"
    assert token.screen.lines == ("4711", "Not yours? Click.", "Without it: all lost")
    token.click()
    token.run(6)
    say_yes(token, "set_pin", pin=PIN)
    token.request("set_pin", pin=None)
    assert token.screen.title == "Remove the PIN?"
    assert token.screen.lines == ("Whoever holds the", "token can then read", "all accounts.")
