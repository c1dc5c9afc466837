"""Maintenance mode on MicroPython's unix port: what it says, how one gets in, and how it ends.

The same on the emulated chip, where the timer and the second terminal are MicroPython's own:
tests/chip/test_maintenance.py.
"""

import pytest

from display_text import shows
from host_tools.pico.repl import Repl
from maintenance_hands import enter, let_go_and_hold, plug_in_held, until_prompt, wait_s
from waiting import eventually

ASKS = "let go and", "hold again.", "change everything."
SAYS = "Maintenance mode", "change everything.", "unplug to leave"
IDLE_S = 600
LOOK_S = 5
AGAIN_S = 10


def all_shown(token, texts) -> bool:
    rows = token.screen()
    return all(shows(rows, text) for text in texts)


def traffic(token) -> None:
    with Repl(token.port.path) as board:
        assert board.run("print(6 * 7)").strip() == "42"
    wait_s(token, 0.3)  # until the board has heard the last of it


def becomes_a_token(token) -> None:
    ready = token.engine.ready
    eventually(lambda: ready.is_set() and not token.at_prompt, "a token")


def stays_at_the_prompt(token) -> None:
    wait_s(token, 0.5)
    assert token.engine.ready.is_set() and token.at_prompt


def test_a_second_hold_gives_the_prompt_and_the_display_says_what_that_is(hands):
    token = hands.token
    plug_in_held(token)
    eventually(lambda: all_shown(token, ASKS), "what it wants")
    assert not token.engine.ready.is_set()
    let_go_and_hold(token)
    eventually(lambda: all_shown(token, SAYS), "what the prompt can do")
    traffic(token)


@pytest.mark.parametrize("lets_go", [False, True], ids=["stuck", "let go"])
def test_without_a_second_hold_it_is_a_token(hands, lets_go):
    """Something lies on the button, or it was pressed by chance."""
    token = hands.token
    plug_in_held(token)
    eventually(lambda: all_shown(token, ASKS), "what it wants")
    if lets_go:
        token.hold(False)
    token.board.elapse(AGAIN_S)
    becomes_a_token(token)
    with hands.client() as client:
        assert client.status().vault == "ok"


def test_a_short_press_is_no_second_hold(hands):
    token = hands.token
    plug_in_held(token)
    token.hold(False)
    wait_s(token, 0.2)
    token.press(0.3)
    wait_s(token, 0.5)
    assert all_shown(token, ASKS)
    token.board.elapse(AGAIN_S)
    becomes_a_token(token)


def test_it_can_be_reached_without_a_display(boot):
    hands = boot(display=None)
    enter(hands.token)
    traffic(hands.token)


def test_it_ends_after_ten_minutes_in_which_the_port_said_nothing(hands):
    token = hands.token
    enter(token)
    for _ in range(2):
        token.board.elapse(IDLE_S - LOOK_S)
        stays_at_the_prompt(token)
        traffic(token)
    token.board.elapse(IDLE_S + LOOK_S)
    becomes_a_token(token)
    assert not shows(token.screen(), SAYS[0])


def test_what_was_asked_for_is_shown_and_ends_as_well(hands):
    token = hands.token

    def agree() -> None:
        hands.wait_for_question()
        token.hold(True)  # it restarts under the finger

    with hands.client(agree) as client:
        client.enter_maintenance()
    token.hold(False)
    until_prompt(token)
    assert all_shown(token, SAYS)
    traffic(token)
    token.board.elapse(IDLE_S + LOOK_S)
    becomes_a_token(token)


@pytest.mark.parametrize("broken", ["picototp.board.prompt_parts", "picototp.board.prompt_watch"])
def test_a_half_installed_board_can_be_reached(hands, broken):
    """Whatever of it cannot be loaded: the prompt comes."""
    token = hands.token
    enter(token)
    with Repl(token.port.path) as board:
        found = board.run(
            "import sys\n"
            "from picototp import prompt\n"
            f"sys.modules.pop({broken!r}, None)\n"
            "sys.path.clear()\n"
            "print(prompt.comes('asked'))"
        )
    assert found.strip() == "True"
