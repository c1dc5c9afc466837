"""What was measured of one token's clock, over months: a file of JSON lines that only grows.

One file a token, `clock/TOKEN.jsonl` in the user's data folder (or in $PICOTOTP_DATA). Each line is
one record with the format's version in "v"; it is written by a single call and reaches the disk
before the call returns, so two programs may append at once, and a torn line damages only itself.
"""

import json
import math
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from host_tools.client.data_folder import DATA_VARIABLE, data_folder
from host_tools.errors import ToolError

FORMAT_VERSION = 1
# "stated": this computer's clock, and the doubt of it is what its user says, not a measurement.
SOURCES = ("ntp", "host", "stated")
AGING_RANGE = range(-128, 128)  # the DS3231's register 0x10, a signed byte
_TOKEN_NAME = re.compile(r"[0-9A-Za-z_-]{1,64}")
_BINARY = getattr(os, "O_BINARY", 0)  # Windows would turn each "\n" into two characters


@dataclass(frozen=True)
class Measurement:
    """How far the clock was ahead of true time, when, and how well that is known (about 95 %).

    `unix_s` is true time. `after_set` says that the clock had just been set: a new free run begins.
    `set_unix_s` is the time that the token was last set to, as it says itself, 0 if it knows of no
    setting: it tells one setting from another. None in histories written by older versions.
    """

    unix_s: float
    error_s: float
    uncertainty_s: float
    after_set: bool
    aging: int
    temperature_c: float | None
    source: str  # one of SOURCES
    set_unix_s: int | None = None

    def check(self) -> None:
        """Raises ValueError for an impossible value."""
        _check_number("unix_s", self.unix_s)
        _check_number("error_s", self.error_s)
        _check_number("uncertainty_s", self.uncertainty_s)
        if self.uncertainty_s <= 0:
            raise ValueError("uncertainty_s is not positive")
        if not isinstance(self.after_set, bool):
            raise ValueError("after_set is neither true nor false")
        _check_aging("aging", self.aging)
        if self.temperature_c is not None:
            _check_number("temperature_c", self.temperature_c)
        if self.source not in SOURCES:
            raise ValueError(f"source is none of {', '.join(SOURCES)}")
        if self.set_unix_s is not None:
            _check_number("set_unix_s", self.set_unix_s)


@dataclass(frozen=True)
class Trim:
    """A change of the aging register, and the drift (95 % interval) that led to it.

    `undo` says that it took an earlier trim back, because that had made the drift worse; `ppm` is
    then the drift which that trim had led to.
    """

    unix_s: float
    aging_from: int
    aging_to: int
    ppm: float
    half_width_ppm: float
    undo: bool = False

    def check(self) -> None:
        """Raises ValueError for an impossible value."""
        _check_number("unix_s", self.unix_s)
        _check_aging("aging_from", self.aging_from)
        _check_aging("aging_to", self.aging_to)
        _check_number("ppm", self.ppm)
        _check_number("half_width_ppm", self.half_width_ppm)
        if self.half_width_ppm < 0:
            raise ValueError("half_width_ppm is negative")
        if not isinstance(self.undo, bool):
            raise ValueError("undo is neither true nor false")


Record = Measurement | Trim
_KINDS: dict[str, type[Measurement] | type[Trim]] = {"measurement": Measurement, "trim": Trim}


def measurements(records: Iterable[Record]) -> list[Measurement]:
    """The measurements alone, in their order."""
    return [record for record in records if isinstance(record, Measurement)]


def trims(records: Iterable[Record]) -> list[Trim]:
    """The trims alone, in their order."""
    return [record for record in records if isinstance(record, Trim)]


def as_json(record: Record) -> dict[str, Any]:
    """The fields of a record, with its kind."""
    kind = "measurement" if isinstance(record, Measurement) else "trim"
    return {"kind": kind, **asdict(record)}


def from_json(fields: Any) -> Record:
    """The record that `as_json` wrote; ValueError says what is wrong with it."""
    if not isinstance(fields, dict):
        raise ValueError("it is not a JSON object")
    values = dict(fields)
    version = values.pop("v", None)
    if version != FORMAT_VERSION:
        raise ValueError(f"its format is {version!r}, this program knows {FORMAT_VERSION}")
    kind = _KINDS.get(str(values.pop("kind", None)))
    if kind is None:
        raise ValueError("its kind is not known")
    try:
        record = kind(**values)
    except TypeError as error:
        raise ValueError("a field is missing, or there is one too many") from error
    record.check()
    return record


def _check_number(name: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(f"{name} is not a number")


def _check_aging(name: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value not in AGING_RANGE:
        raise ValueError(f"{name} is not a whole number from -128 to 127")


# --- files ---------------------------------------------------------------------------------------


def history_folder() -> Path:
    """Where the histories are, whether it exists or not."""
    return data_folder() / "clock"


def known_tokens() -> list[str]:
    """The tokens that have a history on this computer, sorted."""
    return sorted(
        path.stem for path in history_folder().glob("*.jsonl") if _TOKEN_NAME.fullmatch(path.stem)
    )


class ClockHistory:
    """The history of one token; its file comes into being with the first record.

    `warn` gets a line for each damaged line that `read` skips.
    """

    def __init__(self, token: str, warn: Callable[[str], None] = lambda line: None) -> None:
        if not _TOKEN_NAME.fullmatch(token):
            raise ToolError("the token's id cannot name a file; update its firmware")
        self.token = token
        self.path = history_folder() / f"{token}.jsonl"
        self._warn = warn

    def read(self) -> list[Record]:
        """All records in the order in which they were written; none if there is no file."""
        try:
            lines = self.path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise ToolError(f"cannot read {self.path}: {error.strerror}") from error
        found: list[Record] = []
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                found.append(from_json(json.loads(line)))
            except (ValueError, RecursionError) as error:  # also for what is not UTF-8
                reason = "it is not JSON" if _is_no_json(error) else str(error)
                self._warn(f"{self.path}, line {number}, was skipped: {reason}")
        return found

    def append(self, record: Record) -> None:
        """Write one record so that it survives a power cut; ToolError if that fails.

        ValueError for a record that `read` would not take.
        """
        record.check()
        line = json.dumps({"v": FORMAT_VERSION, **as_json(record)}).encode() + b"\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | _BINARY
            descriptor = os.open(self.path, flags, 0o600)
            try:
                data = _after_torn_line(descriptor) + line
                written = os.write(descriptor, data)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            reason = f"{error.strerror}; ${DATA_VARIABLE} can name another folder"
            raise ToolError(f"cannot write {self.path}: {reason}") from error
        if written < len(data):
            raise ToolError(f"cannot write {self.path}: the disk is full")


def _is_no_json(error: Exception) -> bool:
    return isinstance(error, (json.JSONDecodeError, UnicodeDecodeError, RecursionError))


def _after_torn_line(descriptor: int) -> bytes:
    """A newline if the file ends in half a line: the new record begins on a line of its own."""
    size = os.lseek(descriptor, 0, os.SEEK_END)
    if size == 0:
        return b""
    os.lseek(descriptor, -1, os.SEEK_END)
    return b"" if os.read(descriptor, 1) == b"\n" else b"\n"
