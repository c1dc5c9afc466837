"""Puts the firmware onto a board whose REPL is at hand, without any terminal.

New firmware goes into the slot that is not running, whole, is checked by its hash on the board, and
is chosen then, by one small write. Each file takes the place of the one before it at once or not at
all. So a token that is cut off anywhere starts as a token, with the old or the new firmware; also
one of before there were bundles, whose files are removed last. A board that was no token yet has
MicroPython's REPL, to be installed again, until boot.py and main.py come, last. The vault in /data
is never touched.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from host_tools.errors import ToolError
from host_tools.pico import board_files, bundle_file
from host_tools.pico.board_files import BOOT, DATA, MAIN, MANIFEST, SLOTS, USE, Files
from host_tools.pico.boards import CHIPS
from host_tools.pico.firmware_build import BESIDE
from host_tools.pico.repl import Repl, odd_answer
from picototp.board import slots

OLDEST = (1, 28)
_AT_START = ("/boot.py", "/boot.mpy", "/main.py", "/main.mpy")  # what MicroPython runs by itself
_FROZEN = {"_boot", "rp2"}  # and what it has loaded of its own, before there are files
_CHIPS = " or ".join(CHIPS)  # by MicroPython's name; an RP2350 in RISC-V mode has another
_LOADERS = tuple(f"/{name}.mpy" for name in BESIDE)
_NOT_OURS = (DATA, "/rom")
_BLOCK_BYTES = 4096
_SPARE_BLOCKS = 8  # littlefs keeps folders in pairs of blocks, and copies before it frees


@dataclass(frozen=True)
class Plan:
    """What an installation has to do: paths to write, in order, and paths to remove, most of them
    when all is written."""

    files: Files
    write: list[str]
    remove: list[str]
    remove_first: list[str] = field(default_factory=list)

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
    """What differs between the board and `files`, those of a new token. ToolError if they cannot
    run or do not fit."""
    files = dict(files)
    bundle = files.pop(board_files.slot_file("a"))
    del files[USE]
    _check_mpy(bundle, mpy)
    on_board = repl.files(skip=_NOT_OURS)
    paths = [*files, *map(board_files.slot_file, SLOTS)]
    there = repl.digests([path for path in paths if path in on_board])
    slot, state = _chosen(repl, on_board)
    wanted = board_files.sha256(bundle)
    holds = {one: there.get(board_files.slot_file(one)) for one in SLOTS}
    write: list[str] = []
    if holds[slot] != wanted or USE not in on_board:
        others = slots.other(slot)
        if USE in on_board and state[0] == slots.PROVEN:
            slot = others  # what runs stays, to go back to
        path = board_files.slot_file(slot)
        if there.get(path) != wanted:
            files[path] = bundle
            write.append(path)
        has_another = board_files.slot_file(slots.other(slot)) in on_board
        files[USE] = board_files.chosen(slot, slots.NEW if has_another else slots.PROVEN)
    write += [path for path in files if path in _LOADERS and _differs(files, there, path)]
    write += [USE] if USE in files else []
    write += [path for path in (BOOT, MAIN) if _differs(files, there, path)]
    kept = {**files, **dict.fromkeys(map(board_files.slot_file, SLOTS), b""), USE: b""}
    old = board_files.listed(repl.read(MANIFEST)) if MANIFEST in on_board else []
    # What was cut off half way is written again under the same name, and is gone then.
    half = {path + board_files.NEW_ENDING for path in write}
    remove = [path for path in board_files.stale(on_board, kept, old) if path not in half]
    # A stranger's main.py must not run between our boot.py and ours: no prompt might come any more.
    is_stranger = not {USE, MANIFEST} & {*on_board}
    first = [MAIN] if is_stranger and MAIN in on_board and MAIN in write else []
    plan = Plan(files, write, remove, first)
    _check_room(repl, plan, on_board)
    return plan


def _differs(files: Files, there: Mapping[str, str], path: str) -> bool:
    return there.get(path) != board_files.sha256(files[path])


def _chosen(repl: Repl, on_board: Mapping[str, int]) -> tuple[str, str]:
    """The slot that a board chose, and its state."""
    is_small = on_board.get(USE) == len(board_files.chosen("a", slots.PROVEN))
    text = repl.read(USE) if is_small else b""
    return slots.parsed(text) or ("a", slots.PROVEN + slots.FINE)


def go_back(repl: Repl) -> str:
    """Have the firmware in the other slot run from the next start on; its version. ToolError if
    there is none that can."""
    on_board = repl.files(skip=_NOT_OURS)
    slot, _ = _chosen(repl, on_board)
    path = board_files.slot_file(slots.other(slot))
    head = repl.bundle_head(path) if path in on_board else None
    if head is None or not bundle_file.is_ours(head):
        raise ToolError("the board holds no other firmware that is whole: picototp install")
    for _ in repl.write(USE, board_files.chosen(slots.other(slot), slots.NEW)):
        pass
    return bundle_file.version(head)


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
    _check_mpy(files[board_files.slot_file("a")], mpy)
    on_board = repl.files(skip=_NOT_OURS)
    last = (USE, BOOT, MAIN)
    write = [path for path in sorted(files) if path not in last] + [*last]
    plan = Plan(files, write, [], sorted(on_board))
    _check_room(repl, plan, on_board)
    return plan


def check_written(repl: Repl, files: Files) -> None:
    """Read all of it back. ToolError if the board holds anything else."""
    on_board = repl.files(skip=_NOT_OURS)
    wrong = {*files} ^ {*on_board} or _wrong(repl, files)
    if wrong:
        raise _is_broken(sorted(wrong)[0])


def _wrong(repl: Repl, files: Mapping[str, bytes]) -> set[str]:
    there = repl.digests([*files])
    return {path for path in files if there[path] != board_files.sha256(files[path])}


def _is_broken(path: str) -> ToolError:
    return ToolError(
        f"the board does not hold what was written ({path}): its flash is broken, or it is not "
        "what it seems"
    )


def carry_out(repl: Repl, plan: Plan, progress: Callable[[int], None] = lambda count: None) -> None:
    """Make the board what the plan says. `progress` gets the bytes written so far. ToolError if a
    bundle does not arrive as it is."""
    if plan.remove_first:
        repl.remove(plan.remove_first)
    done = 0
    for path in plan.write:
        for arrived in repl.write(path, plan.files[path]):
            progress(done + arrived)
        done += len(plan.files[path])
        if path in map(board_files.slot_file, SLOTS) and _wrong(repl, {path: plan.files[path]}):
            raise _is_broken(path)
    if plan.remove:
        repl.remove(plan.remove)


def _check_mpy(bundle: bytes, mpy: int) -> None:
    problem = board_files.mpy_problem(bundle, mpy)
    if problem is not None:
        raise ToolError(f"this MicroPython does not fit the firmware: {problem}; use 1.28")


def _check_room(repl: Repl, plan: Plan, sizes: dict[str, int]) -> None:
    """ToolError unless everything fits, before anything is changed."""

    def blocks(size: int) -> int:
        return -(-size // _BLOCK_BYTES)

    gone = sum(blocks(sizes[path]) for path in plan.remove_first)
    new = sum(blocks(len(plan.files[path])) for path in plan.write)
    need = max(0, new - gone + _SPARE_BLOCKS) * _BLOCK_BYTES
    free = repl.free_bytes() if plan.write else need
    if free < need:
        raise ToolError(
            f"the board's flash is full: {free // 1024} KB are free and {need // 1024} KB are "
            "needed; remove files of yours from it, for example with mpremote"
        )
