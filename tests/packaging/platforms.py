"""The platforms that PicoTOTP installs on, as markers and as pip's platform tags see them."""

import re
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
PYTHONS = ("3.11", "3.12", "3.13", "3.14")


@dataclass(frozen=True)
class Platform:
    """`tags` are what pip accepts there: an older glibc's or macOS's wheels run on a newer one."""

    name: str
    system: str
    machine: str
    tags: tuple[str, ...]

    def environment(self, python: str) -> dict[str, str]:
        """What markers are evaluated against (packaging's "environment markers")."""
        return {
            "implementation_name": "cpython",
            "implementation_version": f"{python}.0",
            "os_name": "nt" if self.system == "win32" else "posix",
            "platform_machine": self.machine,
            "platform_python_implementation": "CPython",
            "platform_system": {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}[
                self.system
            ],
            "python_full_version": f"{python}.0",
            "python_version": python,
            "sys_platform": self.system,
            "extra": "",
        }


def _glibc(machine: str) -> tuple[str, ...]:
    old = ("manylinux1", "manylinux2010", "manylinux2014")
    return tuple(
        f"{kind}_{machine}" for kind in (*old, *(f"manylinux_2_{n}" for n in range(5, 37)))
    )


def _macos(newest: int, *kinds: str) -> tuple[str, ...]:
    versions = [f"10_{minor}" for minor in range(9, 17)]
    versions += [f"{major}_0" for major in range(11, newest + 1)]
    return tuple(f"macosx_{version}_{kind}" for version in versions for kind in kinds)


# Debian 12 and Raspberry Pi OS 12 have glibc 2.36.
PLATFORMS = (
    Platform("linux-x86_64", "linux", "x86_64", _glibc("x86_64")),
    Platform("linux-aarch64", "linux", "aarch64", _glibc("aarch64")),
    Platform("macos-arm64", "darwin", "arm64", _macos(14, "arm64", "universal2")),
    Platform("macos-x86_64", "darwin", "x86_64", _macos(13, "x86_64", "universal2")),
    Platform("windows", "win32", "AMD64", ("win_amd64",)),
)


def entries(lock: str) -> list[tuple[Requirement, str]]:
    """Each requirement of a lock file, and its whole entry with the hashes."""
    found = []
    for entry in re.split(r"\n(?=[a-z])", (ROOT / lock).read_text().partition("\n")[2]):
        requirement = entry.partition("\\\n")[0].strip()
        found.append((Requirement(requirement), entry))
    return found


def wanted(lock: str, platform: Platform, python: str) -> list[tuple[Requirement, str]]:
    """The entries whose markers hold there."""
    environment = platform.environment(python)
    return [
        (requirement, entry)
        for requirement, entry in entries(lock)
        if requirement.marker is None or requirement.marker.evaluate(environment)
    ]
