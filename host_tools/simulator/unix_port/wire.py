"""Runs on MicroPython's unix port: the line to the simulator's device models.

The simulator leaves a stream socket open as the file descriptor that $PICOTOTP_DEVICE_FD names. A
request is a length (u16, big-endian), an operation (operations.py) and its payload; the answer is
a length (u16), the simulator's clock offset in microseconds (i64), a status (0 or an errno) and its
payload. One at a time.
"""

import _thread
import os
import struct
import sys

_stream = open(int(os.getenv("PICOTOTP_DEVICE_FD")), "r+b", buffering=0)  # noqa: SIM115

_lock = _thread.allocate_lock()  # a Timer has a thread of its own

# How far the simulator's clock runs ahead of this computer's, as of the last answer.
offset_us = 0


def call(operation: int, payload: bytes = b"") -> bytes:
    """One request and its answer; OSError with the answer's errno if it is not 0."""
    global offset_us
    with _lock:
        _stream.write(struct.pack(">HB", len(payload), operation) + payload)
        header = _stream.read(11)
        if header is None or len(header) < 11:
            sys.exit(0)  # the simulator is gone, and with it the power
        length, offset_us, status = struct.unpack(">HqB", header)
        data = _stream.read(length) if length else b""
    if status:
        raise OSError(status)
    return data
