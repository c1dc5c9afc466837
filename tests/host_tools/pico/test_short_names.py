"""The firmware means the same under its short names."""

import ast
import io
import sys
import tokenize
import types
from itertools import chain

import pytest

from host_tools.pico import firmware_build, short_names
from host_tools.pico.short_names import Names
from mpy_names import names_of

MODULES = firmware_build.module_sources()


@pytest.fixture(scope="module")
def names() -> Names:
    return firmware_build.names()


def words(text):
    """Its names, line by line, but for those in imports, which become others."""
    imports = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for line in range(node.lineno, node.end_lineno + 1)
    }
    return [
        (token.start[0], token.string)
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.NAME and token.start[0] not in imports
    ]


def called(text):
    """Its names, in their order; what makes a constant is none."""
    return [word for _, word in words(text) if word != "const"]


def ran(text, **modules):
    """What a rewritten text binds when it is run."""
    space = {"const": lambda value: value, **modules}
    exec(text, space)  # noqa: S102  written here
    return space


def test_no_two_names_of_a_module_become_one(names):
    used = {word for text in MODULES.values() for _, word in words(text)}
    for module, text in MODULES.items():
        pairs = set(zip(called(text), called(names.rewritten(text, module)), strict=True))
        changed = {(old, new) for old, new in pairs if old != new and new not in names.parameters}
        changed -= {(old, f"_{old.lstrip('_')}") for old in names.constants}
        assert len({new for _, new in changed}) == len({old for old, _ in changed}) == len(changed)
        assert not {new for _, new in changed} & used
    assert not set(names.parameters) & ({*names.public.values()} | used)


def test_one_name_serves_several_that_never_meet(names):
    assert len(names.public) > 500 and len(set(names.public.values())) < 250


def test_they_are_all_in_rom(names):
    private = {new for own in names.private.values() for new in own.values()}
    public = {*names.public.values(), *names.modules.values()}
    assert {*names.parameters} | private | public <= short_names.rom_names()


@pytest.mark.parametrize("module", MODULES)
def test_each_line_stays_where_it_is(names, module):
    text = MODULES[module]
    new = names.rewritten(text, module)
    ast.parse(new)
    assert new.count("\n") == text.count("\n")
    before, after = ([row for row, word in words(one) if word != "const"] for one in (text, new))
    assert before == after


def test_it_is_the_same_each_time(names):
    strangers = [f"import {module}" for module in sorted(MODULES)[:20]]
    assert Names.of(dict(MODULES), strangers) == Names.of(MODULES, strangers)
    more = [*strangers, "other"]
    assert Names.of(MODULES, more) == Names.of(MODULES, more)


TEXT = '''
LIMIT = 3
_START = 40 + 1
_texts = {}
shown = 7


class Thing:
    """A docstring with shown and _hidden."""

    def __init__(self, size, *rest, colour=None):
        self._hidden = size
        self.open_part = colour
        self.rest = rest

    def grown(self, size):
        inner = lambda other: other + size + self._hidden
        return inner(size) + _START + LIMIT

    def told(self, what):
        return f"{what} {self.open_part}"


def keyed(first, second):
    return first - second


def _by(first):
    try:
        return {"getter": getattr(first, "grown")}
    except ValueError as first:
        return first
'''


def test_a_text_does_what_it_did():
    names = Names.of({"made_up": TEXT}, [])
    new = names.rewritten(TEXT, "made_up")
    space = ran(new)
    thing = space[names.public["Thing"]](5, 6, 7, **{names.public.get("colour", "colour"): "red"})
    assert thing.grown(10) == 10 + 10 + 5 + 41 + 3, "a text knows this one"
    assert space[names.public["keyed"]](5, 3) == 2
    assert getattr(thing, names.public["told"])("x") == "x red" and thing.open_part == "red", (
        "an f-string keeps its names"
    )
    assert vars(thing) != {"_hidden": 5} and 5 in vars(thing).values()
    assert "_START = const(40 + 1)" in new and "_LIMIT = const(3)" in new
    assert not {"shown", "_texts", "_by", "keyed", "Thing"} & set(space)
    assert "A docstring with shown and _hidden." in new


