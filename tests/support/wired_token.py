"""The whole firmware but for the board, put together by its own wiring.py, on CPython.

The main loop, link, service, interface, vault and timekeeper are the real ones; the RTC is the
real driver on the DS3231 model. What the board would be is here: a port in memory, a button, a
display that keeps the screens it was given, flash in a dict.
"""

import struct
import zlib

from open_vault import SOURCES, opened
from picototp.clock.states import ClockError
from picototp.protocol import frames
from picototp.screens import values
from picototp.vault.account import Account
from workbench import Bench, MemoryStorage, Rtc, stand_in_modules

# The renderer is only handed on to the display here, and drawing is tested on MicroPython.
with stand_in_modules(framebuf=["MONO_VLSB", "FrameBuffer"], machine=[]):
    from picototp import wiring
    from picototp.app.loop import DRAWING_US as DRAWING_US

SESSION = "6f1c09aa"
READ_S = 1.2  # LISTENS_AFTER_MS, and the time to draw


def an_account(name="alice", **changes):
    """An account with a secret of its own, made from its name."""
    fields = {"issuer": "Example", "secret": f"the secret of {name}!".encode()}
    fields.update(changes)
    return Account(name=name, **fields)


class MemoryPort:
    """The serial port: bytes to the token, and what it sent."""

    def __init__(self, clock):
        self._clock = clock
        self.incoming = b""
        self.sent = b""

    def read(self):
        data, self.incoming = self.incoming[:1024], self.incoming[1024:]
        return data

    def write(self, data):
        self.sent += data

    def wait(self, milliseconds):
        if not self.incoming:
            self._clock.elapse_ns(milliseconds * 1_000_000)

    def take_lines(self):
        """What was sent since the last time; every line must be a good frame."""
        *lines, rest = self.sent.split(b"\n")
        assert rest == b""
        self.sent = b""
        return lines


class Panel:
    """The display: the screens that it was given, and when (ns)."""

    def __init__(self, clock):
        self._clock = clock
        self.ok = True
        self.stale = False
        self.shown = []
        self.looks = []  # (brightness, upside down) that it was told, one after the other
        self.draw_ns = 0

    def show(self, screen, render):
        assert callable(render)
        self._clock.elapse_ns(self.draw_ns)
        self.shown.append((self._clock.now_ns(), screen))

    def configure(self, brightness, upside_down):
        self.looks.append((brightness, upside_down))

    def rest(self):
        assert self.screen is values.BLANK

    @property
    def screen(self):
        return self.shown[-1][1] if self.shown else values.BLANK


class Watchdog:
    def __init__(self, clock):
        self._clock = clock
        self.fed_ns = []

    def feed(self):
        self.fed_ns.append(self._clock.now_ns())


class ButtonStandIn:
    def __init__(self):
        self.down = False

    def is_down(self):
        return self.down


class DiagnosisStandIn:
    """What the board's real one answers is tested on MicroPython, with the models of the parts."""

    def bus(self):
        return {"found": [0x3C, 0x68]}

    def display(self):
        return {"address": 0x3C}

    def flash(self):
        return {"free": 300}

    def watch_clock(self, milliseconds):
        return WatchStandIn({"answers": True, "ms": milliseconds})

    def watch_button(self, presses, milliseconds):
        return WatchStandIn({"presses": presses, "ms": milliseconds})

    def show_pattern(self, milliseconds):
        return WatchStandIn({"shown": True})


class WatchStandIn:
    """Answers at the third look."""

    def __init__(self, answer):
        self._answer = answer
        self._looks = 0

    def poll(self, now_us):
        self._looks += 1
        return self._answer if self._looks == 3 else None

    def cancel(self):
        self._looks = 0


