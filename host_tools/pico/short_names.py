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

A name stays if anything else could know it: MicroPython, a text (`getattr`, a key of JSON), or an
f-string, which tokens do not show. Lines stay, so that an error log tells the place:
`log_places.py` finds there what module and function are called in the sources.
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
from itertools import chain, islice
from pathlib import Path

_ROM_NAMES = Path(__file__).with_name("micropython_names.txt")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*(\.\w+)*")
_NAME_FOR_A_MODULE = re.compile(r"[a-z]+(_[a-z]+)+")  # MicroPython's own have no underscore in them
# Names that mean something wherever they stand: of the objects that classes of the firmware are
# made of, and of the inline assembler.
_BUILT_IN = {name for kind in (Exception, dict, list, bytearray, io.BytesIO) for name in dir(kind)}
_ASSEMBLER = {
    *("add", "align", "and_", "asr", "bic", "bl", "blx", "bx", "cmn", "cmp", "cpsid", "cpsie"),
    *("clz", "data", "eor", "label", "ldr", "ldrb", "ldrex", "ldrh", "lsl", "lsr", "mov", "movt"),
    *("movw", "movwt", "mrs", "mul", "mvn", "neg", "nop", "orr", "pop", "push", "rbit", "ror"),
    *("sbc", "sdiv", "str", "strb", "strex", "strh", "sub", "tst", "udiv", "wfi"),
}
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
        kept = set(chain.from_iterable(_packages_and(name) for name in _known_modules(strangers)))
        modules = dict(
            zip(
                sorted(set(own) - kept),
                sorted(one for one in rom - used if _NAME_FOR_A_MODULE.fullmatch(one)),
                strict=False,
            )
        )
        fixed = strange | rom
        for name in set(own) - set(modules):
            fixed |= {*name.split("."), *_told(by_module[name])}
        fixed |= set(chain.from_iterable(_fixed(tree, modules) for tree in trees))
        speakers = Counter(name for names in tokens.values() for name in names)
        constants = {
            name
            for name in chain.from_iterable(map(_constants, trees))
            if speakers[name] == 1 and (name.startswith("_") or name not in fixed)
        }
        free = rom - used - strange - _BUILT_IN - _ASSEMBLER - set(dir(builtins))
        spare = iter(sorted(one for one in free if not _OF_A_BOARD.fullmatch(one)))
        parameters = tuple(next(spare) for _ in range(_MOST_PARAMETERS))
        wanted = set(chain.from_iterable(map(_replaceable, trees)))
        wanted |= {name.rpartition(".")[2] for name in modules}
        wanted -= fixed | constants
        wanted = {name for name in wanted if not name.startswith("__")}
        hidden = {name for name in wanted if _is_private(name)}
        hidden -= set(chain.from_iterable(map(_told_others, trees)))
        private = _alike(by_module, tokens, hidden, spare)
        public = _coloured(by_module, tokens, wanted - hidden, [*spare])
        by_keyword = frozenset(chain.from_iterable(map(_by_keyword, trees)))
        return cls(parameters, by_keyword, frozenset(constants), private, public, modules)

    def rewritten(self, text: str, module: str = "") -> str:
        """A text as it is in a bundle, line by line: of that module, or of a stranger who knows
        what is public."""
        lines = text.splitlines(keepends=True)
        for node in reversed([*_assignments(ast.parse(text))]):
            if _target(node) in self.constants:
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
                name = one.asname or (one.name if folder else None)
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
        return not _is_assembler(function) and name not in _hidden(function)


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


# --- what may change -----------------------------------------------------------------------------


def _replaceable(tree: ast.Module) -> Iterator[str]:
    """Names that are bound here."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.Call):
            yield from (one.arg for one in node.keywords if one.arg is not None)
    for statement in tree.body:
        is_plain = isinstance(statement, ast.Assign | ast.AnnAssign)
        for node in ast.walk(statement):
            if not (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)):
                continue
            if is_plain or _is_private(node.id):
                yield node.id


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _told_others(tree: ast.Module) -> Iterator[str]:
    """Names that more than one module may know, or the same one of an object of another class."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and not _is_own(node):
            yield node.attr
        elif isinstance(node, ast.ImportFrom):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.keyword) and node.arg is not None:
            yield node.arg


def _alike(
    trees: Mapping[str, ast.Module],
    tokens: Mapping[str, Iterable[str]],
    hidden: set[str],
    spare: Iterator[str],
) -> dict[str, dict[str, str]]:
    """Other names for what is `hidden` in its module: the same few `spare` ones in each family."""
    known = {
        family: sorted(hidden.intersection(chain(*(tokens[one] for one in family))))
        for family in _families(trees)
    }
    once = [*islice(spare, max(map(len, known.values()), default=0))]
    return {
        module: dict(zip(names, once, strict=False))
        for family, names in known.items()
        for module in family
    }


