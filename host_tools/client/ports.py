"""Serial ports: finding the token's, opening it, and explaining why it cannot be opened."""

import errno
import math
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import serial
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from host_tools.client.connection import Connection
from host_tools.errors import NoToken, ToolError, UsageProblem
from picototp.protocol import frames

PORT_VARIABLE = "PICOTOTP_PORT"
PATIENCE_VARIABLE = "PICOTOTP_PATIENCE"
_MOST_PATIENCE = 1000
# An emulated Pico, which is at no USB port, is about half as fast as a real one, and slower on a
# busy computer. But a port where nothing has answered yet may be silent forever.
_EMULATED_PATIENCE, _EMULATED_PATIENCE_ONCE_ANSWERED = 2.5, 6.0


def find_port(given: str | None) -> str:
    """The port to use: the one given, $PICOTOTP_PORT, or the only Pico that is plugged in.

    NoToken if there is none, UsageProblem if there are several.
    """
    port = given or os.environ.get(PORT_VARIABLE)
    if port:
        return port
    found = [info.device for info in pico_ports()]
    if not found:
        raise NoToken(
            "no token found: plug it in (with a cable that carries data), or name its port "
            f"with --port or ${PORT_VARIABLE}"
        )
    if len(found) > 1:
        raise UsageProblem(
            f"several boards are plugged in; choose one with --port: {' '.join(found)}"
        )
    return str(found[0])


def pico_ports() -> list[ListPortInfo]:
    """The ports of all Picos that are plugged in, by their USB ids."""
    found = [
        info
        for info in list_ports.comports()
        if info.vid == frames.USB_VENDOR and info.pid in frames.USB_PRODUCTS
    ]
    return sorted(found, key=lambda info: str(info.device))


def usb_number(path: str) -> str | None:
    """The serial number that the device at this port tells over USB; None if it is not a USB
    port."""
    device = os.path.realpath(path)  # /dev/serial/by-id has links
    for info in list_ports.comports():
        if info.device in (path, device):
            return info.serial_number or None
    return None


def patience(path: str, answered: bool = False) -> float:
    """How many times longer than a Pico the board at this port may take for its next answer.

    `answered`: it has answered before. $PICOTOTP_PATIENCE overrides this, because only the user
    knows how slow a computer with an emulated Pico is.
    """
    if given := os.environ.get(PATIENCE_VARIABLE):
        return _as_patience(given)
    if usb_number(path) is not None:
        return 1.0
    return _EMULATED_PATIENCE_ONCE_ANSWERED if answered else _EMULATED_PATIENCE


def _as_patience(given: str) -> float:
    try:
        times = float(given)
    except ValueError:
        times = math.nan
    if not 1 <= times <= _MOST_PATIENCE:
        raise UsageProblem(
            f"{PATIENCE_VARIABLE} must be a number from 1 to {_MOST_PATIENCE}: "
            "how many times slower than a Pico the board may be"
        )
    return times


class SerialConnection(Connection):
    """The connection to the board at a serial port, which no other program may have open.

    ToolErrors say what to do if it cannot be opened, or breaks.
    """

    def __init__(self, path: str) -> None:
        self.name = path
        self._serial = open_port(path)
        self.first_patience = patience(path)
        self.patience = patience(path, answered=True)

    def read(self) -> bytes:
        """What has arrived; nothing if nothing did for 50 ms."""
        try:
            return self._serial.read(max(1, self._serial.in_waiting))
        except (serial.SerialException, OSError) as error:
            raise _broken() from error

    def write(self, data: bytes) -> None:
        """Send all of it."""
        try:
            self._serial.write(data)
        except (serial.SerialException, OSError) as error:
            raise _broken() from error

    def close(self) -> None:
        """Let other programs have the port."""
        self._serial.close()


def _broken() -> ToolError:
    return ToolError(
        "the connection to the token broke; plug it in again, and check what arrived: "
        "picototp provision list"
    )


def open_port(path: str) -> serial.Serial:
    """The port, open for this program alone. ToolErrors say what to do if that cannot be had."""
    try:
        return serial.Serial(path, timeout=0.05, write_timeout=5, exclusive=True)
    except (serial.SerialException, OSError) as error:
        raise _explained(path, error) from error


def _explained(path: str, error: OSError) -> ToolError:
    if not os.path.exists(path) and not sys.platform.startswith("win"):
        return NoToken(f"there is no port {path}: is the token plugged in?")
    if error.errno == errno.EACCES:
        return ToolError(f"you may not open {path}; {_permission_hint(path)}")
    if error.errno in (errno.EBUSY, errno.EAGAIN) or "lock" in str(error):
        return ToolError(f"{path} is in use{_holder_hint(path)}; close that program and try again")
    # pyserial says "could not configure" without an errno, and keeps termios's error behind it.
    behind = getattr(error.__context__, "args", ())
    code = error.errno or (behind[0] if behind else None)
    if code in (errno.ENOTTY, errno.EINVAL, errno.EISDIR, errno.ENXIO):
        return NoToken(f"{path} is not a serial port; leave --port out to have the token found")
    return NoToken(f"cannot open {path}: {os.strerror(error.errno) if error.errno else error}")


def _permission_hint(path: str) -> str:
    nobody = "ask your administrator for access to it"
    try:
        import grp

        status = os.stat(path)
        group = grp.getgrgid(status.st_gid).gr_name
    except (ImportError, OSError, KeyError):
        return nobody
    if group == "root" or not status.st_mode & stat.S_IWGRP:
        return nobody  # joining it would not help, or help with too much
    return f"join its group and log in again: sudo usermod -aG {group} $USER"


def _holder_hint(path: str) -> str:
    """Who has the port open, as far as Linux's /proc lets this user see."""
    lockers = _lockers(path)
    # Who locked it comes first: others, such as a simulator, may have it open as well.
    holders = sorted(_holders(path), key=lambda holder: holder[0] not in lockers)
    if not holders:
        return " by another program"
    process, name = holders[0]
    if name == "ModemManager":
        return " by ModemManager, which takes every new port for a modem"
    return f" by {name} (process {process})"


def _holders(path: str) -> Iterator[tuple[int, str]]:
    """(process, name) of the other programs that have the file open."""
    target = os.path.realpath(path)
    for folder in Path("/proc").glob("[0-9]*/fd"):
        process = int(folder.parent.name)
        try:
            held = any(os.path.realpath(entry) == target for entry in folder.iterdir())
            name = (folder.parent / "comm").read_text().strip()
        except OSError:
            continue
        if held and process != os.getpid():
            yield process, name


def _lockers(path: str) -> list[int]:
    """The processes that hold a lock on the file (proc_locks(5))."""
    try:
        inode = str(os.stat(path).st_ino)
        lines = Path("/proc/locks").read_text().splitlines()
    except OSError:
        return []
    locks = [line.split() for line in lines if "->" not in line]  # an arrow: it only waits
    return [int(lock[4]) for lock in locks if lock[5].rpartition(":")[2] == inode]
