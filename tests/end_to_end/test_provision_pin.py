"""The PIN as a user sets and enters it over USB; the token runs on MicroPython's unix port."""

import json
import re
import sys

import pyotp
import pytest

from display_text import shows
from programs import CONFIRM, TOOLS, tool
from terminal_program import Terminal
from tests.end_to_end.hands import PHASE_S

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
URI = f"otpauth://totp/Example:alice@example.com?secret={SECRET}&issuer=Example"
COUNTING = f"otpauth://hotp/Bank:bob?secret={SECRET}&counter=7"
PIN, PHRASE, WRONG = "482915", "correct horse 9 é", "482916"
LOCKED = "error: the token is locked: run picototp provision unlock, or enter the PIN on the token"


@pytest.fixture
def provision(hands):
    """Runs provision.py on the token, with a yes to every question unless told otherwise; neither
    secrets nor PINs must come out anywhere."""

    def run_it(*arguments, on_confirm=None, **options):
        port = hands.token.port.path
        on_confirm = on_confirm or hands.yes
        result = tool("provision", "--port", port, *arguments, on_confirm=on_confirm, **options)
        for secret in (SECRET, PIN, PHRASE, WRONG):
            assert secret not in result.out + result.err
        return result

    return run_it


@pytest.fixture
def with_pin(provision):
    """The same, on a token with an account and a PIN; it is open."""
    assert provision("add", "-", typed=URI).code == 0
    result = provision("pin", "set", "-", typed=PIN)
    assert result.code == 0, result.err
    return provision


def restart(hands) -> None:
    hands.token.power(False)
    hands.token.power(True)


def status(provision) -> dict:
    return json.loads(provision("status", "--json").out)


def test_a_pin_locks_at_power_up_and_opens_again(hands, with_pin):
    assert with_pin("list").code == 0
    restart(hands)
    facts = status(with_pin)
    assert facts["pin"] is True and facts["locked"] is True and facts["accounts"] is None
    assert with_pin("list").complaint == LOCKED
    opened = with_pin("unlock", "-", typed=PIN + "\n")
    assert opened.code == 0 and opened.out == "" and opened.err == "the token is unlocked\n"
    assert json.loads(with_pin("list", "--json").out)[0]["name"] == "alice@example.com"


def test_whatever_is_asked_about_accounts_says_what_to_do(with_pin):
    assert with_pin("lock").code == 0
    for command in (
        ("list",),
        ("list", "--json"),
        ("add", "-"),
        ("rename", "1", "other"),
        ("move", "1", "1"),
        ("remove", "1"),
        ("code", "alice@example.com"),
        ("verify", "-"),
        ("pin", "change", "-"),
        ("pin", "remove"),
        ("pin", "limit", "5"),
        ("pin", "lock-after", "never"),
    ):
        result = with_pin(*command, typed=URI if command[0] in ("add", "verify") else PIN)
        assert (result.code, result.complaint) == (4, LOCKED), command


def test_what_a_locked_token_still_answers(with_pin):
    assert with_pin("lock").code == 0
    words = with_pin("status").out
    assert "LOCKED" in words and "not shown while locked" in words and "255" not in words
    verified = with_pin("verify")
    assert verified.code == 0, verified.err
    assert "NOT OK" not in verified.out and "not shown while locked" in verified.out
    assert with_pin("lock").code == 0  # again
    assert with_pin("wipe").code == 0
    assert status(with_pin)["pin"] is False and json.loads(with_pin("list", "--json").out) == []


def test_a_wrong_pin_tells_what_is_left_and_how_long_to_wait(hands, with_pin):
    assert with_pin("lock").code == 0
    wrong = with_pin("unlock", "-", typed=WRONG)
    assert wrong.code == 4
    assert "wrong PIN: 9 tries are left" in wrong.complaint and "in 1 s" in wrong.complaint
    hands.elapse(1.1)
    wrong = with_pin("unlock", "-", typed=WRONG)
    assert wrong.code == 4 and "8 tries are left" in wrong.complaint
    assert re.search("the next in [12] s$", wrong.complaint)  # the time runs
    facts = status(with_pin)
    assert facts["pin_failures"] == 2 and facts["pin_limit"] == 10 and facts["locked"] is True
    assert "2 in a row; 8 tries are left" in with_pin("status").out
    hands.elapse(2.1)
    assert with_pin("unlock", "-", typed=PIN).code == 0
    facts = status(with_pin)
    assert facts["pin_failures"] == 0 and facts["locked"] is False


