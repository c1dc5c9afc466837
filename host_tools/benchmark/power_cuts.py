"""One life of a token on the emulated chip, in which the power fails again and again.

Each time at a flash operation of chance, of a command of chance, with a tear of chance; then the
chip starts, and has to have what it had before the command, or what the command was to leave. What
follows a command (the other file is renewed, old copies are erased) is cut as well.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from random import Random

from host_tools.benchmark import Say, unix_micropython
from host_tools.benchmark.emulated_pico import EmulatedPico
from host_tools.benchmark.running_token import RunningToken
from host_tools.benchmark.writing_commands import Command, State, commands
from host_tools.client.wire_errors import TokenError
from host_tools.errors import ToolError
from host_tools.pico.board_files import collect
from host_tools.pico.uf2 import Image
from host_tools.simulator.clock import NS_PER_S
from host_tools.simulator.devices.flash import PowerCut, Tear

_FIRST_ACCOUNTS = 14  # so many that the vault has blocks of its own
_MOST_OPERATIONS = 40  # until the cut: more than most commands have
_MOST_REST_S = 6  # after a command, in which the token tidies up
_READ_MS = 1_900


@dataclass(frozen=True)
class Cut:
    """The power failed in this command, and afterwards the token had the old or the new state."""

    command: str
    tear: str
    was_new: bool


def lives(image: Image, cuts: int, seed: int, say: Say) -> list[Cut]:
    """So many power cuts, each followed by a start. ToolError tells of the first after which the
    token has anything but the state before or after the command."""
    chance = Random(seed)
    say(f"{cuts} power cuts: PICOTOTP_TEST_SEED={seed}")
    found: list[Cut] = []
    with tempfile.TemporaryDirectory(prefix="picototp-cuts-") as name:
        folder = Path(name)
        files = {**collect(), **unix_micropython.filled_files(_FIRST_ACCOUNTS, "small")}
        with EmulatedPico(image, files, folder) as pico:
            states = [started(RunningToken(pico), [""])]
        tear, command = "", "the first start"
        while True:
            with EmulatedPico(image, None, folder) as pico:
                token = RunningToken(pico)
                state = started(token, [one.pin for one in states])
                if state not in states:
                    raise ToolError(
                        f"seed {seed}, cut {len(found)}, {command}, torn at the {tear}: the token "
                        f"has {state} instead of one of {states}"
                    )
                if tear:
                    found.append(Cut(command, tear, state == states[-1]))
                    say(f"cut {len(found)} of {cuts}: {command}, torn at the {tear}")
                if len(found) == cuts:
                    return found
                tear, command, states = until_cut(token, state, chance)


def started(token: RunningToken, pins: list[str]) -> State:
    """What the token has, after it has started and, if it has a PIN, taken one of these."""
    token.start()
    token.read_ms = _READ_MS
    token.pico.run_for(NS_PER_S)
    token.client.hello()
    if token.client.status().vault != "ok":
        raise ToolError("the token says that its accounts are damaged")
    if not token.client.status().locked:
        pin = "" if not token.client.status().pin else pins[-1]
        return State.of(token.client.accounts(), pin)
    for pin in dict.fromkeys(pin for pin in pins if pin):
        try:
            token.client.unlock(pin)
            return State.of(token.client.accounts(), pin)
        except TokenError as error:
            if error.code not in ("wrong-pin", "too-soon"):
                raise
            token.pico.run_for((error.data.get("wait_s", 0) + 1) * NS_PER_S)
    raise ToolError("the token takes none of its PINs")


def until_cut(token: RunningToken, state: State, chance: Random) -> tuple[str, str, list[State]]:
    """(how it was torn, in what, the states that it may have) after commands until a cut."""
    flash = token.pico.board.flash
    while True:
        command = _chosen(state, chance)
        tear = chance.choice((None, *Tear))
        flash.cut_after(chance.randint(1, _MOST_OPERATIONS), tear, chance.getrandbits(32))
        states = [state, command.after]
        try:
            command.run(token)
            states = [command.after]
            token.pico.run_for(round(chance.uniform(0, _MOST_REST_S) * NS_PER_S))
        except PowerCut:
            return tear.value if tear else "edge", command.name, states
        flash.power_on()  # no cut was reached: go on
        state = command.after


def _chosen(state: State, chance: Random) -> Command:
    found = commands(state, chance)
    if len(state.accounts) < _FIRST_ACCOUNTS:
        found += [one for one in found if one.name == "add several"] * 3
    return chance.choice([one for one in found if one.name != "wipe" or chance.random() < 0.2])
