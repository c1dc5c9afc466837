"""Settings of the clock, kept in flash so that the owner can see what was done to it.

One file: entries of 20 bytes, oldest first, and the CRC-32 of them all; big-endian.
"""

import binascii
import struct
from collections import namedtuple

LOG_FILE = "clock.log"
ENTRIES_MAX = 32

CONFIRMED, SMALL, REFUSED, TRIMMED = "confirmed", "small", "refused", "aging"
_KINDS = (CONFIRMED, SMALL, REFUSED, TRIMMED)
_FORMAT = ">BIqIbh"
_ENTRY_BYTES = 20
_NO_STEP = -(1 << 63)
_NO_TEMPERATURE = -32768

# When (the new time), by how much the clock was moved (None: it had no time before), how well
# true time was known; the aging register and the temperature then (None: not known).
Entry = namedtuple(
    "Entry", ("kind", "unix_s", "step_us", "uncertainty_us", "aging", "temperature_c")
)


class ClockLog:
    """Appends and lists entries; `append` raises the storage's OSError."""

    def __init__(self, storage):
        self._storage = storage

    def append(self, entry: Entry) -> None:
        """Keep this entry; beyond ENTRIES_MAX forget the one that is missed least."""
        body = self._read() + _packed(entry)
        if len(body) > ENTRIES_MAX * _ENTRY_BYTES:
            at = _missed_least(body)
            body = body[:at] + body[at + _ENTRY_BYTES :]
        file = self._storage.open_write(LOG_FILE)
        try:
            file.write(body + struct.pack(">I", binascii.crc32(body) & 0xFFFFFFFF))
        finally:
            file.close()

    def entries(self) -> list:
        """All entries, oldest first; none if the file is damaged."""
        body = self._read()
        return [_unpacked(body[at : at + _ENTRY_BYTES]) for at in range(0, len(body), _ENTRY_BYTES)]

    def _read(self) -> bytes:
        try:
            file = self._storage.open_read(LOG_FILE)
            try:
                # Of a longer file a piece that is none of whole entries.
                data = file.read(ENTRIES_MAX * _ENTRY_BYTES + 5)
            finally:
                file.close()
        except OSError:
            return b""
        body = data[:-4]
        if len(data) < 4 or len(body) % _ENTRY_BYTES:
            return b""
        crc = struct.unpack(">I", data[-4:])[0]
        return body if crc == binascii.crc32(body) & 0xFFFFFFFF else b""


def _missed_least(body: bytes) -> int:
    """The index of the oldest entry of a kind that any host can add without a yes, or of the
    others.

    A host needs no yes for a small setting, or to be refused: those go first, except for the last
    one of each. So neither kind pushes out what the user agreed to, or the other kind, and each is
    shown.
    """
    small: list = []
    refused: list = []
    others: list = []
    for at in range(0, len(body), _ENTRY_BYTES):
        kind = _KINDS[body[at]] if body[at] < len(_KINDS) else None
        (small if kind == SMALL else refused if kind == REFUSED else others).append(at)
    return (small if len(small) > 1 else refused if len(refused) > 1 else others)[0]


def _packed(entry: Entry) -> bytes:
    temperature = entry.temperature_c
    return struct.pack(
        _FORMAT,
        _KINDS.index(entry.kind),
        entry.unix_s,
        _NO_STEP if entry.step_us is None else entry.step_us,
        min(entry.uncertainty_us, 0xFFFFFFFF),
        entry.aging,
        _NO_TEMPERATURE if temperature is None else round(temperature * 4),
    )


def _unpacked(data: bytes) -> Entry:
    kind, unix_s, step_us, uncertainty_us, aging, quarters = struct.unpack(_FORMAT, data)
    return Entry(
        _KINDS[kind] if kind < len(_KINDS) else "unknown",
        unix_s,
        None if step_us == _NO_STEP else step_us,
        uncertainty_us,
        aging,
        None if quarters == _NO_TEMPERATURE else quarters / 4,
    )