def fail(hands, provision, count) -> None:
    """So many wrong PINs; the last delay has just begun."""
    assert provision("lock").code == 0
    for failures in range(count):
        hands.elapse(2 ** (failures - 1) + 0.1 if failures else 0)
        assert provision("unlock", "-", typed=WRONG).code == 4


def test_too_soon_costs_no_try_and_the_limit_destroys_the_accounts(hands, with_pin):
    assert with_pin("pin", "limit", "5").err.endswith(
        "5 wrong PINs in a row destroy the accounts\n"
    )
    fail(hands, with_pin, 4)
    soon = with_pin("unlock", "-", typed=PIN)
    assert soon.code == 4 and soon.complaint.startswith("error: too soon")
    assert status(with_pin)["pin_failures"] == 4
    hands.elapse(8.1)
    last = with_pin("unlock", "-", typed=WRONG)
    assert last.code == 1 and "picototp provision wipe" in last.complaint
    for command in (("unlock", "-"), ("list",), ("list", "--json"), ("pin", "set", "-")):
        result = with_pin(*command, typed=PIN)
        assert result.code == 1 and "picototp provision wipe" in result.complaint, command
    assert "DESTROYED" in with_pin("status").out and "DESTROYED" in with_pin("verify").out
    assert with_pin("wipe").code == 0
    assert with_pin("add", "-", typed=URI).code == 0


def test_limits_off(with_pin):
    assert with_pin("pin", "limit", "off").code == 0
    assert status(with_pin)["pin_limit"] is None
    assert "no number of wrong PINs" in with_pin("status").out


def test_without_a_pin_every_tool_that_should_says_so(provision):
    added = provision("add", "-", typed=URI)
    assert added.err.count("no PIN is set, so whoever holds the board can read the accounts") == 1
    again = provision("add", "-", typed=COUNTING)
    assert again.code == 0 and "no PIN is set" not in again.err  # once for a token
    assert provision("remove", "Bank:bob").code == 0
    said = provision("status").out
    assert "whoever holds the board can read the accounts" in said
    assert "without a PIN their key lies beside them" in said
    listed = provision("list", "--json")
    assert listed.err == "" and "PIN" not in listed.out
    assert provision("pin", "set", "-", typed=PIN).code == 0
    added = provision("add", "-", typed=COUNTING)
    assert added.code == 0 and "no PIN is set" not in added.err and "lies beside" not in added.err
    said = provision("status").out
    assert "whoever holds the board" not in said and "lies beside" not in said


def test_lock_after(hands, with_pin):
    for typed, seconds, words in (
        ("0", 0, "as soon as it is dark"),
        ("600", 600, "10 min after its display went dark"),
        ("never", None, "never by itself"),
    ):
        result = with_pin("pin", "lock-after", typed)
        assert result.code == 0 and CONFIRM in result.err and words in result.err
        assert status(with_pin)["lock_after_s"] == seconds
        assert words in with_pin("status").out
    restart(hands)
    assert status(with_pin)["lock_after_s"] is None
    assert with_pin("pin", "lock-after", "0").complaint == LOCKED
    assert with_pin("unlock", "-", typed=PIN).code == 0
    bad = with_pin("pin", "lock-after", "121")
    assert bad.code == 2 and "whole minutes" in bad.complaint
    assert with_pin("pin", "lock-after", "60", on_confirm=hands.no).code == 4
    assert status(with_pin)["lock_after_s"] is None


def test_lock_after_without_a_pin_says_so(provision):
    result = provision("pin", "lock-after", "0")
    assert result.code == 0 and "the token has no PIN" in result.err


def test_a_phrase_is_for_usb_only(with_pin):
    changed = with_pin("pin", "change", "-", typed=PHRASE + "\n")
    assert changed.code == 0 and "over USB" in changed.err
    assert with_pin("lock").code == 0
    assert with_pin("unlock", "-", typed=PIN).code == 4  # the one before


