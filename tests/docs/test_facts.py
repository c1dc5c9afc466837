"""What the pages state, compared with the code that makes it true."""

import json
import re

import picototp
from host_tools import errors
from host_tools.simulator.control import Control
from tests.docs.pages import ROOT, all_pages, parsed, read, rows

SOURCES = ("firmware", "host_tools")
PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)+\.(?:py|svg|gif|png|md|toml|txt)")


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_control_socket_is_documented_whole():
    requests = [
        json.loads(first.strip("`")) for first, *_ in rows(text("docs/simulator.md"), "Request")
    ]
    answer = json.loads(Control(None).answer(b'{"op": "none"}'))
    known = set(answer["error"].split(": ")[1].split(", "))
    assert {request["op"] for request in requests} == known


def test_the_exit_codes_are_those_of_the_errors():
    listed = {int(code) for code, _ in rows(text("docs/accounts.md"), "Exit code")}
    classes = [each for each in vars(errors).values() if isinstance(each, type)]
    assert listed == {0} | {
        each.exit_code for each in classes if issubclass(each, errors.ToolError)
    }


def literal(cell):
    """The part of a message that does not vary: up to an ellipsis, a number, a second message."""
    said = cell.partition("`, ")[0].strip("`")
    return re.split(r"±|\d|\.\.\.|, ", said.strip("!. "))[0].strip()


def test_the_messages_that_are_explained_are_in_the_code():
    page = text("docs/troubleshooting.md")
    code = "".join(
        path.read_text(encoding="utf-8")
        for folder in SOURCES
        for path in (ROOT / folder).rglob("*.py")
    )
    tables = page.split("## On the computer")
    messages = [literal(cells[0]) for table in tables for cells in rows(table, "You see")]
    assert len(messages) >= 14
    unknown = [each for each in messages if each not in code]
    assert unknown == []


def test_the_changelog_has_this_version_and_what_comes_next():
    headings = re.findall(r"^## (.+)", text("CHANGELOG.md"), re.MULTILINE)
    assert headings[0] == "[Unreleased]"
    dated = [re.fullmatch(r"\[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d", each) for each in headings[1:]]
    assert all(dated), headings
    assert picototp.__version__ in [match[1] for match in dated]


def test_files_that_are_named_are_there():
    missing = []
    for page in all_pages():
        bases = (ROOT, ROOT / "firmware" / "picototp", ROOT / "firmware", (ROOT / page).parent)
        for span in filter(PATH.fullmatch, read(page).spans):
            if not any((base / span).exists() for base in bases):
                missing.append(f"{page}: {span}")
    assert missing == []


def test_a_file_that_is_not_there_would_be_found():
    assert [bool(PATH.fullmatch(span)) for span in parsed("`vault/slot.py` `a b/c.py`").spans] == [
        *(True, False),
    ]
