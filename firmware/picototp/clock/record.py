"""What the token remembers of its clock, kept in flash.

Two files, each of whose presence is one fact:
  clock.set      the record: the fields of _FORMAT in their order, then their CRC-32; big-endian
  clock.setting  exists while a setting is under way: found at power-up, the RTC may hold any time

Version 1 of the record, which can still be read, had twelve bytes: the last setting, its
uncertainty, CRC-32.
"""

import binascii
import struct

from picototp.clock import calendar

SET_FILE = "clock.set"
UNDER_WAY_FILE = "clock.setting"

# The DS3231's accuracy from 0 to 40 C, until the token's own drift is known (data sheet, page 1).
DATA_SHEET_PPB = 2_000
# A measured drift is not believed to stay closer than this: temperature and age move it.
DRIFT_FLOOR_PPB = 100
# A step of the aging register: "about 0.1 ppm at 25 C" (data sheet, "Aging Offset"), with room for
# other temperatures.
AGING_STEP_PPB = 120
# Bits of the byte beside the aging register.
_TRIMMED = 1
_DRIFT_ONLY_TOLD = 2

_VERSION = 2
_FORMAT = ">BIIIIIIIbBiIIi"
_UNKNOWN = 0xFFFFFFFF
_MOST = 0xFFFFFFFF
LONGEST_JUMP_S = 0x7FFFFFFF  # 68 years: more stands for that
_BYTES = struct.calcsize(_FORMAT) + 4


