"""What an emulated Pico at MicroPython's prompt measures of the firmware's modules by itself.

The modules are those of an installation's bundle, and all those that a token starts with are
there when codes are timed: what MicroPython does with texts takes longer the more names it knows.
"""

import ast
import tempfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import Any

from host_tools.benchmark import CODES, DISPLAY, GUEST_FOLDER, IMPORTS, Say
from host_tools.benchmark.emulated_pico import EmulatedPico
from host_tools.pico.board_files import Files, collect
from host_tools.pico.firmware_build import BESIDE, names
from host_tools.pico.firmware_source import STARTERS, module_source, starter
from host_tools.pico.uf2 import Image

_MICROPYTHON = "MicroPython's own"  # modules, which it looks for among the files first
_KEY_BYTES = {"SHA1": 20, "SHA256": 32, "SHA512": 64}
_COUNT = 20  # as the table says
_GUESTS = "/bench"
_MOUNT = "slots.start()"  # as boot.py does
_NS_PER_MS = 1_000_000
_Import = ast.Import | ast.ImportFrom


def measure(image: Image, parts: Collection[str], say: Say) -> dict[str, float]:
    """Figures of these parts by their key in rows.py. ToolError if one cannot be measured."""
    boot, main = (starter(name).read_bytes() for name in STARTERS)
    imports = _imports(boot) + _imports(main)
    figures: dict[str, float] = {}
    # A chip for each: what lies in the heap from before changes the times of what comes after.
    with at_prompt(image) as pico:
        if IMPORTS in parts or CODES in parts:
            say("imports: loading the firmware's modules")
            figures |= _import_times(pico, [*_before_imports(boot), *_leaves_first(imports)])
        if CODES in parts:
            figures |= _code_times(pico, say)
    if DISPLAY in parts:
        say("display: the driver alone")
        with at_prompt(image) as pico:
            figures |= _display_times(pico)
    if IMPORTS not in parts:
        figures = {key: value for key, value in figures.items() if not key.startswith("import.")}
    return figures


@contextmanager
def at_prompt(image: Image, more: Files | None = None) -> Iterator[EmulatedPico]:
    """A Pico with the firmware's modules, the guest code and these files, at the prompt."""
    files = collect()
    for name in STARTERS:  # without these no firmware begins, and the prompt comes
        del files[f"/{name}"]
    with (
        tempfile.TemporaryDirectory(prefix="picototp-bench-") as folder,
        EmulatedPico(image, files | guests() | (more or {}), Path(folder)) as pico,
    ):
        pico.run_code(f"import sys, slots; {_MOUNT}; sys.path.append({_GUESTS!r})")
        yield pico


def guests() -> Files:
    """The guest code, with the names that the firmware has in a bundle."""
    return {
        f"{_GUESTS}/{path.name}": names().rewritten(path.read_text("utf-8")).encode()
        for path in sorted(GUEST_FOLDER.glob("*.py"))
    }


def run_guest(pico: EmulatedPico, code: str) -> Any:
    """What this code prints, as a value; it may name guests, and what is the firmware's."""
    return pico.run_code(names().rewritten(code))


def _imports(source: bytes) -> list[_Import]:
    """Its import statements, wherever they stand, but of what lies beside the bundle."""
    found = (node for node in ast.walk(ast.parse(source)) if isinstance(node, _Import))
    return [node for node in found if node.names[0].name not in BESIDE]


def _before_imports(boot: bytes) -> list[str]:
    """The statements by which boot.py prepares for loading the firmware's modules. Ctrl-C stays
    allowed: the measuring needs it."""
    (block,) = (node for node in ast.parse(boot).body if isinstance(node, ast.Try))
    statements = takewhile(lambda text: _MOUNT not in text, map(ast.unparse, block.body))
    return [text for text in statements if "kbd_intr" not in text]


def _leaves_first(imports: Iterable[_Import]) -> list[str]:
    """Statements that load the same modules, each before those that import it: timed imports within
    each other take more of the chip's stack than plain ones, and there is not enough for all."""
    statements: dict[str, None] = {}

    def visit(module: str) -> None:
        path = module_source(module)
        statement = f"import {module}"
        if statement in statements or path is None:
            return
        visit(module.rpartition(".")[0])
        body = ast.parse(path.read_bytes()).body  # what functions import is loaded when they run
        for imported in _modules(node for node in body if isinstance(node, _Import)):
            visit(imported)
        statements[statement] = None

    imports = list(imports)
    for module in _modules(imports):
        visit(module)
    return [*statements, *map(ast.unparse, imports)]


def _modules(imports: Iterable[_Import]) -> Iterator[str]:
    """The modules that these may load, and names of what is none."""
    for node in imports:
        if isinstance(node, ast.ImportFrom):
            yield from (node.module or "", *(f"{node.module}.{one.name}" for one in node.names))
        else:
            yield from (one.name for one in node.names)


def _import_times(pico: EmulatedPico, statements: list[str]) -> dict[str, float]:
    """Milliseconds, in all and by package."""
    # One more folder to search would slow the imports of MicroPython's own modules.
    pico.run_code("import bench_imports; sys.path.pop()")
    short = [names().rewritten(statement) for statement in statements]
    own_us: dict[str, int] = run_guest(pico, f"print(bench_imports.run({short!r}))")
    pico.run_code(f"sys.path.append({_GUESTS!r})")
    modules = {new: old for old, new in names().modules.items()}
    groups: dict[str, float] = {}
    for module, taken_us in own_us.items():
        group = f"import.{_group(modules.get(module, module))}"
        groups[group] = groups.get(group, 0.0) + taken_us / 1000
    return {"import.all": sum(groups.values()), **dict(sorted(groups.items()))}


def _group(module: str) -> str:
    parts = module.split(".")
    if parts[0] == "picototp":
        inner = module_source(".".join(parts[:2]))
        is_package = inner is not None and inner.name == "__init__.py"
        return ".".join(parts[: 1 + is_package])
    return "adafruit" if parts[0].startswith("adafruit") else _MICROPYTHON


def _display_times(pico: EmulatedPico) -> dict[str, float]:
    run_guest(pico, "import bench_display")
    figures = {}
    for update in ("whole", "smallest"):
        before_ns = pico.chip.i2c.busy_ns
        took_us = run_guest(pico, f"print(bench_display.{update}())")
        figures[f"display.{update}"] = took_us / 1000
        figures[f"display.{update}.bus"] = (pico.chip.i2c.busy_ns - before_ns) / _NS_PER_MS
    return figures


def _code_times(pico: EmulatedPico, say: Say) -> dict[str, float]:
    say("codes: SHA-1's compression")
    run_guest(pico, "import bench_codes")
    figures: dict[str, float] = run_guest(pico, "print(bench_codes.compression())")
    for algorithm, key_bytes in _KEY_BYTES.items():
        say(f"codes: with {algorithm}")
        call = f"bench_codes.codes({algorithm!r}, {key_bytes}, {_COUNT})"
        for way, taken_us in run_guest(pico, f"print({call})").items():
            figures[f"code.{algorithm.lower()}.{way}"] = taken_us
    say("codes: PBKDF2")
    figures["pbkdf2"] = run_guest(pico, "print(bench_codes.key_derivation())")
    return figures
