"""The sample screens, drawn by the real MicroPython, look as their pictures in tests/golden.

PICOTOTP_UPDATE_GOLDEN=1 writes the pictures again: look at them before you commit them.
"""

import os

import pytest

from tests.firmware.screens.on_micropython import REPO, run
from tests.firmware.screens.sample_screens import SCREENS

GOLDEN = REPO / "tests" / "golden"
UPDATE = os.environ.get("PICOTOTP_UPDATE_GOLDEN") == "1"


@pytest.fixture(scope="module")
def drawn() -> dict[str, str]:
    """Name -> 64 lines of 128 characters, one run of the interpreter for all."""
    pictures: dict[str, str] = {}
    for line in run("render_samples.py"):
        if line.startswith("= "):
            name = line[2:]
            pictures[name] = ""
        else:
            pictures[name] += line + "\n"
    return pictures


@pytest.mark.parametrize("name", sorted(SCREENS))
def test_screen_looks_as_its_golden_picture(drawn: dict[str, str], name: str) -> None:
    path = GOLDEN / f"{name}.txt"
    if UPDATE:
        path.write_text(drawn[name])
    assert drawn[name].split("\n") == path.read_text().split("\n")


def test_screens_look_the_same_without_viper(drawn: dict[str, str]) -> None:
    lines = run("render_samples.py", "picototp.screens.strip_viper")
    assert lines == [
        line for name in sorted(SCREENS) for line in (f"= {name}", *drawn[name].splitlines())
    ]


def test_no_golden_picture_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(SCREENS)


def test_pictures_have_the_size_of_the_display(drawn: dict[str, str]) -> None:
    for picture in drawn.values():
        lines = picture.splitlines()
        assert len(lines) == 64
        assert {len(line) for line in lines} == {128}


def test_the_burn_in_shift_moves_the_picture_and_cuts_nothing(drawn: dict[str, str]) -> None:
    unmoved = drawn["last_five_seconds"].splitlines()
    for shift_px in (1, 2):
        moved = drawn[f"shifted_{shift_px}"].splitlines()
        assert moved == ["." * shift_px + row[: 128 - shift_px] for row in unmoved]
        assert all(row[128 - shift_px :] == "." * shift_px for row in unmoved)
