"""The control socket: hands and eyes for other programs, as JSON lines over a UNIX socket.

Each line in is a JSON object with "op"; each gets one line back, with "ok" true, or false and
"error". What the operations do is in `Control`; docs/simulator.md has the table.
"""

import contextlib
import json
import math
import socket
import socketserver
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from host_tools.errors import ToolError
from host_tools.simulator.unix_engine import UnixEngine
from host_tools.simulator.virtual_token import VirtualToken

Json = dict[str, Any]
LONGEST_PRESS_MS = 60_000
LONGEST_SPAN_S = 100 * 366 * 86_400  # the RTC's calendar has a hundred years


class Control:
    """Carries out control requests on a token."""

    def __init__(self, token: VirtualToken) -> None:
        self._token = token
        # What carries it out, and the fields that it knows.
        self._operations: dict[str, tuple[Callable[[Json], Json], set[str]]] = {
            "press": (self._press, {"ms"}),
            "hold": (self._hold, {"down"}),
            "screen": (self._screen, set()),
            "png": (self._png, {"path", "scale"}),
            "rtc": (self._rtc, {"ppm", "temperature_c", "osf"}),
            "advance": (self._advance, {"seconds"}),
            "elapse": (self._elapse, {"seconds"}),
            "fault": (self._fault, {"device", "kind"}),
            "reset": (self._reset, set()),
            "power": (self._power, {"on"}),
            "usb": (self._usb, {"plugged"}),
            "memory": (self._memory, {"address", "length"}),
            "keyboard": (self._keyboard, {"num_lock"}),
        }

    def answer(self, line: bytes) -> bytes:
        """The answer to one line."""
        try:
            request = _parsed(line)
            operation = request.get("op") if isinstance(request, dict) else None
            if not isinstance(operation, str) or operation not in self._operations:
                names = ", ".join(sorted(self._operations))
                raise ToolError(f'expected an object whose "op" is one of: {names}')
            carry_out, fields = self._operations[operation]
            if unknown := sorted(set(request) - fields - {"op"}):
                known = ", ".join(f'"{field}"' for field in sorted(fields)) or "none"
                raise ToolError(f'"{operation}" has no field "{unknown[0]}"; it knows: {known}')
            result = {"ok": True, **carry_out(request)}
        except ToolError as error:
            result = {"ok": False, "error": error.message}
        except (ValueError, OSError, OverflowError) as error:
            result = {"ok": False, "error": str(error)}
        return json.dumps(result).encode() + b"\n"

    def _press(self, request: Json) -> Json:
        duration_ms = _number(request, "ms", 80)
        if not 0 < duration_ms <= LONGEST_PRESS_MS:
            raise ToolError(f'"ms" must be above 0 and at most {LONGEST_PRESS_MS}')
        self._token.press(duration_ms / 1000)
        return {}

    def _hold(self, request: Json) -> Json:
        self._token.hold(_flag(request, "down"))
        return {}

    def _screen(self, request: Json) -> Json:
        return {"on": self._token.screen_on, "rows": self._token.screen()}

    def _png(self, request: Json) -> Json:
        path, scale = request.get("path"), int(_number(request, "scale", 4))
        if not isinstance(path, str):
            raise ToolError('"path" must name the file to write')
        with self._token.board.lock:
            if self._token.board.display is None:
                raise ToolError("this token has no display")
            self._token.board.display.png(path, scale)
        return {}

    def _rtc(self, request: Json) -> Json:
        board = self._token.board
        with board.lock:
            rtc = board.rtc
            if rtc is None:
                raise ToolError("this token has no RTC")
            if "ppm" in request:
                rtc.ppm = _number(request, "ppm")
            if "temperature_c" in request:
                rtc.temperature_c = _number(request, "temperature_c")
            if "osf" in request:
                rtc.osf = _flag(request, "osf")
            return {
                "unix": rtc.unix(),
                "osf": rtc.osf,
                "aging": rtc.aging,
                "registers": rtc.registers_hex(),
                "temperature_c": rtc.temperature_c,
            }

    def _advance(self, request: Json) -> Json:
        with self._token.board.lock:
            if self._token.board.rtc is None:
                raise ToolError("this token has no RTC")
            self._token.board.rtc.advance(_seconds(request))
        return {}

    def _elapse(self, request: Json) -> Json:
        self._token.board.elapse(_seconds(request))
        return {}

    def _fault(self, request: Json) -> Json:
        device, kind = request.get("device"), request.get("kind")
        if not isinstance(device, str) or not isinstance(kind, str):
            raise ToolError('"device" and "kind" must be given')
        if device == "bus" and not isinstance(self._token.engine, UnixEngine):
            raise ToolError("faults of the two wires are for --engine unix")
        self._token.board.set_fault(device, kind)
        return {}

    def _reset(self, request: Json) -> Json:
        self._token.engine.reset()
        return {}

    def _power(self, request: Json) -> Json:
        self._token.power(_flag(request, "on"))
        return {}

    def _keyboard(self, request: Json) -> Json:
        board = self._token.board
        if "num_lock" in request:
            board.set_num_lock(_flag(request, "num_lock"))
        with board.lock:
            computer = board.keyboard_host
            return {
                "enumerated": computer.enumerated,
                "typed": computer.take_typed(),
                "num_lock": computer.num_lock,
            }

    def _usb(self, request: Json) -> Json:
        if "plugged" in request:
            self._token.plug_usb(_flag(request, "plugged"))
        return {"plugged": self._token.board.usb_plugged, "slept_s": self._token.slept_s}

    def _memory(self, request: Json) -> Json:
        address, length = _whole(request, "address"), _whole(request, "length")
        return {"hex": self._token.memory(address, length).hex()}


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ToolError("expected a JSON object in one line") from error


def _number(request: Json, field: str, default: float | None = None) -> float:
    value = request.get(field, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ToolError(f'"{field}" must be a number')
    return value


def _whole(request: Json, field: str) -> int:
    value = request.get(field)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ToolError(f'"{field}" must be a whole number that is not negative')
    return value


def _seconds(request: Json) -> float:
    seconds = _number(request, "seconds")
    if not 0 <= seconds <= LONGEST_SPAN_S:
        raise ToolError(f'"seconds" must be 0 to {LONGEST_SPAN_S}')
    return seconds


def _flag(request: Json, field: str) -> bool:
    value = request.get(field)
    if not isinstance(value, bool):
        raise ToolError(f'"{field}" must be true or false')
    return value


def _remove_if_dead(path: Path) -> None:
    """Remove a socket that a simulator left behind when it was killed."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
        else:
            raise ToolError(f"another simulator listens at {path}; give another --control")


class ControlServer:
    """Serves `Control` on a UNIX socket at `path`, one thread for each connection."""

    def __init__(self, token: VirtualToken, path: Path) -> None:
        control = Control(token)

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                with contextlib.suppress(OSError):  # whoever asked has gone
                    for line in self.rfile:
                        self.wfile.write(control.answer(line))

        class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
            daemon_threads = True

        self._path = path
        if path.is_socket():
            _remove_if_dead(path)
        try:
            self._server = Server(str(path), Handler)
        except OSError as error:
            raise ToolError(f"cannot listen at {path}: {error}") from error
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop listening and remove the socket."""
        self._server.shutdown()
        self._server.server_close()
        self._path.unlink(missing_ok=True)
