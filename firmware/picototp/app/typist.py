"""Types the code that is on the display, as a USB keyboard, when the button is held long enough.

Loaded only if typing is on. A hold that opens the menu otherwise then waits for the finger: if it
goes, the menu opens; if it stays for TYPE_AFTER_MS more, the code is typed. So all the while the
code is there to be read, and only what the display holds (the CodeScreen that was drawn) is typed.

Each try begins with a report that no key is down. It shows whether a host asks for keys at all,
and it is what gets lost if host and keyboard disagree about which report comes next. Digits are
keys of the keypad, which no layout moves, and which need Num Lock: the host's light tells. A light
that is off is switched on before the code, and off again behind it.
"""

from picototp.app.gestures import HOLD_MS, STALL_MS
from picototp.screens.values import CodeScreen

TYPE_AFTER_MS = HOLD_MS  # once more the time that opens the menu
ENDS_SOON_S = 2  # so long a code has to last when it is typed
LONGEST_WAIT_MS = 3_000  # for the next one
UNTAKEN_MS = 250  # a host that asks every 10 ms has no reason to be so late
LIGHT_MS = 200  # how long a host may take to switch the light on
SAID_MS = 2_000

_OFFER = "keep holding = type"
_NEXT = "the next code, soon"

# HID Usage Tables 1.12, chapter 10
_NUM_LOCK = 0x53
_ENDS = {"enter": 0x28, "tab": 0x2B}
_KEYPAD_1, _KEYPAD_0 = 0x59, 0x62
_SHIFT = 0x02
NUM_LOCK_LIGHT, CAPS_LOCK_LIGHT = 1, 2

_UP = bytes(8)  # the report that no key is down

_IDLE, _OFFERED, _WAITS, _NUM_LOCKS, _TYPES, _RESTORES, _SAID = range(7)


