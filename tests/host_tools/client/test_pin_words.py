"""What is taken for a PIN, where it can be entered, and the words about wrong ones."""

import pytest

from answers import status
from host_tools.client import pin_words, status_words
from host_tools.client.wire_errors import TokenError
from host_tools.commands.terminal import exit_code
from host_tools.errors import Refused, ToolError, UsageProblem
from host_tools.provision import provision

PIN_STATUS = {"locked": True, "accounts": None}
# What firmware from before the PIN does not send.
PIN_FIELDS = ("pin", "locked", "pin_failures", "pin_limit", "pin_wait_s", "lock_after_s")


@pytest.mark.parametrize(
    ("typed", "pin"),
    [
        (b"1234", "1234"),
        (b"0000\n", "0000"),
        (b"horse staple \r\n", "horse staple "),
        (b" 123", " 123"),
        (b"x" * 32, "x" * 32),
        ("ñññ1\n".encode(), "ñññ1"),
        ("n\u0303n\u0303n\u03031".encode(), "ñññ1"),  # another keyboard's way to write it
    ],
)
def test_what_standard_input_may_hold(typed, pin):
    assert pin_words.from_bytes(typed) == pin


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (b"", "empty"),
        (b"\n", "empty"),
        (b"987", "4 to 32"),
        ("ññ".encode(), "4 to 32"),  # four bytes
        ("n\u0303n\u0303".encode(), "4 to 32"),
        (b"z" * 33, "4 to 32"),
        ("ñ".encode() * 17, "4 to 32"),
        (b"9876\x1b[D5", "arrow"),
        (b"9876\n5432\n", "arrow"),
        (b"9876\t5", "arrow"),
        (b"9876\xff5", "UTF-8"),
    ],
)
def test_what_is_no_pin_is_not_repeated(typed, says):
    with pytest.raises(UsageProblem) as caught:
        pin_words.from_bytes(typed)
    assert says in caught.value.message
    assert "\n" not in caught.value.message
    for part in ("987", "zzz", "ñ"):
        assert part not in caught.value.message
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("pin", "on_button"),
    [("0123", True), ("9" * 32, True), ("12a4", False), ("1 34", False), ("١٢٣٤", False)],
)
def test_where_a_pin_can_be_entered(pin, on_button):
    words = pin_words.entered_where(pin)
    assert ("button" in words) is on_button and ("over USB" in words) is not on_button
    assert "picototp provision unlock" in words and pin not in words


@pytest.mark.parametrize(("typed", "limit"), [("5", 5), ("20", 20), ("off", None)])
def test_limits(typed, limit):
    assert pin_words.limit_from(typed) == limit


@pytest.mark.parametrize("typed", ["4", "21", "0", "-5", "", "OFF", "ten", "٥", "5.0"])
def test_other_limits(typed):
    with pytest.raises(UsageProblem, match="5 to 20"):
        pin_words.limit_from(typed)


@pytest.mark.parametrize(
    ("typed", "after_s"),
    [("0", 0), ("45", 45), ("120", 120), ("180", 180), ("3600", 3600), ("never", None)],
)
def test_times_to_lock_after(typed, after_s):
    assert pin_words.lock_after_from(typed) == after_s


@pytest.mark.parametrize(
    "typed", ["121", "150", "3601", "7200", "-1", "", "NEVER", "off", "1m", "٣", "1.5", "9" * 5000]
)
def test_other_times_to_lock_after(typed):
    with pytest.raises(UsageProblem, match="the time must be 0 to 120 s, 3 to 60 whole minutes"):
        pin_words.lock_after_from(typed)


