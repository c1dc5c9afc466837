"""The history of a clock: what is written is read again, and damage stays where it is."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from host_tools.clock.history import DATA_VARIABLE, ClockHistory, Measurement, Trim, known_tokens
from host_tools.errors import ToolError

MEASURED = Measurement(1_800_000_000.25, -0.0123, 0.002, False, -17, 23.25, "ntp")
TRIMMED = Trim(1_800_000_001.5, 0, -17, -1.7, 0.02)


@pytest.fixture
def warnings():
    return []


@pytest.fixture
def history(tmp_path, monkeypatch, warnings):
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    return ClockHistory("e6614103e7", warnings.append)


def test_what_is_written_is_read_in_order(history, warnings, tmp_path):
    records = [MEASURED, replace(MEASURED, temperature_c=None, after_set=True), TRIMMED]
    assert history.read() == [] and known_tokens() == []
    for record in records:
        history.append(record)
    assert ClockHistory("e6614103e7").read() == records
    assert history.path == tmp_path / "clock" / "e6614103e7.jsonl"
    assert known_tokens() == ["e6614103e7"] and not warnings
    assert json.loads(history.path.read_bytes().splitlines()[2]) == {
        "v": 1,
        "kind": "trim",
        "unix_s": 1800000001.5,
        "aging_from": 0,
        "aging_to": -17,
        "ppm": -1.7,
        "half_width_ppm": 0.02,
        "undo": False,
    }


def good_line(**changes) -> bytes:
    fields = {"v": 1, "kind": "measurement", **vars(MEASURED), **changes}
    return json.dumps({k: v for k, v in fields.items() if v is not ...}).encode()


@pytest.mark.parametrize(
    "line",
    [
        good_line()[:-9],
        b"\xff\xfe{",
        b"[" * 100_000,
        b"null",
        good_line(v=2),
        good_line(v=...),
        good_line(kind="other"),
        good_line(aging=...),
        good_line(extra=1),
        good_line(unix_s="today"),
        good_line(error_s=float("nan")),
        good_line(uncertainty_s=0),
        good_line(after_set=1),
        good_line(aging=128),
        good_line(aging=1.5),
        good_line(temperature_c="warm"),
        good_line(source="sundial"),
        good_line(set_unix_s="today"),
    ],
)
def test_a_damaged_line_is_skipped_and_named(history, warnings, line):
    history.append(MEASURED)
    with history.path.open("ab") as file:
        file.write(line + b"\n")
    history.append(TRIMMED)
    assert history.read() == [MEASURED, TRIMMED]
    (warning,) = warnings
    assert "line 2, was skipped: " in warning and "\n" not in warning


def test_lines_of_older_programs_are_read(history, warnings):
    history.append(MEASURED)
    history.path.write_bytes(good_line(set_unix_s=...) + b"\n")
    assert b"set_unix_s" not in history.path.read_bytes()
    assert history.read() == [MEASURED] and not warnings


def test_a_torn_last_line_does_not_swallow_the_next(history, warnings):
    history.append(MEASURED)
    with history.path.open("ab") as file:
        file.write(good_line()[:40])
    history.append(TRIMMED)
    assert history.read() == [MEASURED, TRIMMED] and len(warnings) == 1


def test_a_record_that_cannot_be_is_not_written(history):
    with pytest.raises(ValueError, match="uncertainty_s"):
        history.append(replace(MEASURED, uncertainty_s=-1.0))
    assert not history.path.exists()


@pytest.mark.parametrize("token", ["", "../x", "a/b", "x" * 65])
def test_a_token_whose_id_names_no_file(token):
    with pytest.raises(ToolError):
        ClockHistory(token)


def test_a_folder_that_cannot_be_made(history, tmp_path):
    (tmp_path / "clock").write_text("a file in its place")
    with pytest.raises(ToolError, match="cannot write"):
        history.append(MEASURED)


_WRITER = """
import sys
from host_tools.clock.history import ClockHistory, Measurement
history = ClockHistory("shared")
for number in range(100):
    history.append(Measurement(number, float(sys.argv[1]), 1.0, False, 0, None, "host"))
"""


def test_two_programs_append_at_once(tmp_path, monkeypatch, warnings):
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    path = os.pathsep.join(part for part in sys.path if part)
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(name)], env={**os.environ, "PYTHONPATH": path}
        )
        for name in range(2)
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    records = ClockHistory("shared", warnings.append).read()
    assert not warnings
    for name in range(2):
        assert [r.unix_s for r in records if r.error_s == name] == list(range(100))
