"""Codes typed by the token: the firmware on MicroPython's unix port, and a computer whose keyboard
it is. The emulated chip has its own tests of this, with real USB (tests/chip/test_typing.py)."""

import base64
import os
import random

import pyotp
import pytest

from host_tools.client.ports import SerialConnection
from host_tools.client.token_client import TokenClient
from host_tools.pico.littlefs_image import file_system
from judges import needs_code_judge, totp
from maintenance_hands import enter as enter_maintenance_mode
from open_vault import opened
from picototp.vault.account import Account
from programs import tool
from tests.end_to_end.hands import EARLY_S
from tests.end_to_end.simulator_process import error, light
from waiting import eventually
from workbench import MemoryStorage

SEED = int(os.environ.get("PICOTOTP_TEST_SEED", "20261130"))
ACCOUNTS = 100
KEY = b"12345678901234567890"


def flash_with(folder, accounts, setting=None):
    """A state folder of a token with these accounts."""
    storage = MemoryStorage()
    vault = opened(storage)
    for account in accounts:
        vault.add(account)
    files = {f"/data/{name}": data for name, data in storage.files.items()}
    if setting is not None:
        files["/data/typing"] = setting
    (folder / "flash.bin").write_bytes(file_system(files))
    return folder


def typed_by(hands, held_until="typed"):
    """Hold the button on a code until the display says so; the text, and the time at which it was
    there."""
    hands.code()  # on a start's first screens a hold opens the menu
    computer = hands.token.board.keyboard_host
    computer.take_typed()
    hands._move(True)
    began_s: list[float] = []

    def done():
        if computer.held and not began_s:
            began_s.append(hands.token.board.rtc.unix())
        return hands.shows(held_until) or hands.elapse(0.05)

    computer.held.clear()
    eventually(done, f"{held_until!r} on the display")
    hands._move(False)
    assert computer.keys_down == set()
    return computer.take_typed(), began_s[0] if began_s else None


def moments_of(unix_s):
    """When the code was drawn that was typed then: the board's time is moved in steps, in one of
    which it may have changed."""
    return unix_s - 0.3, unix_s, unix_s + EARLY_S


def alices_codes(unix_s):
    judge = pyotp.TOTP(base64.b32encode(KEY).decode())
    return {judge.at(int(moment)) for moment in moments_of(unix_s)}


@needs_code_judge
@pytest.mark.timeout(900)
@pytest.mark.parametrize("count", [15, pytest.param(ACCOUNTS, marks=pytest.mark.thorough)])
def test_what_is_typed_is_the_judges_code(boot, tmp_path, count):
    print("seed", SEED)
    chance = random.Random(SEED)
    accounts = [
        Account(
            "",
            f"account {number}",
            chance.randbytes(20),
            chance.choice(("SHA1", "SHA256", "SHA512")),
            chance.choice((6, 7, 8)),
            chance.choice((30, 60)),
        )
        for number in range(count)
    ]
    hands = boot(flash_with(tmp_path, accounts, b"none keep none"))
    hands.brisk = True
    board = hands.token.board
    eventually(lambda: board.keyboard_host.enumerated, "the keyboard")
    hands.wake()
    for number, account in enumerate(accounts):
        num_lock = number % 2 == 0
        board.set_num_lock(num_lock)
        hands.elapse(0.05)
        typed, unix_s = typed_by(hands)
        options = (account.algorithm, account.digits, account.period_s)
        moments = {int(moment) for moment in moments_of(unix_s)}
        expected = {totp(account.secret, moment, *options) for moment in moments}
        assert typed in expected, account.name
        assert board.keyboard_host.num_lock is num_lock
        hands.click()


def test_it_is_switched_on_and_off_by_the_tool(boot, tmp_path):
    hands = boot(flash_with(tmp_path, [Account("Example", "alice", KEY)]))
    computer, port = hands.token.board.keyboard_host, hands.token.port.path
    assert not computer.enumerated

    def provision(*arguments, on_confirm=hands.yes):
        return tool("provision", "--port", port, *arguments, on_confirm=on_confirm)

    refused = provision("typing", "on", on_confirm=hands.no)
    assert refused.code == 4 and not computer.enumerated
    done = provision("typing", "on", "--enter")
    assert done.code == 0, done.err
    assert "1.6 s" in done.err + done.out and "Enter" in done.err + done.out
    eventually(lambda: computer.enumerated or hands.elapse(0.1), "the keyboard")
    assert "hold the button" in provision("status").out
    hands.wake()
    typed, unix_s = typed_by(hands)
    assert typed.endswith("\n") and typed[:-1] in alices_codes(unix_s)
    done = provision("typing", "off")
    assert done.code == 0, done.err
    eventually(lambda: not computer.enumerated or hands.elapse(0.1), "no keyboard")
    eventually(hands.token.engine.ready.is_set, "the firmware")
    done = provision("typing", "off")
    assert done.code == 0 and "already" in done.out + done.err


