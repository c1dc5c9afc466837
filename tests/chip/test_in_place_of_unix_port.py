"""Where the unix port has no package, the demo runs on the emulated chip."""

import re
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.chip, pytest.mark.thorough]

WITHOUT_UNIX_PORT = """
from host_tools.simulator import ready_made
ready_made.find_interpreter = lambda: None
from host_tools.cli import main
main()
"""


def test_the_demo(image):
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_UNIX_PORT, "demo"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    agreed = re.findall(r"the display shows (\d+), and pyotp agrees", done.stdout)
    assert [len(code) for code in agreed] == [6, 8]
    assert "an emulated Pico" in done.stdout
