"""Ends maintenance mode when nobody uses it: a prompt that reads everything is not left open.

Whoever is at the prompt could stop this; it is for a board that was forgotten there, or whose
button was leaned on.
"""

import io
import os
import time

import machine

IDLE_MS = 600_000  # without traffic on the port
LOOK_MS = 5_000


class _Listener(io.IOBase):
    """A second terminal beside the port. It says nothing, and hears all that the port says: there
    is no input to the prompt, nor a file for the board, without something said to it."""

    def __init__(self):
        self.heard_ms = time.ticks_ms()
        self.watch = None

    def write(self, data) -> int:
        """What the port says as well."""
        self.heard_ms = time.ticks_ms()
        return len(data)

    def readinto(self, buffer) -> None:
        """Nothing to read, now and later."""
        return None

    def ioctl(self, request, argument) -> int:
        """Nothing is ready."""
        return 0


class PromptWatch:
    """Listens from now on, without anybody who keeps it."""

    def __init__(self, idle_ms: int = IDLE_MS):
        self._idle_ms = idle_ms
        self._listener = _Listener()
        self._timer = machine.Timer(
            -1, mode=machine.Timer.PERIODIC, period=min(LOOK_MS, idle_ms), callback=self._look
        )
        self._listener.watch = self  # the interpreter keeps the listener, and not the timer
        os.dupterm(self._listener)

    def _look(self, timer) -> None:
        if time.ticks_diff(time.ticks_ms(), self._listener.heard_ms) >= self._idle_ms:
            machine.reset()
