"""What the unix port of MicroPython does for the benchmark, on this computer."""

import json
import os
import subprocess
import tempfile
from pathlib import Path

from host_tools.benchmark import ACCOUNTS, GUEST_FOLDER
from host_tools.errors import ToolError
from host_tools.pico.board_files import DATA
from host_tools.pico.firmware_source import link_firmware
from host_tools.simulator.unix_engine import interpreter

_LONGEST_S = 60
_HEAP = "8m"  # nothing should run into the garbage collector


def ratios() -> dict[str, float]:
    """Our SHA-1 and our codes beside hashlib's, by their key in rows.py. ToolError as `_run`."""
    figures: dict[str, float] = json.loads(_run("bench_ratios.py"))
    return figures


def vault_files(accounts: int = ACCOUNTS) -> dict[str, bytes]:
    """The files of a vault with that many accounts, by path on a token. ToolError as `_run`."""
    return _made("bench_vault.py", str(accounts))


def filled_files(accounts: int, size: str, pin: str = "") -> dict[str, bytes]:
    """The same of accounts that are "small" or "largest", under a PIN if there is one."""
    return _made("fill_vault.py", str(accounts), size, pin)


def _made(script: str, *arguments: str) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory(prefix="picototp-bench-") as folder:
        _run(script, folder, *arguments)
        return {f"{DATA}/{path.name}": path.read_bytes() for path in sorted(Path(folder).iterdir())}


def _run(script: str, *arguments: str) -> str:
    """Run guest code and return what it prints. ToolError if MicroPython is missing, or if it fails
    there."""
    command = [interpreter(), "-X", f"heapsize={_HEAP}", str(GUEST_FOLDER / script), *arguments]
    try:
        with tempfile.TemporaryDirectory(prefix="picototp-bench-") as firmware:
            link_firmware(Path(firmware))
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                env={"MICROPYPATH": os.pathsep.join((firmware, str(GUEST_FOLDER)))},
                timeout=_LONGEST_S,
            )
    except subprocess.TimeoutExpired as error:
        raise ToolError(f"MicroPython took more than {_LONGEST_S} s; try again") from error
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no error text"])[-1]
        raise ToolError(f"{script} fails on this computer's MicroPython: {last}")
    return done.stdout
