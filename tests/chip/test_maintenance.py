"""Maintenance mode on the emulated chip: MicroPython's own prompt, timer, second terminal and soft
restart. What the display says on the way: tests/end_to_end/test_maintenance.py.
"""

import pytest
from mpremote.transport_serial import SerialTransport

from display_text import shows
from flash_tree import with_files
from host_tools.client.ports import SerialConnection
from host_tools.client.token_client import TokenClient
from host_tools.pico.repl import Repl
from host_tools.simulator.board import VirtualBoard
from maintenance_hands import enter, plug_in_held, until_prompt, wait_s
from tests.chip.chip_bench import PATIENCE_S, begin, eventually, finish, say_yes

pytestmark = pytest.mark.chip

IDLE_S, LOOK_S, AGAIN_S = 600, 5, 10
LONG = bytes(range(256)) * 24  # longer than the buffers of the port


@pytest.fixture(scope="module")
def token(plug_in, firmware, tmp_path_factory):
    folder = tmp_path_factory.mktemp("maintenance")
    (folder / "flash.bin").write_bytes(with_files(firmware, {}))
    return plug_in(VirtualBoard(folder))


def run(token, code):
    """What the code prints at the prompt, once all that was said to the board is heard there."""
    found = finish(begin(token.port.path, code))
    wait_s(token, 0.5)
    return found


def becomes_a_token(token):
    ready = token.engine.ready
    eventually(lambda: ready.is_set() and not token.at_prompt, "a token")
    with TokenClient(SerialConnection(token.port.path)) as client:
        assert client.status().vault == "ok"


@pytest.mark.thorough
def test_files_go_there_and_ten_silent_minutes_end_it(token):
    enter(token)
    assert shows(token.screen(), "unplug to leave")
    with Repl(token.port.path) as board:
        board.prepare()
        assert list(board.write("/notes.txt", LONG))[-1] == len(LONG)
        assert board.read("/notes.txt") == LONG
        board.remove(["/notes.txt"])
    wait_s(token, 0.5)
    for _ in range(2):
        token.board.elapse(IDLE_S - 2 * LOOK_S)
        wait_s(token, LOOK_S)
        assert run(token, "print(6 * 7)") == 42
    token.board.elapse(IDLE_S)
    wait_s(token, LOOK_S)
    becomes_a_token(token)


def test_a_soft_restart_stays_in_it_and_is_watched_as_well(token):
    """mpremote begins with one; boot.py runs then, and main.py may."""
    enter(token)
    line = SerialTransport(token.port.path)
    line.enter_raw_repl(soft_reset=True, timeout_overall=PATIENCE_S)
    line.exit_raw_repl()
    line.close()
    assert run(token, "from picototp import mode; print(mode.maintenance)") is True
    assert shows(token.screen(), "unplug to leave")
    token.board.elapse(IDLE_S)
    wait_s(token, LOOK_S)
    becomes_a_token(token)


def test_a_button_that_stays_down_gives_a_token(token):
    plug_in_held(token)
    eventually(lambda: shows(token.screen(), "let go and"), "what it wants")
    token.board.elapse(AGAIN_S)
    becomes_a_token(token)
    token.hold(False)


def test_without_a_display_it_can_be_reached(token):
    token.board.set_fault("ssd1306", "nack")
    enter(token)
    assert run(token, "print(6 * 7)") == 42
    token.board.set_fault("ssd1306", "ok")
    token.power(False)
    token.power(True)
    becomes_a_token(token)


def test_what_was_asked_for_comes_once_and_ends_too(token):
    with TokenClient(SerialConnection(token.port.path), lambda: say_yes(token)) as client:
        client.enter_maintenance()
    until_prompt(token)
    assert shows(token.screen(), "unplug to leave")
    assert run(token, "print(6 * 7)") == 42
    token.board.elapse(IDLE_S)
    wait_s(token, LOOK_S)
    becomes_a_token(token)
