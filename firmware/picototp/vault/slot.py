"""One of the vault's two files: its format, reading, checking and writing it.

Format version 1; all numbers are big-endian.

    offset  size  field
    0       4     magic "PTVL"
    4       1     format version: 1
    5       1     cipher: 0 = plain, the only one in use
    6       1     flags: bit 0 = the other file is to be written anew from this one
    7       1     reserved, zero
    8       4     generation: the newer of two sound files has the higher one, modulo 2**32
    12      4     length of the payload in bytes
    16      2     number of records
    18      2     reserved, zero
    20      4     CRC-32 of bytes 0 to 19
    24      64    room for cipher parameters (salt, nonce, wrapped key): zero with cipher 0
    88      ...   payload: the records, one behind the other (see record.py)
    ...     32    SHA-256 of everything before it; nothing follows

Bytes 0 to 5 and the CRC over bytes 0 to 19 stay what they are in every later version. So a
flipped bit in the version is told from a newer version, and a newer version is never overwritten.
"""

import binascii
import hashlib
import struct
from array import array

VERSION = 1
CIPHER_PLAIN = 0
FLAG_RENEW_OTHER = 1

HEADER_BYTES = 88
TRAILER_BYTES = 32
SCRATCH_BYTES = 512  # more than a record; a few flash pages, so that copying is not slow

MISSING = "missing"
CORRUPT = "corrupt"
TOO_NEW = "too-new"
SOUND = "sound"  # as far as looked at: the head after look(), all of it after digest()

_MAGIC = b"PTVL"
_HEAD = ">4sBBBBIIHH"
_HEAD_BYTES = 20
_CRC_BYTES = 4
# What the very first file of a vault begins with: plain, renewing the other, generation 1.
_FIRST_EVER = _MAGIC + bytes((VERSION, CIPHER_PLAIN, FLAG_RENEW_OTHER, 0, 0, 0, 0, 1))


