"""Changes the code in small ways, one at a time, and sees whether any test notices.

    python tools/mutants.py --count 60 --seed 7      make mutants MUTANTS=60 SEED=7

Each mutant is tried in a copy of the tree: with the tests that run its line, which coverage has
recorded before, the quickest first, then with all tests of some of their files, then with those of
the module's folder, some of which run the code in other processes. One that survives is a behaviour
that no test holds, or it is equivalent: then it belongs into tools/equivalent_mutants.txt, with the
reason. Prints the seed, what killed each, the survivors, and the rate of those killed. `--jobs` of
them are tried at a time.
"""

import argparse
import ast
import copy
import json
import os
import queue
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import pytest
import which_tests  # beside this file

ROOT = Path(__file__).resolve().parents[1]
EQUIVALENT = ROOT / "tools" / "equivalent_mutants.txt"
READY_PYTEST = ROOT / "tools" / "ready_pytest.py"
_QUIET = ("-q", "-p", "no:cacheprovider")
_NO_CONFTEST = "ImportError while loading conftest"  # how pytest tells of a module that ends so
FIRST = (10, 300)  # tests, the quickest that run a line
FILES = 3  # of these
TIMEOUT_S = 900  # a mutant that takes longer hangs: it was noticed
# What is changed, and the tests that have to notice, after those of the module itself.
TARGETS = {
    "firmware/picototp/vault": ["tests/firmware/vault", "tests/firmware/protocol"],
    "firmware/picototp/app": ["tests/firmware/app", "tests/firmware/protocol"],
    "firmware/picototp/protocol": ["tests/firmware/protocol", "tests/firmware/app"],
    "firmware/picototp/clock": ["tests/firmware/clock", "tests/firmware/protocol"],
    "firmware/picototp/codes": ["tests/firmware/codes"],
    "host_tools/credentials": ["tests/host_tools/credentials", "tests/end_to_end/test_import.py"],
    "host_tools/client": ["tests/host_tools/client", "tests/host_tools/commands"],
}
_COMPARISONS = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_OPERATIONS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """A change: the kind of it, at the n-th place of a file that allows this kind."""

    path: str
    kind: str
    number: int
    line: int
    begins: int  # the line of its statement's beginning
    before: str  # the statement, in one line

    @property
    def name(self) -> str:
        """By which it is known in the list of equivalent ones, wherever the line moves."""
        return f"{self.path} | {self.kind} | {self.before}"


def _comparison(node: ast.AST) -> bool:
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARISONS:
        node.ops[0] = _COMPARISONS[type(node.ops[0])]()
        return True
    return False