def test_what_is_given_by_name_stays_one_name():
    own = {
        "one": "def paint(colour, size):\n    return colour, size\n",
        "two": "import one\ndef run(area):\n    return one.paint(area, size=3)\n",
    }
    names = Names.of(own, [])
    assert "size" not in names.parameters
    paint = ran(names.rewritten(own["one"]))[names.public["paint"]]
    (size,) = {names.public.get("size", "size")}
    assert paint("red", **{size: 3}) == ("red", 3)
    assert f"{size}=3" in names.rewritten(own["two"])


def test_exceptions_keep_their_names(names):
    """The display and the error log tell them."""
    classes = [
        node
        for text in MODULES.values()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ClassDef) and node.name.endswith(("Error", "TooNew", "NoBatch"))
    ]
    assert len(classes) >= 7
    changed = {*names.public, *chain(*names.private.values())}
    assert not {one.name for one in classes} & changed


def test_an_exception_is_known_by_its_bases():
    own = {
        "one": "class Odd(ValueError):\n pass\nclass Plain:\n pass\n",
        "two": "import one\nclass Odder(one.Odd):\n pass\nclass _Oddest(Odder):\n pass\n",
    }
    names = Names.of(own, [])
    assert not {"Odd", "Odder", "_Oddest"} & {*names.public, *chain(*names.private.values())}
    assert "Plain" in names.public


def test_a_plain_import_binds_the_name_that_is_used():
    own = {"drv": "def run():\n    return 5\n", "two": "import drv\ngot = drv.run()\n"}
    names = Names.of(own, [])
    module = types.ModuleType(names.modules["drv"])
    exec(names.rewritten(own["drv"], "drv"), vars(module))  # noqa: S102  written here
    try:
        sys.modules[module.__name__] = module
        assert 5 in ran(names.rewritten(own["two"], "two")).values()
    finally:
        del sys.modules[module.__name__]


@pytest.mark.parametrize("module", MODULES)
def test_no_module_binds_a_package_by_a_plain_import(module):
    plain = [
        one
        for node in ast.walk(ast.parse(MODULES[module]))
        if isinstance(node, ast.Import)
        for one in node.names
        if one.asname is None and "." in one.name
    ]
    assert not plain


def test_what_a_text_names_is_no_keyword_of_format():
    with pytest.raises(AssertionError, match="f-string"):
        Names.of({"one": "def f(p):\n    return '{what}'.format(what=p)\n"}, [])


def test_more_modules_than_names_are_refused(monkeypatch):
    rom = short_names.rom_names() - {*firmware_build.names().modules.values()}
    monkeypatch.setattr(short_names, "rom_names", lambda: rom)
    with pytest.raises(AssertionError, match="more modules"):
        Names.of(MODULES, [])


TWO = {
    "one": "class One:\n def __init__(self):\n  self._a = 1\n def told(self):\n  return self._a\n",
    "two": "class Two:\n def __init__(self):\n  self._b = 2\n",
}


def test_modules_share_what_they_call_their_own():
    names = Names.of(TWO, [])
    assert [*names.private["one"].values()] == [*names.private["two"].values()] != []
    assert names.public["One"] == names.public["Two"] != names.public["told"]


@pytest.mark.parametrize(
    ("text", "apart"),
    [
        ("class Two(One):\n def __init__(self):\n  self._a, self._b = 1, 2\n", "_b"),
        ("class Two:\n def __init__(self):\n  self._b = One()._a\n", "_a"),
        ("from one import _a\n", "_a"),
        ("class Two:\n def two(self, other):\n  self._b = other._b\n", "_b"),
    ],
)
def test_what_another_class_or_module_may_know_is_called_alike_everywhere(text, apart):
    names = Names.of({**TWO, "two": text}, [])
    taken = {names.private["one"].get("_a"), names.public.get("_a")}
    mine = names.private["two"].get(apart) or names.public[apart]
    assert (mine in taken) == (apart == "_a")
    if apart not in names.public:
        one, two = (names.rewritten(own, name) for name, own in {**TWO, "two": text}.items())
        first, second, method = (names.public.get(name, name) for name in ("One", "Two", "told"))
        both = ran(two, **{first: ran(one)[first]})
        assert getattr(both[second](), method)() == 1


