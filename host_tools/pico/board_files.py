"""What belongs on a token's flash, and what does not: paths on the board and their content.

    /boot.py /main.py /picototp/...    the firmware, from host_tools.pico.littlefs_image
    /lib/...                           its drivers, from there as well
    /lib/LICENSES/...                  whose the drivers are
    /picototp/manifest.json            version and list of all files; written last

/data is the token's own and no part of an installation.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

import picototp
from host_tools.pico.firmware_source import DRIVERS, driver_licences
from host_tools.pico.littlefs_image import firmware_files

MAIN = "/main.py"
MANIFEST = "/picototp/manifest.json"
DATA = "/data"
_LICENCES = "LICENSES"
# What an installation owns, at the root as well as in /lib: an older one, or a copy by hand, may
# have left files there that would be imported instead of these.
_OWN = ("picototp", *DRIVERS, _LICENCES)

# How _mpy and .mpy files number processors.
_ARMV6M, _ARMV7EMDP = 4, 8

Files = dict[str, bytes]


def collect() -> Files:
    """All files of an installation by their path on the board, the manifest among them.

    ToolError if something is missing or does not compile.
    """
    files = firmware_files()
    for package, text in driver_licences().items():
        files[f"/lib/{_LICENCES}/{package}.txt"] = text.encode()
    return with_manifest(files, picototp.__version__)


def with_manifest(files: Mapping[str, bytes], version: str) -> Files:
    """The files and their manifest: JSON with `version`, `files`, and a `digest` of them all."""
    names = sorted(files)
    digest = sha256("".join(f"{sha256(files[name])} {name}\n" for name in names).encode())
    content = {"version": version, "digest": digest, "files": names}
    return {**files, MANIFEST: json.dumps(content).encode()}


def listed(manifest: bytes) -> list[str]:
    """The files that a board's manifest names; none if it is damaged."""
    try:
        names = json.loads(manifest)["files"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def stale(on_board: Iterable[str], wanted: Mapping[str, bytes], old: Iterable[str]) -> list[str]:
    """The paths on a board that no longer belong there, never one of /data.

    `old` is what the last installation put there. Other files are left alone.
    """
    installed = set(old)
    return sorted(
        path
        for path in on_board
        if path not in wanted
        and not path.startswith(DATA + "/")
        and (path in installed or _is_own(path))
    )


def changed(on_board: Mapping[str, str], wanted: Mapping[str, bytes]) -> list[str]:
    """The wanted files that a board, {path: SHA-256}, lacks or has with other content."""
    return sorted(path for path in wanted if on_board.get(path) != sha256(wanted[path]))


def mpy_problem(files: Mapping[str, bytes], implementation_mpy: int) -> str | None:
    """Why a MicroPython with this sys.implementation._mpy cannot load the compiled files.

    The header of an .mpy file: "M", version, feature flags; the flags of one with machine code
    have the processor in bits 2 to 5 and the sub-version in bits 0 and 1 (MicroPython manual,
    ".mpy files", which describes _mpy as well).
    """
    version = implementation_mpy & 0xFF
    sub_version, processor = implementation_mpy >> 8 & 3, implementation_mpy >> 10 & 0x0F
    for name, data in files.items():
        if not name.endswith(".mpy"):
            continue
        if data[1] != version:
            return f"it loads .mpy files of version {version}, and these have {data[1]}"
        for_sub_version, for_processor = data[2] & 3, data[2] >> 2 & 0x0F
        if for_processor and (
            for_sub_version != sub_version or not _runs(processor, for_processor)
        ):
            return f"it does not run machine code of version {version}.{for_sub_version}"
    return None


def _runs(processor: int, code: int) -> bool:
    """Whether a MicroPython for a processor takes code for another: an ARM takes what is for a
    lesser one, from armv6m to armv7emdp (MicroPython, py/persistentcode.h)."""
    return processor == code or _ARMV6M <= code <= processor <= _ARMV7EMDP


def sha256(data: bytes) -> str:
    """In hex."""
    return hashlib.sha256(data).hexdigest()


def _is_own(path: str) -> bool:
    parts = PurePosixPath(path).parts[1:]
    if parts[0] == "lib":
        parts = parts[1:]
    return bool(parts) and PurePosixPath(parts[0]).stem in _OWN
