"""Runs on both interpreters: what the frame tests ask in one call instead of many."""

import gc

from picototp.protocol import frames


def outcome(mark, line):
    """ "none", "message", or the code of the FrameError; anything else it raises comes through."""
    try:
        message = frames.decode(mark, line)
    except frames.FrameError as error:
        return error.code
    return "none" if message is None else "message"


def outcomes(mark, lines):
    return [outcome(mark, line) for line in lines]


def feed(chunks):
    """What a LineReader gives back for each chunk."""
    reader = frames.LineReader()
    return [reader.feed(chunk) for chunk in chunks]


def flood(size, chunk_size, length):
    """Bytes of heap that a LineReader keeps after a line of `size` bytes without end, and what
    lines come when it ends and a good one of `length` bytes follows."""
    reader = frames.LineReader()
    chunk = b"x" * chunk_size
    gc.collect()
    before = gc.mem_alloc()
    for _ in range(size // chunk_size):
        if reader.feed(chunk):
            raise ValueError("a line that has not ended")
    gc.collect()
    kept = gc.mem_alloc() - before
    return kept, reader.feed(b"\n" + b"y" * length + b"\n")
