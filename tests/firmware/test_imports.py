"""Who may import whom, checked over the syntax tree and not by good will."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FIRMWARE = ROOT / "firmware"
PACKAGE = FIRMWARE / "picototp"
HOST = ROOT / "host_tools"

# What only the board may use: pins, clocks, files, entropy. `micropython` and the modules behind
# it can stop interrupts, read memory and change how the port behaves.
HARDWARE = {
    *("machine", "rp2", "micropython", "time", "utime", "os", "uos", "io", "vfs", "select"),
    *("sys", "random", "urandom", "network", "socket", "asyncio", "_thread", "uctypes", "esp"),
}
# What may use a part of it all the same, and why.
ALLOWED = {
    "codes/sha1_viper.py": {"micropython"},  # the decorator, const
    "codes/sha512_viper.py": {"micropython"},
    "codes/decimal_viper.py": {"micropython"},
    "codes/ctr_viper.py": {"micropython"},
    "codes/sha1_thumb.py": {"micropython"},
    "codes/sha256_thumb.py": {"micropython"},
    "codes/sha512_thumb.py": {"micropython"},
    "screens/strip_viper.py": {"micropython"},
    "codes/variants.py": {"sys"},  # which machine code the interpreter can run
}
BUILTINS_OF_THE_BOARD = {"open", "input", "print", "exec", "eval", "compile"}

# What a sub-package may know of the others; all may know the package's root.
KNOWS = {
    "codes": set(),
    "screens": set(),
    "vault": {"codes"},
    "clock": set(),
    # What a question can show; the words of a setting.
    "protocol": {"codes", "vault", "clock", "screens", "typing_setting"},
    "app": {"codes", "vault", "clock", "protocol", "screens"},
    "board": {"clock", "mode"},  # what boot.py has found out
    "wiring.py": {"app", "board", "clock", "protocol", "screens", "vault"},
    "prompt.py": {"app", "board", "screens"},  # that of maintenance mode
}
# Both sides must agree on these, and on nothing else (screens.digits_font: the simulator reads the
# display; board.config: its models are wired as the firmware says).
HOST_MAY_IMPORT = {
    *("picototp", "picototp.protocol.frames", "picototp.vault.account", "picototp.vault.errors"),
    "picototp.vault.names",  # what a name may be, and its hash
    "picototp.board.slots",  # what a bundle is, and which one runs
    # The words for how codes are typed, and the file that holds them.
    *("picototp.typing_setting", "picototp.mode"),
    *("picototp.screens.digits_font", "picototp.screens.steam_font", "picototp.board.config"),
    # The limits of a PIN, and what is kept beside it.
    *("picototp.vault.key_record", "picototp.vault.pin", "picototp.vault.key_settings"),
    "picototp.vault.settings_file",  # what the display can be set to
}


# What runs on MicroPython, though it is no part of the firmware.
BESIDE_THE_FIRMWARE = {"unix_port", "guest"}


def modules(folder):
    return sorted(
        path for path in folder.rglob("*.py") if not BESIDE_THE_FIRMWARE & set(path.parts)
    )


def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imported(path):
    """Dotted names of all that a file imports, wherever in it that stands."""
    found = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            if node.level:  # stays within host_tools
                assert HOST in path.parents, f"{path}: the firmware names what it imports in full"
                continue
            for alias in node.names:
                submodule = ROOT / "firmware" / node.module.replace(".", "/") / f"{alias.name}.py"
                package = submodule.with_suffix("")
                is_module = submodule.exists() or package.is_dir()
                found.add(f"{node.module}.{alias.name}" if is_module else node.module)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "__import__" or "codes" in path.parts, path
    return found


def inside(path):
    return str(path.relative_to(PACKAGE))


firmware_files = pytest.mark.parametrize("path", modules(PACKAGE), ids=inside)
core_files = pytest.mark.parametrize(
    "path", [path for path in modules(PACKAGE) if "board" not in path.parts], ids=inside
)


def test_the_files_are_there():
    packages = {path.name for path in PACKAGE.iterdir() if path.is_dir()} - {"__pycache__"}
    assert packages | {"wiring.py", "prompt.py"} == set(KNOWS)
    assert len(modules(PACKAGE)) > 30
    assert len(modules(HOST)) > 20
    assert all((PACKAGE / name).exists() for name in ALLOWED)


def test_the_checker_sees_imports(tmp_path):
    path = tmp_path / "probe.py"
    path.write_text(
        "import machine as m, os.path\n"
        "def f():\n    from picototp.codes import otp\n    from picototp.vault.errors import A\n"
        "from picototp import codes, BUILT_UNIX_S\n"
    )
    assert imported(path) == {
        *("machine", "os.path", "picototp.codes.otp", "picototp.vault.errors"),
        *("picototp.codes", "picototp"),
    }


@core_files
def test_only_the_board_touches_hardware_clocks_and_files(path):
    tops = {name.split(".")[0] for name in imported(path)}
    assert tops & HARDWARE <= ALLOWED.get(inside(path), set())


@core_files
def test_only_the_board_opens_files(path):
    if inside(path) == "codes/variants.py":
        return  # looks for its modules with __import__, and opens nothing
    calls = {
        node.func.id
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not calls & BUILTINS_OF_THE_BOARD


@firmware_files
def test_directions_within_the_firmware(path):
    own = path.relative_to(PACKAGE).parts[0]
    for name in imported(path):
        parts = name.split(".")
        assert parts[0] != "host_tools"
        assert parts[0] not in ("tests", "typing", "dataclasses", "enum", "__future__", "logging")
        if parts[0] != "picototp" or len(parts) == 1:
            continue
        assert own in KNOWS, f"{path}: the package's root imports none of its parts, but to wire"
        assert parts[1] == own or parts[1] in KNOWS[own], name


def test_no_module_of_the_firmware_needs_itself():
    """Not even by an import within a function: who reads one of a circle has to read them all."""
    modules_of = {
        "picototp." + inside(path).removesuffix(".py").replace("/", "."): path
        for path in modules(PACKAGE)
    }
    waiting = {name: imported(path) & set(modules_of) for name, path in modules_of.items()}
    while ready := [name for name, needs in waiting.items() if not needs & set(waiting)]:
        for name in ready:
            del waiting[name]
    assert not waiting


@pytest.mark.parametrize("path", modules(HOST), ids=lambda path: str(path.relative_to(HOST)))
def test_what_the_host_takes_from_the_firmware(path):
    for name in imported(path):
        if name.split(".")[0] == "picototp":
            assert name in HOST_MAY_IMPORT or name.startswith("picototp.codes"), name
        assert name.split(".")[0] != "tests"


def test_main_only_starts_and_one_short_module_wires():
    """What is in main.py is compiled on the chip, at each start."""
    assert imported(FIRMWARE / "main.py") == {
        *("micropython", "machine", "sys", "picototp.wiring"),
    }
    assert "picototp.board.pico" in imported(PACKAGE / "wiring.py")
    for path in (FIRMWARE / "main.py", PACKAGE / "wiring.py"):
        assert len(path.read_text().splitlines()) < 50


# What may be called while a module is imported: what makes a constant or a type.
CONSTANT_MAKERS = {
    *("namedtuple", "const", "bytes", "bytearray", "tuple", "range", "len", "frozenset", "array"),
    *("memoryview", "int", "sorted", "staticmethod"),
}


def calls_at_import(tree):
    """Calls that are made while the module is imported: not those within functions."""
    waiting = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            waiting += [*node.decorator_list] if isinstance(node, ast.FunctionDef) else []
            continue
        if isinstance(node, ast.Call):
            yield node
        waiting += ast.iter_child_nodes(node)


@firmware_files
def test_nothing_is_built_when_a_module_is_imported(path):
    if path.parent.name == "codes":
        return  # runs its routines to choose the fastest that is right; it knows no hardware
    for call in calls_at_import(tree_of(path)):
        name = call.func.id if isinstance(call.func, ast.Name) else call.func.attr
        # Methods of constants: "...".encode(), b"".join(), int.from_bytes, struct.unpack.
        constant = isinstance(call.func, ast.Attribute) and name in (
            *("encode", "join", "split", "from_bytes", "to_bytes", "unpack", "calcsize", "format"),
        )
        assert constant or name in CONSTANT_MAKERS, f"line {call.lineno} calls {name}"
