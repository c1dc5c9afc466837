"""The way of a hand into maintenance mode, on either engine, with a display or without one."""

from host_tools.simulator.unix_engine import UnixEngine
from host_tools.simulator.virtual_token import VirtualToken
from waiting import eventually

PATIENCE_S = 60.0
START_S = 2.5  # boot.py looks at the button, and has said what it wants
LET_GO_S = 0.3
_LOOKS = 10


def wait_s(token: VirtualToken, seconds: float) -> None:
    """Let the board live through that time."""
    token.board.clock.after(seconds, lambda: None)


def until_followed(token: VirtualToken, seconds: float) -> None:
    """Wait until the firmware has followed the button for so long. On a busy computer it may take
    longer there until it looks; an emulated chip has time of its own."""
    wait_s(token, seconds)
    if isinstance(token.engine, UnixEngine):
        assert token.board.button.wait_for_looks(_LOOKS, PATIENCE_S), "nobody looks at the button"


def plug_in_held(token: VirtualToken) -> None:
    """Unplug it, if it has power, and plug it in with a finger on the button."""
    token.power(False)
    token.hold(True)
    token.power(True)
    until_followed(token, START_S)


def let_go_and_hold(token: VirtualToken) -> None:
    """What the display asks for then, until MicroPython's prompt is there."""
    token.hold(False)
    until_followed(token, LET_GO_S)
    token.hold(True)
    until_prompt(token)
    token.hold(False)


def until_prompt(token: VirtualToken) -> None:
    """Wait for MicroPython's prompt."""
    ready = token.engine.ready
    eventually(lambda: ready.is_set() and token.at_prompt, "the prompt", PATIENCE_S)


def enter(token: VirtualToken) -> None:
    """All of it."""
    plug_in_held(token)
    let_go_and_hold(token)
