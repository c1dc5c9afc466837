"""Every command that writes, at the ends of what a token may hold and of what its flash may take.

A Setting is a number of accounts, their size, how long the flash takes, and whether there is a PIN.
Of each command in it: how long it takes from yes to answer, how long nobody feeds the watchdog, and
the heap that is left. After them, the power fails in one more, and the token starts.
"""

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise, product
from pathlib import Path
from random import Random

from host_tools.benchmark import ACCOUNTS, Say, unix_micropython
from host_tools.benchmark.emulated_pico import EmulatedPico
from host_tools.benchmark.power_cuts import started, until_cut
from host_tools.benchmark.running_token import RunningToken
from host_tools.benchmark.writing_commands import PINS, commands
from host_tools.errors import ToolError
from host_tools.pico.board_files import collect
from host_tools.pico.uf2 import Image
from host_tools.simulator.clock import NS_PER_S
from host_tools.simulator.devices.flash import LONGEST, TYPICAL

LIMIT_S = 1.0  # between two feeds of the watchdog, which bites after 8
HEADINGS = ("Accounts", "Flash", "PIN", "Command", "Yes to answer", "Unfed", "Heap free", "")


@dataclass(frozen=True)
class Setting:
    """Where the commands are run; `size` is "small" or "largest"."""

    accounts: int
    size: str
    slow: bool
    pin: bool

    def cells(self) -> tuple[str, str, str]:
        """In words."""
        accounts = f"{self.accounts} {self.size}"
        return accounts, "longest" if self.slow else "typical", "yes" if self.pin else "no"


SETTINGS = [
    Setting(accounts, size, slow, pin)
    for (accounts, size), slow, pin in product(
        [(0, "small"), (1, "small"), (ACCOUNTS, "small"), (ACCOUNTS, "largest")],
        [False, True],
        [False, True],
    )
]


@dataclass(frozen=True)
class Result:
    """What one command took: seconds from yes to answer, the longest time in which the watchdog was
    not fed, KB of heap that were free afterwards; or, of a cut, what the start found."""

    setting: Setting
    command: str
    seconds: float | None
    unfed_s: float | None
    heap_kb: float | None

    @property
    def ok(self) -> bool:
        """Whether the watchdog was fed in time."""
        return self.unfed_s is None or self.unfed_s <= LIMIT_S

    def cells(self) -> tuple[str, ...]:
        """As HEADINGS has them."""
        seconds = "" if self.seconds is None else f"{self.seconds:.2f} s"
        unfed = "" if self.unfed_s is None else f"{self.unfed_s:.2f} s"
        heap = "" if self.heap_kb is None else f"{self.heap_kb:.1f} KB"
        return (
            *self.setting.cells(), self.command, seconds, unfed, heap, "" if self.ok else "MISSED"
        )  # fmt: skip


def measure(image: Image, say: Say, settings: Iterable[Setting], seed: int) -> Iterator[Result]:
    """The results as they come. ToolError if the token restarts by itself, or if it has neither the
    old nor the new state after a power cut."""
    say(f"extremes: PICOTOTP_TEST_SEED={seed}")
    for setting in settings:
        say("extremes: {} accounts, {} flash times, PIN: {}".format(*setting.cells()))
        yield from _measured(image, setting, Random(seed))


def _feeds_of(pico: EmulatedPico) -> list[int]:
    """When the watchdog is fed from now on, this moment included."""
    fed_ns = [pico.chip.now_ns]
    pico.chip.on_fed = lambda: fed_ns.append(pico.chip.now_ns)
    return fed_ns


def _measured(image: Image, setting: Setting, chance: Random) -> Iterator[Result]:
    pin = PINS[0] if setting.pin else ""
    vault = unix_micropython.filled_files(setting.accounts, setting.size, pin)
    times = LONGEST if setting.slow else TYPICAL
    with tempfile.TemporaryDirectory(prefix="picototp-extremes-") as name:
        folder = Path(name)
        with EmulatedPico(image, {**collect(), **vault}, folder) as pico:
            pico.board.flash.times = times
            token = RunningToken(pico)
            state = started(token, [pin])
            for command_name in [one.name for one in commands(state, chance) if one.name != "wipe"]:
                found = [one for one in commands(state, chance) if one.name == command_name]
                if not found:
                    continue  # the command before took what it needs
                fed_ns = _feeds_of(pico)
                seconds = found[0].run(token)
                pico.run_for(NS_PER_S)
                state = found[0].after
                unfed_s = max(after - before for before, after in pairwise(fed_ns)) / NS_PER_S
                heap_kb = token.client.status().heap_free / 1024
                yield Result(setting, command_name, seconds, unfed_s, heap_kb)
            tear, command, states = until_cut(token, state, chance)
        with EmulatedPico(image, None, folder) as pico:
            pico.board.flash.times = times
            found_state = started(RunningToken(pico), [one.pin for one in states])
        if found_state not in states:
            raise ToolError(f"a power cut in {command!r}, torn at the {tear}, lost accounts")
        what = "new" if found_state == states[-1] else "old"
        yield Result(setting, f"cut in {command} ({tear}): {what}", None, None, None)
