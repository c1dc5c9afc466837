"""The record of the data key, and how a PIN wraps it. Kept twice, by FilePair; big-endian.

    offset  size  field
    0       4     magic "PTKY"
    4       1     version: 1
    5       1     state: 0 open, 1 PIN, 2 destroyed by wrong PINs, 3 wiping
    6       1     wrong PINs until the key is destroyed: 5 to 20, or 0 for no limit
    7       1     reserved, zero
    8       4     generation
    12      4     rounds of PBKDF2 (with a PIN, else zero)
    16      16    salt (with a PIN, else zero)
    32      32    the data key: as it is (open), wrapped (PIN), or zero
    64      32    tag (with a PIN, else zero)
    96      4     CRC-32 of everything before

With a PIN:

    stretched = PBKDF2-HMAC-SHA-1(PIN, salt, rounds, 20 bytes)
    wrapped   = data key XOR HMAC-SHA-256(stretched, "picototp key wrap 1")
    tag       = HMAC-SHA-256(HMAC-SHA-256(stretched, "picototp key check 1"), bytes 0 to 63)

Twenty bytes, because PBKDF2 does all its rounds anew for each further 20, which would halve the
rounds that fit into a second and stretch the PIN no better. The XOR is a one-time pad: each PIN
that is set gets a new salt, so that no pad is used for two keys. The tag is over what is stored
(encrypt, then MAC), with a key of its own: rounds, limit and salt are protected by it, and a wrong
PIN is a tag that differs. The CRC finds damage without the PIN and protects nothing.

Whoever holds the board can read this record and guess PINs elsewhere, without limit or delay: what
is between him and the key is the PIN's entropy times the rounds, and nothing else.
"""

import struct

from picototp.codes import constant_time
from picototp.codes.stream_mac import StreamMac
from picototp.vault.file_pair import FilePair

OPEN, PIN, DESTROYED, WIPING = range(4)
LIMITS = range(5, 21)
# Below this a PIN would be too cheap to guess, above the other a Pico busy for half a minute: such
# a record is not believed. What a fast machine makes, a Pico must still read in seconds.
ROUNDS_MIN = 20_000
ROUNDS_MAX = 1_000_000
ROUNDS_MADE_MAX = 100_000

KEY_BYTES = 32
SALT_BYTES = 16
STRETCHED_BYTES = 20
FILE_NAMES = ("key.0", "key.1")

_MAGIC = b"PTKY"
_VERSION = 1
_HEAD = ">4sBBBBII"
_BODY_BYTES = 96
_SALT_AT, _KEY_AT, _TAG_AT = 16, 32, 64


def files(storage) -> FilePair:
    """The two files."""
    return FilePair(storage, FILE_NAMES, _MAGIC, _VERSION, _BODY_BYTES + 4, is_sound)


def is_sound(record: bytearray) -> bool:
    """Whether the fields keep their limits."""
    _, _, state, limit, zero, _, rounds = struct.unpack_from(_HEAD, record)
    if state > WIPING or zero or (limit and limit not in LIMITS):
        return False
    return ROUNDS_MIN <= rounds <= ROUNDS_MAX if state == PIN else not rounds


def state_of(record) -> int:
    """OPEN, PIN, DESTROYED or WIPING."""
    return record[5]


def limit_of(record) -> int | None:
    """How many wrong PINs destroy the key; None if they never do."""
    return record[6] or None


def rounds_of(record) -> int:
    """Rounds of PBKDF2."""
    return struct.unpack_from(">I", record, 12)[0]


def salt_of(record) -> bytes:
    """The salt."""
    return bytes(record[_SALT_AT:_KEY_AT])


def body(state: int, limit: int | None, generation: int, key=None) -> bytearray:
    """A record without PIN and without its CRC; `key` is the data key of an open one."""
    made = bytearray(_BODY_BYTES)
    struct.pack_into(_HEAD, made, 0, _MAGIC, _VERSION, state, limit or 0, 0, generation, 0)
    if key is not None:
        made[_KEY_AT:_TAG_AT] = key
    return made


def open_key(record) -> bytearray:
    """The data key of an open record."""
    return bytearray(record[_KEY_AT:_TAG_AT])


class Wrapper:
    """What a stretched PIN makes: wraps and unwraps the data key, makes and checks the tag."""

    def __init__(self, stretched: bytes):
        mac = StreamMac(stretched)
        self._pad = bytearray(mac.of(b"picototp key wrap 1"))
        self._check = StreamMac(mac.of(b"picototp key check 1"))
        mac.forget()

    def body(self, limit: int | None, generation: int, rounds: int, salt, key) -> bytearray:
        """A record with PIN, without its CRC."""
        made = body(PIN, limit, generation, key)
        struct.pack_into(">I", made, 12, rounds)
        made[_SALT_AT:_KEY_AT] = salt
        self._mix(made)
        made[_TAG_AT:] = self._tag(made)
        return made

    def key(self, record) -> bytearray | None:
        """The data key of a record; None if the PIN is wrong or the record was tampered with."""
        if not constant_time.equal(self._tag(record), record[_TAG_AT:_BODY_BYTES]):
            return None
        copy = bytearray(record)
        self._mix(copy)
        return copy[_KEY_AT:_TAG_AT]

    def _mix(self, record: bytearray) -> None:
        for index in range(KEY_BYTES):
            record[_KEY_AT + index] ^= self._pad[index]

    def _tag(self, record) -> bytes:
        return self._check.of(memoryview(record)[:_TAG_AT])

    def forget(self) -> None:
        """Leave nothing of the PIN; the object is useless then."""
        blank(self._pad)
        self._check.forget()


def blank(buffer: bytearray) -> None:
    """Zeros all over."""
    for index in range(len(buffer)):
        buffer[index] = 0
