"""The line to the Node program that emulates the chip (node/): requests there, events back.

A frame is its length (32 bits), its kind (one character) and its content; the README has the table.
Numbers are little-endian, times are nanoseconds since power-up as 64-bit floats.
"""

import contextlib
import math
import select
import struct
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from host_tools.errors import ToolError
from host_tools.simulator.rp2040.javascript import emulator_command

_HEADER = struct.Struct("<IB")
_TIME = struct.Struct("<d")
_STATE = struct.Struct("<dBd")
_RUN = struct.Struct("<dB")
_ANSWER = struct.Struct("<ddBB")
_RANGE = struct.Struct("<II")
# It answers within milliseconds; after this long it hangs, or this computer has no time at all.
_PATIENCE_S = 60.0
_TELLING = ("rror", "FATAL", "Fatal")
_LONGEST_REASON = 300  # characters of what Node says last
OPEN = 2  # as a pin's level: nothing drives it


@dataclass(frozen=True)
class Answer:
    """What the chip gets to know from a model. `ends_ns`: the present run ends then, if not sooner;
    `duration_ns` passes before the chip goes on."""

    ends_ns: float
    value: int = 0
    sure: bool = False
    duration_ns: float = 0


@dataclass(frozen=True)
class Event:
    """Something happened on the chip at that time."""

    kind: str
    now_ns: int
    content: bytes


class EmulatorFailed(ToolError):
    """The Node program ended, hangs, or says something else than expected."""


class Emulator:
    """An emulated chip with power. Use it from one thread at a time, but for `kill`.

    `on_event` gets each event in its order; to those of ANSWERED it returns an answer.
    """

    ANSWERED = frozenset("IEWH")

    def __init__(
        self,
        wiring: tuple[int, int, int],
        unique_id: bytes,
        boot_rom: bytes,
        flash: bytes,
        on_event: Callable[[Event], Answer | None],
    ) -> None:
        self._on_event = on_event
        self.now_ns = 0
        self.asleep = False
        self.slept_ns = 0  # with its clocks stopped, since power-up
        self.next_ns: float = math.inf  # when something is due on the chip by itself
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed by `kill`
        self._process = subprocess.Popen(
            emulator_command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            bufsize=0,
            start_new_session=True,  # Ctrl-C in the simulator's terminal is not the chip's
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._to_chip: IO[bytes] = self._process.stdin
        self._from_chip: IO[bytes] = self._process.stdout
        self._received = bytearray()
        try:
            self._send("P", bytes(wiring) + unique_id + boot_rom + flash)
            self._until_state()
        except BaseException:
            self.close()
            raise

    def run(self, ends_ns: float, stop_at_sleep: bool = False) -> None:
        """Let it run until then, or until it sleeps; `now_ns` and `asleep` are true afterwards."""
        self._send("G", _RUN.pack(ends_ns, stop_at_sleep))
        self._until_state()

    def jump(self, duration_ns: float) -> None:
        """Let time pass while it stands still; its watchdog does not count that."""
        self._send("J", _TIME.pack(duration_ns))
        self._until_state()

    def set_pin(self, number: int, level: int) -> None:
        """Put 0, 1 or OPEN on a pin from outside."""
        self._send("L", bytes((number, level)))

    def send(self, data: bytes) -> None:
        """Send bytes to the chip's serial port over USB."""
        self._send("U", data)

    def set_computer(self, attached: bool, polls: bool, lights: int | None) -> None:
        """What becomes of the computer at the USB cable: whether the data lines are connected,
        whether it asks a keyboard for keys, and which lights of one it sets now."""
        self._send("K", bytes((attached, polls, lights or 0, lights is not None)))

    def reset(self) -> None:
        """The RUN pin."""
        self._send("X", b"")

    def memory(self, address: int, length: int) -> bytes:
        """Bytes of the SRAM, as they are."""
        self._send("M", _RANGE.pack(address, length))
        return self._receive().content

    def kill(self) -> None:
        """Cut the power. From any thread; another thread that is using the chip gets
        EmulatorFailed."""
        self._process.kill()

    def close(self) -> None:
        """Release everything, when it is no longer used."""
        self._process.kill()
        self._process.wait()
        with contextlib.suppress(OSError):
            self._to_chip.close()
        self._from_chip.close()
        self._errors.close()

    # --- frames -------------------------------------------------------------------------------

    def _until_state(self) -> None:
        while (event := self._receive()).kind != "S":
            answer = self._on_event(event)
            if event.kind in self.ANSWERED:
                assert answer is not None
                self._send(
                    "A",
                    _ANSWER.pack(answer.ends_ns, answer.duration_ns, answer.value, answer.sure),
                )
        self.next_ns, asleep, slept_ns = _STATE.unpack(event.content)
        self.asleep, self.slept_ns = bool(asleep), int(slept_ns)

    def _send(self, kind: str, content: bytes) -> None:
        view = memoryview(_HEADER.pack(len(content), ord(kind)) + content)
        try:
            while view:
                view = view[self._to_chip.write(view) :]
        except OSError:
            raise self._failure() from None

    def _receive(self) -> Event:
        size, kind = _HEADER.unpack(self._read(_HEADER.size))
        content = self._read(size)
        (now_ns,) = _TIME.unpack_from(content)
        self.now_ns = int(now_ns)
        return Event(chr(kind), self.now_ns, content[_TIME.size :])

    def _read(self, count: int) -> bytes:
        while len(self._received) < count:
            ready, _, _ = select.select([self._from_chip], [], [], _PATIENCE_S)
            if not ready:
                raise EmulatorFailed(
                    f"the emulated chip has not answered for {_PATIENCE_S:.0f} s; "
                    "start the simulator again"
                )
            data = self._from_chip.read(1 << 16)
            if not data:
                raise self._failure()
            self._received += data
        found = bytes(self._received[:count])
        del self._received[:count]
        return found

    def _failure(self) -> EmulatorFailed:
        """Why the program has ended."""
        try:
            status = self._process.wait(timeout=_PATIENCE_S)
        except subprocess.TimeoutExpired:
            return EmulatorFailed(
                "the emulated chip has closed its line; start the simulator again"
            )
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace")
        return EmulatorFailed(
            f"the emulated chip died ({_ending(status)}{_reason(said)}); start the simulator again"
        )


def _ending(status: int) -> str:
    return f"Node was killed by signal {-status}" if status < 0 else f"Node ended with {status}"


def _reason(said: str) -> str:
    """The line of Node's last words that tells what happened, if there is one."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if any(word in line for word in _TELLING)]
    return f": {(telling or lines)[0][:_LONGEST_REASON]}" if lines else ""
