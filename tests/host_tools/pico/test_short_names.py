"""The firmware means the same under its short names."""

import ast
import io
import tokenize

import pytest

from host_tools.pico import firmware_build, short_names
from host_tools.pico.short_names import Names

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
    new = [*names.parameters, *names.others.values()]
    assert len(set(new)) == len(new) > 500
    assert not set(new) & (used - set(names.others))


def test_most_of_them_are_in_rom(names):
    rom = short_names.rom_names()
    assert sum(name in rom for name in names.others.values()) > 350
    assert set(names.parameters) <= rom


@pytest.mark.parametrize("module", MODULES)
def test_each_line_stays_where_it_is(names, module):
    text = MODULES[module]
    new = names.rewritten(text)
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
    new = names.rewritten(TEXT)
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
