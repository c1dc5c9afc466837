"""Runs on MicroPython's unix port: starts as boot.py does, in a folder with slots."""

import os
import sys

from picototp.board import slots


def starts(folder, count):
    """What so many starts come to: [(slot, state, version), or None where nothing is mounted]."""
    path, here = sys.path[:], os.getcwd()
    os.chdir(folder)
    try:
        return [_start() for _ in range(count)]
    finally:
        os.chdir(here)
        sys.path[:] = path


def _start():
    slots.running = None
    if not slots.start():
        return None
    try:
        assert sys.path == [slots.MOUNTED]
        found = slots.slot, slots.state, slots.running.version.decode()
        with open(slots.MOUNTED + "/hello.py", "rb") as file:
            assert file.read() == b"hello"
        return found
    finally:
        os.umount(slots.MOUNTED)
