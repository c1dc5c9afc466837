"""Building the wheel and the source package; all else about the project is in pyproject.toml.

A token's flash holds more than the package `picototp`: boot.py and main.py, and Adafruit's driver
of the clock. In the tree these lie beside the package and in the environment; a wheel has neither,
so they come along in host_tools/pico/bundle (host_tools/pico/firmware_source.py reads it):

    boot.py main.py          as in firmware/; only in a wheel
    lib/...                  the driver, and the two packages that it needs
    licences/PACKAGE.txt     theirs

Adafruit's packages are no dependencies, because they name Blinka, which drives a computer's own
pins: some thirty packages, several to be compiled, for code that runs on MicroPython alone.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import Distribution, distributions
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

ROOT = Path(__file__).resolve().parent
BUNDLE = Path("host_tools", "pico", "bundle")
STARTERS = ("boot.py", "main.py")
DRIVERS = (
    "adafruit-circuitpython-ds3231",
    "adafruit-circuitpython-register",
    "adafruit-circuitpython-busdevice",
)


class BuildWithBundle(build_py):
    """The wheel's modules, and the bundle."""

    def run(self) -> None:
        if not self.editable_mode:
            shutil.rmtree(self.build_lib, ignore_errors=True)  # modules that were since moved away
        super().run()
        if self.editable_mode:
            return  # the tree is at hand
        bundle = Path(self.build_lib) / BUNDLE
        bundle_drivers(bundle)
        for name in STARTERS:
            shutil.copyfile(ROOT / "firmware" / name, bundle / name)


class SourceWithDrivers(sdist):
    """The source package brings the drivers, so that a wheel can be built of it without network."""

    def make_release_tree(self, base_dir: str, files: list[str]) -> None:
        super().make_release_tree(base_dir, files)
        bundle_drivers(Path(base_dir) / BUNDLE)


def bundle_drivers(bundle: Path) -> None:
    """Fill lib/ and licences/: from the source package, else from the environment that builds if it
    has just what the lock file pins, else with what that pins."""
    shutil.rmtree(bundle, ignore_errors=True)
    (bundle / "lib").mkdir(parents=True)
    (bundle / "licences").mkdir()
    if (ROOT / BUNDLE / "lib").is_dir():
        for part in ("lib", "licences"):
            shutil.copytree(ROOT / BUNDLE / part, bundle / part, dirs_exist_ok=True)
        return
    with tempfile.TemporaryDirectory(prefix="picototp-drivers-") as folder:
        found = pinned_drivers(sys.path)
        if found is None:
            fetch_drivers(Path(folder))
            found = pinned_drivers([folder])
        assert found is not None, "pip installed something else than requirements.txt pins"
        for driver in found:
            copy_driver(driver, bundle)


def copy_driver(driver: Distribution, bundle: Path) -> None:
    """Its modules and its licence."""
    for file in driver.files or ():
        if file.suffix == ".py":
            target = bundle / "lib" / file
        elif file.name == "LICENSE":
            target = bundle / "licences" / f"{driver.name}.txt"
        else:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(str(file.locate()), target)


def pinned_drivers(path: list[str]) -> list[Distribution] | None:
    """The packages as they are installed on this path; None if one is missing or not as pinned."""
    found = []
    for name, (version, _) in pins().items():
        installed = [*distributions(name=name, path=path)]
        if not installed or installed[0].version != version:
            return None
        found.append(installed[0])
    return found


def fetch_drivers(folder: Path) -> None:
    """Install just these packages there, in the pinned versions, their hashes checked."""
    requirements = folder / "requirements.txt"
    requirements.write_text("".join(entry for _, entry in pins().values()))
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    command += ["--no-deps", "--no-compile", "--only-binary", ":all:", "--require-hashes"]
    subprocess.run([*command, "--target", str(folder), "-r", str(requirements)], check=True)


def pins() -> dict[str, tuple[str, str]]:
    """Version and whole entry of each driver in the lock file."""
    lock = (ROOT / "requirements.txt").read_text()
    found = {}
    for name in DRIVERS:
        entry = re.search(rf"^{name}==(\S+)(?:.*\\\n)*.*\n", lock, re.MULTILINE)
        assert entry is not None, f"requirements.txt does not pin {name}; run: make lock"
        found[name] = (entry[1], entry[0])
    return found


setup(cmdclass={"build_py": BuildWithBundle, "sdist": SourceWithDrivers})
