"""Runs on MicroPython's unix port: starts as boot.py does, in a folder with slots."""

import gc
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


def imports(folder, module, free_bytes):
    """Whether a module of the bundle loads, and the bundle's digest is right, in a heap in which no
    free piece is longer than that: (VALUE of the module, is_right)."""
    path, here = sys.path[:], os.getcwd()
    os.chdir(folder)
    try:
        slots.running = None
        assert slots.start()
        held = _full_of_holes(free_bytes)
        try:
            return __import__(module).VALUE, slots.running.is_right()
        finally:
            del held[:]
            os.umount(slots.MOUNTED)
    finally:
        os.chdir(here)
        sys.path[:] = path


def _full_of_holes(free_bytes):
    """What fills the heap but for holes of so many bytes. In chains: a list would leave holes of
    its own as it grows."""
    taken = holes = None
    gc.collect()
    try:
        while True:
            taken = taken, bytearray(64)
            holes = holes, bytearray(free_bytes)
    except MemoryError:
        pass
    del holes
    gc.collect()
    return [taken]
