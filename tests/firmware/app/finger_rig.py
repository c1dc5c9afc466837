"""The interface with accounts in a list and a finger that takes no time, for tests to the
millisecond."""

from picototp.app.gestures import CLICK, HOLD, PRESS
from picototp.app.interface import Interface
from tests.firmware.app.code_page_rig import Chosen, FakeVault, clock_view, named

DARK_MS = 10_000
AT_MS = 100_000


class Attempt:
    """It takes two slices."""

    def __init__(self, ok):
        self.ok = ok
        self._slices = 0

    def step(self, rounds):
        self._slices += 1
        return self._slices == 2


class Vault(FakeVault):
    """One that may have a PIN, and be locked."""

    has_pin = locked = False
    lock_after_s = None
    forgotten = checked = 0
    limit, failures = 10, 0

    @property
    def entropy(self):
        return self

    def draw(self, count):
        return bytes(count)

    def wait_ms(self):
        return 0

    wait_s = wait_ms

    def lock(self):
        self.locked = True

    def unlock(self):
        self.locked = False

    def unlocking(self, pin):
        return Attempt(bytes(pin) == b"0000")

    def check_some(self):
        self.checked += 1


class Settings(Chosen):
    """Dark after ten seconds."""

    dark_after_s = DARK_MS // 1000

    def __init__(self):
        super().__init__()
        self.saved = []

    def save_in_time(self, dark_for_ms, now_ms):
        self.saved.append((dark_for_ms, now_ms))


class Token:
    """An interface, and a finger that takes no time."""

    def __init__(self, *names):
        self.vault, self.settings = Vault(*named(*names)), Settings()
        self.it = Interface(self.vault, "1.2.3", lambda: ("A part",), self.settings)

    def click(self, now_ms):
        self.it.handle(PRESS, now_ms)
        self.it.handle(CLICK, now_ms)

    def hold(self, now_ms):
        self.it.handle(PRESS, now_ms)
        self.it.handle(HOLD, now_ms)

    def ask(self, now_ms):
        self.it.ask("Sure?", ("line",), now_ms)
        self.it.question_drawn(True, now_ms)

    def screen(self, now_ms=AT_MS, held_ms=0):
        return self.it.screen(now_ms, held_ms, clock_view())

    def goes_dark_at(self, now_ms):
        """Whether that is the time."""
        self.it.tick(now_ms - 1)
        was_lit = self.it.lit
        self.it.tick(now_ms)
        return was_lit and not self.it.lit

    def locks_at(self, now_ms):
        self.it.tick(now_ms - 1)
        was_open = not self.vault.locked
        self.it.tick(now_ms)
        return was_open and self.vault.locked


class Typist:
    """A typist that was told what."""

    line = ""

    def __init__(self, active=False, offers=False, types=False):
        self.active, self._offers, self._types = active, offers, types
        self.told = []

    def press(self):
        self.told.append("press")

    def offer(self, now_ms):
        self.told.append(("offer", now_ms))
        return self._offers

    def tick(self, now_ms):
        return self._types

    def on(self, screen):
        return "on", screen
