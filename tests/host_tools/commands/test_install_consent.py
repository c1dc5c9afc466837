"""`picototp install` against tokens that it must not harm, on MicroPython's unix port.

That is not an RP2040, so every installation here ends before anything is written: what is tested is
the way into maintenance mode and out of it, and what the user is told.
"""

import os
import pty
import struct
import threading
import tty

import pytest

from host_tools.client.ports import SerialConnection
from host_tools.client.token_client import TokenClient
from host_tools.commands import install
from host_tools.commands.terminal import exit_code
from host_tools.pico import board_port, repl
from host_tools.pico.board_port import BoardPort, Mode
from host_tools.simulator.virtual_token import VirtualToken
from maintenance_hands import enter
from tests.end_to_end.hands import Hands
from waiting import eventually

UF2_START, UF2_END = (0x0A324655, 0x9E5D5157), 0x0AB16F30  # a block's magic numbers


@pytest.fixture
def token():
    with VirtualToken() as token:
        yield token


def run_install(*arguments: str) -> int:
    return exit_code(lambda: install.install.main(list(arguments), standalone_mode=False))


def answer_when_lit(token: VirtualToken, yes: bool) -> threading.Thread:
    """A finger that answers the question on the display."""
    hands = Hands(token)

    def finger() -> None:
        if not yes:
            hands.no()
            return
        hands.wait_for_question()
        token.hold(True)
        eventually(lambda: not token.engine.ready.is_set())  # it restarts
        token.hold(False)

    thread = threading.Thread(target=finger)
    thread.start()
    return thread


def test_a_no_leaves_the_token_as_it_was(token, capsys):
    finger = answer_when_lit(token, yes=False)
    assert run_install("--port", token.port.path) == 4
    finger.join()
    assert "error: you said no on the token, so it was not done\n" in capsys.readouterr().err
    with TokenClient(SerialConnection(token.port.path)) as client:
        assert client.status().reset_cause == 1  # it did not even restart


def test_a_yes_restarts_it_into_the_prompt_once(token, capsys):
    finger = answer_when_lit(token, yes=True)
    place = BoardPort(token.port.path)
    assert install.enter_maintenance(place) is Mode.TOKEN
    finger.join()
    assert place.mode() is Mode.REPL
    with repl.Repl(token.port.path) as board:
        assert board.run("import os; print(os.listdir('/data'))").strip() == "[]"
        board.restart()
    assert place.wait_for(Mode.TOKEN)


def test_a_board_of_another_kind_starts_again_as_it_was(token, capsys):
    finger = answer_when_lit(token, yes=True)
    assert run_install("--port", token.port.path) == 1
    finger.join()
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 2  # the request for the button, and the error
    assert "Raspberry Pi Pico with RP2040" in errors[1]
    assert BoardPort(token.port.path).wait_for(Mode.TOKEN)


def power_up_held(token: VirtualToken) -> BoardPort:
    """Hold the button while the power comes, and again: the port then has MicroPython's prompt."""
    enter(token)
    place = BoardPort(token.port.path)
    assert place.wait_for(Mode.REPL)
    return place


def test_the_button_at_power_up_gives_the_prompt(token):
    place = power_up_held(token)
    token.power(False)
    token.power(True)
    assert place.wait_for(Mode.TOKEN)


def test_the_flag_counts_once_even_if_the_power_fails(token):
    """Asked for, and cut off before anybody used it: the next start is a normal one."""
    place = power_up_held(token)
    with repl.Repl(token.port.path) as board:
        board.run("from picototp.board import maintenance; maintenance.request()")
        board.restart()
    assert place.wait_for(Mode.REPL)
    token.power(False)
    token.power(True)
    assert place.wait_for(Mode.TOKEN)


def test_the_flag_does_not_count_if_the_power_fails_before_the_restart(token):
    """The user has pulled the plug: what comes back is a token."""
    place = power_up_held(token)
    with repl.Repl(token.port.path) as board:
        board.run("from picototp.board import maintenance; maintenance.request()")
    for _ in range(2):
        token.power(False)
        token.power(True)
        assert place.wait_for(Mode.TOKEN)


def test_a_port_without_micropython(monkeypatch, capsys):
    monkeypatch.setattr(repl, "_ANSWER_S", 0.2)
    monkeypatch.setattr(board_port, "_ANSWER_S", 0.05)
    host, device = pty.openpty()
    tty.setraw(device)
    try:
        assert run_install("--port", os.ttyname(device)) == 3
    finally:
        os.close(host)
        os.close(device)
    error = capsys.readouterr()
    assert "no MicroPython answers" in error.err
    assert error.out == ""  # mpremote prints; nobody wants to see it


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--image", "x.uf2"], 2, "--flash"),
        (["--flash", "--port", "/dev/ttyX"], 2, "--port"),
        (["--flash", "--image", "/nonexistent.uf2"], 1, "cannot read"),
        (["--flash", "--image", __file__], 1, "UF2"),
        (["--port", "/nonexistent"], 3, "no port"),
    ],
)
def test_bad_input(arguments, code, words, capsys):
    assert run_install(*arguments) == code
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


def test_an_image_for_another_chip(tmp_path, capsys):
    """RP2350's family, from the list of UF2 families."""
    path = tmp_path / "RPI_PICO2.uf2"
    block = struct.pack(
        "<8I476sI", *UF2_START, 0x2000, 0x1000_0000, 256, 0, 1, 0xE48B_FF59, b"", UF2_END
    )
    path.write_bytes(block)
    assert run_install("--flash", "--image", str(path)) == 1
    error = capsys.readouterr().err
    assert "is for another chip" in error and "RP2040" in error
    assert error.count("\n") == 1
