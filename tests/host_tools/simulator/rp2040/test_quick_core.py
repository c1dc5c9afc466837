"""The instructions that the emulated chip executes by our own code, beside the emulator's."""

import os
import random
import subprocess
from pathlib import Path

import pytest

from host_tools.errors import ToolError
from host_tools.simulator.rp2040.javascript import emulator_folder, node

PROBE = Path(__file__).with_name("quick_core_probe.mjs")
SEED = int(os.environ.get("PICOTOTP_TEST_SEED", random.randrange(1 << 32)))
STATES = 4
PROGRAMS = 20_000


def test_instructions_and_programs_do_what_the_emulator_does():
    try:
        numbers = map(str, (SEED, STATES, PROGRAMS))
        command = [node(), str(PROBE), str(emulator_folder()), *numbers]
    except ToolError as error:
        pytest.skip(error.message)
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert (done.stdout, done.stderr) == (f"same {65536 * STATES} {PROGRAMS}\n", ""), f"seed {SEED}"
