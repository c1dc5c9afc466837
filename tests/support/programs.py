"""The tools as a user starts them, and what they leave behind."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from waiting import PATIENCE_S

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "host_tools"
# The console script; it belongs to the tree under test even where another one is installed.
PICOTOTP = (sys.executable, Path(sys.executable).with_name("picototp"))
# Starts a program as if in the foreground: a job in the background has Ctrl-C ignored, and whatever
# it starts inherits that.
FOREGROUND = (
    sys.executable,
    "-c",
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); "
    "os.execvp(sys.argv[1], sys.argv[1:])",
)
TREE = {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'firmware'}"}
CONFIRM = "confirm on the token"
LATER = "the last question was not confirmed", "the token's button is in use"


@dataclass
class Result:
    """What a program left behind."""

    code: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The one line of an error; AssertionError if there is more than that, or less."""
        lines = [line for line in self.err.splitlines() if not line.startswith((CONFIRM, *LATER))]
        assert len(lines) == 1 and lines[0].startswith("error: "), self.err
        return lines[0]


def run(
    *command: str | Path,
    typed: str | bytes = "",
    on_confirm: Callable[[], None] = lambda: None,
    environment: dict[str, str] | None = None,
) -> Result:
    """Run a program to its end; `on_confirm` is called whenever it asks for the button."""
    process = subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **TREE, **(environment or {})},
    )
    assert process.stdin and process.stdout and process.stderr
    timer = threading.Timer(PATIENCE_S * 2, process.kill)  # a hang must end, and fail
    timer.start()
    out: list[bytes] = []
    reader = threading.Thread(target=lambda stream=process.stdout: out.append(stream.read()))
    reader.start()
    try:
        process.stdin.write(typed.encode() if isinstance(typed, str) else typed)
        process.stdin.close()
    except BrokenPipeError:
        pass  # it ended before it read anything
    err = ""
    for line in process.stderr:
        err += line.decode()
        if line.decode().startswith(CONFIRM):
            on_confirm()
    process.wait()
    reader.join()
    timer.cancel()
    process.stdout.close()
    process.stderr.close()
    return Result(process.returncode, out[0].decode(), err)


def tool(name: str, *arguments: str | Path, **options) -> Result:
    """Run host_tools/NAME.py as a user would."""
    return run(sys.executable, TOOLS / f"{name}.py", *arguments, **options)
