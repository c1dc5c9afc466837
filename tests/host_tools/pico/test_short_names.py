"""The firmware means the same under its short names."""

import ast
import io
import tokenize

import pytest

from host_tools.pico import firmware_build, short_names
from host_tools.pico.short_names import Names
from mpy_names import names_of

MODULES = firmware_build.module_sources()


@pytest.fixture(scope="module")
def names() -> Names:
    return firmware_build.names()


def words(text):
    """Its names, line by line."""
    return [
        (token.start[0], token.string)
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.NAME
    ]


def ran(text, **modules):
    """What a rewritten text binds when it is run."""
    space = {"const": lambda value: value, **modules}
    exec(text, space)  # noqa: S102  written here
    return space


def test_no_two_names_become_one(names):
    used = {word for text in MODULES.values() for _, word in words(text)}
    private = {new: old for own in names.private.values() for old, new in own.items()}
    new = [*names.parameters, *names.others.values(), *private]
    assert len(set(new)) == len(new) > 250
    assert not set(new) & (used - set(names.others))
    for own in names.private.values():
        assert len(set(own.values())) == len(own) and not set(own) & set(names.others)


def test_they_are_all_in_rom(names):
    private = {new for own in names.private.values() for new in own.values()}
    assert {*names.parameters, *names.others.values()} | private <= short_names.rom_names()


@pytest.mark.parametrize("module", MODULES)
def test_each_line_stays_where_it_is(names, module):
    text = MODULES[module]
    new = names.rewritten(text, module)
    ast.parse(new)
    assert new.count("\n") == text.count("\n")
    before, after = ([row for row, word in words(one) if word != "const"] for one in (text, new))
    assert before == after


def test_it_is_the_same_each_time(names):
    again = Names.of(dict(MODULES), [])
    assert again == Names.of(MODULES, [])
    assert Names.of(MODULES, ["other"]) == Names.of(MODULES, ["other"])


def test_what_a_log_shows_keeps_its_name(names):
    for text in MODULES.values():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                assert node.name not in names.others


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
    thing = space["Thing"](5, 6, 7, colour="red")
    assert thing.grown(10) == 10 + 10 + 5 + 41 + 3
    assert space["keyed"](5, 3) == 2
    assert thing.told("x") == "x red" and thing.open_part == "red", "an f-string keeps its names"
    assert vars(thing) != {"_hidden": 5} and 5 in vars(thing).values()
    assert "_START = const(40 + 1)" in new and "_LIMIT = const(3)" in new
    assert "shown" not in space and "_texts" not in space and "_by" not in space
    assert "A docstring with shown and _hidden." in new


def test_what_is_given_by_name_stays_one_name():
    own = {
        "one": "def paint(colour, size):\n    return colour, size\n",
        "two": "import one\ndef run(area):\n    return one.paint(area, size=3)\n",
    }
    names = Names.of(own, [])
    assert "size" not in names.parameters
    paint = ran(names.rewritten(own["one"]))["paint"]
    (size,) = {names.others.get("size", "size")}
    assert paint("red", **{size: 3}) == ("red", 3)
    assert f"{size}=3" in names.rewritten(own["two"])


TWO = {
    "one": "class One:\n def __init__(self):\n  self._a = 1\n def one(self):\n  return self._a\n",
    "two": "class Two:\n def __init__(self):\n  self._b = 2\n",
}


def test_modules_share_what_they_call_their_own():
    names = Names.of(TWO, [])
    assert [*names.private["one"].values()] == [*names.private["two"].values()] != []
    assert not names.others


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
    taken = {names.private["one"].get("_a"), names.others.get("_a")}
    mine = names.private["two"].get(apart) or names.others[apart]
    assert (mine in taken) == (apart == "_a")
    if apart not in names.others:
        both = ran(
            "\n".join(names.rewritten(one, name) for name, one in {**TWO, "two": text}.items())
        )
        assert both["Two"]().one() == 1


@pytest.mark.parametrize(
    ("others", "text"),
    [
        (["driver.secret_part"], "thing.secret_part = 1\n"),
        ([], "thing.secret_part = 1\nname = 'secret_part'\n"),
        ([], "thing.secret_part = 1\nname = 'a.secret_part.b'\n"),
        ([], "thing.secret_part = 1\nshow(f'{thing.secret_part}')\n"),
        ([], "thing.secret_part = 1\ndef secret_part(): pass\n"),
        ([], "thing.__secret_part__ = 1\n"),
    ],
)
def test_what_something_else_may_know_stays(others, text):
    assert "secret_part = 1" in Names.of({"m": text}, others).rewritten(text).replace("__ =", " =")


def test_registers_stay():
    text = "@micropython.asm_thumb\ndef add_up(r0, r1):\n    add(r0, r0, r1)\n"
    assert Names.of({"m": text}, []).rewritten(text) == text


def test_a_constant_that_is_bound_twice_is_none():
    for more in ("_A = 2\n", "def f(_A): pass\n", "import _A\n", "def f():\n    global _A\n"):
        text = f"_A = 1\n{more}"
        assert "const" not in Names.of({"m": text}, []).rewritten(text)


# How many names MicroPython takes in before its next table, of 1,280, which wants 8 KB in one piece
# of a heap that has long been in use: 20 + 40 + 80 + 160 + 320 + 640 (py/qstr.c).
TABLES = 1260
BESIDE_THE_BUNDLE = 100  # of what starts it, and made while it runs


def test_all_names_together_leave_the_tables_as_they_are(names):
    met = {part for module in MODULES for part in module.split(".")}
    for module, text in MODULES.items():
        met |= {*names_of(firmware_build.compile_text(names.rewritten(text, module), module))}
    assert 500 < len(met - short_names.rom_names()) < TABLES - BESIDE_THE_BUNDLE
