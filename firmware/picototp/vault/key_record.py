"""The record of the data key. Kept twice, by FilePair; big-endian.

    offset  size  field
    0       4     magic "PTKY"
    4       1     version: 1
    5       1     state: 0 open, 1 PIN, 2 destroyed by wrong PINs, 3 wiping
    6       1     wrong PINs until the key is destroyed: 5 to 20, or 0 for no limit
    7       1     when a dark token locks: 0 after 60 s, 1 to 121 after 0 to 120 s, 122 to 179 after
                  3 to 60 minutes, 255 never
    8       4     generation
    12      4     rounds of PBKDF2 (with a PIN, else zero)
    16      16    salt (with a PIN, else zero)
    32      32    the data key: as it is (open), wrapped (PIN), or zero
    64      32    tag (with a PIN, else zero)
    96      4     CRC-32 of everything before

pin.py explains how a PIN wraps the key and makes the tag. The CRC finds damage without the PIN, and
protects nothing.
"""

import struct

from picototp.vault.record_pair import FilePair

OPEN, PIN, DESTROYED, WIPING = range(4)
LIMITS = range(5, 21)
LOCK_AFTER_S = 60  # unless somebody sets another time
# Below this a PIN would be too cheap to guess, above the other a Pico is busy for half a minute:
# such a record is not believed.
ROUNDS_MIN = 20_000
ROUNDS_MAX = 1_000_000

KEY_BYTES = 32
SALT_BYTES = 16
FILE_NAMES = ("key.0", "key.1")

_MAGIC = b"PTKY"
_VERSION = 1
_HEAD = ">4sBBBBII"
BODY_BYTES = 96
SALT_AT, KEY_AT, TAG_AT = 16, 32, 64
_SECONDS_LAST = 121
LOCK_CODES, NEVER_LOCKS = range(180), 255


def files(storage) -> FilePair:
    """The two files."""
    return FilePair(storage, FILE_NAMES, _MAGIC, _VERSION, BODY_BYTES + 4, is_sound)


def is_sound(record: bytearray) -> bool:
    """Whether the fields are within their limits."""
    _, _, state, limit, lock_code, _, rounds = struct.unpack_from(_HEAD, record)
    if state > WIPING or (limit and limit not in LIMITS):
        return False
    if lock_code not in LOCK_CODES and lock_code != NEVER_LOCKS:
        return False
    return ROUNDS_MIN <= rounds <= ROUNDS_MAX if state == PIN else not rounds


def state_of(record) -> int:
    """OPEN, PIN, DESTROYED or WIPING."""
    return record[5]


def limit_of(record) -> int | None:
    """How many wrong PINs destroy the key; None if they never do."""
    return record[6] or None


def lock_code_of(record) -> int:
    """What the record has for lock_after_s()."""
    return record[7]


def lock_after_s(code: int) -> int | None:
    """How many seconds after it went dark a token with a PIN locks; None if it does not."""
    if code > _SECONDS_LAST:
        return None if code == NEVER_LOCKS else (code - 119) * 60
    return code - 1 if code else LOCK_AFTER_S


def rounds_of(record) -> int:
    """Rounds of PBKDF2."""
    return struct.unpack_from(">I", record, 12)[0]


def salt_of(record) -> bytes:
    """The salt."""
    return bytes(record[SALT_AT:KEY_AT])


def body(state: int, limit: int | None, generation: int, key=None, lock_code=0) -> bytearray:
    """A record without PIN and without its CRC; `key` is the data key of an open one."""
    made = bytearray(BODY_BYTES)
    struct.pack_into(_HEAD, made, 0, _MAGIC, _VERSION, state, limit or 0, lock_code, generation, 0)
    if key is not None:
        made[KEY_AT:TAG_AT] = key
    return made


def open_key(record) -> bytearray:
    """The data key of an open record."""
    return bytearray(memoryview(record)[KEY_AT:TAG_AT])  # a slice would be one more copy


def blank(buffer: bytearray) -> None:
    """Overwrite a buffer with zeros."""
    for index in range(len(buffer)):
        buffer[index] = 0
