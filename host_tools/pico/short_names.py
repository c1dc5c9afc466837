"""Other names for what only the firmware itself names, so that they take less of a token's memory.

MicroPython keeps each name that it meets in a table in RAM: 6 bytes, its characters and one more,
and it looks through all of that table for each name of each module that it loads. Another thousand
are in its ROM and cost nothing; micropython_names.txt lists them. So a bundle has

- parameters that are never given by name called by names of ROM, the same in all functions;
- what is private called by names of ROM, the same in all modules: only its own knows it, and those
  whose classes inherit from each other share theirs;
- what is public called by names of ROM, the same in all modules; two names are called alike if no
  module speaks of both, nor two whose classes inherit from each other;
- modules called by names of ROM, and in no package: only those keep theirs that strangers import,
  and their functions;
- constants that one module alone uses as `const()`, which leaves no name at all.

A name stays if anything else could know it: MicroPython, a text (`getattr`, a key of JSON), an
f-string, which tokens do not show, or whoever reads of an exception on the display or in a log.
Lines stay, so that an error log tells the place: `log_places.py` finds there what module and
function are called in the sources.
"""

import ast
import builtins
import io
import keyword
import re
import tokenize
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from host_tools.pico import name_rules

_ROM_NAMES = Path(__file__).with_name("micropython_names.txt")
_NAME_FOR_A_MODULE = re.compile(r"[a-z]+(_[a-z]+)+")  # MicroPython's own have no underscore in them
# Names that mean something wherever they stand: of the objects that classes of the firmware are
# made of, of the inline assembler, and of viper code.
_BUILT_IN = {name for kind in (Exception, dict, list, bytearray, io.BytesIO) for name in dir(kind)}
_ASSEMBLER = {
    *("add", "align", "and_", "asr", "bic", "bl", "blx", "bx", "cmn", "cmp", "cpsid", "cpsie"),
    *("clz", "data", "eor", "label", "ldr", "ldrb", "ldrex", "ldrh", "lsl", "lsr", "mov", "movt"),
    *("movw", "movwt", "mrs", "mul", "mvn", "neg", "nop", "orr", "pop", "push", "rbit", "ror"),
    *("sbc", "sdiv", "str", "strb", "strex", "strh", "sub", "tst", "udiv", "wfi"),
}
_VIPER = {"ptr", "ptr8", "ptr16", "ptr32", "uint"}
# What boards have for themselves: pins, and what they are wired to. And private names, which stay
# away from ours.
_OF_A_BOARD = re.compile(r".*[A-Z].*|_.*")
_MOST_PARAMETERS = 20  # of a function and those around it

_Texts = Mapping[str, str]  # of modules, by dotted name
_Function = ast.FunctionDef | ast.Lambda


def rom_names() -> set[str]:
    """The names in ROM of MicroPython 1.28 on an RP2040."""
    return set(_ROM_NAMES.read_text(encoding="ascii").split())


