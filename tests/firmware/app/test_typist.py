"""Typing a code: the whole token but for the board, its own Keyboard, and a computer that asks for
keys every 10 ms."""

import random

import pyotp
import pytest

import quick_pbkdf2
from every_request import every_request
from picototp.app import typist
from picototp.app.gestures import HOLD_MS
from picototp.codes import base32
from picototp.protocol import frames
from picototp.screens.values import CodeScreen, MenuScreen, MessageScreen
from usb_stand_in import TypingToken
from wired_token import WiredToken, an_account
from workbench import NOW_UNIX_S

TYPE_MS = HOLD_MS + typist.TYPE_AFTER_MS
KEYPAD_1, NUM_LOCK = 0x59, 0x53
ALICE = an_account("alice")
ACCOUNTS = (
    ALICE,
    an_account("bob", algorithm="SHA512", digits=8, period_s=60),
    an_account("counter", kind="hotp", counter=5),
)


def code_of(account, token):
    assert account.algorithm == "SHA1"
    otp = pyotp.TOTP(base32.encode(account.secret), interval=account.period_s)
    return otp.at(token.true_unix_ns() // 10**9)


def make(*accounts, **options):
    token = TypingToken(accounts or ACCOUNTS, **options)
    token.run(2)
    return token


def lit(token):
    """The code of the first account, at least 10 s before it ends."""
    token.click()
    while token.screen.seconds_left not in range(10, 25):
        token.run(1)
        if token.screen is None:
            token.click()
    assert token.screen.code
    return token.screen.code.decode()


def hold(token, ms=TYPE_MS + 200, after_ms=700):
    token.press(ms, after_ms)


def said(token):
    assert isinstance(token.screen, MessageScreen)
    return token.screen.title, " ".join(token.screen.lines)


@pytest.mark.parametrize("num_lock", [True, False])
def test_a_long_hold_types_the_code_that_is_shown(num_lock):
    token = make()
    token.computer.num_lock = num_lock
    code = lit(token)
    hold(token)
    assert token.computer.take_typed() == code == code_of(ACCOUNTS[0], token)
    assert token.computer.num_lock is num_lock
    assert token.computer.keys_down == set()
    assert token.screen.clock_line == "typed"
    token.run(3)
    assert token.screen.clock_line != "typed"


@pytest.mark.parametrize(("end", "key"), [("none", ""), ("enter", "\n"), ("tab", "\t")])
def test_what_comes_after_the_code(end, key):
    token = make(end=end)
    code = lit(token)
    hold(token)
    assert token.computer.take_typed() == code + key


def test_num_lock_is_on_for_the_digits_alone():
    token = make(end="enter")
    token.computer.num_lock = False
    lit(token)
    hold(token)
    keys = [keys for keys in token.computer.held if keys]
    assert keys[0] == keys[-1] == (NUM_LOCK,)
    assert (NUM_LOCK,) not in keys[1:-1]
    assert token.computer.held[0] == token.computer.held[-1] == ()


def test_the_same_digit_twice_is_two_presses():
    token = make()
    for digits in (b"00112233", b"77777777", b"123456"):
        token.keyboard.send(token.interface.typist._reports(digits))
        token.run(0.4)
        assert token.computer.take_typed() == digits.decode()
        assert token.computer.keys_down == set()


def test_no_code_of_any_length_has_more_reports_than_fit():
    token = make(end="enter")
    reports = typist._UP + token.interface.typist._reports(b"88888888") + typist._tap(NUM_LOCK)
    assert token.keyboard.send(reports)


def test_a_counter_code_is_typed_once_it_is_shown():
    token = make()
    token.click(), token.click(), token.click()
    assert token.screen.name == "counter" and not token.screen.code
    hold(token)  # shows the next code: it was not there to be read when the finger came down
    code = token.screen.code.decode()
    assert code and token.computer.take_typed() == ""
    hold(token)
    assert token.computer.take_typed() == code


def test_letting_go_opens_the_menu():
    token = make()
    lit(token)
    token.button.down = True
    token.run(1.2)
    assert isinstance(token.screen, CodeScreen) and token.screen.clock_line == typist._OFFER
    token.button.down = False
    token.run(0.2)
    assert isinstance(token.screen, MenuScreen)
    assert token.computer.take_typed() == ""


def test_without_typing_the_hold_is_the_menus():
    token = WiredToken(ACCOUNTS)
    token.run(3)
    token.click()
    token.button.down = True
    token.run(1.0)
    assert isinstance(token.screen, MenuScreen)


def test_the_press_that_wakes_types_nothing():
    token = make()
    hold(token)
    assert isinstance(token.screen, MenuScreen)
    assert token.computer.take_typed() == ""


def test_a_loop_that_stalls_knows_of_no_longer_hold():
    token = make()
    lit(token)
    token.button.down = True
    token.run(1.0)
    assert token.screen.clock_line == typist._OFFER
    token.clock.elapse_ns(5 * 10**9)
    token.run(0.3)
    assert token.computer.take_typed() == ""
    token.button.down = False
    token.run(0.3)
    assert isinstance(token.screen, MenuScreen)


# --- a code that ends --------------------------------------------------------------------------


def test_no_code_that_ends_within_two_seconds():
    seed = random.randrange(1 << 32)
    print("seed", seed)
    chance = random.Random(seed)
    period_s = 5
    token = make(an_account("alice", period_s=period_s))
    secret = base32.encode(ALICE.secret)
    for _ in range(30):
        if token.screen is None:
            token.click()
        token.run(chance.uniform(0, period_s))
        token.usb.computer.num_lock = chance.random() < 0.5
        token.button.down = True
        while not (typed := token.computer.take_typed()):
            token.turn()
        began = token.true_unix_ns()
        token.button.down = False
        while token.keyboard.busy:
            token.turn()
        typed += token.computer.take_typed()
        # By then there were 2 s left; a poll of the host and a turn of the loop are not counted.
        judge = pyotp.TOTP(secret, interval=period_s)
        assert typed == judge.at((began + 1_900_000_000) // 10**9) == judge.at(began // 10**9)
        token.run(2.1)


@pytest.mark.parametrize("before_ms", range(100, 1_400, 50))
def test_a_hold_at_power_up_while_a_code_ends(before_ms):
    """Until the RTC's first rollover a token knows the time to a second: no code is shown then at
    the end of a period. A finger that is down for one gets the next."""
    token = make(ALICE)
    while token.true_unix_ns() // 1_000_000 % 30_000 < 30_000 - before_ms:
        token.run(0.01)
    token.restart()
    token.press(50, 50)
    hold(token, after_ms=3_000)
    assert token.computer.take_typed() == code_of(ALICE, token)


@pytest.mark.parametrize("period_s", [1, 2])
def test_a_code_that_never_lasts_is_not_typed(period_s):
    token = make(an_account("alice", period_s=period_s))
    token.click()
    hold(token, after_ms=5000)
    assert said(token)[0] == "Not typed" and "2 s" in said(token)[1]
    assert token.computer.take_typed() == ""


def test_a_press_ends_the_wait_for_the_next_code():
    token = make(an_account("alice", period_s=1))
    token.click()
    hold(token, after_ms=100)
    assert token.interface.typist.active
    token.click()
    token.run(5)
    assert not token.interface.typist.active
    assert isinstance(token.screen, CodeScreen) and token.computer.held == []


# --- who else is there -------------------------------------------------------------------------


def test_a_question_ends_what_has_not_begun():
    token = make()
    token.hello()
    lit(token)
    token.button.down = True
    token.run(1.2)
    token.interface.ask("Erase everything?", ("x",), token.monotonic.now_ms())
    token.run(3)
    token.button.down = False
    token.run(1)
    assert token.computer.take_typed() == "" and not token.interface.typist.active


def test_no_question_comes_up_while_it_types():
    token = make()
    lit(token)
    token.button.down = True
    while not token.keyboard.busy:
        token.turn()
    token.button.down = token.interface.button_down = False
    assert token.interface.in_use(token.monotonic.now_ms())


def test_no_request_types_anything():
    """Whatever a program asks for, and whatever the user answers to it."""
    for op, requests in every_request(NOW_UNIX_S).items():
        token = make(ALICE)
        token.hello()
        lit(token)
        with quick_pbkdf2.patched():
            for fields in requests:
                answer = token.request(op, **fields)
                if "wait" in answer:
                    hold(token, after_ms=5000)
                    token.click()
                    token.answers()
                token.hello()
            token.run(1)
        assert token.usb.submitted == 0, op


def test_no_request_of_a_host_to_the_keyboard_types_anything():
    token = make()
    lit(token)
    before = token.usb.submitted
    for kind in (0x21, 0x81, 0xA1, 0x01):
        for what in range(12):
            setup = bytes((kind, what, 1, 0x22, 2, 0, 1, 0))
            answer = token.keyboard._control(1, memoryview(setup))
            assert answer is True or answer is False or len(answer) in (1, 8, 63)
    token.run(1)
    assert token.usb.submitted == before


def test_a_display_that_fails_has_no_code_to_type():
    token = make()
    lit(token)
    token.panel.ok = False
    token.run(2)
    hold(token)
    assert token.computer.held == []


# --- computers that are not what they should be ------------------------------------------------


def test_without_a_computer():
    token = make()
    code = lit(token)
    token.usb.reset()  # the bus is reset, and then nobody comes
    hold(token)
    assert said(token)[0] == "Not typed" and "No computer" in said(token)[1]
    assert token.usb.submitted == 0
    token.usb.plug()
    token.click()
    hold(token)
    assert token.computer.take_typed() == code


def test_a_computer_that_does_not_ask():
    token = make()
    code = lit(token)
    token.computer.polls = False
    hold(token)
    assert said(token)[0] == "Not typed" and "does not read the keyboard" in said(token)[1]
    hold(token), hold(token)
    token.computer.polls = True
    token.run(2)
    assert token.computer.take_typed() == "" and token.computer.keys_down == set()
    code = lit(token)
    hold(token)
    assert token.computer.take_typed() == code


@pytest.mark.parametrize("num_lock", [True, False])
@pytest.mark.parametrize("back_by", ["asking again", "the bus"])
@pytest.mark.parametrize("taken", range(8))
def test_a_computer_that_is_lost_on_the_way(taken, back_by, num_lock):
    token = make(ALICE, end="enter")
    token.computer.num_lock = num_lock
    code = lit(token)
    token.usb.patience = taken
    hold(token)
    assert said(token)[0] in ("Not typed", "Typed in part")
    typed = token.computer.take_typed()
    whole = code + "\n"
    assert whole.startswith(typed) and typed != whole
    token.usb.patience = None
    if back_by == "the bus":
        token.usb.unplug()
        token.usb.plug()
    token.run(3)
    assert token.computer.keys_down == set() and not token.keyboard.busy
    assert token.computer.take_typed() == ""  # nothing is made up for


def test_a_chip_whose_usb_memory_is_unknown_still_lets_the_keys_go():
    token = make()
    module = type(token.keyboard).__init__.__globals__
    module["chip"].usb_memory = lambda: None
    lit(token)
    token.button.down = True
    while len(token.computer.held) < 3:
        token.turn()
    token.computer.polls = False
    token.button.down = False
    token.run(1)
    token.computer.polls = True
    token.run(1)
    assert token.computer.keys_down == set()
    assert len(token.computer.take_typed()) <= 3


def test_a_computer_whose_num_lock_stays_off():
    token = make()
    token.computer.num_lock, token.computer.obeys_num_lock = False, False
    lit(token)
    hold(token, after_ms=1000)
    assert said(token)[0] == "Not typed" and "Num Lock" in said(token)[1]
    assert token.computer.take_typed() == "" and token.computer.keys_down == set()
    pressed = [keys for keys in token.computer.held if keys]
    assert pressed == [(NUM_LOCK,)] * 2  # and again, for one that has switched it without telling


def test_a_computer_that_has_no_num_lock_if_told_so():
    token = make(num_lock="ignore")
    token.computer.obeys_num_lock = False
    code = lit(token)
    hold(token)
    assert token.computer.take_typed() == code
    assert all(NUM_LOCK not in keys for keys in token.computer.held)


def test_nothing_is_left_of_the_code():
    token = make()
    lit(token)
    hold(token)
    assert bytes(token.keyboard._reports) == bytes(len(token.keyboard._reports))
    assert token.interface.typist._code == b""


def test_a_reset_by_the_host_while_it_types():
    token = make()
    lit(token)
    token.button.down = True
    while len(token.computer.held) < 3:
        token.turn()
    token.usb.plug()
    token.button.down = False
    token.run(1)
    assert said(token)[0] == "Typed in part" and "went away" in said(token)[1]
    assert token.computer.keys_down == set()


# --- letters -----------------------------------------------------------------------------------

STEAM = b"23456789BCDFGHJKMNPQRTVWXY"
SCAN_US = {letter: 0x04 + at for at, letter in enumerate("abcdefghijklmnopqrstuvwxyz")}


def test_letters_need_a_layout():
    token = make()
    lit(token)
    assert token.interface.typist._begin(b"2BQWY", token.monotonic.now_ms())
    token.run(1.2)
    assert said(token)[0] == "Not typed" and "layout" in said(token)[1]
    assert token.computer.held == []


# Where each layout has the letter of a US key, from how such keyboards are printed.
PRINTED = {
    "qwerty": {},
    "qwertz": {"y": "z", "z": "y"},
    "azerty": {"q": "a", "a": "q", "w": "z", "z": "w", ";": "m"},
}


@pytest.mark.parametrize("caps_lock", [False, True])
@pytest.mark.parametrize("layout", sorted(PRINTED))
def test_letters_by_layout(layout, caps_lock):
    token = make(layout=layout)
    token.usb.request(bytes((0x21, 9, 0, 2, 2, 0, 1, 0)), bytes((1 | 2 * caps_lock,)))
    printed = PRINTED[layout]
    keys = {**{scan: us for us, scan in SCAN_US.items()}, 0x33: ";"}
    typed = ""
    for character in STEAM:
        report = token.interface.typist._key(character)
        if report[2] >= KEYPAD_1:
            assert report[0] == 0
            typed += "1234567890"[report[2] - KEYPAD_1]
        else:
            key = keys[report[2]]
            shifted = bool(report[0]) != caps_lock
            letter = printed.get(key, key)
            typed += letter.upper() if shifted else letter
    assert typed.encode() == STEAM


def test_the_lines_fit_the_display():
    from picototp.app import typing_words
    from picototp.screens.text import text_width_px

    for why in typing_words._WHY:
        title, lines, hint = typing_words.failed(why, True)
        assert all(text_width_px(line) <= 126 for line in (title, *lines, hint))
    assert text_width_px(typist._OFFER) <= 126 and text_width_px(typist._NEXT) <= 126
    assert frames.CONSENT_TIMEOUT_MS > TYPE_MS