@pytest.mark.parametrize(
    "two",
    [
        "class Two(One):\n def grown(self):\n  return 2\n",
        "class Two:\n def grown(self):\n  return told\n",
        "class Two:\n def grown(self, other):\n  other.lent = 2\n",
    ],
)
def test_what_may_meet_in_a_class_or_module_is_called_apart(two):
    names = Names.of({**TWO, "two": two}, []).public
    lent = names.pop("lent", None)
    assert lent not in names.values()
    assert lent or names["told"] != names["grown"]


@pytest.mark.parametrize(
    ("others", "text"),
    [
        (["driver.secret_part"], "thing.secret_part = 1\n"),
        ([], "thing.secret_part = 1\nname = 'secret_part'\n"),
        ([], "thing.secret_part = 1\nname = 'a.secret_part.b'\n"),
        ([], "thing.secret_part = 1\nshow(f'{thing.secret_part}')\n"),
        ([], "thing.__secret_part__ = 1\n"),
    ],
)
def test_what_something_else_may_know_stays(others, text):
    assert "secret_part = 1" in Names.of({"m": text}, others).rewritten(text).replace("__ =", " =")


def test_modules_are_called_otherwise_where_they_are_imported():
    own = {
        "a": "from a.b import c, d\n",
        "a.b": "VALUE = 1\n",
        "a.b.c": "from a.b import VALUE as V, c\nfrom a import (\n    b,\n    kept as k,\n)\n",
        "a.kept": "import a.b as other, os\nname = 'a.b.c'\nd = 3\n",
        "a.late": "def f():\n    from a.b import c; return c\n",
    }
    names = Names.of(own, ["from a import kept\n"])
    b, c = names.modules["a.b"], names.modules["a.b.c"]
    assert {"a", "a.kept"}.isdisjoint(names.modules)
    other = {name: names.rewritten(text, name) for name, text in own.items()}
    assert other["a"].startswith(f"import {c} as ") and f"; from {b} import " in other["a"]
    assert other["a.kept"].splitlines()[0].startswith(f"import {b} as ")
    assert "; import os" in other["a.kept"] and f"name = '{c}'" in other["a.kept"]
    assert other["a.b.c"].count("\n") == 5 and f"import {b} as " in other["a.b.c"]
    assert "from a import kept as k" in other["a.b.c"]
    assert f"    import {c} as " in other["a.late"]


def test_registers_stay():
    text = "@micropython.asm_thumb\ndef add_up(r0, r1):\n    add(r0, r0, r1)\n"
    names = Names.of({"m": text}, [])
    assert names.rewritten(text) == text.replace("add_up", names.public["add_up"])


def test_a_constant_that_is_bound_twice_is_none():
    for more in ("_A = 2\n", "def f(_A): pass\n", "import _A\n", "def f():\n    global _A\n"):
        text = f"_A = 1\n{more}"
        assert "const" not in Names.of({"m": text}, []).rewritten(text)


# How many names MicroPython takes in before its next table, of 640, which wants 4 KB in one piece
# of a heap that has long been in use: 20 + 40 + 80 + 160 + 320 (py/qstr.c).
TABLES = 620
BESIDE_THE_BUNDLE = 100  # of what starts it, and made while it runs


def test_all_names_together_leave_the_tables_as_they_are(names):
    met = set()
    for module, text in MODULES.items():
        name = names.modules.get(module, module)
        met |= {*name.split("."), name}
        met |= {*names_of(firmware_build.compile_text(names.rewritten(text, module), name))}
    assert 300 < len(met - short_names.rom_names()) < TABLES - BESIDE_THE_BUNDLE
