"""Two small files that hold one record, so that a power cut leaves the old record or the new one.

Whatever the record, some of its bytes mean the same:

    offset  size  field
    0       4     magic
    4       1     version
    8       4     generation: of two sound records, the newer has the higher one, modulo 2**32
    ...     4     the last four: CRC-32 of everything before

They keep that meaning in later versions, so that a record of a newer version is told from damage
and never overwritten.
"""

import binascii
import struct

from picototp.vault.slot import is_newer, read_into

CRC_BYTES = 4
_MAX_BYTES = 256


class FilePair:
    """`is_sound(record)` says whether a record of the known version is valid; `size` is its length.

    load() first. Methods that write raise OSError.
    """

    def __init__(self, storage, names: tuple, magic: bytes, version: int, size: int, is_sound):
        self._storage = storage
        self._names = names
        self._magic = magic
        self._version = version
        self._size = size
        self._is_sound = is_sound
        self._forget()

    def _forget(self) -> None:
        self.record: bytearray | None = None
        self.too_new = False
        self.found = False  # whether there is a file, sound or not
        self._same = False  # whether both files have the record
        self._active = 1  # which file the record was read from or written to last

    def load(self) -> None:
        """Find the record; None if no file has a sound one."""
        self._forget()
        for index in (0, 1):
            record = self._read(index)
            if record is None:
                continue
            self._same = record == self.record
            other = self.record
            if other is None or is_newer(generation_of(record), generation_of(other)):
                self.record, self._active = record, index
                record = other
            if record is not None:
                _blank(record)

    def _read(self, index: int) -> bytearray | None:
        buffer = bytearray(_MAX_BYTES)
        try:
            return self._parse(buffer, self._fill(buffer, index))
        finally:
            _blank(buffer)  # it may be an open key

    def _fill(self, buffer: bytearray, index: int) -> int | None:
        """Read a file; its length, or None if it cannot be read."""
        name = self._names[index]
        try:
            file = self._storage.open_read(name)
            try:
                length = read_into(file, buffer)
            finally:
                file.close()
        except OSError:
            self.found = self.found or self._storage.exists(name)
            return None
        self.found = True
        return length

    def _parse(self, buffer: bytearray, length: int | None) -> bytearray | None:
        # No magic is shorter, or is the CRC of nothing: with it there is a body.
        if length is None or buffer[:4] != self._magic:
            return None
        body = memoryview(buffer)[: length - CRC_BYTES]
        if binascii.crc32(body) != struct.unpack_from(">I", buffer, len(body))[0]:
            return None
        if buffer[4] != self._version:
            self.too_new = True
            return None
        record = buffer[:length]
        return record if length == self._size and self._is_sound(record) else None

    def next_generation(self) -> int:
        """The generation of the record that is written next."""
        return (generation_of(self.record) + 1 if self.record else 1) & 0xFFFFFFFF

    def write(self, body: bytes | bytearray) -> None:
        """Write a record, which comes without its CRC, to the file that is not the active one; it
        counts if it reads back, else OSError is raised and the old one stands."""
        record = bytearray(len(body) + CRC_BYTES)
        record[: len(body)] = body
        struct.pack_into(">I", record, len(body), binascii.crc32(body))
        index = 1 - self._active
        self.found = True
        try:
            self._put(index, record)
        except OSError:
            self._discard(index)
            raise
        self.record, self._active, self._same = record, index, False

    def double(self) -> None:
        """Make the other file a copy, or remove it if it cannot be written.
        OSError if neither works."""
        record, other = self.record, 1 - self._active
        if record is None or self._same:
            return
        try:
            self._put(other, record)
        except OSError:
            if not self._discard(other):
                raise
        self._same = True

    def _put(self, index: int, record: bytearray) -> None:
        file = self._storage.open_write(self._names[index])
        try:
            written = file.write(record)
        finally:
            file.close()
        found = self._read(index)
        same = found == record
        if found is not None:
            _blank(found)
        if written not in (None, len(record)) or not same:
            raise OSError(5)  # EIO

    def remove(self) -> None:
        """Remove both files. Raises OSError if one stays."""
        if not (self._discard(0) and self._discard(1)):
            raise OSError(5)  # EIO
        self._forget()

    def _discard(self, index: int) -> bool:
        name = self._names[index]
        try:
            self._storage.remove(name)
        except OSError:
            return not self._storage.exists(name)
        return True


def _blank(buffer: bytearray) -> None:
    buffer[:] = bytes(len(buffer))


def generation_of(record: bytes | bytearray) -> int:
    """The generation of a record."""
    return struct.unpack_from(">I", record, 8)[0]