class Typist:
    """`typing`: the keyboard that sends the reports, and (end, num_lock, layout) as
    typing_setting.py has it. `interface` knows the button and the display.

    `line` is what the code screen's last line says instead of its own; empty: nothing.
    """

    def __init__(self, typing: tuple, interface):
        self._keyboard, setting = typing
        self._end, self._num_lock, self._layout = setting
        self._interface = interface
        self.line = ""
        self._state = _IDLE
        self._since_ms = 0  # in this state, or since the last report that was taken
        self._seen_ms = 0
        self._account: tuple = ()
        self._code = b""
        self._start = self._count = 0  # of the reports that are to be taken
        self._taken = 0  # so many of them were

    @property
    def active(self) -> bool:
        """Whether it is about to type, or does."""
        return self._state not in (_IDLE, _SAID)

    def offer(self, now_ms: int) -> bool:
        """Whether a hold that has just been seen may type the code on the display."""
        shown = self._interface.shown
        if self.active or not isinstance(shown, CodeScreen):
            return False
        if not shown.code and shown.bar_px < 0:  # a clock soon has one, a counter when asked
            return False
        self._account = _account_of(shown)
        self._seen_ms = now_ms
        self._be(_OFFERED, now_ms, _OFFER)
        return True

    def press(self) -> None:
        """The button is pressed again: what waits does not wait any more."""
        if self._state in (_OFFERED, _WAITS, _SAID):
            self._be(_IDLE, 0)

    def on(self, screen):
        """The screen with the line on it."""
        if not self.line or not isinstance(screen, CodeScreen):
            return screen
        return CodeScreen(
            *screen[:3], b"", screen.seconds_left, *screen[5:8], self.line, *screen[9:]
        )

    def tick(self, now_ms: int) -> bool:
        """Go on; whether there is something else to show."""
        if self._state == _IDLE:
            return False
        if self._state == _SAID:
            return now_ms - self._since_ms >= SAID_MS and self._be(_IDLE, now_ms)
        if self._state not in (_OFFERED, _WAITS):
            return self._send(now_ms)
        interface = self._interface
        shown = interface.shown
        same = isinstance(shown, CodeScreen) and _account_of(shown) == self._account
        if not (same and interface.meant):
            return self._be(_IDLE, now_ms)
        return self._wait(now_ms) if self._state == _WAITS else self._offered(now_ms)

    def _be(self, state: int, now_ms: int, line: str = "") -> bool:
        self._state, self._since_ms, self.line = state, now_ms, line
        return True

    # --- before it types -------------------------------------------------------------------------

    def _offered(self, now_ms: int) -> bool:
        if not self._interface.button_down:
            self._be(_IDLE, now_ms)
            self._interface.open_menu()
            return True
        stalled = now_ms - self._seen_ms > STALL_MS  # nobody saw the finger: gestures.py
        self._seen_ms = now_ms
        if stalled:
            self._since_ms = now_ms
        if now_ms - self._since_ms < TYPE_AFTER_MS:
            return False
        self._be(_WAITS, now_ms, _NEXT)
        self._wait(now_ms)
        return True

    def _wait(self, now_ms: int) -> bool:
        """Type a code that lasts: of one with a counter there is no end."""
        shown = self._interface.shown
        # 3 s left on the display are more than 2, and its second is never an old one.
        if shown.code and (shown.bar_px < 0 or shown.seconds_left > ENDS_SOON_S):
            return self._begin(shown.code, now_ms)
        return now_ms - self._since_ms >= LONGEST_WAIT_MS and self._tell_why("too short", now_ms)

    def _begin(self, code: bytes, now_ms: int) -> bool:
        if not self._keyboard.ready:
            return self._tell_why("no host", now_ms)
        if self._layout == "none" and not code.isdigit():
            return self._tell_why("no layout", now_ms)
        if self._num_lock == "ignore" or self._lit(NUM_LOCK_LIGHT):
            return self._put(_TYPES, _UP + self._reports(code), now_ms)
        self._code = code
        # It goes up as the first digit goes down: a report less, 10 ms.
        return self._put(_NUM_LOCKS, _UP + _down(_NUM_LOCK), now_ms)

    def _lit(self, light: int) -> bool:
        lights = self._keyboard.lights
        return lights is not None and bool(lights & light)

    # --- typing ----------------------------------------------------------------------------------

    def _put(self, state: int, reports: bytes, now_ms: int) -> bool:
        self._start, self._count, self._taken = self._keyboard.taken, len(reports) // len(_UP), 0
        if not self._keyboard.send(reports):
            return self._tell_why("no answer", now_ms)
        return self._be(state, now_ms, "typing")

    def _send(self, now_ms: int) -> bool:
        taken = self._keyboard.taken - self._start
        if self._keyboard.busy:
            return self._watch(now_ms, taken)
        if taken < self._count:
            return self._tell_why("lost", now_ms, taken)  # the bus was reset meanwhile
        if self._state == _TYPES:
            return self._be(_SAID, now_ms, "typed")
        if self._state == _RESTORES:
            return self._tell_why("refused", now_ms)
        if self._lit(NUM_LOCK_LIGHT):
            # The last key goes up as Num Lock goes down: a report less, 10 ms.
            reports = self._reports(self._code)[: -len(_UP)] + _tap(_NUM_LOCK)
            self._code = b""
            return self._put(_TYPES, reports, now_ms)
        # Once more, for a host that has switched it without telling.
        late = now_ms - self._since_ms >= LIGHT_MS
        return late and self._put(_RESTORES, _UP + _tap(_NUM_LOCK), now_ms)

    def _watch(self, now_ms: int, taken: int) -> bool:
        if taken != self._taken:
            self._taken, self._since_ms = taken, now_ms
        elif now_ms - self._since_ms >= UNTAKEN_MS:
            self._keyboard.give_up()
            return self._tell_why("no answer", now_ms, taken)
        return False

    def _tell_why(self, why: str, now_ms: int, taken: int = 0) -> bool:
        from picototp.app import typing_words  # few fail

        in_part = self._state == _TYPES and taken > 1
        self._code = b""
        self._be(_IDLE, now_ms)
        self._interface.notice(typing_words.failed(why, in_part), now_ms)
        return True

    def _reports(self, code: bytes) -> bytes:
        """The keys of a code, and what comes after it; in the end, none is down."""
        out = bytearray()
        before = b""
        for character in code:
            report = self._key(character)
            if report == before:
                out.extend(_UP)  # or the host would see one long press
            out.extend(report)
            before = report
        if self._end in _ENDS:
            out.extend(_down(_ENDS[self._end]))
        out.extend(_UP)
        return bytes(out)

    def _key(self, character: int) -> bytes:
        if character == 0x30:
            return _down(_KEYPAD_0)
        if character <= 0x39:
            return _down(_KEYPAD_1 + character - 0x31)
        from picototp.app import layouts  # few accounts have letters

        shift = 0 if self._lit(CAPS_LOCK_LIGHT) else _SHIFT
        return _down(layouts.key(self._layout, character), shift)


def _account_of(screen) -> tuple:
    return screen.issuer, screen.name, screen.position, screen.total


def _down(key: int, modifiers: int = 0) -> bytes:
    """The report that this key is down, and no other."""
    return bytes((modifiers, 0, key, 0, 0, 0, 0, 0))


def _tap(key: int) -> bytes:
    return _down(key) + _UP
