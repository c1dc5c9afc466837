"""The USB serial port, which MicroPython offers as standard input and output."""

import select
import sys

import micropython

# Bytes taken in one turn of the main loop, so that a flood of noise does not stop the display.
READ_LIMIT = 1024


class Port:
    """Bytes in and out. Ctrl-C (0x03) is a byte like any other and does not stop the firmware."""

    def __init__(self):
        micropython.kbd_intr(-1)
        self._poll = select.poll()
        self._poll.register(sys.stdin, select.POLLIN)
        self._buffer = bytearray(READ_LIMIT)

    def wait(self, milliseconds: int) -> None:
        """Sleep until a byte is there, at most so long."""
        self._poll.poll(milliseconds)

    def read(self) -> bytes:
        """The bytes that are there, at most READ_LIMIT; none is b"".

        One by one, because a read of several would wait for all of them.
        """
        count = 0
        poll = self._poll.poll
        read = sys.stdin.buffer.read
        while count < READ_LIMIT and poll(0):
            byte = read(1)
            if not byte:
                break
            self._buffer[count] = byte[0]
            count += 1
        return bytes(memoryview(self._buffer)[:count]) if count else b""

    def write(self, data: bytes) -> None:
        """Send all of it."""
        sys.stdout.buffer.write(data)
