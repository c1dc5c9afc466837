"""The USB serial port, which MicroPython offers as standard input and output."""

import select
import sys
import time

# Bytes taken in one turn of the main loop, so that a flood of noise does not stop the display.
READ_LIMIT = 1024
# MicroPython waits up to 500 ms for room before it drops what it should send.
UNREAD_MS = 400


class Port:
    """Bytes in and out. Ctrl-C (0x03) is a byte like any other: boot.py and main.py see to that."""

    def __init__(self):
        self._poll = select.poll()
        self._poll.register(sys.stdin, select.POLLIN)
        self._buffer = bytearray(READ_LIMIT)
        self._room = select.poll()
        self._room.register(sys.stdout, select.POLLOUT)
        self._unread = False

    def wait(self, milliseconds: int) -> None:
        """Sleep until a byte has arrived, at most `milliseconds`."""
        self._poll.poll(milliseconds)

    def read(self) -> bytes:
        """The bytes that have arrived, at most READ_LIMIT; b"" if none.

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
        if not count:
            return b""
        data = bytes(memoryview(self._buffer)[:count])
        self._buffer[:count] = bytes(count)  # it may have been a PIN
        return data

    def write(self, data: bytes) -> None:
        """Send all of `data`. If the host does not read, send only what fits: each further try
        would block the token for half a second."""
        if self._unread:
            if not self._room.poll(0):
                return
            data = b"\n" + data  # the line before may have been cut
        began_ms = time.ticks_ms()
        sys.stdout.buffer.write(data)
        self._unread = time.ticks_diff(time.ticks_ms(), began_ms) >= UNREAD_MS
