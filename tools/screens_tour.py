"""For MicroPython: goes through the screens of docs/screens.md, and prints each as readme_scenes.py
does. The tool that runs it is draw_readme_pictures.py.
"""

from readme_scenes import BEGIN_S, PERIOD_S, Record, Token

from picototp.app import messages, no_code
from picototp.app.interface import ClockView
from picototp.clock.states import MISSING, MOVED_BACK, NOT_SET
from picototp.protocol.request import Pages
from picototp.vault.account import Account

NAMES = (
    "Amazon Apple Atlassian Bank Bitwarden Cloudflare Discord Dropbox Example Fastmail GitHub "
    "GitLab Google Hetzner LinkedIn Mail Microsoft Nextcloud PayPal Proton Reddit Slack Steam"
)
MANY = tuple([Account(name, "alice@example.com", name.encode() * 3) for name in NAMES.split()])
PIN = b"31415"
CLICK_MS, HOLD_MS, PAUSE_MS = 80, 900, 500


class Tourist(Token):
    """Somebody with a finger."""

    def press(self, duration_ms=CLICK_MS, pause_ms=PAUSE_MS):
        self.down = True
        self.run(duration_ms)
        self.down = False
        self.run(pause_ms)

    def hold(self):
        self.press(HOLD_MS)

    def choose(self, number):
        for _ in range(number):
            self.press()
        self.hold()

    def see(self, name):
        self.show("screens/" + name, 0)

    def see_message(self, name, what):
        self.draw(messages.message(what, 0), "screens/" + name)


def codes():
    token = Tourist(4_000, MANY)
    token.press()
    token.see("code")
    token.run((PERIOD_S - 3) * 1000 - token.now_ms)
    token.see("code-next")
    for _ in range(4):
        token.press(60, 60)
    token.see("code-passing")
    token = Tourist(4_000, (Account("Example", "counter", b"its key", kind="hotp", counter=7),))
    token.press()
    token.see("hotp-waiting")
    token.hold()
    token.see("hotp-code")
    token = Tourist(4_000, (Account("Steam", "gordon", b"a key of Steam", digits=5),))
    token.press()
    token.see("steam")


def finding():
    token = Tourist(4_000, MANY)
    token.press()
    token.hold()
    token.see("menu")
    token.hold()
    token.see("find")
    token.press()
    token.hold()
    token.see("find-names")
    token = Tourist(4_000, MANY)
    token.press()
    token.hold()
    token.choose(2)
    token.see("clock")
    token.press()
    token.hold()  # the menu again, from its top
    token = Tourist(4_000, MANY)
    token.press()
    token.hold()
    token.choose(3)
    token.see("about")
    token = Tourist(4_000, MANY)
    token.press()
    token.hold()
    token.choose(5)
    token.see("erase")


def questions():
    token = Tourist(4_000)
    lines = ("Example", "bob@example.com", "SHA1, 6 digits, 30 s", "no. 4")
    token.interface.ask("Add account?", lines, token.now_ms)
    token.interface.question_drawn(True, token.now_ms)
    token.run(300)
    token.see("question-early")
    token.run(2000)
    token.down = True
    token.run(500)
    token.see("question")
    token = Tourist(4_000)
    names = ("Amazon: alice", "Apple: alice", "Mail: alice")
    token.interface.ask("Add 3 accounts?", ("3 new",), token.now_ms, Pages(1, lambda page: names))
    token.interface.question_drawn(True, token.now_ms)
    token.run(1500)
    token.see("question-pages")
    lines = ("Brightness 20 %", "Dark after 60 s", "Upside down")
    token = Tourist(4_000)
    token.interface.ask("Keep it like this?", lines, token.now_ms)
    token.interface.question_drawn(True, token.now_ms)
    token.run(2000)
    token.see("question-display")
    token.see_message("receiving", messages.receiving(12, 40, "GitHub: alice"))


def locked():
    token = Tourist(4_000)
    change = token._vault.changing_pin(bytearray(PIN))
    while not change.step(100_000):
        pass
    token._vault.lock()
    token.press()
    token.see("pin")
    for _ in PIN[:4]:
        token.hold()
    token.see("pin-ok")
    token.see_message("pin-checking", messages.CHECKING)
    token.see_message("pin-wait", messages.wait("Wrong PIN, 6 left", 30))


def no_codes():
    token = Tourist(4_000, ())
    token.press()
    token.see("no-accounts")
    token = Tourist(4_000)
    token.press()
    for name, state in (("not-set", NOT_SET), ("went-back", MOVED_BACK), ("no-clock", MISSING)):
        clock = ClockView(state, None, 0, Record(BEGIN_S, 0, 0))
        screen = token.interface.screen(token.now_ms, 0, clock)
        token.draw(screen, "screens/" + name)
    for name, what in (
        ("damaged", no_code.DAMAGED),
        ("destroyed", no_code.DESTROYED),
        ("too-new", no_code.TOO_NEW),
        ("maintenance", messages.MAINTENANCE),
    ):
        token.see_message(name, what)
    parts = ("SDA and SCL are right", "Clock: 24.5 C", "Display: at 3c", "Flash: 1380 KB free")
    token.see_message("parts", ("Parts", parts, "click = back"))


codes()
finding()
questions()
locked()
no_codes()
