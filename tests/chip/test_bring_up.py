"""The commands of hardware/README.md's bring-up, typed as they stand there, on a blank Pico.

What follows them, installing and setting the clock, is in test_acceptance.py.
"""

import ast
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.chip.chip_bench import ROOT, eventually

pytestmark = pytest.mark.chip

README = (ROOT / "hardware" / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^    (mpremote exec .*)$", README, flags=re.M)
MEMORY_CHIP = "0x57"  # of the clock module
ALL_THERE = set(ast.literal_eval(re.search(r"Right: `(\[.*\])`", README)[1]))


def typed(bench, command: str) -> str:
    """What mpremote prints; the port is named, for tests may not look for boards."""
    program, *rest = shlex.split(command)
    path = Path(sys.executable).with_name(program)
    done = subprocess.run(
        [path, "connect", bench.token.port.path, *rest], capture_output=True, text=True, timeout=300
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout.strip()


def test_readme_has_the_two_commands():
    assert len(COMMANDS) == 2 and "scan()" in COMMANDS[0] and "PULL_UP" in COMMANDS[1]


def test_who_is_on_the_bus(bench):
    assert set(ast.literal_eval(typed(bench, COMMANDS[0]))) == ALL_THERE


@pytest.mark.parametrize(("device", "address"), [("ssd1306", "0x3c"), ("ds3231", "0x68")])
def test_a_module_that_is_not_there_is_missing_from_the_list(bench, device, address):
    bench.board.set_fault(device, "nack")
    found = set(ast.literal_eval(typed(bench, COMMANDS[0])))
    bench.board.set_fault(device, "ok")
    assert found == ALL_THERE - {address} - ({MEMORY_CHIP} if device == "ds3231" else set())
    assert f"no `{address}`" in README


def test_the_button_released_and_pressed(bench):
    right = re.search(r"Right: `(\d)` released, `(\d)` pressed", README)
    assert typed(bench, COMMANDS[1]) == right[1]
    bench.token.hold(True)
    eventually(lambda: bench.board.button.down)
    assert typed(bench, COMMANDS[1]) == right[2]
    bench.token.hold(False)
