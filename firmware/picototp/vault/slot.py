"""One of the vault's two files: its format, reading, checking and writing it.

Format versions 1 (plain) and 2 (encrypted); all numbers are big-endian.

    offset  size  field
    0       4     magic "PTVL"
    4       1     format version: 1 or 2
    5       1     cipher: 0 = plain with version 1, 1 = see seal.py with version 2
    6       1     flags: bit 0 = the other file must be rewritten from this one;
                  bit 1 = a record may say what the display shows for its names (record.py);
                  bit 2 = a record may have Steam's codes
    7       1     reserved, zero
    8       4     generation: the newer of two sound files has the higher one, modulo 2**32
    12      4     length of the payload in bytes
    16      2     number of records
    18      2     reserved, zero
    20      4     CRC-32 of bytes 0 to 19
    24      64    cipher parameters: with cipher 1 the nonce in the first 16; the rest is zero
    88      ...   payload: the records, one behind the other (see record.py); with cipher 1
                  AES-256-CTR of that, the nonce being the first counter block
    ...     32    of everything before it, with cipher 1 HMAC-SHA-256, else SHA-256; nothing follows

Version 1 is read for ever and not written any more. Encrypt, then MAC: nothing of a payload is
looked at before the tag over all of the file agrees.

Bytes 0 to 5 and the CRC over bytes 0 to 19 stay what they are in every later version. So a
flipped bit in the version is told from a newer version, and a newer version is never overwritten.
"""

import binascii
import hashlib
import struct
from array import array

from picototp.codes.stream_mac import equal
from picototp.vault.record import has_ascii, is_steam

VERSION = 2
VERSION_PLAIN = 1
FLAG_RENEW_OTHER = 1
# So that earlier firmware sees a file that is too new, not a damaged account.
FLAG_ASCII_NAMES = 2
FLAG_STEAM = 4
RECORD_FLAGS = FLAG_ASCII_NAMES | FLAG_STEAM  # once set, they stay while its accounts are copied

HEADER_BYTES = 88
TRAILER_BYTES = 32
SCRATCH_BYTES = 1024  # more than a record, and large: each piece takes 0.5 ms beside its bytes
# So many pieces of work at a time: littlefs erases one block for them at most.
PIECES = 2

