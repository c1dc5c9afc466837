"""The typist to the millisecond and to the report, between a display and a keyboard that only
say what they are told; test_typist.py has it in the whole token."""

import pytest

from picototp.app import typist
from picototp.app.gestures import STALL_MS
from picototp.app.typist import (
    CAPS_LOCK_LIGHT,
    LIGHT_MS,
    LONGEST_WAIT_MS,
    NUM_LOCK_LIGHT,
    SAID_MS,
    TYPE_AFTER_MS,
    UNTAKEN_MS,
    Typist,
)
from picototp.screens.values import CodeScreen

NUM_LOCK, ENTER, TAB = 0x53, 0x28, 0x2B
UP = bytes(8)
CODE = CodeScreen("Example", "alice", b"112345", b"next", 3, 9, 1, 2, "set 1 s ago", 4, 2)
HOTP = CODE._replace(bar_px=-1, seconds_left=0)
SHORT_STEP_MS = STALL_MS - 1


def down(key, modifiers=0):
    return bytes((modifiers, 0, key, 0, 0, 0, 0, 0))


def digits(text):
    return [down(0x62 if digit == "0" else 0x58 + int(digit)) for digit in text]


class Keyboard:
    """Keeps what it is given; `take` is the host's."""

    def __init__(self):
        self.ready, self.busy, self.takes_more = True, False, True
        self.lights = NUM_LOCK_LIGHT
        self.taken = 7  # by whoever it was before
        self.sent = []
        self.given_up = 0

    def send(self, reports):
        if self.takes_more:
            self.sent.append([reports[at : at + 8] for at in range(0, len(reports), 8)])
            self.busy = True
        return self.takes_more

    def take(self, count=None):
        """So many reports; None: all of them."""
        self.taken += len(self.sent[-1]) if count is None else count
        self.busy = count is not None

    def give_up(self):
        self.given_up += 1


class Rig:
    """A Typist, and the interface that it knows, at `now_ms`."""

    def __init__(self, shown=CODE, setting=("none", "keep", "qwerty")):
        self.keyboard = Keyboard()
        self.shown = shown
        self.meant = self.button_down = True
        self.notices = []
        self.menus = 0
        self.typist = Typist((self.keyboard, setting), self)
        self.now_ms = 5_000

    def open_menu(self):
        self.menus += 1

    def notice(self, message, now_ms):
        self.notices.append(message)

    def offer(self):
        return self.typist.offer(self.now_ms)

    def wait(self, duration_ms):
        """As the main loop does; what the last turn told."""
        end_ms = self.now_ms + duration_ms
        while True:
            self.now_ms = min(self.now_ms + SHORT_STEP_MS, end_ms)
            changed = self.typist.tick(self.now_ms)
            if self.now_ms == end_ms:
                return changed

    def tick(self):
        return self.typist.tick(self.now_ms)

    @property
    def line(self):
        return self.typist.line

    def typing(self):
        """Hold for long enough."""
        assert self.offer()
        assert self.wait(TYPE_AFTER_MS) is True
        return self

    def failed(self):
        """The title of the only notice, and its first line; after that nothing goes on."""
        ((title, lines, _),) = self.notices
        assert not self.typist.active and self.line == "" and self.typist._code == b""
        assert not self.tick()
        return title, lines[0]


# --- offering ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "offered"),
    [
        ({}, True),
        ({"bar_px": -1}, True),
        ({"bar_px": 0, "code": b""}, True),
        ({"bar_px": -1, "code": b""}, False),
    ],
)
def test_what_a_hold_may_type(changes, offered):
    rig = Rig(CODE._replace(**changes))
    assert rig.offer() is offered
    assert rig.typist.active is offered
    assert rig.line == (typist._OFFER if offered else "")


def test_no_hold_types_what_is_no_code():
    assert Rig(None).offer() is False


def test_its_line_stands_in_place_of_the_other_two_and_all_else_stays():
    rig = Rig()
    assert rig.typist.on(CODE) is CODE
    rig.offer()
    assert rig.typist.on(CODE) == CODE._replace(next_code=b"", clock_line=typist._OFFER)
    assert rig.typist.on("menu") == "menu"
    assert not rig.offer()  # a second time


def test_letting_go_opens_the_menu_even_in_the_last_moment():
    rig = Rig()
    rig.offer()
    assert rig.wait(TYPE_AFTER_MS - 1) is False
    rig.button_down = False
    assert rig.wait(1) is True
    assert rig.menus == 1 and not rig.typist.active and rig.keyboard.sent == []


