"""For MicroPython: plays the scenes of the README's pictures, and prints each picture.

It runs the firmware's own user interface, vault and renderer. The script itself presses the button
and moves the clock, so every run prints the same. Each picture is a line of JSON (see `show`) and
64 rows of '#' and '.'.
"""

import io
import json
from collections import namedtuple

import framebuf  # type: ignore[import-not-found]

from picototp import __version__
from picototp.app.gestures import Gestures
from picototp.app.interface import ClockView, Interface
from picototp.clock.timekeeper import OK
from picototp.screens.render import render
from picototp.vault.account import Account
from picototp.vault.settings import Settings
from picototp.vault.vault import open_vault

LOOP_MS = 10
CLICK_MS = 100
PERIOD_S = 30
BEGIN_S = 1_795_442_709 // PERIOD_S * PERIOD_S  # 2026-11-23 14:05:00 UTC
ACCOUNTS = (
    Account("Example", "alice@example.com", b"12345678901234567890"),
    Account("Example Bank", "alice", b"a secret that is no secret here!", "SHA256", 8, 60),
    Account("Mail", "alice", b"another that is none"),
)


class _File(io.BytesIO):
    """A file that its storage holds once it is closed."""

    def __init__(self, files, name):
        super().__init__()
        self._files, self._name = files, name

    def __exit__(self, *_error):
        self.close()

    def close(self):
        self._files[self._name] = self.getvalue()
        super().close()


class Storage:
    """Flash as a dict."""

    def __init__(self):
        self._files = {}

    def open_read(self, name):
        if name not in self._files:
            raise OSError(2)
        return io.BytesIO(self._files[name])

    def open_write(self, name):
        return _File(self._files, name)

    def remove(self, name):
        if self._files.pop(name, None) is None:
            raise OSError(2)

    def exists(self, name):
        return name in self._files

    def mark_unclean(self):
        """Nothing stays in a dict."""

    def breathe(self, saves=False):
        """No work on it is long."""

    def touch(self, name):
        self._files.setdefault(name, b"")


class Sources:
    """Random bytes that are the same in every run: the keys here protect nothing."""

    def urandom(self, count):
        return bytes(count)

    def jitter(self):
        return bytes(4)


class Record(namedtuple("Record", ("set_unix_s", "jump_unix_s", "jump_s"))):
    """A clock that was set once and drifts by 1 ppm."""

    def error_bound_s(self, unix_s):
        return 0.001 + (unix_s - self.set_unix_s) / 1e6


class Clock:
    """The vault's: that of a token."""

    def __init__(self, token):
        self._token = token

    def now_ms(self):
        return self._token.now_ms

    def now_us(self):
        return self._token.now_ms * 1000


class Token:
    """A token's user interface and its button. Times are milliseconds since BEGIN_S."""

    def __init__(self, now_ms, accounts=ACCOUNTS):
        self.now_ms = now_ms
        self.down = False
        self._gestures = Gestures()
        self._vault = open_vault(Storage(), Sources(), Clock(self))
        for account in accounts:
            self._vault.add(account)
        self.interface = Interface(self._vault, __version__, tuple, Settings(Storage()))
        self._frame = framebuf.FrameBuffer(bytearray(1024), 128, 64, framebuf.MONO_VLSB)
        self._record = Record(BEGIN_S - 3 * 86_400, 0, 0)

    def run(self, duration_ms):
        for _ in range(duration_ms // LOOP_MS):
            self.now_ms += LOOP_MS
            self.interface.button_down = self._gestures.is_down
            for gesture in self._gestures.update(self.down, self.now_ms):
                self.interface.handle(gesture, self.now_ms)
            self.interface.tick(self.now_ms)
            self.interface.prepare()

    def show(self, scene, shown_ms, caption=""):
        """Print the display for a picture, with the time it is shown and the words below it."""
        clock = ClockView(OK, BEGIN_S * 1_000_000 + self.now_ms * 1000, 300, self._record)
        screen = self.interface.screen(self.now_ms, self._gestures.held_ms(self.now_ms), clock)
        self.draw(screen, scene, shown_ms, caption)

    def draw(self, screen, scene, shown_ms=0, caption=""):
        """The same for any screen value."""
        lit = screen is not None
        if lit:
            render(screen, self._frame)
        print(json.dumps({"scene": scene, "ms": shown_ms, "down": self.down, "caption": caption}))
        for y in range(64):
            row = ["#" if lit and self._frame.pixel(x, y) else "." for x in range(128)]
            print("".join(row))

    def press(self, caption):
        """Click: show the button pressed, then release it."""
        self.down = True
        self.run(CLICK_MS)
        self.show("demo", 350, caption)
        self.down = False
        self.run(CLICK_MS)

    def seconds(self, count, shown_ms, caption):
        """Show a picture for each of the next `count` seconds."""
        for _ in range(count):
            self.show("demo", shown_ms, caption)
            self.run(1000)


def demo():
    token = Token((PERIOD_S - 8) * 1000)
    token.show("demo", 1200, "press the button ...")
    token.press("press the button ...")
    token.seconds(3, 700, "... and read the code")
    token.seconds(5, 700, "5 s left: the next code appears")
    token.seconds(3, 700, "... and takes over")
    token.press("click: the next account")
    token.seconds(3, 700, "click: the next account")
    token.press("click: the next account")
    token.seconds(2, 700, "click: the next account")
    for _ in range(8):
        token.show("demo", 150, "30 s after the last press ...")
        token.run(3000)
    token.run(5000)
    token.show("demo", 2000, "... it goes dark")


def code_screen():
    token = Token(9_000)
    token.down = True
    token.run(CLICK_MS)
    token.show("code-screen", 0)


def confirm_screen():
    token = Token(0)
    lines = ("Example", "bob@example.com", "SHA1, 6 digits, 30 s", "no. 2")
    token.interface.ask("Add account?", lines, token.now_ms)
    token.interface.question_drawn(True, token.now_ms)
    token.run(2000)
    token.down = True
    token.run(500)
    token.show("confirm-screen", 0)


if __name__ == "__main__":
    demo()
    code_screen()
    confirm_screen()