def test_the_setting_outlives_a_power_cut(boot, tmp_path):
    state = flash_with(tmp_path, [Account("Example", "alice", KEY)], b"tab keep none")
    hands = boot(state)
    computer = hands.token.board.keyboard_host
    eventually(lambda: computer.enumerated, "the keyboard")
    hands.token.power(False)
    assert not computer.enumerated
    hands.token.power(True)
    eventually(lambda: computer.enumerated, "the keyboard")
    hands.wake()
    assert typed_by(hands)[0].endswith("\t")


def test_maintenance_mode_has_no_keyboard(boot, tmp_path):
    hands = boot(flash_with(tmp_path, [Account("Example", "alice", KEY)], b"none keep none"))
    computer = hands.token.board.keyboard_host
    eventually(lambda: computer.enumerated, "the keyboard")
    enter_maintenance_mode(hands.token)
    assert not computer.enumerated


def test_the_finger_that_said_yes_does_not_enter_maintenance_mode(boot, tmp_path):
    """A button that is down while the token starts means that."""
    hands = boot(flash_with(tmp_path, [Account("Example", "alice", KEY)]))
    computer = hands.token.board.keyboard_host

    def yes_with_a_heavy_finger():
        hands.wait_for_question()
        hands.token.hold(True)
        eventually(lambda: hands.shows("restarts") or hands.elapse(0.1), "the end")
        hands.elapse(3)

    connection = SerialConnection(hands.token.port.path)
    with TokenClient(connection, yes_with_a_heavy_finger) as client:
        client.request("typing", on=True, end="none", num_lock="keep", layout="none")
    hands.elapse(1)
    assert not computer.enumerated  # it waits for the finger
    hands.token.hold(False)
    eventually(lambda: computer.enumerated, "the keyboard")


@pytest.mark.parametrize(
    ("fault", "title"),
    [("unplugged", "Not typed"), ("silent", "Not typed"), ("no-num-lock", "Not typed")],
)
def test_computers_that_are_not_what_they_should_be(boot, tmp_path, fault, title):
    hands = boot(flash_with(tmp_path, [Account("Example", "alice", KEY)], b"none keep none"))
    board, computer = hands.token.board, hands.token.board.keyboard_host
    eventually(lambda: computer.enumerated, "the keyboard")
    board.set_num_lock(False)
    board.set_fault("usb", fault)
    hands.wake()
    typed, _ = typed_by(hands, held_until=title)
    assert typed == ""
    board.set_fault("usb", "ok")
    eventually(lambda: computer.enumerated, "the keyboard")
    hands.elapse(0.5)
    assert computer.take_typed() == "" and computer.keys_down == set()
    hands.click()
    board.set_num_lock(True)
    hands.elapse(0.1)
    typed, unix_s = typed_by(hands)
    assert typed in alices_codes(unix_s)


def test_the_control_socket_shows_the_keyboard(simulate, tmp_path):
    state = tmp_path / "state"
    state.mkdir()
    flash_with(state, [Account("Example", "alice", KEY)], b"none keep none")
    simulator = simulate("--state", state)
    eventually(lambda: simulator.ask("keyboard")["enumerated"], "the keyboard")
    assert simulator.ask("keyboard") == {
        "ok": True,
        "enumerated": True,
        "typed": "",
        "num_lock": True,
    }
    assert simulator.ask("keyboard", num_lock=False)["num_lock"] is False
    assert "num_lock" in error(simulator, b'{"op": "keyboard", "num_lock": 1}')
    light(simulator)
    simulator.hold_until(lambda: simulator.control.shows("typed"))
    answer = simulator.ask("keyboard")
    assert len(answer["typed"]) == 6 and answer["num_lock"] is False
    assert simulator.ask("keyboard")["typed"] == ""
