"""A real NTP server for tests: on a free loopback port, serving this computer's clock.

It leaves the system clock alone (-x), needs no configuration file and no privileges (-U), and
talks to nobody but loopback.
"""

import contextlib
import os
import pwd
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import ntplib

from judges import TIME_SERVER

_START_TIMEOUT_S = 10.0
_ATTEMPTS = 3  # another process may take the free port before the server binds it


@contextlib.contextmanager
def running_time_server(*directives: str, stratum: int = 8) -> Iterator[str]:
    """Yields "127.0.0.1:PORT" of a server that answers; further `directives` as in chrony.conf.

    Skips the test if the server is not installed; raises RuntimeError with its output if it does
    not come up.
    """
    program = TIME_SERVER.required()
    with tempfile.TemporaryDirectory(prefix="time-server-") as directory:
        problems = []
        for _ in range(_ATTEMPTS):
            port = _free_port()
            log = Path(directory) / f"{port}.log"
            process = _started(program, Path(directory), log, port, (*directives,), stratum)
            try:
                if _answers(process, port):
                    yield f"127.0.0.1:{port}"
                    return
            finally:
                process.kill()
                process.wait()
            problems.append(log.read_text())
        raise RuntimeError("the time server did not come up:\n" + "\n".join(problems))


def _started(
    program: str,
    directory: Path,
    log: Path,
    port: int,
    directives: tuple[str, ...],
    stratum: int,
) -> subprocess.Popen[bytes]:
    configuration = (
        f"port {port}",
        "bindaddress 127.0.0.1",
        "allow 127.0.0.1",
        f"local stratum {stratum}",
        "cmdport 0",  # no control port, neither UDP ...
        "bindcmdaddress /",  # ... nor a UNIX socket
        f"pidfile {directory / f'{port}.pid'}",
        *directives,
    )
    with log.open("wb") as out:
        return subprocess.Popen(
            [program, "-x", "-U", "-d", "-u", _user(), *configuration],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )


def _user() -> str:
    """The user that runs the tests, so that the server changes nothing on its way."""
    return pwd.getpwuid(os.getuid()).pw_name


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    """Polls until the server answers as a synchronised server, or has died, or time is up."""
    deadline_s = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < deadline_s and process.poll() is None:
        try:
            answer = ntplib.NTPClient().request("127.0.0.1", port=port, version=4, timeout=0.1)
        except (ntplib.NTPException, OSError):
            time.sleep(0.02)  # nobody there yet: a refused port answers at once
            continue
        if answer.leap != 3:
            return True
    return False


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
