"""Every command in the documentation is one that a user can type."""

import re

import pytest

from tests.docs.commands import WrongCommand, check, commands_in, looks_like_ours
from tests.docs.pages import ROOT, all_pages, lines_of, read

PAGES = all_pages()
every_page = pytest.mark.parametrize("path", PAGES, ids=str)


@every_page
def test_commands_in_blocks_parse(path):
    wrong = []
    for line in lines_of(read(path).blocks):
        if not re.match(r"\s*(picototp|make|python|pass show|[A-Z_]+=\S* picototp)\b", line):
            continue
        for words in commands_in(line):
            try:
                check(words)
            except WrongCommand as error:
                wrong.append(f"{line.strip()}: {error}")
    assert wrong == []


@every_page
def test_commands_in_sentences_parse(path):
    wrong = []
    for span in filter(looks_like_ours, read(path).spans):
        for words in commands_in(span):
            try:
                check(words, whole=False)
            except WrongCommand as error:
                wrong.append(f"{span}: {error}")
    assert wrong == []


@every_page
def test_the_environment_is_activated_once_and_then_taken_for_granted(path):
    text = (ROOT / path).read_text(encoding="utf-8")
    assert re.findall(r".*\.venv/bin/.*", text.replace("source .venv/bin/activate", "")) == []
    assert text.count("source .venv/bin/activate") <= 1


def test_tools_are_run_as_files_in_one_place_only():
    forms = {}
    for path in PAGES:
        text = (ROOT / path).read_text(encoding="utf-8")
        found = re.findall(r"\S*\b(?:provision|synctime)\.py\s+[a-z-]+", text)
        if found:
            forms[str(path)] = found
    assert forms == {"docs/install.md": ["host_tools/provision.py list"]}


@pytest.mark.parametrize(
    "line",
    [
        "picototp provsion list",
        "picototp provision --prt /dev/ttyACM0 list",
        "picototp provision list --jsn",
        "picototp provision move example.com:alice",
        "picototp provision move example.com:alice one",
        "picototp provision pin limits 5",
        "picototp synctime --check now",
        "picototp simulate --engine esp32",
        "picototp image",
        "pass show otp/web | picototp provision ad -",
        "python host_tools/provision.py lst",
        "python tools/no_such.py",
        "python -m pytest tests/no_such",
        "make tests",
    ],
)
def test_what_nobody_can_type_is_found(line):
    with pytest.raises(WrongCommand):
        for words in commands_in(line):
            check(words)


@pytest.mark.parametrize(
    "line", ["picototp image", "picototp provision", "picototp provision move"]
)
def test_a_sentence_may_name_a_command_without_its_arguments(line):
    (words,) = commands_in(line)
    assert check(words, whole=False)
    with pytest.raises(WrongCommand):
        check(words)


def test_a_sentence_names_no_command_that_is_not_there():
    with pytest.raises(WrongCommand):
        check(["picototp", "provision", "mvoe"], whole=False)


@pytest.mark.parametrize(
    "line",
    [
        "picototp --version",
        "picototp provision --port /dev/ttyACM0 list --json   # a comment",
        "PICOTOTP_PATIENCE=40 picototp synctime --check",
        "make PYTHON=python3.12 demo",
    ],
)
def test_what_can_be_typed_is_taken(line):
    assert [check(words) for words in commands_in(line)] == [True]


def test_there_are_commands_to_check():
    found = [
        words
        for path in PAGES
        for line in lines_of(read(path).blocks)
        if line.strip().startswith("picototp")
        for words in commands_in(line)
    ]
    assert len(found) > 50
    names = {words[1] for words in found if words[0] == "picototp"}
    assert names >= {"bench", "image", "install", "provision", "simulate", "synctime"}
