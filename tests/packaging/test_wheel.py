"""The wheel and the source package are whole: all that the tree has and the tools need."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.packaging.platforms import ROOT

# What tools leave in the tree; a release has none of it.
LEFT_BY_TOOLS = shutil.ignore_patterns(
    *(
        ".git",
        ".venv",
        "build",
        "dist",
        "*.egg-info",
        "__pycache__",
        ".*_cache",
        ".hypothesis",
        "node_modules",
    )
)
BUNDLE = "host_tools/pico/bundle/"


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    """A clean copy of the tree, the source package of it, and the wheel of that one."""
    folder = tmp_path_factory.mktemp("release")
    tree = Path(shutil.copytree(ROOT, folder / "tree", ignore=LEFT_BY_TOOLS))
    command = [sys.executable, "-m", "build", "--no-isolation", "--skip-dependency-check"]
    done = subprocess.run(
        [*command, "--outdir", folder / "dist", tree], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (source,) = (folder / "dist").glob("*.tar.gz")
    (wheel,) = (folder / "dist").glob("*.whl")
    return tree, source, wheel


@pytest.fixture(scope="module")
def unpacked(release, tmp_path_factory):
    """The wheel, as pip would lay it out."""
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(release[2]) as wheel:
        wheel.extractall(folder)
    return folder


def contents(folder, *parts):
    """{path below the folder: content} of all files in these parts of it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for part in parts
        for path in (folder / part).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_source_package_has_every_file_of_the_tree(release):
    tree, source, _ = release
    with tarfile.open(source) as archive:  # read and not unpacked: how differs among Pythons
        in_package = {
            member.name.partition("/")[2]: archive.extractfile(member).read()
            for member in archive
            if member.isfile()
        }
    # Building leaves its own notes in the tree.
    in_tree = {path: data for path, data in contents(tree, ".").items() if ".egg-info/" not in path}
    assert {path for path in in_tree if in_package.get(path) != in_tree[path]} == set()
    assert len([path for path in in_package if path.startswith(BUNDLE + "licences/")]) == 3


def test_the_wheel_has_every_file_of_tools_and_firmware_and_no_other(release, unpacked):
    tree = release[0]
    wanted = contents(tree, "host_tools")
    for path, data in contents(tree / "firmware", "picototp").items():
        wanted[path] = data
    for name in ("boot.py", "main.py"):
        wanted[BUNDLE + name] = (tree / "firmware" / name).read_bytes()
    found = contents(unpacked, "host_tools", "picototp")
    assert {path for path in wanted if found.get(path) != wanted[path]} == set()
    drivers = (BUNDLE + "lib/", BUNDLE + "licences/")
    assert {path for path in found if path not in wanted and not path.startswith(drivers)} == set()
    assert {path.name for path in unpacked.iterdir() if path.suffix != ".dist-info"} == {
        "host_tools",
        "picototp",
    }


def test_a_wheel_installs_on_a_board_just_what_the_tree_does(unpacked, tmp_path):
    """Byte by byte, licences included, with the drivers of the wheel."""
    code = (
        "import hashlib, json\n"
        "from host_tools.pico import board_files, firmware_source\n"
        "print(firmware_source.__file__)\n"
        "print(firmware_source.driver_source('adafruit_ds3231'))\n"
        "files = board_files.collect()\n"
        "texts = firmware_source.driver_licences().values()\n"
        "print(sum(text.encode() in files['/firmware.a'] for text in texts))\n"
        "print(json.dumps({path: hashlib.sha256(files[path]).hexdigest() for path in files}))\n"
    )

    def collect(*path):
        done = subprocess.run(
            [sys.executable, "-P", "-c", code],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    *places, licences, from_wheel = collect(unpacked)
    assert all(place.startswith(str(unpacked)) for place in places)
    *_, from_tree = collect(ROOT, ROOT / "firmware")
    assert json.loads(from_wheel) == json.loads(from_tree)
    assert licences == "3"


def test_the_wheel_carries_its_licence_and_names_no_adafruit_package(unpacked):
    (info,) = unpacked.glob("*.dist-info")
    assert (info / "licenses" / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
    metadata = (info / "METADATA").read_text().lower()
    assert "requires-dist: click" in metadata and "adafruit" not in requirements(metadata)


def requirements(metadata):
    return "\n".join(line for line in metadata.splitlines() if line.startswith("requires-dist"))
