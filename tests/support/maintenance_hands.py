"""The way of a hand into maintenance mode, on either engine, with a display or without one."""

from host_tools.simulator.virtual_token import VirtualToken
from waiting import eventually

PATIENCE_S = 60.0
START_S = 2.5  # boot.py looks at the button, and has said what it wants
LET_GO_S = 0.3
HOLD_S = 1.2


def wait_s(token: VirtualToken, seconds: float) -> None:
    """Let the board live through that time."""
    token.board.clock.after(seconds, lambda: None)


def plug_in_held(token: VirtualToken) -> None:
    """Unplug it, if it has power, and plug it in with a finger on the button."""
    token.power(False)
    token.hold(True)
    token.power(True)
    wait_s(token, START_S)


def let_go_and_hold(token: VirtualToken) -> None:
    """What the display asks for then."""
    token.hold(False)
    wait_s(token, LET_GO_S)
    token.hold(True)
    wait_s(token, HOLD_S)
    token.hold(False)


def enter(token: VirtualToken) -> None:
    """All of it, until MicroPython's prompt is there."""
    plug_in_held(token)
    let_go_and_hold(token)
    ready = token.engine.ready
    eventually(lambda: ready.is_set() and token.at_prompt, "the prompt", PATIENCE_S)