def test_it_types_once_the_finger_has_stayed():
    rig = Rig().typing()
    assert rig.line == "typing" and rig.menus == 0
    assert rig.keyboard.sent == [[UP, *digits("1"), UP, *digits("12345"), UP]]


@pytest.mark.parametrize(("gap_ms", "types"), [(STALL_MS, True), (STALL_MS + 1, False)])
def test_a_stall_begins_the_hold_anew(gap_ms, types):
    rig = Rig()
    rig.offer()
    rig.wait(200)
    rig.now_ms += gap_ms
    rig.tick()
    rig.wait(TYPE_AFTER_MS - 200 - gap_ms)
    assert bool(rig.keyboard.sent) is types
    rig.wait(200 + gap_ms)
    assert rig.keyboard.sent


@pytest.mark.parametrize(
    "changes", [{"meant": False}, {"shown": None}]
    + [{"shown": CODE._replace(**{field: value})} for field, value in
       [("issuer", "x"), ("name", "x"), ("position", 2), ("total", 3)]]
)  # fmt: skip
def test_another_account_on_the_display_ends_it(changes):
    for waits in (False, True):
        rig = Rig(CODE._replace(seconds_left=2 if waits else 30))
        rig.offer()
        if waits:
            rig.wait(TYPE_AFTER_MS)
        for name, value in changes.items():
            setattr(rig, name, value)
        assert rig.wait(10) is True
        assert not rig.typist.active and rig.line == ""
        rig.wait(2 * TYPE_AFTER_MS)
        assert rig.keyboard.sent == [] and rig.menus == 0 and rig.notices == []


# --- a code that lasts -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shown", "types"),
    [
        (CODE, True),
        (CODE._replace(seconds_left=2), False),
        (CODE._replace(seconds_left=2, bar_px=0), False),
        (CODE._replace(code=b""), False),
        (HOTP, True),
    ],
)
def test_which_code_lasts(shown, types):
    rig = Rig(shown).typing()
    assert bool(rig.keyboard.sent) is types
    assert rig.line == ("typing" if types else typist._NEXT)


def test_the_next_code_is_awaited_and_then_typed():
    rig = Rig(CODE._replace(seconds_left=2)).typing()
    rig.button_down = False  # it need not stay any more
    assert rig.wait(LONGEST_WAIT_MS - 1) is False
    rig.shown = CODE
    assert rig.wait(1) is True
    assert rig.keyboard.sent and rig.notices == []


def test_for_how_long_it_is_awaited():
    rig = Rig(CODE._replace(seconds_left=2)).typing()
    assert rig.wait(LONGEST_WAIT_MS - 1) is False and rig.notices == []
    assert rig.wait(1) is True
    assert rig.failed() == ("Not typed", "A code must last for")


@pytest.mark.parametrize("state", ["offered", "waits", "said"])
def test_a_press_ends_what_types_nothing(state):
    rig = Rig(CODE._replace(seconds_left=2 if state == "waits" else 30))
    rig.offer()
    if state != "offered":
        rig.wait(TYPE_AFTER_MS)
    if state == "said":
        rig.keyboard.take()
        rig.tick()
        assert rig.line == "typed"
    rig.typist.press()
    assert not rig.typist.active and rig.line == "" and not rig.tick()


# --- typing ------------------------------------------------------------------------------------


def test_what_is_being_typed_goes_on_after_a_press():
    rig = Rig().typing()
    rig.typist.press()
    assert rig.typist.active and rig.line == "typing"


def test_that_it_was_typed_is_said_for_a_while():
    rig = Rig().typing()
    assert rig.wait(10) is False
    rig.keyboard.take()
    assert rig.wait(10) is True
    assert rig.line == "typed" and not rig.typist.active and rig.typist._code == b""
    assert rig.wait(SAID_MS - 1) is False and rig.line == "typed"
    assert rig.wait(1) is True and rig.line == ""
    assert rig.tick() is False


