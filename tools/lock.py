"""Write the lock files: every package that pyproject.toml leads to, pinned, with its hashes.

    python tools/lock.py        (needs `uv` in PATH)

requirements.txt is for using PicoTOTP, its importers and its simulator, requirements-chip.txt is
what the emulated chip needs besides, requirements-dev.txt is for developing, requirements-stubs.txt
for checking the firmware's types, and requirements-hardware.txt for what only the case and the
harness need. They name no host, so that they work with any mirror. Packages that pyproject.toml
switches off by a marker that never holds are left out.
"""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADER = "# Made by `make lock` from pyproject.toml; install with --require-hashes --no-deps.\n"
NEVER = "sys_platform == 'never'"
STUBS = "micropython-"  # what begins so is types only, and goes to a file of its own


def compiled(extras: list[str]) -> str:
    """What uv resolves for a clone with these extras, on every platform from CPython 3.11 on."""
    command = ["uv", "pip", "compile", "--universal", "--python-version", "3.11"]
    command += ["--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url"]
    command += ["--no-emit-find-links", "--group", "clone", "pyproject.toml"]
    for extra in extras:
        command += ["--extra", extra]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def entries(extras: list[str]) -> list[str]:
    """The lines of each package."""
    found = re.split(r"\n(?=[a-z])", compiled(extras).strip())
    return [entry for entry in found if NEVER not in entry.splitlines()[0]]


def write(name: str, packages: list[str]) -> None:
    """One lock file."""
    (ROOT / name).write_text(HEADER + "\n".join(packages) + "\n")


def main() -> None:
    """Resolve, leave out what is switched off, write."""
    base = entries(["import"])
    write("requirements.txt", base)
    write("requirements-chip.txt", [one for one in entries(["import", "chip"]) if one not in base])
    everything = entries(["import", "dev", "stubs"])
    write("requirements-dev.txt", [line for line in everything if not line.startswith(STUBS)])
    write("requirements-stubs.txt", [line for line in everything if line.startswith(STUBS)])
    # Resolved together, so that it can be installed beside the rest.
    with_hardware = entries(["import", "dev", "stubs", "hardware"])
    write("requirements-hardware.txt", [line for line in with_hardware if line not in everything])


if __name__ == "__main__":
    main()