@dataclass(frozen=True)
class Names:
    """What is called otherwise in a bundle."""

    parameters: tuple[str, ...]  # for those of a function, in their order
    by_keyword: frozenset[str]  # parameters that keep to the names below
    constants: frozenset[str]  # that get an underscore, and `const()`
    private: Mapping[str, Mapping[str, str]]  # of a module: what it alone names
    public: Mapping[str, str]  # the same in all modules
    modules: Mapping[str, str]  # by dotted name

    @classmethod
    def of(cls, own: _Texts, strangers: Iterable[str]) -> "Names":
        """For the firmware's own modules; `strangers` are texts whose names stay."""
        by_module = {name: ast.parse(text) for name, text in own.items()}
        trees = [*by_module.values()]
        tokens = {name: Counter(_names_in(text)) for name, text in own.items()}
        used = set(chain.from_iterable(tokens.values()))
        rom = rom_names()
        strangers = [*strangers]
        strange = set(chain.from_iterable(map(_names_in, strangers)))
        kept = set(
            chain.from_iterable(
                name_rules.packages_and(name) for name in name_rules.known_modules(strangers)
            )
        )
        renamed = sorted(set(own) - kept)
        for_modules = sorted(one for one in rom - used if _NAME_FOR_A_MODULE.fullmatch(one))
        # One that kept its name would be in a package that has another.
        assert len(for_modules) >= len(renamed), "more modules than names for them in ROM"
        modules = dict(zip(renamed, for_modules, strict=False))
        fixed = strange | rom
        for name in set(own) - set(modules):
            fixed |= {*name.split("."), *name_rules.told(by_module[name])}
        fixed |= set(chain.from_iterable(name_rules.fixed(tree, modules) for tree in trees))
        fixed |= name_rules.exceptions(trees)
        speakers = Counter(name for names in tokens.values() for name in names)
        constants = {
            name
            for name in chain.from_iterable(map(name_rules.constants, trees))
            if speakers[name] == 1 and (name.startswith("_") or name not in fixed)
        }
        free = rom - used - strange - _BUILT_IN - _ASSEMBLER - _VIPER - set(dir(builtins))
        spare = iter(sorted(one for one in free if not _OF_A_BOARD.fullmatch(one)))
        parameters = tuple(next(spare) for _ in range(_MOST_PARAMETERS))
        wanted = set(chain.from_iterable(map(name_rules.replaceable, trees)))
        wanted |= {name.rpartition(".")[2] for name in modules}
        wanted -= fixed | constants
        wanted = {name for name in wanted if not name.startswith("__")}
        hidden = {name for name in wanted if name_rules.is_private(name)}
        hidden -= set(chain.from_iterable(map(name_rules.told_others, trees)))
        private = name_rules.alike(by_module, tokens, hidden, spare)
        public = name_rules.coloured(by_module, tokens, wanted - hidden, [*spare])
        by_keyword = frozenset(chain.from_iterable(map(name_rules.by_keyword, trees)))
        return cls(parameters, by_keyword, frozenset(constants), private, public, modules)

    def rewritten(self, text: str, module: str = "") -> str:
        """A text as it is in a bundle, line by line: of that module, or of a stranger who knows
        what is public."""
        lines = text.splitlines(keepends=True)
        for node in reversed([*name_rules.assignments(ast.parse(text))]):
            if name_rules.target(node) in self.constants:
                value = node.value
                _insert(lines, value.end_lineno, value.end_col_offset, ")")
                _insert(lines, value.lineno, value.col_offset, "const(")
        text = self._with_modules("".join(lines))
        lines = text.splitlines(keepends=True)
        parameters = dict(self._parameters(ast.parse(text)))
        for token in reversed(list(tokenize.generate_tokens(io.StringIO(text).readline))):
            if token.type == tokenize.NAME:
                (row, begin), (_, end) = token.start, token.end
                name = parameters.get((row, len(token.line[:begin].encode())))
                if name is None:
                    name = self._other(token.string, self.private.get(module, {}))
                line = lines[row - 1]
                lines[row - 1] = line[:begin] + name + line[end:]
        return "".join(lines)

    def called(self, function: str, module: str) -> str:
        """The other name of a function of that module; its own if it has none."""
        return self._other(function, self.private.get(module, {}))

    def _other(self, name: str, private: Mapping[str, str]) -> str:
        if name in self.constants:
            return "_" + name.lstrip("_")
        return private.get(name) or self.public.get(name, name)

    def _with_modules(self, text: str) -> str:
        """The text with other names for modules, where it imports them and in texts."""
        found: list[tuple[ast.stmt | ast.expr, str]] = []
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import | ast.ImportFrom):
                found.append((node, self._import(node)))
            elif isinstance(node, ast.Constant):
                name = self.modules.get(str(node.value))
                if name is not None:
                    found.append((node, repr(name)))
        lines = text.splitlines(keepends=True)
        for node, new in sorted(found, key=lambda one: (one[0].lineno, one[0].col_offset))[::-1]:
            _replace(lines, node, new)
        return "".join(lines)

    def _import(self, node: ast.Import | ast.ImportFrom) -> str:
        """The same in another statement, or in two."""
        folder = node.module if isinstance(node, ast.ImportFrom) else None
        whole, parts = [], []
        for one in node.names:
            module = self.modules.get(f"{folder}.{one.name}" if folder else one.name)
            if module is not None:
                # With a dot it would bind the package, which there is none of: nothing is bound.
                name = one.asname or (None if "." in one.name else one.name)
                whole.append(f"{module} as {name}" if name else module)
            else:
                parts.append(ast.unparse(one))
        statements = [f"import {', '.join(whole)}"] if whole else []
        if parts:
            begin = f"from {self.modules.get(folder, folder)} " if folder else ""
            statements.append(f"{begin}import {', '.join(parts)}")
        return "; ".join(statements)

    def _parameters(self, tree: ast.Module) -> Iterator[tuple[tuple[int, int], str]]:
        """Where a parameter stands, row and byte, and its other name."""

        def visit(node: ast.AST, first: int) -> Iterator[tuple[tuple[int, int], str]]:
            if isinstance(node, _Function):
                renamed = [one for one in _own(node) if self._may_change(one, node)]
                names = dict(zip(renamed, self.parameters[first:], strict=False))
                assert len(names) == len(renamed), "too many parameters"
                first += len(names)
                yield from ((place, names[one]) for one, place in _places(node, names))
            for child in ast.iter_child_nodes(node):
                yield from visit(child, first)

        return visit(tree, 0)

    def _may_change(self, name: str, function: _Function) -> bool:
        if name == "self" or name in self.by_keyword:
            return False
        return not name_rules.is_assembler(function) and name not in _hidden(function)