_BLANK = bytes(SCRATCH_BYTES // 2)  # twice, so that less of the heap is taken for ever

MISSING = "missing"
CORRUPT = "corrupt"
TOO_NEW = "too-new"
SOUND = "sound"  # as far as looked at: the head after look(), all of it after digest()

_MAGIC = b"PTVL"
_HEAD = ">4sBBBBIIHH"
_HEAD_BYTES = 20
_CRC_BYTES = 4
_NONCE_AT = _HEAD_BYTES + _CRC_BYTES
_NONCE_END = _NONCE_AT + 16
_FLAGS = FLAG_RENEW_OTHER | RECORD_FLAGS
_FORMATS = ((VERSION_PLAIN, 0), (VERSION, 1))  # version, cipher
# What the very first file of a vault begins with: renewing the other, generation 1.
_FIRST_EVER = tuple(
    [
        _MAGIC + bytes(pair + (FLAG_RENEW_OTHER | more, 0, 0, 0, 0, 1))
        for pair in _FORMATS
        for more in (0, FLAG_ASCII_NAMES, FLAG_STEAM, RECORD_FLAGS)
    ]
)


class Slot:
    """A file of the vault. `scratch` is a bytearray of SCRATCH_BYTES that both slots share; `keys`
    is the KeyStore, whose `seal` opens files of version 2.

    After look(): state, version, generation, flags, count and payload_bytes are the head's;
    is_first_cut_short (complete after digest()) tells a file whose end is missing and that began
    as the first one of an empty vault does, so that it is no loss if no other file exists.
    Methods that touch the file raise OSError as the storage does.
    """

    def __init__(self, storage, name: str, scratch: bytearray, keys):
        self.name = name
        self._keys = keys
        self._storage = storage
        self._scratch = scratch
        self._view = memoryview(scratch)
        self.seal_to_come = None  # in place of the KeyStore's, while the data key changes
        self._written = 0  # the CRC-32 of what writing() wrote
        self._forget(MISSING)

    def _forget(self, state: str) -> None:
        self.state = state
        self.version = self.generation = self.flags = self.count = self.payload_bytes = 0
        self._nonce = b""
        self.is_first_cut_short = False

    def look(self) -> str:
        """Read the head and return the state."""
        self._forget(CORRUPT)
        try:
            file = self._storage.open_read(self.name)
            try:
                length = read_into(file, self._view[:_NONCE_END])
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
            begin = bytes(self._view[: min(length, len(_FIRST_EVER[0]))])
            self.is_first_cut_short = any([first.startswith(begin) for first in _FIRST_EVER])
            return
        head = bytes(self._view[:_HEAD_BYTES])
        crc = struct.unpack_from(">I", self._scratch, _HEAD_BYTES)[0]
        if crc != binascii.crc32(head) or not head.startswith(_MAGIC):
            return
        _, version, cipher, flags, zero, generation, payload_bytes, count, zero2 = struct.unpack(
            _HEAD, head
        )
        if (version, cipher) not in _FORMATS or flags & ~_FLAGS or zero or zero2:
            self.state = TOO_NEW
            return
        self.state = SOUND
        self.version, self.generation, self.flags = version, generation, flags
        if version != VERSION_PLAIN:
            self._nonce = bytes(self._view[_NONCE_AT:_NONCE_END])
        self.payload_bytes, self.count = payload_bytes, count

    def digest(self) -> bytes | None:
        """The trailer if the whole file agrees with it, else None, as without the key. For a slot
        whose head is sound."""
        return at_once(self.digesting(), self._storage)

    def digesting(self):
        """digest() in pieces: see at_once()."""
        mac = self._mac()
        if self.version != VERSION_PLAIN and mac is None:
            return None
        hashed = mac.begin() if mac else hashlib.sha256()
        left = HEADER_BYTES + self.payload_bytes
        trailer = bytearray(TRAILER_BYTES)
        file = self._storage.open_read(self.name)
        try:
            while left:
                chunk = self._part(left)
                if read_into(file, chunk) < len(chunk):
                    break
                hashed.update(chunk)
                left -= len(chunk)
                yield
            if left or read_into(file, trailer) < TRAILER_BYTES:
                renews = self.flags & FLAG_RENEW_OTHER != 0
                self.is_first_cut_short = self.generation == 1 and renews
                return None
            found = mac.finish(hashed) if mac else hashed.digest()
            return found if equal(found, trailer) and not file.read(1) else None
        finally:
            file.close()

    def _mac(self):
        """What makes the trailer: None for a plain file, or without the key."""
        seal = self._seal
        return seal.mac if seal is not None and self.version != VERSION_PLAIN else None

    @property
    def _seal(self):
        return self.seal_to_come or self._keys.seal

    def _decrypt(self, data: memoryview, start: int) -> None:
        """In place, what was read from `start` in the file on."""
        if self.version != VERSION_PLAIN:
            self._seal.apply(self._nonce, start - HEADER_BYTES, data)

    def offsets(self) -> array | None:
        """Where each record begins in the file, and where the last one ends: count + 1 numbers;
        None if the lengths do not add up. For a slot whose digest agrees."""
        index = array("I", bytes(4 * (self.count + 1)))
        at = HEADER_BYTES
        length = self._view[:2]
        file = self._storage.open_read(self.name)
        try:
            for number in range(self.count):
                index[number] = at
                file.seek(at)
                if read_into(file, length) < 2:
                    return None
                self._decrypt(length, at)
                at += 2 + (length[0] << 8 | length[1])
        finally:
            file.close()
        index[self.count] = at
        return index if at == HEADER_BYTES + self.payload_bytes else None

    def open(self):
        """The file, open for read_record(); the caller closes it."""
        return self._storage.open_read(self.name)

    def read_record(self, file, start: int, end: int) -> memoryview:
        """The body of the record from `start` to `end` (see offsets()), in the scratch buffer:
        good until the next call of any method. It has the secret: blank() the buffer soon."""
        body = self._view[: end - start - 2]
        file.seek(start + 2)
        if read_into(file, body) < len(body):
            raise OSError(5)  # EIO: the file was whole when it was checked
        self._decrypt(body, start + 2)
        return body

    def writing(self, generation: int, flags: int, plan: tuple, source):
        """Write the whole file, encrypted, and return its trailer: in pieces, see at_once(), each
        of which has littlefs erase a block at most. `plan` lists what becomes the
        payload: a packed record, or (start, end, count) for records to copy from the slot
        `source`, or from another one, if that is the fourth."""
        count = payload_bytes = 0
        for piece in plan:
            copies = isinstance(piece, tuple)
            payload_bytes += piece[1] - piece[0] if copies else len(piece)
            count += piece[2] if copies else 1
        head = struct.pack(
            _HEAD, _MAGIC, *_FORMATS[1], flags, 0, generation, payload_bytes, count, 0
        )
        seal = self._seal
        self._nonce = seal.nonce(generation)
        hashed = seal.mac.begin()
        file = self._storage.open_write(self.name)
        try:
            self._written = 0
            head += struct.pack(">I", binascii.crc32(head))
            self._write_part(file, hashed, head + self._nonce)
            self._write_part(file, hashed, bytes(HEADER_BYTES - _NONCE_END))
            at = 0
            for piece in plan:
                if isinstance(piece, tuple):
                    origin = piece[3] if len(piece) > 3 else source
                    at = yield from self._copying(origin, piece[0], piece[1], file, hashed, at)
                else:
                    chunk = self._view[: len(piece)]
                    chunk[:] = piece
                    seal.apply(self._nonce, at, chunk)
                    self._write_part(file, hashed, chunk)
                    at += len(piece)
                    yield
            trailer = seal.mac.finish(hashed)
            self._write_part(file, None, trailer)
        finally:
            file.close()
        return trailer

    def comparing(self):
        """Whether the file is what writing() wrote, in pieces as well. By its CRC-32, which takes a
        Pico a fifth of the MAC's time: it is to notice flash that fails. The MAC is looked at
        before the file is the only one that there is."""
        crc = 0
        file = self._storage.open_read(self.name)
        try:
            while True:
                length = read_into(file, self._view)
                crc = binascii.crc32(self._view[:length], crc)
                if length < SCRATCH_BYTES:
                    return crc == self._written
                yield
        finally:
            file.close()

    def _copying(self, source, start: int, end: int, file, hashed, at: int):
        """Put what `source` has from `start` to `end` at `at` of the payload; where that ends."""
        if start == end:
            return at
        origin = source.open()
        try:
            origin.seek(start)
            while start < end:
                chunk = self._part(end - start)
                if read_into(origin, chunk) < len(chunk):
                    raise OSError(5)  # EIO
                source._decrypt(chunk, start)
                self._seal.apply(self._nonce, at, chunk)
                self._write_part(file, hashed, chunk)
                start += len(chunk)
                at += len(chunk)
                yield
        finally:
            origin.close()
        return at

    def _write_part(self, file, hashed, data: bytes | memoryview) -> None:
        if hashed is not None:
            hashed.update(data)
        self._written = binascii.crc32(data, self._written)
        written = file.write(data)
        if written is not None and written != len(data):
            raise OSError(28)  # ENOSPC

    def _part(self, left: int) -> memoryview:
        return self._view if left >= SCRATCH_BYTES else self._view[:left]

    def blank(self) -> None:
        """Leave nothing of an account in the shared buffer."""
        self._scratch[: len(_BLANK)] = _BLANK
        self._scratch[len(_BLANK) :] = _BLANK

    def erase(self) -> bool:
        """Empty the file, then remove it, if there is one; whether nothing of it is left."""
        if self._storage.exists(self.name):
            try:
                self._storage.open_write(self.name).close()
            except OSError:
                pass  # full flash: removing may work all the same
        return self.discard()

    def discard(self) -> bool:
        """Remove the file; whether it is gone."""
        gone = True
        try:
            self._storage.remove(self.name)
        except OSError:
            gone = not self._storage.exists(self.name)
        self._forget(MISSING if gone else CORRUPT)
        return gone


def flags_of(record: bytes) -> int:
    """What the head of a file says that has this record."""
    flags = FLAG_ASCII_NAMES if has_ascii(record) else 0
    return flags | FLAG_STEAM if is_steam(record) else flags


def at_once(work, storage, saves: bool = False):
    """Do all of a generator's work, and return what it returns. The storage hears of it in between,
    so that the token does not seem to hang."""
    while True:
        try:
            for _ in range(PIECES):
                next(work)
        except StopIteration as end:
            return end.value
        storage.breathe(saves)


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
