"""The workflow of a public home: what it names is there, and it does not say where packages are."""

import re

import pytest

from tests.docs.pages import ROOT

WORKFLOW = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()


def jobs():
    """The text of each job, by its name."""
    _, _, text = WORKFLOW.partition("\njobs:\n")
    names = list(re.finditer(r"^  (\w+):$", text, re.MULTILINE))
    ends = [match.start() for match in names[1:]] + [len(text)]
    return {match[1]: text[match.end() : end] for match, end in zip(names, ends, strict=True)}


def test_it_names_no_host():
    assert "://" not in WORKFLOW
    assert not re.search(r"index-url|registry|\.(org|com|io|dev)\b", WORKFLOW)


@pytest.mark.parametrize("name", ["whole", "hosts", "nightly"])
def test_each_job_ends_and_may_only_read(name):
    job = jobs()[name]
    assert re.search(r"^    timeout-minutes: \d+$", job, re.MULTILINE)
    assert re.search(r"^    runs-on: ", job, re.MULTILINE)
    assert "permissions" not in job


def test_there_are_no_other_jobs_and_the_rights_are_those_to_read():
    assert sorted(jobs()) == ["hosts", "nightly", "whole"]
    assert "\npermissions:\n  contents: read\n\n" in WORKFLOW


def test_every_target_that_is_made_is_there():
    (listed,) = re.findall(r"what: \[(.*)\]", WORKFLOW)
    made = listed.split(", ") + re.findall(r"run: make ([\w-]+)$", WORKFLOW, re.MULTILINE)
    assert {"install-dev", "test-chip-all", "test-clock", "fuzz", "mutants"} == set(made)
    for target in made:
        assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE), target


def test_every_file_that_is_named_is_there():
    found = re.findall(r"(?:tests|host_tools|\.ci|requirements)[\w./-]*", WORKFLOW)
    assert len(found) > 8
    for path in found:
        assert (ROOT / path).exists(), path


def test_all_systems_are_there():
    for system in ("ubuntu-24.04", "ubuntu-24.04-arm", "macos-", "windows-"):
        assert re.search(rf"\b{system}", WORKFLOW), system


def test_every_action_has_a_version():
    used = re.findall(r"uses: (.*)", WORKFLOW)
    assert used and all(re.fullmatch(r"actions/[\w-]+@v\d+", one) for one in used)
