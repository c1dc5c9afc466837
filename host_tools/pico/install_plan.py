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
from host_tools.pico.repl import Repl, odd_answer

OLDEST = (1, 28)
_AT_START = ("/boot.py", "/boot.mpy", "/main.py", "/main.mpy")  # what MicroPython runs by itself
_FROZEN = {"_boot", "rp2"}  # and what it has loaded of its own, before there are files
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
    told = repl.evaluate(
        "(lambda i: (i.name, tuple(i.version)[:3], getattr(i, '_machine', ''),"
        " getattr(i, '_mpy', 0)))(__import__('sys').implementation)"
    )
    if not (isinstance(told, tuple) and [type(one) for one in told] == [str, tuple, str, int]):
        raise odd_answer()
    name, version, machine, mpy = told
    if len(version) != 3 or not all(isinstance(one, int) and 0 <= one < 1000 for one in version):
        raise odd_answer()
    number = ".".join(map(str, version))
    found = f"{repl.port} runs {name[:40]} {number} on {machine[:80] or 'its chip'}"
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
    _check_mpy(files, mpy)
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


def clear_the_way(repl: Repl) -> None:
    """Restart the interpreter without the board's own programs: what they changed in it, so that it
    answers for files that are others, is gone. ToolError if they are still there.

    The board has no firmware then until `plan_for_all` was carried out. A changed MicroPython can
    still lie: only writing that again, in BOOTSEL mode, ends it.
    """
    no_files = "import sys; sys.path.clear()"  # or the board's os.py would be imported for os
    repl.run(
        f"{no_files}\n"
        "import os\n"
        f"for path in {_AT_START!r}:\n"
        "    try:\n"
        "        os.remove(path)\n"
        "    except OSError:\n"
        "        pass\n"
    )
    repl.soft_reset()
    repl.run(no_files)
    there = repl.evaluate("[name for name, *_ in __import__('os').ilistdir('/')]")
    left = repl.evaluate("list(__import__('sys').modules)")
    if not isinstance(there, list) or not isinstance(left, list):
        raise odd_answer()
    if set(map(str, left)) - _FROZEN or {path[1:] for path in _AT_START} & {*map(str, there)}:
        raise ToolError(
            "the board does not let go of its own programs; write all of its flash in BOOTSEL mode"
        )


def plan_for_all(repl: Repl, files: Files, mpy: int) -> Plan:
    """A plan to rewrite everything, and to keep nothing beside it but /data. ToolErrors as of
    `make_plan`."""
    _check_mpy(files, mpy)
    on_board = repl.files(skip=(DATA, "/rom"))
    last = (MAIN, MANIFEST)
    write = [path for path in sorted(files) if path not in last] + [*last]
    first = [path for path in last if path in on_board]
    plan = Plan(files, write, first + sorted(set(on_board) - set(first)))
    _check_room(repl, plan, on_board)
    return plan


def check_written(repl: Repl, files: Files) -> None:
    """Read all of it back. ToolError if the board holds anything else."""
    on_board = repl.files(skip=(DATA, "/rom"))
    wrong = set(files) ^ set(on_board) or board_files.changed(repl.digests([*files]), files)
    if wrong:
        raise ToolError(
            f"the board does not hold what was written ({sorted(wrong)[0]}): its flash is broken, "
            "or it is not what it seems"
        )


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


def _check_mpy(files: Files, mpy: int) -> None:
    problem = board_files.mpy_problem(files, mpy)
    if problem is not None:
        raise ToolError(f"this MicroPython does not fit the firmware: {problem}; use 1.28")


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