class Slot:
    """A file of the vault. `scratch` is a bytearray of SCRATCH_BYTES that both slots share.

    After look(): state, generation, flags, count and payload_bytes say what the head says;
    is_first_cut_short (complete after digest()) tells a file whose end is missing and that began
    as the first one of an empty vault does, so that it is no loss if no other file exists.
    Methods that touch the file raise OSError as the storage does.
    """

    def __init__(self, storage, name: str, scratch: bytearray):
        self.name = name
        self._storage = storage
        self._scratch = scratch
        self._view = memoryview(scratch)
        self._forget(MISSING)

    def _forget(self, state: str) -> None:
        self.state = state
        self.generation = self.flags = self.count = self.payload_bytes = 0
        self.is_first_cut_short = False

    def look(self) -> str:
        """Read the head and return the state."""
        self._forget(CORRUPT)
        try:
            file = self._storage.open_read(self.name)
            try:
                length = read_into(file, self._view[: _HEAD_BYTES + _CRC_BYTES])
            finally:
                file.close()
        except OSError:
            if not self._storage.exists(self.name):
                self.state = MISSING
            return self.state
        self._parse_head(length)
        return self.state

    def _parse_head(self, length: int) -> None:
        if length < _HEAD_BYTES + _CRC_BYTES:
            begin = bytes(self._view[: min(length, len(_FIRST_EVER))])
            self.is_first_cut_short = _FIRST_EVER.startswith(begin)
            return
        head = bytes(self._view[:_HEAD_BYTES])
        crc = struct.unpack_from(">I", self._scratch, _HEAD_BYTES)[0]
        if crc != binascii.crc32(head) or not head.startswith(_MAGIC):
            return
        _, version, cipher, flags, zero, generation, payload_bytes, count, zero2 = struct.unpack(
            _HEAD, head
        )
        if (version, cipher, flags & ~FLAG_RENEW_OTHER, zero, zero2) != (VERSION, 0, 0, 0, 0):
            self.state = TOO_NEW
            return
        self.state = SOUND
        self.generation, self.flags = generation, flags
        self.payload_bytes, self.count = payload_bytes, count

    def digest(self) -> bytes | None:
        """The trailer if the whole file agrees with it, else None. For a slot whose head is
        sound."""
        sha = hashlib.sha256()
        left = HEADER_BYTES + self.payload_bytes
        trailer = bytearray(TRAILER_BYTES)
        file = self._storage.open_read(self.name)
        try:
            while left:
                chunk = self._part(left)
                if read_into(file, chunk) < len(chunk):
                    break
                sha.update(chunk)
                left -= len(chunk)
            if left or read_into(file, trailer) < TRAILER_BYTES:
                self.is_first_cut_short = (self.generation, self.flags) == (1, FLAG_RENEW_OTHER)
                return None
            found = sha.digest()
            return found if found == trailer and not file.read(1) else None
        finally:
            file.close()

    def offsets(self) -> array | None:
        """Where each record begins in the file, and where the last one ends: count + 1 numbers;
        None if the lengths do not add up. For a slot whose digest agrees."""
        index = array("I", bytes(4 * (self.count + 1)))
        end = HEADER_BYTES + self.payload_bytes
        at = HEADER_BYTES
        length = self._view[:2]
        file = self._storage.open_read(self.name)
        try:
            for number in range(self.count):
                index[number] = at
                file.seek(at)
                if at >= end or read_into(file, length) < 2:
                    return None
                at += 2 + (length[0] << 8 | length[1])
        finally:
            file.close()
        index[self.count] = at
        return index if at == end else None

    def open(self):
        """The file, open for read_record(); the caller closes it."""
        return self._storage.open_read(self.name)

    def read_record(self, file, start: int, end: int) -> memoryview:
        """The body of the record from `start` to `end` (see offsets()), in the scratch buffer:
        good until the next call of any method."""
        body = self._view[: end - start - 2]
        file.seek(start + 2)
        if read_into(file, body) < len(body):
            raise OSError(5)  # EIO: the file was whole when it was checked
        return body

    def write(self, generation: int, flags: int, plan: tuple, source) -> bytes:
        """Write the whole file and return its trailer. `plan` lists what becomes the payload: a
        packed record, or (start, end, count) for records to copy from the slot `source`."""
        count = payload_bytes = 0
        for piece in plan:
            copies = isinstance(piece, tuple)
            payload_bytes += piece[1] - piece[0] if copies else len(piece)
            count += piece[2] if copies else 1
        head = struct.pack(
            _HEAD, _MAGIC, VERSION, CIPHER_PLAIN, flags, 0, generation, payload_bytes, count, 0
        )
        sha = hashlib.sha256()
        file = self._storage.open_write(self.name)
        try:
            _put(file, sha, head + struct.pack(">I", binascii.crc32(head)))
            _put(file, sha, bytes(HEADER_BYTES - _HEAD_BYTES - _CRC_BYTES))
            for piece in plan:
                if isinstance(piece, tuple):
                    self._copy(source, piece[0], piece[1], file, sha)
                else:
                    _put(file, sha, piece)
            trailer = sha.digest()
            _put(file, None, trailer)
        finally:
            file.close()
        return trailer

    def _copy(self, source, start: int, end: int, file, sha) -> None:
        if start == end:
            return
        origin = source.open()
        try:
            origin.seek(start)
            while start < end:
                chunk = self._part(end - start)
                if read_into(origin, chunk) < len(chunk):
                    raise OSError(5)  # EIO
                _put(file, sha, chunk)
                start += len(chunk)
        finally:
            origin.close()

    def _part(self, left: int) -> memoryview:
        return self._view if left >= SCRATCH_BYTES else self._view[:left]

    def discard(self) -> bool:
        """Remove the file; whether it is gone."""
        gone = True
        try:
            self._storage.remove(self.name)
        except OSError:
            gone = not self._storage.exists(self.name)
        self._forget(MISSING if gone else CORRUPT)
        return gone


def is_newer(generation: int, than: int) -> bool:
    """Whether a generation follows another one, also over the wrap from 2**32 - 1 to 0."""
    return 0 < (generation - than) & 0xFFFFFFFF < 0x80000000


def read_into(file, buffer: bytearray | memoryview) -> int:
    """Fill a buffer from a file; the number of bytes read, less than its length only at the end
    of the file."""
    got = 0
    while got < len(buffer):
        more = file.readinto(memoryview(buffer)[got:] if got else buffer)
        if not more:
            break
        got += more
    return got


def _put(file, sha, data: bytes | memoryview) -> None:
    if sha is not None:
        sha.update(data)
    written = file.write(data)
    if written is not None and written != len(data):
        raise OSError(28)  # ENOSPC