class ClockRecord:
    """Reads and writes the record; an unreadable record counts as none.

    Times are Unix seconds, 0 for never. Methods that write raise the storage's OSError.
      set_unix_s, set_uncertainty_us     the last setting, and the most by which it was off
      confirmed_unix_s                   the last setting that the user confirmed
      moved_us                           sum of all unconfirmed corrections since, either way
      floor_unix_s                       a time that has certainly passed
      settings, refused                  how often the clock was set, and how often that was refused
      aging                              the RTC's trimmed aging register; None: never trimmed
      drift_ppb, drift_uncertainty_ppb   the measured drift, positive if fast; None: not measured
      drift_counts                       whether it does for the bound: not if only a host tells it
      jump_unix_s, jump_s                when it was last moved further than drift explains, and by
                                         how much, negative if back; 0 once a later setting was
                                         confirmed
    """

    def __init__(self, storage):
        self._storage = storage
        self.interrupted = storage.exists(UNDER_WAY_FILE)
        self.set_unix_s = self.set_uncertainty_us = 0
        self.confirmed_unix_s = self.moved_us = self.floor_unix_s = 0
        self.settings = self.refused = 0
        self.aging: int | None = None
        self.drift_ppb: int | None = None
        self.drift_uncertainty_ppb: int | None = None
        self.drift_counts = True
        self.jump_unix_s = self.jump_s = 0
        self._load()

    # --- settings ----------------------------------------------------------------------------

    def begin(self) -> None:
        """Mark in flash that a setting has started."""
        self._write(UNDER_WAY_FILE, b"")

    def abandon(self) -> None:
        """Remove the mark: the RTC was not touched."""
        if self.interrupted:
            return
        try:
            self._storage.remove(UNDER_WAY_FILE)
        except OSError:
            self.interrupted = True  # the mark stays, so it counts

    def distrust(self) -> None:
        """Count the RTC as not set until it is set: it holds a time that nobody set."""
        self.interrupted = True
        try:
            self._write(UNDER_WAY_FILE, b"")
        except OSError:
            pass  # a flash that is full or broken: it counts until the power goes

    def note_setting(
        self, unix_s: int, uncertainty_us: int, moved_us: int, confirmed: bool
    ) -> None:
        """Record that the RTC was set to `unix_s`, known so well; that moved it by `moved_us` at
        most.

        How well is a host's word. Without the user's it makes no clock any better: what may be off
        before the setting may be off still, and by what the setting moved it.
        """
        if not confirmed and self.set_unix_s:
            uncertainty_us = self.bound_us(unix_s) + moved_us
        self.set_unix_s = self.floor_unix_s = unix_s
        self.set_uncertainty_us = min(uncertainty_us, _MOST)
        self.settings += 1
        if confirmed:
            self.confirmed_unix_s, self.moved_us = unix_s, 0
        else:
            self.moved_us = min(self.moved_us + moved_us, _MOST)
        self.save()

    def finish(self) -> None:
        """Remove the mark: the setting is complete and recorded."""
        self._storage.remove(UNDER_WAY_FILE)
        self.interrupted = False

    def save(self) -> None:
        """Write the record; littlefs keeps the old one until the new one is whole."""
        measured = self.drift_ppb is not None
        body = struct.pack(
            _FORMAT,
            _VERSION,
            self.set_unix_s,
            self.set_uncertainty_us,
            self.confirmed_unix_s,
            self.moved_us,
            self.floor_unix_s,
            self.settings,
            self.refused,
            self.aging or 0,
            self._flags(),
            self.drift_ppb or 0,
            self.drift_uncertainty_ppb if measured else _UNKNOWN,
            self.jump_unix_s,
            self.jump_s,
        )
        self._write(SET_FILE, body + struct.pack(">I", binascii.crc32(body) & _MOST))

    def _flags(self) -> int:
        only_told = self.drift_ppb is not None and not self.drift_counts
        return (0 if self.aging is None else _TRIMMED) | (_DRIFT_ONLY_TOLD if only_told else 0)

    # --- how far the clock can be trusted ----------------------------------------------------

    def rate_ppb(self) -> int:
        """How fast the RTC may drift either way, in parts per billion (1e-9)."""
        if self.drift_ppb is None or self.drift_uncertainty_ppb is None or not self.drift_counts:
            return DATA_SHEET_PPB + AGING_STEP_PPB * abs(self.aging or 0)
        return abs(self.drift_ppb) + max(self.drift_uncertainty_ppb, DRIFT_FLOOR_PPB)

    def error_bound_s(self, now_unix_s: int) -> float | None:
        """How far the RTC can be off now, in seconds: what the setting left and what drift adds.

        None if it is not known when it was set.
        """
        if not 0 < self.set_unix_s <= now_unix_s:
            return None
        drift_s = (now_unix_s - self.set_unix_s) * self.rate_ppb() / 1e9
        return self.set_uncertainty_us / 1e6 + drift_s

    def bound_us(self, now_unix_s: int) -> int:
        """The same in microseconds, for a clock that was set."""
        return (
            self.set_uncertainty_us + max(0, now_unix_s - self.set_unix_s) * self.rate_ppb() // 1000
        )

    def change_rate(self, aging: int, now_unix_s: int | None) -> None:
        """Record another value of the aging register. What is known of the drift is void, and
        what it may have been so far stays in the bound."""
        before_us = 0 if now_unix_s is None else self.bound_us(now_unix_s)
        self.aging = aging
        self.drift_ppb = self.drift_uncertainty_ppb = None
        if now_unix_s is not None and self.set_unix_s:
            lost_us = max(0, before_us - self.bound_us(now_unix_s))
            self.set_uncertainty_us = min(self.set_uncertainty_us + lost_us, _MOST)

    # --- the file ----------------------------------------------------------------------------

    def _load(self) -> None:
        data = self._read()
        if len(data) < 12 or len(data) > _BYTES:
            return
        body = data[:-4]
        if struct.unpack(">I", data[-4:])[0] != binascii.crc32(body) & _MOST:
            return
        if len(body) == 8 and _are_times(struct.unpack(">I", body[:4])):
            self.set_unix_s, self.set_uncertainty_us = struct.unpack(">II", body)
            self.confirmed_unix_s = self.floor_unix_s = self.set_unix_s
            self.settings = 1
        elif len(data) == _BYTES and body[0] == _VERSION:
            fields = struct.unpack(_FORMAT, body)
            if _are_times((fields[1], fields[3], fields[5], fields[12])):
                self._take(fields)

    def _take(self, fields: tuple) -> None:
        (
            _,
            self.set_unix_s,
            self.set_uncertainty_us,
            self.confirmed_unix_s,
            self.moved_us,
            self.floor_unix_s,
            self.settings,
            self.refused,
            aging,
            flags,
            drift_ppb,
            drift_uncertainty_ppb,
            self.jump_unix_s,
            self.jump_s,
        ) = fields
        self.aging = aging if flags & _TRIMMED else None
        self.drift_counts = not flags & _DRIFT_ONLY_TOLD
        if drift_uncertainty_ppb != _UNKNOWN:
            self.drift_ppb, self.drift_uncertainty_ppb = drift_ppb, drift_uncertainty_ppb

    def _read(self) -> bytes:
        try:
            file = self._storage.open_read(SET_FILE)
            try:
                return file.read(_BYTES + 1)
            finally:
                file.close()
        except OSError:
            return b""

    def _write(self, name: str, data: bytes) -> None:
        file = self._storage.open_write(name)
        try:
            file.write(data)
        finally:
            file.close()


def _are_times(all_unix_s: tuple) -> bool:
    """Whether each is "never" or a time that can be shown; no right checksum makes it one."""
    for unix_s in all_unix_s:
        if unix_s and not calendar.UNIX_2000 <= unix_s < calendar.UNIX_2100:
            return False
    return True
