"""What the sources call things, and which of these names a bundle may call otherwise.

short_names.py finds the other names; here is what it has to know of the syntax trees.
"""

import ast
import builtins
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice

_EXCEPTIONS = {
    name
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, BaseException)
}
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*(\.\w+)*")


# --- what may change -----------------------------------------------------------------------------


def replaceable(tree: ast.Module) -> Iterator[str]:
    """Names that are bound here."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.Call):
            keywords = [one.arg for one in node.keywords if one.arg is not None]
            called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            assert not (keywords and called == "format"), "a text names these: use an f-string"
            yield from keywords
    for statement in tree.body:
        is_plain = isinstance(statement, ast.Assign | ast.AnnAssign)
        for node in ast.walk(statement):
            if not (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)):
                continue
            if is_plain or is_private(node.id):
                yield node.id


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def told_others(tree: ast.Module) -> Iterator[str]:
    """Names that more than one module may know, or the same one of an object of another class."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and not _is_own(node):
            yield node.attr
        elif isinstance(node, ast.ImportFrom):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.keyword) and node.arg is not None:
            yield node.arg


def alike(
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


def coloured(
    trees: Mapping[str, ast.Module],
    tokens: Mapping[str, Iterable[str]],
    wanted: set[str],
    spare: list[str],
) -> dict[str, str]:
    """Other names for these: each gets the first of the `spare` ones that no other name used in
    the same family has, as long as there are any. One namespace, a module's or an object's, is
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


def constants(tree: ast.Module) -> Iterator[str]:
    """Names that a module gives a plain value, and binds nowhere else."""
    bound = Counter(chain.from_iterable(map(_bound, ast.walk(tree))))
    return (name for name in map(target, assignments(tree)) if bound[name] == 1)


def assignments(tree: ast.Module) -> Iterator[ast.Assign]:
    """The assignments of plain values to a name, outside functions."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and target(node) and _is_plain(node.value):
            yield node


def target(node: ast.Assign) -> str:
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


def known_modules(texts: Iterable[str]) -> Iterator[str]:
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


def told(tree: ast.Module) -> Iterator[str]:
    """What is public in a module that others import by its own name."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not is_private(node.name):
            yield node.name


def packages_and(module: str) -> Iterator[str]:
    """The dotted name, and those of the packages around."""
    parts = module.split(".")
    return (".".join(parts[:count]) for count in range(1, len(parts) + 1))


def fixed(tree: ast.Module, modules: Iterable[str]) -> Iterator[str]:
    """Names in texts, but for those of `modules`, in f-strings, and of registers."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if _IDENTIFIER.fullmatch(node.value) and node.value not in modules:
                yield from node.value.split(".")
        elif isinstance(node, ast.JoinedStr):
            yield from in_f_string(node)
        elif isinstance(node, ast.FunctionDef) and is_assembler(node):
            yield from (one.arg for one in node.args.args)


def exceptions(trees: Iterable[ast.Module]) -> set[str]:
    """The classes of exceptions: the display and the error log show their names."""
    found: set[str] = set()
    classes = [*chain.from_iterable(map(_classes, trees))]
    while (
        more := {
            one.name
            for one in classes
            for base in one.bases
            if ast.unparse(base).rpartition(".")[2] in _EXCEPTIONS | found
        }
        - found
    ):
        found |= more
    return found


def in_f_string(node: ast.JoinedStr) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name):
            yield inner.id
        elif isinstance(inner, ast.Attribute):
            yield inner.attr


def is_assembler(function: ast.FunctionDef | ast.Lambda) -> bool:
    decorators = function.decorator_list if isinstance(function, ast.FunctionDef) else []
    return any("asm_thumb" in ast.unparse(one) for one in decorators)


def by_keyword(tree: ast.Module) -> Iterator[str]:
    """Parameters that are given by name somewhere, whoever's they are, or only so."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg is not None:
            yield node.arg
        elif isinstance(node, ast.arguments):
            yield from (one.arg for one in node.kwonlyargs)
