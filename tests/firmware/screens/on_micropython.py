"""Runs a script of this folder on the real unix MicroPython, with the firmware on its path."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPO = HERE.parents[2]
BOARD = REPO / "firmware" / "picototp" / "board"


def run(script: str, *arguments: str) -> list[str]:
    """The script's lines of output; AssertionError with its error output if it fails."""
    beside = Path(sys.executable).with_name("micropython")
    program = str(beside) if beside.exists() else shutil.which("micropython")
    assert program, "micropython is not installed: run make"
    done = subprocess.run(
        [program, str(HERE / script), *arguments],
        env={**os.environ, "MICROPYPATH": f"{REPO / 'firmware'}:{BOARD}:{HERE}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    return done.stdout.splitlines()