@pytest.mark.parametrize(("end", "key"), [("enter", ENTER), ("tab", TAB)])
def test_num_lock_goes_on_before_the_code_and_off_behind_its_end(end, key):
    rig = Rig(setting=(end, "keep", "none"))
    rig.keyboard.lights = CAPS_LOCK_LIGHT
    rig.typing()
    assert rig.keyboard.sent == [[UP, down(NUM_LOCK)]]
    rig.keyboard.take()
    assert rig.wait(10) is False
    rig.keyboard.lights = NUM_LOCK_LIGHT
    assert rig.wait(10) is True
    code = [*digits("1"), UP, *digits("12345")]
    assert rig.keyboard.sent[1:] == [[*code, down(key), down(NUM_LOCK), UP]]
    rig.keyboard.take()
    rig.wait(10)
    assert rig.line == "typed" and rig.typist._code == b""


@pytest.mark.parametrize("lights", [None, 0, CAPS_LOCK_LIGHT])
def test_a_light_that_stays_off_is_asked_for_once_more_after_its_time(lights):
    rig = Rig()
    rig.keyboard.lights = lights
    rig.typing()
    rig.keyboard.take()
    assert rig.wait(LIGHT_MS - 1) is False and len(rig.keyboard.sent) == 1
    assert rig.wait(1) is True
    assert rig.keyboard.sent[1] == [UP, down(NUM_LOCK), UP]
    rig.keyboard.take()
    assert rig.wait(10) is True
    assert rig.failed() == ("Not typed", "Num Lock stays off.")


@pytest.mark.parametrize(("caps_lock", "modifiers"), [(0, 2), (CAPS_LOCK_LIGHT, 0)])
def test_digits_and_letters(caps_lock, modifiers):
    rig = Rig(CODE._replace(code=b"019BY"), ("none", "ignore", "qwertz"))
    rig.keyboard.lights = caps_lock
    rig.typing()
    letters = [down(0x05, modifiers), down(0x1D, modifiers)]
    assert rig.keyboard.sent == [[UP, *digits("019"), *letters, UP]]


@pytest.mark.parametrize(("code", "types"), [(b"123456", True), (b"2BQWY", False)])
def test_letters_alone_need_a_layout(code, types):
    rig = Rig(CODE._replace(code=code), ("none", "keep", "none")).typing()
    assert bool(rig.keyboard.sent) is types
    if not types:
        assert rig.failed() == ("Not typed", "Letters need your")


# --- hosts that do not take it -----------------------------------------------------------------


def test_nobody_has_set_up_the_keyboard():
    rig = Rig()
    rig.keyboard.ready = False
    rig.typing()
    assert rig.failed() == ("Not typed", "No computer uses the")


def test_a_keyboard_that_has_no_room():
    rig = Rig()
    rig.keyboard.takes_more = False
    rig.typing()
    assert rig.failed() == ("Not typed", "The computer does not")


def test_each_report_has_its_time():
    rig = Rig().typing()
    for _ in range(3):
        assert rig.wait(UNTAKEN_MS - 1) is False
        rig.keyboard.take(1)
        assert rig.wait(1) is False
    assert rig.wait(UNTAKEN_MS - 1) is False
    assert rig.wait(1) is True
    assert rig.keyboard.given_up == 1
    assert rig.failed() == ("Typed in part", "The computer does not")


def test_the_first_report_has_no_more_time_than_the_others():
    rig = Rig().typing()
    assert rig.wait(UNTAKEN_MS - 1) is False
    assert rig.wait(1) is True
    assert rig.failed() == ("Not typed", "The computer does not")


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize(
    ("taken", "title"), [(0, "Not typed"), (1, "Not typed"), (2, "Typed in part")]
)
def test_how_much_was_typed_when_the_host_stopped(taken, title, lost):
    """The first report is that no key is down."""
    rig = Rig().typing()
    rig.keyboard.take(taken)
    rig.wait(10)
    if lost:  # the bus was reset
        rig.keyboard.busy = False
    rig.wait(10 if lost else UNTAKEN_MS)
    assert rig.failed()[0] == title
    assert rig.keyboard.given_up == (not lost)


def test_num_lock_alone_is_nothing_typed():
    rig = Rig()
    rig.keyboard.lights = 0
    rig.typing()
    rig.keyboard.take(2)
    rig.keyboard.taken -= 1
    rig.keyboard.busy = False
    rig.wait(10)
    assert rig.failed() == ("Not typed", "The computer went")
    rig = Rig()
    rig.keyboard.lights = 0
    rig.typing()
    rig.keyboard.take(2)
    rig.wait(10)
    assert rig.wait(UNTAKEN_MS) is True
    assert rig.failed() == ("Not typed", "The computer does not")
