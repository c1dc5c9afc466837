"""All texts that users see name what they can type, and call one gesture by one name."""

import ast
import re
from pathlib import Path

import click
import pytest

from host_tools.cli import picototp_command
from host_tools.provision import provision

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted(
    path for folder in ("firmware", "host_tools") for path in (ROOT / folder).rglob("*.py")
)
# Nobody types these: the console script `picototp` is what there is to type.
SCRIPT = re.compile(r"\b(provision|synctime|install|simulate|bench|demo)\.py\b")
TYPED = re.compile(r"picototp ([a-z]+)(?: ([a-z]+))?")
TOOLS = set(picototp_command.list_commands(click.Context(picototp_command)))
SUBCOMMANDS = {*provision.list_commands(click.Context(provision))} | {"asks"}  # in a sentence
# The names of keys that are derived, in no text of a user's.
DERIVED = {"key wrap", "key check", "vault cipher", "vault mac", "vault nonce", "name None"}
# A gesture and what it does, the old way.
COLON = re.compile(r"\b(click|hold|press): ")
# Words that read as a translation: "again" or "re-" says the first, a whole sentence the second.
ANEW = re.compile(r"\banew\b", re.IGNORECASE)
WRITTEN = sorted(
    [*FILES, *(ROOT / "tools").glob("*.py"), ROOT / "Makefile"],
)
# A file that was being rewritten when these checks came; take it out when it is mended.
OF_LEFT = {"firmware/picototp/app/messages.py"}


def texts_of(path):
    """(line, text) of every string in a file, docstrings included: click prints those."""
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def name_of(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_text_names_a_script(path):
    found = [f"{line}: {text!r}" for line, text in texts_of(path) if SCRIPT.search(text)]
    assert not found


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_command_that_a_text_names_exists(path):
    for line, text in texts_of(path):
        for match in TYPED.finditer(text):
            tool, subcommand = match.groups()
            if f"{tool} {subcommand}" in DERIVED:
                continue
            assert tool in TOOLS, f"{path.name}:{line}: {match[0]!r}"
            if tool == "provision" and subcommand is not None:
                assert subcommand in SUBCOMMANDS, f"{path.name}:{line}: {match[0]!r}"


@pytest.mark.parametrize("path", [path for path in FILES if "firmware" in path.parts], ids=name_of)
def test_a_gesture_and_what_it_does_are_joined_by_an_equals_sign(path):
    assert not [text for _, text in texts_of(path) if COLON.search(text)]


def fragments_of(path):
    """(line, docstring) of the public functions and classes whose docstring begins with "Of "."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            text = ast.get_docstring(node) or ""
            if not node.name.startswith("_") and text.startswith("Of "):
                yield node.lineno, text


@pytest.mark.parametrize("path", WRITTEN, ids=name_of)
def test_nothing_is_done_anew(path):
    assert not ANEW.search(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", [path for path in WRITTEN if path.suffix == ".py"], ids=name_of)
def test_a_docstring_is_a_sentence(path):
    assert name_of(path) in OF_LEFT or not list(fragments_of(path))


def test_the_checks_find_what_they_look_for(tmp_path):
    path = tmp_path / "sample.py"
    path.write_text('"run provision.py"\nx = f"see {1} picototp provision list"\ny = "hold: ok"\n')
    texts = [text for _, text in texts_of(path)]
    assert [bool(SCRIPT.search(text)) for text in texts].count(True) == 1
    assert any(TYPED.search(text) for text in texts) and any(COLON.search(t) for t in texts)
    path.write_text('def names():\n    """Of all files."""\n\ndef _own():\n    """Of one."""\n')
    assert list(fragments_of(path)) == [(1, "Of all files.")]
    assert ANEW.search("Written anew.") and not ANEW.search("wait_anew()")
