"""What the token remembers of the last setting of its clock, kept in flash.

Two files, each of whose presence is one fact:
  clock.set      the last setting: Unix seconds (u32, big-endian), how well true time was known
                 then in microseconds (u32), and the CRC-32 of these eight bytes
  clock.setting  there while a setting is under way: found at power-up, the RTC holds anything
"""

import binascii
import struct

SET_FILE = "clock.set"
UNDER_WAY_FILE = "clock.setting"

# The DS3231's accuracy from 0 to 40 C, until the token's own drift is known (data sheet, page 1).
DATA_SHEET_PPM = 2


class SettingRecord:
    """Reads and writes the record. `storage` is the board's; begin() and finish() raise its
    OSError, and what cannot be read is taken for no record."""

    def __init__(self, storage):
        self._storage = storage
        self.interrupted = storage.exists(UNDER_WAY_FILE)
        self.set_unix_s, self.set_uncertainty_us = self._load()  # 0: never, or not known

    def begin(self) -> None:
        """A setting starts."""
        self._write(UNDER_WAY_FILE, b"")

    def abandon(self) -> None:
        """It was given up before the RTC was touched."""
        if self.interrupted:
            return
        try:
            self._storage.remove(UNDER_WAY_FILE)
        except OSError:
            self.interrupted = True  # the mark stays, so it counts

    def finish(self, unix_s: int, uncertainty_us: int) -> None:
        """The RTC was set to `unix_s`, which was known that well, and runs."""
        body = struct.pack(">II", unix_s, min(uncertainty_us, 0xFFFFFFFF))
        self._write(SET_FILE, body + struct.pack(">I", binascii.crc32(body) & 0xFFFFFFFF))
        self._storage.remove(UNDER_WAY_FILE)
        self.interrupted = False
        self.set_unix_s, self.set_uncertainty_us = unix_s, uncertainty_us

    def error_bound_s(self, now_unix_s: int) -> float | None:
        """How far the RTC can be off now, in seconds: what the setting left and what drift adds.

        None if it is not known when it was set.
        """
        if not 0 < self.set_unix_s <= now_unix_s:
            return None
        drift_s = (now_unix_s - self.set_unix_s) * DATA_SHEET_PPM / 1e6
        return self.set_uncertainty_us / 1e6 + drift_s

    def _load(self) -> tuple:
        """(Unix seconds, uncertainty in microseconds); zeros if there is no sound record."""
        try:
            file = self._storage.open_read(SET_FILE)
            try:
                data = file.read(13)
            finally:
                file.close()
        except OSError:
            return 0, 0
        if len(data) != 12:
            return 0, 0
        unix_s, uncertainty_us, crc = struct.unpack(">III", data)
        if binascii.crc32(data[:8]) & 0xFFFFFFFF != crc:
            return 0, 0
        return unix_s, uncertainty_us

    def _write(self, name: str, data: bytes) -> None:
        file = self._storage.open_write(name)
        try:
            file.write(data)
        finally:
            file.close()
