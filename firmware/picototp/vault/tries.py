"""How many wrong PINs were entered in a row, and how long to wait for the next. Kept in two files.

    offset  size  field
    0       4     magic "PTTR"
    4       1     version: 1
    5       1     wrong PINs in a row, at most 255
    6       2     reserved, zero
    8       4     generation
    12      4     CRC-32 of everything before

An attempt is charged here before it is looked at, so that cutting the power saves no attempt. For
the same reason the whole delay starts over at power-up.
"""

import struct

from picototp.vault.record_pair import FilePair

FILE_NAMES = ("tries.0", "tries.1")
UNREADABLE = 4  # charged if there are files and none is sound: neither free attempts nor the end
DELAY_MAX_MS = 3_600_000
_DOUBLED_LAST = 12  # failures: after more of them the next step would be longer than that

_MAGIC = b"PTTR"
_VERSION = 1
_BODY = ">4sBBHI"
_BODY_BYTES = 12


class Tries:
    """The count. `monotonic.now_ms()` is time since power-up. load() first."""

    def __init__(self, storage, monotonic):
        self._files = FilePair(
            storage, FILE_NAMES, _MAGIC, _VERSION, _BODY_BYTES + 4, lambda record: True
        )
        self._monotonic = monotonic

    @property
    def too_new(self) -> bool:
        """Whether newer firmware wrote a file."""
        return self._files.too_new

    def load(self) -> None:
        """Read the count; the delay begins now."""
        self._files.load()
        record = self._files.record
        self.failures = record[5] if record else UNREADABLE if self._files.found else 0
        self.wait_anew()

    def wait_anew(self) -> None:
        """Start the delay now."""
        self._since_ms = self._monotonic.now_ms()

    def wait_ms(self) -> int:
        """How long until the next attempt is allowed."""
        return max(0, delay_ms(self.failures) - (self._monotonic.now_ms() - self._since_ms))

    def charge(self) -> None:
        """Count an attempt as failed, in flash. Raises OSError; then nothing may be tried."""
        self._write(min(self.failures + 1, 255))
        self.wait_anew()

    def reset(self) -> None:
        """Reset the count: the PIN was right, or is new. Raises OSError. From here on a sound file
        exists: a power cut while an attempt is charged then leaves the count before or after it."""
        if self.failures or self._files.record is None:
            self._write(0)

    def _write(self, failures: int) -> None:
        generation = self._files.next_generation()
        self._files.write(struct.pack(_BODY, _MAGIC, _VERSION, failures, 0, generation))
        self.failures = failures

    def remove(self) -> None:
        """Remove the files. Raises OSError."""
        self._files.remove()
        self.failures = 0


def delay_ms(failures: int) -> int:
    """How long to wait after that many wrong PINs: 1, 2, 4 ... seconds, an hour at most."""
    if failures > _DOUBLED_LAST:
        return DELAY_MAX_MS
    return 1000 << failures - 1 if failures else 0
