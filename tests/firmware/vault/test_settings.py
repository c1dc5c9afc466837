"""What is kept of the display: which records are believed, when one is written, and what it is."""

import struct
import zlib

import pytest

from picototp.vault.settings import NOBODY, SAVE_AFTER_MS, SAVE_EVERY_MS, Settings
from tests.firmware.vault.vault_flash_model import FlashModel

FIELDS = ("order", "brightness", "upside_down", "dark_after_s")
AT_FIRST = (0, 50, False, 30)
# Neither the first ones nor their neighbours, so that one that is believed shows.
OTHERS = {"order": 1, "brightness": 70, "upside_down": 1, "dark_after_s": 90}


def record(**changes):
    """A file by the description in settings.py."""
    fields = {"magic": b"PTST", "version": 1, **OTHERS, "generation": 9, "recent": NOBODY}
    fields |= changes
    body = struct.pack(
        ">4sBBBBIB16s",
        *(fields[name] for name in ("magic", "version", *FIELDS[:3], "generation")),
        fields["dark_after_s"],
        fields["recent"],
    )
    return body + struct.pack(">I", zlib.crc32(body))


def read(**changes):
    settings = Settings(FlashModel({"settings.0": record(**changes)}))
    return tuple(getattr(settings, name) for name in FIELDS)


@pytest.mark.parametrize(
    ("field", "believed", "not_believed"),
    [
        ("order", (0, 1, 2), (3, 255)),
        ("brightness", (1, 2, 99, 100), (0, 101, 255)),
        ("upside_down", (0, 1), (2, 255)),
        ("dark_after_s", (10, 11, 119, 120), (0, 9, 121, 255)),
        ("version", (), (0, 2)),
        ("magic", (), (b"PTSU",)),
    ],
)
def test_each_field_of_a_record_is_believed_within_its_limits(field, believed, not_believed):
    for value in believed:
        expected = {**OTHERS, field: value}
        assert read(**{field: value}) == tuple(expected.values()), value
    for value in not_believed:
        assert read(**{field: value}) == AT_FIRST, value


def test_a_record_of_another_length_is_not_believed():
    for data in (record()[:-5], record()[:-4] + b"\0"):
        data += struct.pack(">I", zlib.crc32(data))
        assert Settings(FlashModel({"settings.0": data})).brightness == 50


def test_without_a_record_nothing_is_chosen_and_nothing_written():
    flash = FlashModel()
    settings = Settings(flash)
    assert tuple(getattr(settings, name) for name in FIELDS) == AT_FIRST
    assert (settings.recent, settings.changed, flash.files) == (NOBODY, False, {})


def test_what_is_saved_is_the_documented_record():
    flash = FlashModel({"settings.0": record()})
    settings = Settings(flash)
    settings.order, settings.brightness, settings.upside_down = 2, 100, False
    settings.dark_after_s = 120
    settings.note(7)
    assert settings.changed is True
    settings.save()
    assert settings.changed is False
    chosen = {"order": 2, "brightness": 100, "upside_down": 0, "dark_after_s": 120}
    recent = b"\x07" + b"\xff" * 15
    assert flash.files["settings.1"] == record(**chosen, generation=10, recent=recent)
    assert flash.files["settings.0"] == record(), "a power cut would have left it"
    assert Settings(flash).recent == recent


def test_the_account_shown_last_comes_first_and_nobody_stands_there_twice():
    settings = Settings(FlashModel())
    for index in range(20):
        settings.note(index)
    assert settings.recent == bytes(range(19, 3, -1))
    settings.note(10)
    assert settings.recent == bytes([10, *(i for i in range(19, 3, -1) if i != 10)])


def test_the_same_account_again_is_no_change():
    settings = Settings(FlashModel())
    settings.note(4)
    settings.save()
    settings.note(4)
    assert settings.changed is False and settings.recent[:2] == b"\x04\xff"


def noted(flash):
    settings = Settings(flash)
    settings.note(4)
    return settings


def test_it_is_saved_once_the_display_was_dark_for_long_enough():
    """At power-up at once: no earlier write is known."""
    flash = FlashModel()
    settings = noted(flash)
    settings.save_in_time(SAVE_AFTER_MS - 1, 0)
    assert not flash.files
    settings.save_in_time(SAVE_AFTER_MS, 0)
    assert Settings(flash).recent[0] == 4


def test_it_is_saved_again_no_earlier_than_ten_minutes_later():
    flash = FlashModel()
    settings = noted(flash)
    settings.save_in_time(SAVE_AFTER_MS, 5000)
    settings.note(5)
    settings.save_in_time(SAVE_AFTER_MS, 5000 + SAVE_EVERY_MS - 1)
    assert Settings(flash).recent[0] == 4
    settings.save_in_time(SAVE_AFTER_MS, 5000 + SAVE_EVERY_MS)
    assert Settings(flash).recent[0] == 5


def test_what_has_not_changed_is_not_saved():
    flash = FlashModel()
    Settings(flash).save_in_time(SAVE_AFTER_MS, SAVE_EVERY_MS)
    assert flash.steps == 0


def test_a_flash_that_fails_is_asked_again_ten_minutes_later():
    flash = FlashModel(room_bytes=0)
    settings = noted(flash)
    settings.save_in_time(SAVE_AFTER_MS, 0)
    assert settings.changed is True
    flash.room_bytes = None
    settings.save_in_time(SAVE_AFTER_MS, SAVE_EVERY_MS - 1)
    assert Settings(flash).recent[0] != 4
    settings.save_in_time(SAVE_AFTER_MS, SAVE_EVERY_MS)
    assert Settings(flash).recent[0] == 4
