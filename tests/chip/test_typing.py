"""Typing codes on the emulated chip: its own USB stack, and a computer that finds the keyboard,
asks it for keys every 10 ms and sets its lights. All in the chip's own time."""

import os
import random

import pytest

from host_tools.benchmark.emulated_pico import EmulatedPico
from host_tools.pico.board_files import collect
from host_tools.simulator.clock import NS_PER_S
from host_tools.simulator.digits import read_code
from judges import needs_code_judge, totp
from open_vault import opened
from picototp.app.gestures import HOLD_MS
from picototp.app.typist import TYPE_AFTER_MS
from picototp.vault.account import Account
from workbench import MemoryStorage

pytestmark = pytest.mark.chip

SEED = int(os.environ.get("PICOTOTP_TEST_SEED", "20261130"))
MS = 1_000_000
ACCOUNTS = 100
MOST_MS = 250  # from the end of the hold to the last key
CDC_BYTES = 75  # MicroPython's own configuration descriptor
KEYBOARD = "090402000103010100092111010001223f000705830308000a"


def random_accounts():
    chance = random.Random(SEED)
    for number in range(ACCOUNTS):
        yield Account(
            chance.choice(("", "Example")),
            f"account {number}",
            chance.randbytes(chance.choice((10, 20, 32, 64, 128))),
            chance.choice(("SHA1", "SHA256", "SHA512")),
            chance.choice((6, 7, 8)),
            chance.choice((15, 30, 30, 60)),
        )


def vault_of(accounts):
    storage = MemoryStorage()
    vault = opened(storage)
    for account in accounts:
        vault.add(account)
    return {f"/data/{name}": data for name, data in storage.files.items()}


class Token:
    """An emulated Pico, and its computer."""

    def __init__(self, pico):
        self.pico = pico
        self.computer = pico.board.keyboard_host
        pico.board.on_computer = pico.chip.set_computer
        self.reports_ns = []
        take = self.computer.reported

        def reported(report):
            self.reports_ns.append(pico.chip.now_ns)
            return take(report)

        self.computer.reported = reported

    @property
    def now_ns(self):
        return self.pico.chip.now_ns

    def run_ms(self, milliseconds):
        self.pico.run_for(milliseconds * MS)

    def press(self, milliseconds, after_ms=400):
        self.pico.press(True)
        self.run_ms(milliseconds)
        self.pico.press(False)
        self.run_ms(after_ms)

    def starts(self):
        serving = []
        self.pico.on_serving = lambda: serving.append(True)
        self.pico.run_until(lambda: serving, "main loop")
        self.run_ms(1500)

    def code(self):
        found = []
        self.pico.run_until(
            lambda: found.append(read_code(self.pico.board.display.rows())) or found[-1], "code"
        )
        return found[-1]

    def types(self):
        """Hold until something was typed and no key is down any more; the text, the second in
        which it began, and the milliseconds from the hold's end to the last key."""
        self.reports_ns.clear()
        self.computer.take_typed()
        line = []
        self.pico.press(True)
        pressed_ns = self.now_ns
        self.pico.run_until(lambda: self.reports_ns, "report")
        unix_s = self.pico.unix_ns() // NS_PER_S
        self.run_ms(MOST_MS + 50)
        self.pico.press(False)
        line.append(self.computer.take_typed())
        self.run_ms(300)
        assert self.computer.take_typed() == "" and self.computer.keys_down == set()
        held_ms = HOLD_MS + TYPE_AFTER_MS
        return line[0], unix_s, (self.reports_ns[-1] - pressed_ns) / MS - held_ms


@pytest.fixture
def start(image, tmp_path):
    picos = []

    def start_one(accounts=(), setting=None, firmware=True):
        files = collect() if firmware else {}
        files |= vault_of(accounts) if accounts else {}
        if setting is not None:
            files["/data/typing"] = setting
        folder = tmp_path / str(len(picos))
        folder.mkdir()
        pico = EmulatedPico(image, files, folder)
        picos.append(pico)
        token = Token(pico)
        if firmware:
            token.starts()
        else:
            pico.run_until(lambda: pico.prompting, "prompt")
        return token

    yield start_one
    for pico in picos:
        pico.__exit__()


def test_while_off_the_token_enumerates_as_a_board_without_firmware(start):
    blank = start(firmware=False).computer
    token = start([Account("", "alice", b"k" * 20)]).computer
    assert len(blank.descriptors) == 18 + CDC_BYTES
    assert token.descriptors == blank.descriptors
    assert not token.enumerated and not blank.enumerated
    junk = start([Account("", "alice", b"k" * 20)], setting=b"no setting").computer
    assert junk.descriptors == blank.descriptors


