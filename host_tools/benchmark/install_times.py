"""What an installation takes on an emulated Pico: operations of the flash, and time of the chip."""

import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from zlib import crc32

from host_tools.benchmark import Say
from host_tools.client.ports import SerialConnection
from host_tools.client.token_client import TokenClient
from host_tools.errors import ToolError
from host_tools.pico import board_files, bundle_file, install_plan
from host_tools.pico.board_port import BoardPort, Mode
from host_tools.pico.repl import Repl
from host_tools.pico.uf2 import Image
from host_tools.simulator.board import VirtualBoard
from host_tools.simulator.clock import NS_PER_S
from host_tools.simulator.virtual_token import VirtualToken
from picototp.board import slots

_READ_S, _HOLD_S = 1.3, 0.9  # a press that begins earlier says no yes
_PATIENCE_S = 120.0
_LOOK_S = 0.05
_VERSION_AT = 22  # of a bundle, up to the end of its head


def measure(image: Image, say: Say) -> dict[str, float]:
    """Figures by their key in rows.py."""
    files = board_files.collect()
    with (
        tempfile.TemporaryDirectory(prefix="picototp-bench-") as folder,
        VirtualToken(VirtualBoard(Path(folder)), image=image) as token,
    ):
        say("install: onto a blank board")
        before = token.board.flash.operations
        _install(token, files)
        figures = {"install.operations": float(token.board.flash.operations - before)}
        say("install: other firmware onto that token")
        asked_ns = _enter_maintenance(token)
        bundle = board_files.slot_file("a")
        _install(token, {**files, bundle: _another(files[bundle])})
        figures["install.update"] = (token.board.clock.now_ns() - asked_ns) / NS_PER_S
    return figures


def _install(token: VirtualToken, files: board_files.Files) -> None:
    """As `picototp install`, from the prompt to a firmware that serves its port."""
    with Repl(token.port.path) as repl:
        mpy = install_plan.check_board(repl)
        repl.prepare()
        install_plan.carry_out(repl, install_plan.make_plan(repl, files, mpy))
        repl.restart()
    _wait(lambda: BoardPort(token.port.path).mode() is Mode.TOKEN, "token")


def _enter_maintenance(token: VirtualToken) -> int:
    """When the user said yes to it, on the board's clock; MicroPython's prompt is there then."""
    clock = token.board.clock
    said_ns: list[int] = []
    held = threading.Event()

    def release() -> None:
        said_ns.append(clock.now_ns())
        token.hold(False)
        held.set()

    def say_yes(*_: object) -> None:
        clock.after(_READ_S, lambda: token.hold(True))
        clock.after(_READ_S + _HOLD_S, release)

    with TokenClient(SerialConnection(token.port.path), say_yes) as client:
        client.enter_maintenance()
    if not held.wait(_PATIENCE_S):
        raise ToolError("no yes on the emulated Pico")
    _wait(lambda: BoardPort(token.port.path).mode() is Mode.REPL, "prompt")
    return said_ns[0]


def _another(bundle: bytes) -> bytes:
    """The same firmware under another version."""
    rest = bundle[slots.HEAD_BYTES : -slots.DIGEST_BYTES]
    content = bundle[:_VERSION_AT] + b"bench".ljust(slots.HEAD_BYTES - _VERSION_AT, b"\0") + rest
    content += bytes(slots.DIGEST_BYTES)
    content = content[: -slots.DIGEST_BYTES] + bundle_file.digest(content)
    crc = crc32(content[: slots.CRC_FROM - 4] + content[slots.CRC_FROM :])
    return content[: slots.CRC_FROM - 4] + crc.to_bytes(4, "little") + content[slots.CRC_FROM :]


def _wait(condition: Callable[[], bool], what: str) -> None:
    end_s = time.monotonic() + _PATIENCE_S
    while not condition():
        if time.monotonic() > end_s:
            raise ToolError(f"no {what} after an installation onto the emulated Pico")
        time.sleep(_LOOK_S)
