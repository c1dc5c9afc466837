"""Files that a token wrote stay readable, whatever firmware reads them: bytes that were committed
once, of the clock's record and its log, and of the count of wrong PINs.

Those of the accounts and their key: tests/firmware/vault/test_format.py. A file here is never
changed; a new format gets one more.
"""

from pathlib import Path

import pytest

from open_vault import HandClock
from picototp.clock.log import CONFIRMED, LOG_FILE, REFUSED, SMALL, TRIMMED, ClockLog, Entry
from picototp.clock.record import SET_FILE, ClockRecord
from picototp.vault.tries import FILE_NAMES, Tries
from workbench import MemoryStorage

VECTORS = Path(__file__).resolve().parents[1] / "vectors"
UNIX_S = 1_795_442_709
SET_ONCE = {
    "set_unix_s": UNIX_S,
    "set_uncertainty_us": 1500,
    "confirmed_unix_s": UNIX_S,
    "floor_unix_s": UNIX_S,
    "moved_us": 0,
    "settings": 1,
    "refused": 0,
    "aging": None,
    "drift_ppb": None,
    "drift_uncertainty_ppb": None,
    "drift_counts": True,
    "jump_unix_s": 0,
    "jump_s": 0,
}
MUCH = {
    "set_unix_s": UNIX_S,
    "set_uncertainty_us": 1500,
    "confirmed_unix_s": UNIX_S - 86_400,
    "floor_unix_s": UNIX_S + 3,
    "moved_us": 12_345,
    "settings": 17,
    "refused": 2,
    "aging": -11,
    "drift_ppb": -1_234,
    "drift_uncertainty_ppb": 56,
    "drift_counts": True,
    "jump_unix_s": UNIX_S - 5,
    "jump_s": 31_536_000,
}
RECORDS = {
    "set_v1": SET_ONCE,
    "set_v2": MUCH,
    "set_v2_told": {**MUCH, "aging": None, "drift_counts": False},
}


def stored(*files):
    storage = MemoryStorage()
    for name, vector in files:
        storage.files[name] = bytes.fromhex((VECTORS / vector).read_text())
    return storage


@pytest.mark.parametrize("name", RECORDS)
def test_records_of_the_clock(name):
    storage = stored((SET_FILE, f"clock/{name}.hex"))
    record = ClockRecord(storage)
    assert {field: getattr(record, field) for field in RECORDS[name]} == RECORDS[name]
    assert not record.interrupted
    record.save()
    assert vars(ClockRecord(storage)) == vars(record), "it goes on in the format of today"


def test_the_log_of_the_clock():
    assert ClockLog(stored((LOG_FILE, "clock/log_v1.hex"))).entries() == [
        Entry(CONFIRMED, UNIX_S, None, 1500, 0, 21.25),
        Entry(SMALL, UNIX_S + 9, -12_345, 800, -3, -10.0),
        Entry(REFUSED, UNIX_S + 90, 10**9, 0, -3, None),
        Entry(TRIMMED, UNIX_S + 99, 0, 0, 5, 0.0),
    ]


@pytest.mark.parametrize("name", FILE_NAMES)
def test_the_count_of_wrong_pins(name):
    tries = Tries(stored((name, "vault/tries_v1.hex")), HandClock())
    tries.load()
    assert (tries.failures, tries.too_new) == (3, False)


def test_every_committed_file_is_read_by_a_test():
    read = Path(__file__).read_text() + (Path(__file__).parent / "vault/test_format.py").read_text()
    names = [path.name for folder in ("clock", "vault") for path in (VECTORS / folder).iterdir()]
    assert [
        name for name in names if name not in read and name.removesuffix(".hex") not in read
    ] == []