@pytest.mark.parametrize(
    ("after_s", "words"),
    [
        (0, "as soon as it is dark"),
        (60, "60 s after its display went dark"),
        (300, "5 min after its display went dark"),
        (None, "never by itself, as long as it has power"),
    ],
)
def test_status_tells_when_it_locks(after_s, words):
    assert dict(pin_words.status_lines(status(lock_after_s=after_s)))["locks"] == words
    older = status(without=["lock_after_s"])
    assert "locks" not in dict(pin_words.status_lines(older))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"pin_failures": 3}, "7 tries are left before the accounts are destroyed"),
        ({"pin_failures": 8}, "2 tries are left before the accounts are destroyed"),
        ({"pin_failures": 9}, "1 try is left before the accounts are destroyed"),
        (
            {"pin_failures": 4, "pin_limit": 5, "pin_wait_s": 8},
            "1 try is left before the accounts are destroyed; the next in 8 s",
        ),
        (
            {"pin_failures": 30, "pin_limit": None, "pin_wait_s": 3600},
            "no number of wrong PINs destroys the accounts; the next in 60 min",
        ),
    ],
)
def test_tries_left(changes, words):
    assert pin_words.tries_left(status(**PIN_STATUS, **changes)) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.1, "1 s"), (120, "120 s"), (121, "3 min"), (256, "5 min")]
)
def test_waiting_is_never_told_too_short(seconds, words):
    assert pin_words.waiting(seconds) == words


def test_status_tells_who_can_read_the_accounts_without_a_pin():
    (line,) = pin_words.status_lines(status(pin=False))
    assert line == ("PIN", "not set: whoever holds the board can read the accounts")


def test_status_of_a_locked_token_tells_what_to_do():
    lines = dict(pin_words.status_lines(status(**PIN_STATUS, pin_failures=2)))
    assert "LOCKED" in lines["PIN"] and "picototp provision unlock" in lines["PIN"]
    assert lines["wrong PINs"].startswith("2 in a row; 8 tries are left")
    unlocked = dict(pin_words.status_lines(status()))
    assert unlocked["PIN"] == "set; unlocked" and unlocked["wrong PINs"].startswith("none; 10")


def test_status_of_firmware_that_knows_no_pin_says_nothing_of_one():
    assert pin_words.status_lines(status(without=PIN_FIELDS)) == []


def test_the_remark_for_who_loads_accounts_without_a_pin():
    remark = pin_words.remark(status(pin=False))
    assert remark is not None and "picototp provision pin set" in remark and "\n" not in remark
    destroyed = status(pin=False, vault="destroyed")
    for other in (status(**PIN_STATUS), status(without=PIN_FIELDS), destroyed):
        assert pin_words.remark(other) is None


def test_what_encrypted_is_worth():
    assert status_words.encrypted(status(**PIN_STATUS)) == "yes"
    open_key = status_words.encrypted(status(pin=False))
    assert open_key == "yes, but without a PIN their key lies beside them"
    plain = status_words.encrypted(status(encrypted=False))
    assert plain.startswith("no: whoever holds the board")


def test_the_number_of_accounts_is_not_told_while_locked():
    assert status_words.account_count(status(accounts=7)) == "7"
    assert status_words.account_count(status(accounts=7, without=PIN_FIELDS)) == "7"
    assert status_words.account_count(status(**PIN_STATUS)) == "not shown while locked"


@pytest.mark.parametrize(
    ("code", "exit_status"),
    [("locked", 4), ("wrong-pin", 4), ("too-soon", 4), ("destroyed", 1), ("bad-pin", 2)],
)
def test_exit_codes_of_the_token_s_errors(code, exit_status):
    assert TokenError(code, "what the token says").exit_code == exit_status


def test_a_locked_token_s_error_says_what_to_do_on_both_sides():
    error = TokenError("locked", "enter the PIN on it")
    assert error.exit_code == Refused.exit_code
    assert "picototp provision unlock" in error.message and "on the token" in error.message
    assert "picototp provision wipe" in TokenError("destroyed", "").message


@pytest.mark.parametrize("command", [("pin", "set"), ("pin", "change"), ("unlock",)])
def test_a_pin_as_argument_is_refused_and_not_repeated(command, capsys):
    arguments = ["--port", "/no/such/port", *command, "736251"]
    assert exit_code(lambda: provision.main(arguments, standalone_mode=False)) == 2
    printed = capsys.readouterr()
    assert "736251" not in printed.out + printed.err and "ps" in printed.err


def test_accounts_that_are_lost_are_not_told_as_none():
    status_words.check_vault(status())
    with pytest.raises(ToolError, match=r"DESTROYED.*picototp provision wipe"):
        status_words.check_vault(status(vault="destroyed"))