class WiredToken(Bench):
    """A token that runs as time passes: `run`, `press`, `request`."""

    token_id = "e6614103e7452d2f"
    entropy_sources = SOURCES
    square_wave = None
    typing = None  # as long as it is off

    def __init__(self, accounts=(), storage=None, **options):
        self.log_text = ""
        self.first_accounts = accounts
        self.first_storage = storage
        self.button = ButtonStandIn()
        self.everything_sent = b""
        super().__init__(**options)

    def restart(self):
        """Power-up."""
        if self.first_storage is not None:
            self.storage, self.first_storage = self.first_storage, None
        self.storage.lose_power()
        self.port = MemoryPort(self.clock)
        self.panel = Panel(self.clock)
        self.watchdog = Watchdog(self.clock)
        self.alone = False  # with a host
        self.slept_ms = []
        self.rtc = Rtc(self.i2c, self.chip.address)
        if self.first_accounts:
            vault = opened(self.storage, self.monotonic)
            for account in self.first_accounts:
                vault.add(account)
            self.first_accounts = ()
        self.restart_wanted = ""
        self.loop = wiring.build(self)
        self._look_into(self.loop)
        self.keeper.start()  # as the loop's run() does
        self.number = 0

    def _look_into(self, loop):
        """The parts that tests ask how they are."""
        self.link, self.interface, self.keeper = loop._link, loop._interface, loop._timekeeper
        self.service = self.link._service
        times = self.service._late["time"]()
        self.service._handlers.update(times)
        for name in times:
            del self.service._late[name]
        self.setter = times["time"].__self__._setter
        self.vault = self.interface._vault
        self.settings = self.interface._settings

    # --- what the service and the loop ask of the board ----------------------------------------

    def sleep(self, milliseconds):
        self.slept_ms.append(milliseconds)
        self.clock.elapse_ns(milliseconds * 1_000_000)

    def enter_maintenance(self):
        self.restart_wanted = "maintenance"

    def set_typing(self, setting):
        self.kept_typing = setting
        self.restart_wanted = "typing"

    def facts(self):
        return {
            "display": "ok" if self.panel.ok else "missing",
            "cleaning": self.storage.unclean,
            "heap_free": 100_000,
            "reset_cause": 1,
            "errors_logged": bool(self.log_text),
            "typing": self.typing
            and dict(zip(("end", "num_lock", "layout"), self.typing[1], strict=True)),
        }

    left_firmware = None

    def firmware_is_right(self):
        return True

    def rtc_facts(self):
        try:
            return {"temperature_c": self.rtc.temperature_c(), "aging": self.rtc.aging()}
        except ClockError:
            return {}

    def error_log(self):
        return self.log_text

    def diagnosis(self):
        return DiagnosisStandIn()

    def parts(self):
        return ("SDA and SCL are right",)

    # --- time and the button -------------------------------------------------------------------

    def turn(self, wait_ms=10):
        self.loop.turn()
        self.clock.elapse_ns(self.random.randrange(wait_ms * 900_000, wait_ms * 1_100_000))

    def press(self, duration_ms, pause_ms=500):
        self.button.down = True
        self.run(duration_ms / 1000)
        self.button.down = False
        self.run(pause_ms / 1000)

    def click(self):
        self.press(100)

    def hold(self):
        self.press(900)

    @property
    def screen(self):
        return self.panel.screen

    # --- the host ------------------------------------------------------------------------------

    def send(self, data):
        """Raw bytes, and as many turns as the token needs to read them; returns the answers."""
        self.port.incoming += data
        while self.port.incoming or self.link.behind:
            self.turn()
        self.turn()
        return self.answers()

    def answers(self):
        """The messages that were sent since the last time."""
        found = []
        for line in self.port.take_lines():
            assert len(line) < frames.MAX_LINE
            assert line.isascii()
            self.everything_sent += line + b"\n"
            message = frames.decode(frames.ANSWER_MARK, line)
            assert message is not None
            found.append(message)
        return found

    def post(self, message):
        """Send a message as it is."""
        return self.send(frames.encode(frames.REQUEST_MARK, message))

    def request(self, op, s=SESSION, reads=True, **fields):
        """Send a request and return its first answer, without `id` and `s`.

        If that is a question, the user `reads` it, as long as it takes until a press counts.
        """
        self.number += 1
        answers = self.post({"id": self.number, "s": s, "op": op, **fields})
        if not answers:
            answers = [self.awaited()]
        answer = self._mine(answers[-1], s)
        while reads and answer.get("wait") == "later":
            answer = self._mine(self.awaited(70), s)
        if reads and "wait" in answer:
            self.run(READ_S)
        return answer

    def _mine(self, answer, s=SESSION):
        assert (answer.pop("id"), answer.pop("s")) == (self.number, s)
        return answer

    def awaited(self, most_s=5):
        """The next answer, within some seconds."""
        end_ns = self.clock.now_ns() + most_s * 10**9
        while self.clock.now_ns() < end_ns:
            self.turn()
            answers = self.answers()
            if answers:
                return answers[0]
        raise AssertionError("no answer")

    def hello(self, s=SESSION):
        answer = self.request("hello", s, v=frames.VERSION)
        assert answer["ok"] is True
        return answer

    def confirmed(self, op, **fields):
        """Send a request that needs the button, say yes, and return the final answer."""
        asked = self.request(op, **fields)
        assert asked == {"wait": "button", "timeout_ms": frames.CONSENT_TIMEOUT_MS}, asked
        self.button.down = True
        answer = self._mine(self.awaited())
        self.button.down = False
        self.run(0.5)
        return answer

    def answered(self):
        """The final answer to a request that waited."""
        return self._mine(self.awaited(60))


def broken_vault_files(kind):
    """Flash whose accounts are "damaged", or "too-new" (vault/slot.py: version, then CRC)."""
    storage = MemoryStorage()
    vault = opened(storage)
    vault.add(an_account())
    for name in ("vault.0", "vault.1"):
        data = storage.files[name]
        changed = bytearray(data)
        if kind == "damaged":
            changed[-40] ^= 1
        else:
            changed[4] += 1
            changed[20:24] = struct.pack(">I", zlib.crc32(changed[:20]))
        storage.files[name] = bytes(changed)
    return storage