def _coloured(
    trees: Mapping[str, ast.Module],
    tokens: Mapping[str, Iterable[str]],
    wanted: set[str],
    spare: list[str],
) -> dict[str, str]:
    """Other names for these: the first of the `spare` ones that no name has with which it is
    spoken of in a family, as long as there are any. One namespace, a module's or an object's, is
    filled by one family, but for what is put into somebody else's object: that has its name alone.
    """
    lent = wanted.intersection(chain.from_iterable(map(_given_to_others, trees.values())))
    apart: dict[str, set[str]] = {name: set(lent) for name in wanted}
    for name in lent:
        apart[name] = set(wanted)
    for family in _families(trees):
        together = wanted.intersection(chain(*(tokens[one] for one in family)))
        for name in together:
            apart[name] |= together
    found: dict[str, str] = {}
    for name in sorted(wanted, key=lambda one: (-len(apart[one]), one)):
        taken = {found[other] for other in apart[name] if other in found}
        other = next((one for one in spare if one not in taken), None)
        if other is not None:
            found[name] = other
    return found


def _given_to_others(tree: ast.Module) -> Iterator[str]:
    """Attributes that are bound in an object which is not the function's own."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.ctx, ast.Store)
            and not _is_own(node)
        ):
            yield node.attr


def _is_own(node: ast.Attribute) -> bool:
    """Whether it belongs to what the function around it is a method of."""
    return isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")


def _families(trees: Mapping[str, ast.Module]) -> set[frozenset[str]]:
    """The modules, together with those whose classes inherit from theirs."""
    classes = {name: [*_classes(tree)] for name, tree in trees.items()}
    families = {frozenset([name]) for name in trees}
    for name, own in classes.items():
        bases = {ast.unparse(base).rpartition(".")[2] for one in own for base in one.bases}
        kin = {name} | {
            other for other, theirs in classes.items() if any(one.name in bases for one in theirs)
        }
        together = {family for family in families if family & kin}
        families = families - together | {frozenset(chain(*together))}
    return families


def _classes(tree: ast.Module) -> Iterator[ast.ClassDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))


def _constants(tree: ast.Module) -> Iterator[str]:
    """Names that a module gives a plain value, and binds nowhere else."""
    bound = Counter(chain.from_iterable(map(_bound, ast.walk(tree))))
    return (name for name in map(_target, _assignments(tree)) if bound[name] == 1)


def _assignments(tree: ast.Module) -> Iterator[ast.Assign]:
    """Of plain values to a name."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and _target(node) and _is_plain(node.value):
            yield node


def _target(node: ast.Assign) -> str:
    """The name that it binds, if that is one alone."""
    target = node.targets[0]
    return target.id if len(node.targets) == 1 and isinstance(target, ast.Name) else ""


def _is_plain(node: ast.expr) -> bool:
    """Whether `const()` takes it: numbers, texts, and tuples of them."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int | str | bytes)
    if isinstance(node, ast.Tuple):
        return all(map(_is_plain, node.elts))
    return _is_number(node)


def _is_number(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return _is_number(node.left) and _is_number(node.right)
    if isinstance(node, ast.UnaryOp):
        return _is_number(node.operand)
    return isinstance(node, ast.Constant) and isinstance(node.value, int)


def _bound(node: ast.AST) -> Iterator[str]:
    """Names that it binds, or that could be taken for what it names."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
        yield node.id
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.alias):
        yield node.asname or node.name
    elif isinstance(node, ast.Global | ast.Nonlocal):
        yield from node.names
    elif isinstance(node, ast.keyword) and node.arg is not None:
        yield node.arg
    elif isinstance(node, ast.Attribute):
        yield node.attr


# --- what stays ----------------------------------------------------------------------------------


def _known_modules(texts: Iterable[str]) -> Iterator[str]:
    """Dotted names of what these import or name in a text, and some of what is no module."""
    for text in texts:
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom):
                yield from (f"{node.module}.{one.name}" for one in node.names)
                yield node.module or ""
            elif isinstance(node, ast.Import):
                yield from (one.name for one in node.names)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def _told(tree: ast.Module) -> Iterator[str]:
    """What is public in a module that others import by its own name."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not _is_private(node.name):
            yield node.name


def _packages_and(module: str) -> Iterator[str]:
    """The dotted name, and those of the packages around."""
    parts = module.split(".")
    return (".".join(parts[:count]) for count in range(1, len(parts) + 1))


def _fixed(tree: ast.Module, modules: Iterable[str]) -> Iterator[str]:
    """Names in texts, but for those of `modules`, in f-strings, and of registers."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if _IDENTIFIER.fullmatch(node.value) and node.value not in modules:
                yield from node.value.split(".")
        elif isinstance(node, ast.JoinedStr):
            yield from _in_f_string(node)
        elif isinstance(node, ast.FunctionDef) and _is_assembler(node):
            yield from (one.arg for one in node.args.args)


def _in_f_string(node: ast.JoinedStr) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name):
            yield inner.id
        elif isinstance(inner, ast.Attribute):
            yield inner.attr


def _is_assembler(function: _Function) -> bool:
    decorators = function.decorator_list if isinstance(function, ast.FunctionDef) else []
    return any("asm_thumb" in ast.unparse(one) for one in decorators)


def _by_keyword(tree: ast.Module) -> Iterator[str]:
    """Parameters that are given by name somewhere, whoever's they are, or only so."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg is not None:
            yield node.arg
        elif isinstance(node, ast.arguments):
            yield from (one.arg for one in node.kwonlyargs)


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
            found |= set(_in_f_string(node))
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
