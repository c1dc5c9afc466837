"""The count of wrong PINs by itself: its files, its delays, its ends."""

import struct
import zlib

import pytest

from open_vault import HandClock
from picototp.vault.tries import DELAY_MAX_MS, FILE_NAMES, UNREADABLE, Tries, delay_ms
from tests.firmware.vault.vault_flash_model import FlashModel


def loaded(flash, clock=None):
    tries = Tries(flash, clock or HandClock())
    tries.load()
    return tries


def record(failures, generation=1, version=1):
    """By the description in tries.py."""
    body = struct.pack(">4sBBHI", b"PTTR", version, failures, 0, generation)
    return body + struct.pack(">I", zlib.crc32(body))


def test_without_files_nothing_is_charged_and_nothing_to_wait():
    tries = loaded(FlashModel())
    assert (tries.failures, tries.wait_ms(), tries.too_new) == (0, 0, False)


@pytest.mark.parametrize("failures", [0, 1, 2, 254, 255])
def test_a_record_is_read_and_the_next_charge_is_the_documented_record(failures):
    flash = FlashModel({"tries.0": record(failures, generation=7)})
    tries = loaded(flash)
    assert tries.failures == failures
    tries.charge()
    assert tries.failures == min(failures + 1, 255)
    assert flash.files["tries.1"] == record(min(failures + 1, 255), generation=8)


@pytest.mark.parametrize(
    "spoilt", [b"", b"junk", record(1)[:-1], record(1) + b"\0", b"PTTS" + record(1)[4:]]
)
def test_what_cannot_be_read_charges_some(spoilt):
    assert loaded(FlashModel({"tries.1": spoilt})).failures == UNREADABLE == 4


def test_a_newer_record_is_told():
    assert loaded(FlashModel({"tries.0": record(0, version=2)})).too_new


def test_a_reset_writes_where_there_is_a_charge_or_no_file():
    flash = FlashModel()
    tries = loaded(flash)
    tries.reset()
    assert flash.files == {"tries.0": record(0)}, "a sound file is there before the first charge"
    steps = flash.steps
    tries.reset()
    assert flash.steps == steps, "nothing to write"
    tries.charge()
    tries.reset()
    assert (tries.failures, loaded(flash).failures, tries.wait_ms()) == (0, 0, 0)


def test_after_removing_nothing_is_charged():
    flash = FlashModel({name: record(9) for name in FILE_NAMES})
    tries = loaded(flash)
    tries.remove()
    assert (tries.failures, flash.files) == (0, {})


def test_delays_double_up_to_an_hour():
    assert [delay_ms(failures) for failures in range(13)] == [0, *(1000 << n for n in range(12))]
    assert {delay_ms(failures) for failures in (13, 14, 100, 255)} == {DELAY_MAX_MS} == {3_600_000}


def test_the_delay_begins_with_the_load_the_charge_and_when_it_is_told_to():
    clock = HandClock()
    clock.us = 5_000_000
    flash = FlashModel({"tries.0": record(2)})
    tries = loaded(flash, clock)
    for begin, delay in ((lambda: None, 2000), (tries.charge, 4000), (tries.wait_anew, 4000)):
        begin()
        assert tries.wait_ms() == delay
        clock.us += 1_500_000
        assert tries.wait_ms() == delay - 1500
    clock.us += 10_000_000
    assert tries.wait_ms() == 0
