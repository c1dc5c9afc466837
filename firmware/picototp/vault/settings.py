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

from picototp.vault.record_pair import FilePair

RECENT = 1
SAVE_EVERY_MS = 600_000
SAVE_AFTER_MS = 3_000  # in the dark: a press must not wait for the flash

NOBODY = b"\xff" * 16
_AT_FIRST = b"\0\0\0\0\0\0\x32\0\0\0\0\0\x1e" + NOBODY


def files(storage) -> FilePair:
    """The two files, loaded."""
    pair = FilePair(storage, ("settings.0", "settings.1"), b"PTST", 1, 33, _is_sound)
    pair.load()
    return pair


def _is_sound(record) -> bool:
    return record[5] < 3 and 0 < record[6] <= 100 and record[7] < 2 and 10 <= record[12] <= 120


class Settings:
    """`order`, `brightness` (per cent), `upside_down`, `dark_after_s`, and `recent`: the positions
    of the accounts that were shown last, the latest first, padded with 255."""

    def __init__(self, storage):
        self.storage = storage
        record = files(storage).record or _AT_FIRST
        self.order, self.brightness, self.upside_down = record[5], record[6], record[7] == 1
        self.dark_after_s = record[12]
        self.recent = bytes(record[13:29])
        self.changed = False
        self._saved_ms = -SAVE_EVERY_MS

    def note(self, index: int) -> None:
        """The account at that position is shown now."""
        if self.recent[0] != index:
            place = bytes((index,))
            self.recent = (place + self.recent.replace(place, b"") + b"\xff")[:16]
            self.changed = True

    def save_in_time(self, dark_for_ms: int, now_ms: int) -> None:
        """To be called in every turn in the dark: see above. A flash that fails is asked again as
        seldom."""
        in_time = dark_for_ms >= SAVE_AFTER_MS and now_ms - self._saved_ms >= SAVE_EVERY_MS
        if self.changed and in_time:
            self._saved_ms = now_ms
            try:
                self.save()
            except OSError:
                pass

    def save(self) -> None:
        """Write them. Raises the storage's OSError."""
        from picototp.vault import settings_file

        settings_file.save(self, files(self.storage))