def test_change_and_remove(hands, with_pin):
    again = with_pin("pin", "set", "-", typed=PIN)
    assert again.code == 2 and "pin change" in again.complaint
    assert with_pin("pin", "remove").code == 0
    assert status(with_pin)["pin"] is False
    assert "whoever holds the board can read the accounts" in with_pin("status").out
    for command in (("pin", "remove"), ("pin", "change", "-"), ("unlock", "-"), ("lock",)):
        result = with_pin(*command, typed=PIN)
        assert result.code == 2 and "pin set" in result.complaint, command
    restart(hands)
    assert with_pin("list").code == 0


def test_unlocking_what_is_not_locked_asks_for_nothing(with_pin):
    result = with_pin("unlock")
    assert result.code == 0 and "not locked" in result.err


def test_the_question_and_a_no(hands, provision):
    seen = []

    def look_and_refuse():
        seen.extend(hands.wait_for_question())
        hands.no()

    result = provision("pin", "set", "-", typed=PIN, on_confirm=look_and_refuse)
    assert result.code == 4 and shows(seen, "Set this PIN?")
    assert shows(seen, PIN)
    assert status(provision)["pin"] is False


def test_rekey_keeps_the_pin_and_the_accounts(hands, with_pin):
    listed = with_pin("list").out
    wrong = with_pin("pin", "rekey", "-", typed=WRONG)
    assert wrong.code == 4 and "wrong PIN" in wrong.complaint
    hands.elapse(1.1)
    done = with_pin("pin", "rekey", "-", typed=PIN)
    assert done.code == 0 and "another key" in done.err
    assert with_pin("list").out == listed
    assert with_pin("lock").code == 0
    assert with_pin("unlock", "-", typed=PIN).code == 0


def in_terminal(hands, *command) -> Terminal:
    return Terminal(
        sys.executable, TOOLS / "provision.py", "--port", hands.token.port.path, *command
    )


def test_the_prompts_do_not_echo(hands, provision):
    with in_terminal(hands, "pin", "set") as terminal:
        terminal.wait_for("Digits alone can be entered with the token's button")
        terminal.wait_for("New PIN: ")
        terminal.type(PIN + "\n")
        terminal.wait_for("Again: ")
        terminal.type(PIN + "\n")
        terminal.wait_for(CONFIRM)
        hands.yes()
        assert terminal.end() == 0
        assert "the PIN is set" in terminal.text and PIN not in terminal.text
        assert terminal.settings_now == terminal.settings
    assert provision("lock").code == 0
    assert provision("unlock", "-", typed=WRONG).code == 4
    hands.elapse(1.1)
    with in_terminal(hands, "unlock") as terminal:
        terminal.wait_for("9 tries are left")
        terminal.wait_for("PIN: ")
        terminal.type(PIN + "\n")
        assert terminal.end() == 0
        assert "unlocked" in terminal.text and PIN not in terminal.text


def test_two_different_pins_change_nothing(hands, provision):
    with in_terminal(hands, "pin", "set") as terminal:
        terminal.wait_for("New PIN: ")
        terminal.type(PIN + "\n")
        terminal.wait_for("Again: ")
        terminal.type(WRONG + "\n")
        assert terminal.end() == 2
        assert "differ" in terminal.text and PIN not in terminal.text
    assert status(provision)["pin"] is False


def test_without_a_terminal_there_is_no_prompt(with_pin):
    assert with_pin("lock").code == 0
    result = with_pin("unlock")
    assert result.code == 2 and "no terminal" in result.complaint


def test_a_code_is_all_that_standard_output_gets(hands, provision):
    assert provision("add", "-", typed=URI).code == 0
    before_s = int(hands.token.board.rtc.unix() - PHASE_S)
    result = provision("code", "Example:alice@example.com")
    after_s = int(hands.token.board.rtc.unix() + PHASE_S)
    judge = pyotp.TOTP(SECRET)
    assert result.code == 0 and result.err.count(CONFIRM) == 1
    assert result.out in {f"{judge.at(moment)}\n" for moment in range(before_s, after_s + 1)}
    refused = provision("code", "alice@example.com", on_confirm=hands.no)
    assert refused.code == 4 and refused.out == ""
    unknown = provision("code", "nobody")
    assert unknown.code == 2 and CONFIRM not in unknown.err


def test_a_counter_account_counts_up_with_every_code(provision):
    assert provision("add", "-", typed=COUNTING).code == 0
    judge = pyotp.HOTP(SECRET)
    for counter in (7, 8):
        assert provision("code", "Bank:bob").out == f"{judge.at(counter)}\n"
