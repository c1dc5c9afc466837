"""Puts the firmware onto a board whose REPL is at hand, without any terminal.

An installation that is cut off anywhere leaves a board that can be installed again: main.py goes
first and comes back last, and without it MicroPython offers its REPL. The vault in /data is never
touched.
"""

from collections.abc import Callable
from dataclasses import dataclass

from host_tools.errors import ToolError
from host_tools.pico import board_files
from host_tools.pico.board_files import DATA, MAIN, MANIFEST, Files
from host_tools.pico.boards import CHIPS
from host_tools.pico.repl import Repl

OLDEST = (1, 28)
_CHIPS = " or ".join(CHIPS)  # by MicroPython's name; an RP2350 in RISC-V mode has another
_BLOCK_BYTES = 4096
_SPARE_BLOCKS = 8  # littlefs keeps folders in pairs of blocks, and copies before it frees


@dataclass(frozen=True)
class Plan:
    """What an installation has to do: paths to write, in order, and paths to remove."""

    files: Files
    write: list[str]
    remove: list[str]

    @property
    def size(self) -> int:
        """Bytes to write."""
        return sum(len(self.files[path]) for path in self.write)


def check_board(repl: Repl) -> int:
    """sys.implementation._mpy of a board that can become a token; ToolError if it cannot."""
    name, version, machine, mpy = repl.evaluate(
        "(lambda i: (i.name, tuple(i.version)[:3], getattr(i, '_machine', ''),"
        " getattr(i, '_mpy', 0)))(__import__('sys').implementation)"
    )
    found = f"{repl.port} runs {name} {'.'.join(map(str, version))} on {machine or 'its chip'}"
    if name != "micropython":
        raise ToolError(f"{found}, not MicroPython; put that on it: picototp install --flash")
    if machine.rpartition(" ")[2] not in CHIPS:
        raise ToolError(f"{found}; the firmware is for a Raspberry Pi Pico with {_CHIPS}")
    if tuple(version[:2]) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise ToolError(f"{found}: too old; put {oldest} on it: picototp install --flash")
    return int(mpy)


def make_plan(repl: Repl, files: Files, mpy: int) -> Plan:
    """What differs between the board and `files`. ToolError if they cannot run or do not fit."""
    problem = board_files.mpy_problem(files, mpy)
    if problem is not None:
        raise ToolError(f"this MicroPython does not fit the firmware: {problem}; use 1.28")
    on_board = repl.files(skip=(DATA, "/rom"))
    same_size = [path for path in files if on_board.get(path) == len(files[path])]
    old = board_files.listed(repl.read(MANIFEST)) if MANIFEST in on_board else []
    remove = board_files.stale(on_board, files, old)
    write = board_files.changed(repl.digests(same_size), files)
    if write or remove:
        # Taken away first, and back last.
        remove = [path for path in (MAIN, MANIFEST) if path in on_board] + remove
        write = [path for path in write if path not in (MAIN, MANIFEST)] + [MAIN, MANIFEST]
    plan = Plan(files, write, remove)
    _check_room(repl, plan, on_board)
    return plan


def carry_out(repl: Repl, plan: Plan, progress: Callable[[int], None] = lambda count: None) -> None:
    """Make the board what the plan says. `progress` gets the bytes written so far."""
    if not plan.write:
        return
    repl.remove(plan.remove)
    repl.make_folders(plan.write)
    done = 0
    for path in plan.write:
        for arrived in repl.write(path, plan.files[path]):
            progress(done + arrived)
        done += len(plan.files[path])


def _check_room(repl: Repl, plan: Plan, sizes: dict[str, int]) -> None:
    """ToolError unless everything fits, before anything is changed."""

    def blocks(size: int) -> int:
        return -(-size // _BLOCK_BYTES)

    gone = sum(blocks(sizes[path]) for path in {*plan.remove, *plan.write} if path in sizes)
    new = sum(blocks(len(plan.files[path])) for path in plan.write)
    need = max(0, new - gone + _SPARE_BLOCKS) * _BLOCK_BYTES
    free = repl.free_bytes() if plan.write else need
    if free < need:
        raise ToolError(
            f"the board's flash is full: {free // 1024} KB are free and {need // 1024} KB are "
            "needed; remove files of yours from it, for example with mpremote"
        )
