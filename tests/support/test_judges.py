"""The judges are found in one place, and where they are missing the tests that need them say so."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import judges

ROOT = Path(__file__).resolve().parents[2]
WRITTEN_IN = (".ci", "Makefile", "firmware", "host_tools", "hardware", "tests", "tools")
USERS = (
    "tests/firmware/codes/test_otp.py",
    "tests/host_tools/clock/test_ntp.py",
    "tests/host_tools/credentials/test_qr_views.py",
    "tests/host_tools/credentials/importers/test_exports.py",
)


def files():
    for name in WRITTEN_IN:
        path = ROOT / name
        yield from [path] if path.is_file() else path.rglob("*")


def test_one_file_names_the_judges():
    words = re.compile("|".join(judge.program for judge in judges.JUDGES).encode(), re.IGNORECASE)
    named = {
        path.relative_to(ROOT).as_posix()
        for path in files()
        if path.is_file()
        and not {"node_modules", "__pycache__"} & set(path.parts)
        and path.suffix != ".md"  # a README tells people what to install
        and (words.search(path.read_bytes()) or words.search(path.name.encode()))
    }
    assert named == {"tests/support/judges.py"}


def test_a_missing_judge_skips_and_is_named_with_its_package(monkeypatch):
    monkeypatch.setenv(judges.HIDE_VARIABLE, "1")
    assert judges.missing() == [*judges.JUDGES]
    for judge in judges.JUDGES:
        with pytest.raises(pytest.skip.Exception) as skipped:
            judge.required()
        assert judge.program in skipped.value.msg and judge.package in skipped.value.msg


def test_without_judges_the_tests_that_use_one_are_skipped_in_one_line_each():
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "judge"]
    done = subprocess.run(
        [*command, *USERS],
        cwd=ROOT,
        env={**os.environ, judges.HIDE_VARIABLE: "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    lines = [line for line in done.stdout.splitlines() if "is missing" in line]
    assert len(lines) == len(judges.JUDGES)
    for judge in judges.JUDGES:
        (line,) = [line for line in lines if judge.program in line]
        assert re.match(r"SKIPPED \[\d+\] tests/support/judges.py", line) and judge.package in line
    assert re.search(r"\b[1-9]\d* skipped", done.stdout) and "passed" not in done.stdout


def test_what_is_installed_is_printed_as_packages_for_ci():
    script = ROOT / "tests/support/judges.py"
    hidden = {**os.environ, judges.HIDE_VARIABLE: "1"}
    done = subprocess.run([sys.executable, script], env=hidden, capture_output=True, text=True)
    assert done.stdout.split() == [judge.package for judge in judges.JUDGES]
