"""Which wing of the host tools may know which, checked over the syntax tree."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOST = ROOT / "host_tools"

# From the ground up: each may know those that are named, itself, and errors.py.
KNOWS = {
    "credentials": set(),
    "client": {"credentials"},
    "clock": {"client"},
    "pico": {"client"},
    "simulator": {"pico"},
    "doctor": {"client", "clock", "credentials", "pico"},
    "benchmark": {"client", "pico", "simulator"},
    "commands": {
        *("benchmark", "client", "clock", "credentials", "doctor", "pico", "simulator"),
    },
}
DOORS = {"provision.py", "synctime.py", "cli.py"}
# What only the doors and commands/ may touch: the terminal.
TERMINAL = {"click", "rich"}
# What runs on MicroPython, though it lies here.
GUESTS = {"unix_port", "guest"}


def files():
    return sorted(path for path in HOST.rglob("*.py") if not GUESTS & set(path.parts))


def named(path):
    """Dotted names of all modules that a file imports, wherever in it that stands."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: name in full what is imported"
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def wing_of(path):
    """The wing that a file lies in, or the file itself if it is at the root."""
    return path.relative_to(HOST).parts[0]


def wings_of(names):
    """The wings among imported names; the modules at the root by their file's name."""
    found = set()
    for name in names:
        head, _, rest = name.partition(".")
        if head == "host_tools" and rest:
            first = rest.partition(".")[0]
            found.add(first if (HOST / first).is_dir() else f"{first}.py")
    return found


def test_every_wing_has_a_rule_and_every_rule_a_wing():
    folders = {path.name for path in HOST.iterdir() if path.is_dir()} - {"__pycache__"}
    assert folders == set(KNOWS)
    assert {path.name for path in HOST.glob("*.py")} == DOORS | {"errors.py", "__init__.py"}
    assert len(files()) > 80


def test_no_rule_allows_a_circle():
    """What a wing may know comes before it in the list."""
    seen = set()
    for wing, known in KNOWS.items():
        assert known <= seen, f"{wing} may know what stands above it"
        seen.add(wing)


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(HOST)))
def test_imports_go_downward(path):
    known = wings_of(named(path))
    if path.name in DOORS:
        assert known <= {"commands", *KNOWS["commands"], "errors.py"}
    elif path.name == "errors.py":
        assert not known
    elif path.parent != HOST:
        wing = wing_of(path)
        assert known <= {wing, *KNOWS[wing], "errors.py"}


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(HOST)))
def test_only_commands_know_the_terminal(path):
    if path.name not in DOORS and wing_of(path) != "commands":
        assert not {name.partition(".")[0] for name in named(path)} & TERMINAL


def test_no_two_modules_import_each_other():
    """A circle between files of one wing is one all the same."""
    imports = {}
    for path in files():
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        imports[module] = {name for name in named(path) if name.startswith("host_tools.")}
    done, under_way = set(), []

    def visit(module):
        assert module not in under_way, " -> ".join([*under_way, module])
        if module in done or module not in imports:
            return
        under_way.append(module)
        for name in sorted(imports[module]):
            visit(name)
        under_way.pop()
        done.add(module)

    for module in imports:
        visit(module)


def test_the_checker_sees_imports(tmp_path):
    path = tmp_path / "probe.py"
    path.write_text(
        "import rich.table\nfrom host_tools.client import ports\n"
        "def later():\n    from host_tools.errors import ToolError\n"
    )
    assert wings_of(named(path)) == {"client", "errors.py"}
    assert "rich.table" in named(path)


# What may write to the terminal without `printable`: words of our own, and pictures of a display.
PRINTS = {
    "commands/bench.py": {"echo", "Console"},
    "commands/doctor.py": {"confirm"},
    "commands/clock_report.py": {"echo"},
    "commands/command_line.py": {"echo"},
    "commands/completion.py": {"echo"},
    "commands/demo.py": {"echo"},
    "commands/accounts.py": {"Console"},
    "commands/install.py": {"Console"},
    "commands/introduction.py": {"confirm", "echo"},
    "commands/account_input.py": {"confirm", "prompt"},
    "commands/importing.py": {"Console", "prompt"},
    "commands/secret_prompt.py": {"echo", "prompt"},
    "commands/passphrase.py": {"prompt"},
    "commands/unlocking.py": {"prompt"},
    "commands/simulate.py": {"print"},
    "commands/terminal.py": {"echo"},
    "simulator/live.py": {"print"},
    "cli.py": {"echo"},
}

CLICKS = {"echo", "secho", "prompt", "confirm", "style", "pager"}


def test_what_strangers_say_goes_through_one_place():
    """Beside `say` and `show` of terminal.py, only these write, and only what nobody sent us."""
    found = {}
    for path in files():
        source = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(source, str(path))):
            name = writes(node.func) if isinstance(node, ast.Call) else None
            if name and (name != "Console" or "from rich.console" in source):
                found.setdefault(str(path.relative_to(HOST)), set()).add(name)
    assert found == PRINTS


def writes(function):
    """The name of a function that writes to the terminal; None for others."""
    if isinstance(function, ast.Name):
        return function.id if function.id in {"print", "Console"} else None
    if not isinstance(function, ast.Attribute) or getattr(function.value, "id", "") != "click":
        return None
    return function.attr if function.attr in CLICKS else None
