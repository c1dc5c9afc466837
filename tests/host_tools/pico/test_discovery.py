"""Which of several boards is the token, and what to say where none is."""

from types import SimpleNamespace

import pytest

from host_tools.client import ports
from host_tools.errors import NoToken, UsageProblem
from host_tools.pico import discovery
from host_tools.pico.board_port import Mode


def info(device, number="e661", **more):
    known = {"manufacturer": None, "product": None, "vid": 0x2E8A, "pid": 0x0005, **more}
    return SimpleNamespace(device=device, serial_number=number, **known)


@pytest.fixture
def plugged_in(monkeypatch):
    """Has these boards at their ports: {path: (number, mode)}."""
    monkeypatch.delenv(ports.PORT_VARIABLE, raising=False)

    def plug(boards):
        infos = [info(path, number) for path, (number, _) in boards.items()]
        monkeypatch.setattr(ports.list_ports, "comports", lambda: infos)
        monkeypatch.setattr(discovery, "_mode_at", lambda path: boards[path][1])

    return plug


def test_one_board_is_not_asked_what_it_is(plugged_in, monkeypatch):
    plugged_in({"/dev/a": ("1", None)})
    monkeypatch.setattr(discovery, "_mode_at", pytest.fail)
    assert discovery.find_token(None) == "/dev/a"


def test_plain_boards_do_not_count_beside_a_token(plugged_in):
    plugged_in({"/dev/a": ("1", Mode.REPL), "/dev/b": ("2", Mode.TOKEN), "/dev/c": ("3", None)})
    assert discovery.find_token(None) == "/dev/b"


def test_two_tokens_are_listed_with_their_numbers(plugged_in):
    plugged_in({"/dev/a": ("e1", Mode.TOKEN), "/dev/b": ("e2", Mode.TOKEN)})
    with pytest.raises(UsageProblem, match=r"--port: /dev/a \(number e1\), /dev/b \(number e2\)"):
        discovery.find_token(None)
    assert discovery.find_token("/dev/b") == "/dev/b"


def test_boards_that_are_no_token_are_told_for_what_they_are(plugged_in):
    plugged_in({"/dev/a": ("1", Mode.REPL), "/dev/b": (None, Mode.SILENT)})
    with pytest.raises(NoToken, match=r"/dev/a \(number 1\): plain MicroPython, /dev/b: nothing"):
        discovery.find_token(None)


def test_a_port_is_taken_from_the_environment(plugged_in, monkeypatch):
    plugged_in({"/dev/a": ("1", Mode.TOKEN), "/dev/b": ("2", Mode.TOKEN)})
    monkeypatch.setenv(ports.PORT_VARIABLE, "/dev/z")
    assert discovery.find_token(None) == "/dev/z"


def test_another_device_is_told_by_the_name_that_it_gives_itself(monkeypatch):
    modem = info("/dev/m", manufacturer="ACME\x1b[2J", product="Modem 3", vid=1, pid=1)
    monkeypatch.setattr(discovery.list_ports, "comports", lambda: [modem])
    monkeypatch.setattr(discovery, "_mode_at", lambda path: Mode.SILENT)
    message = discovery.who_is_it("/dev/m").message
    assert "calls itself 'ACME?[2J Modem 3'" in message and "\x1b" not in message
    assert "it may be another device" in discovery.who_is_it("/dev/n").message
    monkeypatch.setattr(discovery, "_mode_at", lambda path: Mode.REPL)
    assert "picototp install" in discovery.who_is_it("/dev/m").message
