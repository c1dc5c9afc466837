"""Erases old keys and accounts from flash. Loaded only where there is something to do.

littlefs never overwrites. What was in a file stays (a) in blocks that are free now, and, of a file
of up to 512 bytes, (b) in the log of its directory and (c) in the other block of that log, which
takes turns with it. NOR flash moves no sectors behind our back: a block that was erased holds
nothing. So, in pieces that erase one block each:

1. Each file is touched so often that each log of the folder was rewritten twice. A block that
   wear levelling took out of the log in the meantime is a free one.
2. A file takes all free blocks, each of which littlefs erases as it hands it out, and gives them
   back. It has no name any more: a power cut leaves nothing of it.

storage.py keeps a mark in flash until the end, so that after a power cut it begins from the start.
"""

PAD = "pad"  # the name of the file that takes the free blocks, for a moment
# A log of 4,096 bytes takes at most 16 commits, which have at least 256 bytes each (what the rp2
# port programs at once): after 33 both of its blocks were erased.
TOUCHES = 33
# Less than any block takes, so that one step erases at most one.
_STEP_BYTES = 3584
_ZEROS = bytes(256)
_ENOSPC = 28


class Cleaner:
    """Steps of cleaning a Storage, which calls its `before_write` when somebody is going to write:
    the pad makes room then."""

    def __init__(self, storage):
        self._storage = storage
        self._names: list = storage.names()
        self._touches = TOUCHES * len(self._names)
        self._pad = None

    def step(self) -> bool:
        """Do the next piece; True when all is clean. Raises OSError and MemoryError: call stop()
        then, and begin with another Cleaner."""
        if self._touches:
            self._touches -= 1
            self._storage.touch(self._names[self._touches % len(self._names)])
            return False
        if self._pad is None:
            self._open_pad()
        elif self._fill(self._pad):
            self.stop()
            return True
        return False

    def _open_pad(self) -> None:
        self._pad = self._storage.open_write(PAD)
        self._storage.remove(PAD)
        self._storage.before_write = self.stop

    def _fill(self, pad) -> bool:
        """Write a piece; whether no block was left."""
        try:
            for _ in range(_STEP_BYTES // len(_ZEROS)):
                pad.write(_ZEROS)
        except OSError as error:
            if error.errno != _ENOSPC:
                raise
            return True  # littlefs rescans the whole flash before it says that
        return False

    def stop(self) -> None:
        """Give the blocks back; the next step takes them again."""
        self._storage.before_write = None
        pad, self._pad = self._pad, None
        if pad is not None:
            pad.close()
