"""What the user chose for the display, and which accounts were shown last: kept in flash.

Two files, "settings.0" and "settings.1", which record_pair.py writes in turn. Big-endian:

    offset  size  field
    0       4     magic "PTST"
    4       1     version: 1
    5       1     order of the accounts: 0 fixed, 1 recent, 2 name
    6       1     brightness in per cent, 1 to 100
    7       1     bit 0: upside down
    8       4     generation
    12      1     seconds until the display goes dark, 10 to 120
    13      16    positions of the accounts that were shown last, the latest first; 255: none
    29      4     CRC-32

Without a sound file everything is as it was at first. There is no secret in it, but it says which
places of the list are used. What the user chose is written at once. Which account was shown last is
written when the display has been dark for a while, if it is another one, and at most once in
SAVE_EVERY_MS: 144 times a day. littlefs puts 16 such records or so into a block before it erases
it, and spreads the blocks; a flash that takes 100,000 erases of each outlives that by decades.
"""

import struct

from picototp.vault.record_pair import FilePair

FIXED, RECENT, BY_NAME = range(3)
ORDERS = ("fixed", "recent", "name")
SAVE_EVERY_MS = 600_000
SAVE_AFTER_MS = 3_000  # in the dark: a press must not wait for the flash
BRIGHTNESS = range(1, 101)
DARK_AFTER_S = range(10, 121)

_FORMAT = ">4sBBBBIB16s"
_MAGIC = b"PTST"
_NONE = 255
_NOBODY = b"\xff" * 16


def _is_sound(record) -> bool:
    return (
        record[5] < len(ORDERS)
        and record[6] in BRIGHTNESS
        and record[7] < 2
        and record[12] in DARK_AFTER_S
    )


class Settings:
    """`order`, `brightness` (per cent), `upside_down`, `dark_after_s`, and the accounts shown last,
    by position. save() raises the storage's OSError."""

    def __init__(self, storage):
        names = ("settings.0", "settings.1")
        self._files = FilePair(storage, names, _MAGIC, 1, struct.calcsize(_FORMAT) + 4, _is_sound)
        self._files.load()
        record = self._files.record or b"\0\0\0\0\0\0\x32\0\0\0\0\0\x1e" + _NOBODY
        self.order, self.brightness, self.upside_down = record[5], record[6], record[7] == 1
        self.dark_after_s = record[12]
        self._recent = bytes(record[13:29])
        self._saved_ms = -SAVE_EVERY_MS
        self._changed = False

    @property
    def last(self) -> int:
        """The account that was shown last; 0 if none is known."""
        return self._recent[0] % _NONE

    @property
    def recent(self) -> bytes:
        """Those that were shown last, the latest first."""
        return self._recent.rstrip(b"\xff")

    def note(self, index: int) -> None:
        """This one is shown now."""
        if index < _NONE and self._recent[0] != index:
            before = self._recent.replace(bytes((index,)), b"")
            self._recent = (bytes((index,)) + before + b"\xff")[:16]
            self._changed = True

    def forget(self) -> None:
        """The positions of the accounts are others now."""
        if self._recent != _NOBODY:
            self._recent = _NOBODY
            self._changed = True

    def save_what_was_shown(self, dark_for_ms: int, now_ms: int) -> None:
        """To be called in every turn in the dark: see above. A flash that fails is asked again as
        seldom."""
        due = dark_for_ms >= SAVE_AFTER_MS and now_ms - self._saved_ms >= SAVE_EVERY_MS
        if self._changed and due:
            self._saved_ms = now_ms
            try:
                self.save()
            except OSError:
                pass

    def save(self) -> None:
        """Write them."""
        fields = self.order, self.brightness, int(self.upside_down)
        generation = self._files.next_generation()
        self._files.write(
            struct.pack(_FORMAT, _MAGIC, 1, *fields, generation, self.dark_after_s, self._recent)
        )
        self._changed = False