def test_while_on_there_is_one_interface_more(start):
    off = start(firmware=False).computer.descriptors
    on = start([Account("", "alice", b"k" * 20)], b"none keep none").computer
    assert on.enumerated
    assert on.descriptors[:18] == off[:18]
    whole = bytearray(off[18:]) + bytes.fromhex(KEYBOARD)
    whole[2], whole[4] = len(whole), whole[4] + 1
    assert on.descriptors[18:] == whole


@needs_code_judge
@pytest.mark.timeout(3600)  # it counts the chip's time; a busy computer takes much longer
@pytest.mark.parametrize("count", [5, pytest.param(ACCOUNTS, marks=pytest.mark.thorough)])
def test_what_is_typed_is_the_judges_code(start, count):
    print("seed", SEED)
    accounts = list(random_accounts())[:count]
    token = start(accounts, b"none keep none")
    token.press(80)
    slowest_ms = 0.0
    for number, account in enumerate(accounts):
        for num_lock in (True, False):
            token.pico.board.set_num_lock(num_lock)
            token.run_ms(50)
            typed, unix_s, took_ms = token.types()
            slowest_ms = max(slowest_ms, took_ms)
            key, period_s = account.secret, account.period_s
            # The judge's key is what the token's is: 128 bytes are hashed first by both.
            assert typed == totp(key, unix_s, account.algorithm, account.digits, period_s), number
            assert unix_s // period_s == (unix_s + 2) // period_s
            assert token.computer.num_lock is num_lock
        token.run_ms(300)
        token.press(80)
    print(f"slowest: {slowest_ms:.0f} ms")


def test_the_longest_code_is_typed_in_time(start):
    """Eight times the same digit, with Num Lock off, and Enter."""
    counter, code = 4_594_155, "22222222"
    account = Account("", "a", b"12345678901234567890", digits=8, kind="hotp", counter=counter)
    token = start([account], b"enter keep none")
    token.pico.board.set_num_lock(False)
    token.press(80)
    token.press(900)  # shows it
    assert token.code() == code
    typed, _, took_ms = token.types()
    assert typed == code + "\n"
    assert took_ms <= MOST_MS
    assert token.computer.num_lock is False


def test_a_computer_that_stops_asking_on_the_way(start):
    token = start([Account("", "alice", b"k" * 20)], b"enter keep none")
    board, computer = token.pico.board, token.computer
    token.press(80)
    code = token.code()
    token.pico.press(True)
    token.pico.run_until(lambda: len(token.reports_ns) >= 4 and computer.keys_down, "a key")
    board.set_fault("usb", "silent")
    token.run_ms(600)
    token.pico.press(False)
    assert computer.keys_down  # as far as it knows
    typed = computer.take_typed()
    assert 2 <= len(typed) < len(code) and code.startswith(typed)
    board.set_fault("usb", "ok")
    token.run_ms(300)
    assert computer.keys_down == set()
    assert computer.take_typed() == ""  # what was waiting in USB memory is none any more
    token.press(80)
    token.run_ms(400)
    typed, _, _ = token.types()
    assert len(typed) == 7 and typed.endswith("\n")


def test_a_cable_that_is_pulled_on_the_way(start):
    token = start([Account("", "alice", b"k" * 20)], b"none keep none")
    token.press(80)
    token.code()
    token.pico.press(True)
    token.pico.run_until(lambda: len(token.reports_ns) >= 3, "third report")
    token.pico.board.set_fault("usb", "unplugged")
    token.run_ms(600)
    token.pico.press(False)
    assert not token.computer.enumerated and token.computer.keys_down == set()
    token.computer.take_typed()
    token.pico.board.set_fault("usb", "ok")
    token.run_ms(1000)
    assert token.computer.enumerated
    assert token.computer.take_typed() == ""
    token.press(80)
    token.run_ms(400)
    assert len(token.types()[0]) == 6


def test_a_computer_that_never_comes(start):
    token = start([Account("", "alice", b"k" * 20)], b"none keep none")
    token.pico.board.set_fault("usb", "unplugged")
    token.press(80)
    before = token.code()
    token.press(2200)
    assert token.reports_ns == []
    assert before and read_code(token.pico.board.display.rows()) is None
