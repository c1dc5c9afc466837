"""Try a wheel as its user would: in a fresh environment, in a folder outside the tree.

    python tools/try_wheel.py dist/picototp-0.1.0-py3-none-any.whl

Installs it with what it requires, runs the demo, and loads an account into a simulated token. An
exit status other than 0 says that one of them failed.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

ACCOUNT = "otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Example"
QUESTION = "confirm on the token"
READ_FOR_S = 2  # before it a press does not count: the question was not on the display long enough
TIMEOUT_S = 60


class Trial:
    """The environment, and the folder in which its programs run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "elsewhere"
        self.folder.mkdir()
        venv.create(folder / "venv", with_pip=True)
        self._programs = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
        self._environment = {
            key: text for key, text in os.environ.items() if not key.startswith("PYTHON")
        }

    def start(self, program: str, *arguments: str) -> subprocess.Popen[str]:
        """One of its programs, whose error lines can be read."""
        print("$", program, *arguments, flush=True)
        return subprocess.Popen(
            [str(self._programs / program), *arguments],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, program: str, *arguments: str) -> str:
        """What it prints; SystemExit if it fails."""
        process = self.start(program, *arguments)
        printed, complaint = process.communicate()
        sys.stderr.write(complaint)
        if process.returncode != 0:
            sys.exit(f"{program} failed with exit code {process.returncode}\n{printed}")
        return printed


def provision(trial: Trial) -> None:
    """Load an account into a simulated token, with a yes on its button, and look for it there."""
    port, control = "token", "control"
    simulator = trial.start(
        *("picototp", "simulate", "--headless", "--serial", port, "--control", control)
    )
    try:
        assert simulator.stdout is not None
        if not any(line == "ready\n" for line in simulator.stdout):
            sys.exit(f"the simulator did not start: {simulator.communicate()[1]}")
        tool = trial.start("picototp", "provision", "--port", port, "add", "-")
        assert tool.stdin is not None and tool.stderr is not None
        tool.stdin.write(ACCOUNT)
        tool.stdin.close()
        for line in tool.stderr:
            sys.stderr.write(line)
            if line.startswith(QUESTION):
                time.sleep(READ_FOR_S)
                press(trial.folder / control)
        if tool.wait(TIMEOUT_S) != 0:
            sys.exit("the account was not added")
        listed = json.loads(trial.run("picototp", "provision", "--port", port, "list", "--json"))
        if [account["name"] for account in listed] != ["alice"]:
            sys.exit(f"the token does not list the account that was added, but {listed}")
    finally:
        simulator.kill()
        simulator.communicate()


def press(control: Path) -> None:
    """A yes on the simulated token."""
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(control))
        line.sendall(b'{"op": "press", "ms": 1200}\n')
        line.recv(4096)


def main() -> None:
    """Install, see the demo, provision."""
    wheel = Path(sys.argv[1]).resolve(strict=True)
    with tempfile.TemporaryDirectory(prefix="picototp-wheel-") as folder:
        trial = Trial(Path(folder))
        trial.run("python", "-m", "pip", "--disable-pip-version-check", "install", str(wheel))
        demo = trial.run("picototp", "demo")
        print(*(line for line in demo.splitlines() if "agrees" in line), sep="\n")
        provision(trial)
    print("the wheel works by itself")


if __name__ == "__main__":
    main()