def _insert(lines: list[str], row: int | None, column: int | None, what: str) -> None:
    """At a place as `ast` tells it: in bytes."""
    assert row is not None and column is not None
    line = lines[row - 1].encode()
    lines[row - 1] = (line[:column] + what.encode() + line[column:]).decode()


def _replace(lines: list[str], node: ast.stmt | ast.expr, new: str) -> None:
    """In place of a node, with as many lines as it had."""
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    begin = lines[first].encode()[: node.col_offset].decode()
    end = lines[last].encode()[node.end_col_offset :].decode()
    lines[first : last + 1] = [begin + new + end, *["\n"] * (last - first)]


def _names_in(text: str) -> Iterator[str]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NAME and not keyword.iskeyword(token.string):
            yield token.string


# --- the parameters of a function ----------------------------------------------------------------


def _own(function: _Function) -> Iterator[str]:
    """The names of its parameters."""
    arguments = function.args
    for one in (*arguments.posonlyargs, *arguments.args, arguments.vararg, arguments.kwarg):
        if one is not None:
            yield one.arg


def _body(function: _Function) -> list[ast.AST]:
    return [function.body] if isinstance(function, ast.Lambda) else [*function.body]


def _hidden(function: _Function) -> set[str]:
    """Names of which not all places in it can be found, or that mean something else in there."""
    found: set[str] = set()
    for node in chain.from_iterable(map(ast.walk, _body(function))):
        if isinstance(node, ast.JoinedStr):
            found |= set(name_rules.in_f_string(node))
        elif isinstance(node, _Function):
            found |= set(_own(node))
        elif isinstance(node, ast.Global | ast.Nonlocal):
            found |= set(node.names)
        elif isinstance(node, ast.alias):
            found.add(node.asname or node.name)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found.add(node.name)
    return found


def _places(function: _Function, names: Mapping[str, str]) -> Iterator[tuple[str, tuple[int, int]]]:
    """Where these of its parameters stand: row and byte."""
    for one in ast.walk(function.args):
        if isinstance(one, ast.arg) and one.arg in names:
            yield one.arg, (one.lineno, one.col_offset)
    for node in chain.from_iterable(map(ast.walk, _body(function))):
        if isinstance(node, ast.Name) and node.id in names:
            yield node.id, (node.lineno, node.col_offset)