def _operation(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
        if any(isinstance(side, ast.Constant | ast.JoinedStr) and not _is_number(side)
               for side in (node.left, node.right)):  # fmt: skip
            return False  # texts cannot be taken from each other
        node.op = _OPERATIONS[type(node.op)]()
        return True
    return False


def _is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int


def _number(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        node.value += 1
        return True
    return False


def _flag(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        node.value = not node.value
        return True
    return False


def _logic(node: ast.AST) -> bool:
    if isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        return True
    return False


def _condition(node: ast.AST) -> bool:
    if isinstance(node, ast.If | ast.While | ast.IfExp):
        node.test = ast.UnaryOp(ast.Not(), node.test)
        return True
    return False


def _dropped(node: ast.AST) -> bool:
    """A call, a raise or an assignment that does not happen."""
    for name in ("body", "orelse", "finalbody"):
        statements = getattr(node, name, None)
        if not isinstance(statements, list):
            continue
        for index, one in enumerate(statements):
            if getattr(one, "dropped", False):
                statements[index] = ast.copy_location(ast.Pass(), one)
                return True
    return False


KINDS: dict[str, Callable[[ast.AST], bool]] = {
    "comparison": _comparison,
    "operation": _operation,
    "number": _number,
    "flag": _flag,
    "logic": _logic,
    "condition": _condition,
}
DROPPED = "dropped statement"
_ANNOTATIONS = ("annotation", "returns")


def _functions(tree: ast.Module) -> Iterator[ast.stmt]:
    """The statements within functions, and the constants of the module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield from (one for one in ast.walk(node) if isinstance(one, ast.stmt))


def mutants(path: Path) -> list[Mutant]:
    """All that there are of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    name = path.relative_to(ROOT).as_posix()
    statements = {id(node): one for one in _functions(tree) for node in ast.walk(one)}
    for unused in _types(tree):
        statements.pop(unused, None)
    found = []
    for kind, change in KINDS.items():
        number = 0
        for node in ast.walk(tree):
            if change(copy.deepcopy(node)):
                if id(node) in statements:
                    statement = statements[id(node)]
                    line = getattr(node, "lineno", statement.lineno)
                    text = _one_line(statement)
                    found.append(Mutant(name, kind, number, line, statement.lineno, text))
                number += 1
    for number, one in enumerate(_droppable(tree)):
        found.append(Mutant(name, DROPPED, number, one.lineno, one.lineno, _one_line(one)))
    return found


def _droppable(tree: ast.Module) -> list[ast.stmt]:
    return [one for one in dict.fromkeys(_functions(tree)) if _may_be_dropped(one)]


def _may_be_dropped(one: ast.stmt) -> bool:
    if isinstance(one, ast.Expr):
        return isinstance(one.value, ast.Call)
    if isinstance(one, ast.Assign):  # a name that is missing then would always be noticed
        return isinstance(one.targets[0], ast.Attribute | ast.Subscript)
    return isinstance(one, ast.Raise | ast.AugAssign)


def _types(tree: ast.Module) -> set[int]:
    """The ids of what stands in annotations: nobody runs that."""
    found = [getattr(node, name, None) for node in ast.walk(tree) for name in _ANNOTATIONS]
    return {id(node) for one in found if one is not None for node in ast.walk(one)}


def _one_line(node: ast.stmt) -> str:
    return ast.unparse(node).strip().splitlines()[0]


def mutated(source: str, mutant: Mutant) -> str:
    """The source with that change."""
    tree = ast.parse(source)
    if mutant.kind == DROPPED:
        _droppable(tree)[mutant.number].dropped = True  # type: ignore[attr-defined]
        assert any([_dropped(node) for node in ast.walk(tree)])
    else:
        change, number = KINDS[mutant.kind], 0
        for node in ast.walk(tree):
            if change(copy.deepcopy(node)):
                if number == mutant.number:
                    change(node)
                    break
                number += 1
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def equivalent() -> dict[str, str]:
    """Why a mutant cannot be told from the code, by its name."""
    found = {}
    for line in EQUIVALENT.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _, reason = line.rpartition(" | ")
            found[name] = reason
    return found


def all_mutants(only: str = "") -> list[Mutant]:
    """List those of all files, or of those whose path has that text."""
    files = [path for folder in TARGETS for path in sorted((ROOT / folder).rglob("*.py"))]
    return [one for path in files if only in path.as_posix() for one in mutants(path)]


def tests_of(path: str) -> list[str]:
    """The tests of that module's folder: first the ones that are called after it."""
    folder = next(folder for folder in TARGETS if path.startswith(folder + "/"))
    name = Path(path).stem
    own = sorted((ROOT / TARGETS[folder][0]).glob(f"**/test_{name}*.py"))
    return [*(one.relative_to(ROOT).as_posix() for one in own), *TARGETS[folder]]


class Workshop:
    """A copy of the tree in which one file at a time is changed, with a pytest that is ready."""

    def __init__(self, tree: Path) -> None:
        self.tree = tree
        self._said = tree.parent / "said"
        self._server: subprocess.Popen[str] | None = None

    def runners(self) -> dict[str, list[str]]:
        """Which tests run a line, by `path:line`; the quickest first."""
        target = self.tree.parent / "lines.json"
        tests = dict.fromkeys(one for some in TARGETS.values() for one in some)
        command = ["-n", str(os.cpu_count() or 1), "-p", which_tests.__name__]
        environment = {
            **self._environment(),
            which_tests.TARGET: str(target),
            which_tests.SOURCES: os.pathsep.join(TARGETS),
        }
        # Compiled modules are kept here alone: all of these files have kept their times, and a
        # changed one is newer.
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *_QUIET, *command, *tests],
            cwd=self.tree,
            env=environment,
            capture_output=True,
        )
        if done.returncode:
            sys.exit(f"the tests fail without any change:\n{done.stdout.decode()[-4000:]}")
        return which_tests.read(target)

    def killer(self, mutant: Mutant, runners: list[str]) -> str:
        """The test that fails with it, or else what happens; empty if nothing does."""
        path = self.tree / mutant.path
        source = path.read_text(encoding="utf-8")
        path.write_text(mutated(source, mutant), encoding="utf-8")
        # What a fixture of a module does is noted for the first test that needs it alone.
        files = [*dict.fromkeys(one.partition("::")[0] for one in runners)][:FILES]
        few, many = FIRST
        stages = (runners[:few], runners[few:many], files, tests_of(mutant.path))
        try:
            return next(filter(None, (self._noticed(tests) for tests in stages if tests)), "")
        finally:
            path.write_text(source, encoding="utf-8")

    def close(self) -> None:
        """Ends its pytest."""
        if self._server is not None:
            self._server.communicate()

    def _noticed(self, tests: list[str]) -> str:
        status = self._pytest([*_QUIET, "-x", *tests])
        if status is None:
            return "a hang"
        if status < 0:
            return f"signal {-status}"
        said = self._said.read_text(encoding="utf-8", errors="replace")
        # No other code: a test may have another name than before, as with values that are drawn.
        failed = status in (pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED)
        if not failed and _NO_CONFTEST not in said:
            return ""
        lines = (line for line in said.splitlines() if line.startswith(("FAILED ", "ERROR ")))
        return next((line.split()[1] for line in lines), "an error")

    def _pytest(self, arguments: list[str]) -> int | None:
        """How it ended; None if it had to be ended."""
        if self._server is None:
            self._server = subprocess.Popen(
                [sys.executable, str(READY_PYTEST)],
                cwd=self.tree,
                env={**self._environment(), "PYTHONDONTWRITEBYTECODE": "1"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self._server.stdin is not None and self._server.stdout is not None
        self._server.stdin.write(json.dumps([arguments, str(self._said)]) + "\n")
        self._server.stdin.flush()
        group = int(self._server.stdout.readline())
        hung = threading.Event()

        def end() -> None:
            hung.set()
            os.killpg(group, signal.SIGKILL)

        timer = threading.Timer(TIMEOUT_S, end)
        timer.start()
        status = int(self._server.stdout.readline())
        timer.cancel()
        return None if hung.is_set() else status

    def _environment(self) -> dict[str, str]:
        paths = (str(self.tree / folder) for folder in (".", "firmware", "tools"))
        return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def copied_tree(target: Path) -> Path:
    """What git has of this tree."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    for name in listed:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target / name)
    (target / ".venv").symlink_to(ROOT / ".venv")
    return target


def tried(chosen: list[Mutant], jobs: int) -> Iterator[tuple[Mutant, str]]:
    """Each mutant, and what killed it if anything did."""
    with tempfile.TemporaryDirectory(prefix="picototp-mutants-") as folder:
        shops = [Workshop(copied_tree(Path(folder) / "0" / "tree"))]
        lines = shops[0].runners()
        for number in range(1, jobs):  # with the modules that were compiled
            tree = Path(folder) / str(number) / "tree"
            shutil.copytree(shops[0].tree, tree, symlinks=True)
            shops.append(Workshop(tree))
        free: queue.SimpleQueue[Workshop] = queue.SimpleQueue()
        for shop in shops:
            free.put(shop)

        def try_one(mutant: Mutant) -> tuple[Mutant, str]:
            at = range(mutant.begins, mutant.line + 1)
            found = dict.fromkeys(one for n in at for one in lines.get(f"{mutant.path}:{n}", ()))
            shop = free.get()
            try:
                return mutant, shop.killer(mutant, [*found])
            finally:
                free.put(shop)

        with ThreadPoolExecutor(jobs) as pool:
            for done in as_completed([pool.submit(try_one, one) for one in chosen]):
                yield done.result()
        for shop in shops:
            shop.close()


def main() -> int:
    """See above."""
    parser = argparse.ArgumentParser(description=__doc__, add_help=True)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--only", default="", help="part of a path")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    known, candidates = equivalent(), all_mutants(options.only)
    chosen = random.Random(options.seed).sample(candidates, min(options.count, len(candidates)))
    print(f"seed {options.seed}: {len(chosen)} of {len(candidates)} mutants", flush=True)
    told = [one for one in chosen if one.name not in known]
    killed = 0
    for number, (mutant, killer) in enumerate(tried(told, options.jobs), 1):
        killed += bool(killer)
        word = f"killed by {killer}" if killer else "SURVIVED"
        where = f"{mutant.path}:{mutant.line} {mutant.kind}: {mutant.before}"
        print(f"{number}: {where}\n    {word}", flush=True)
    aside = len(chosen) - len(told)
    print(f"{killed} of {len(told)} killed, {aside} equivalent ones aside; seed {options.seed}")
    return 1 if told and killed / len(told) < 0.95 else 0


if __name__ == "__main__":
    sys.exit(main())
