"""Measuring, cutting and wrapping of text, and the glyphs behind it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from picototp.screens import digits_font, text_font
from picototp.screens.text import (
    LINE_PX,
    NAME_GAP_PX,
    columns,
    fit,
    glyph_number,
    name_overflow_px,
    text_width_px,
    wrap,
)

ASCII = "".join(map(chr, range(0x20, 0x7F)))
LATIN1 = "".join(map(chr, range(0xC0, 0x100)))
BOX = glyph_number("\u4e16")


def test_every_promised_character_has_a_glyph_of_its_own() -> None:
    chars = ASCII + LATIN1 + "±…°←→▲"
    assert len({columns(char) for char in chars}) == len(chars)
    assert BOX not in {glyph_number(char) for char in chars}


def test_glyph_table_is_whole() -> None:
    assert len(text_font.GLYPHS) == (BOX - 0x20 + 1) * 8
    for at in range(0, len(text_font.GLYPHS), 8):
        width_px = text_font.GLYPHS[at]
        assert 1 <= width_px <= 7
        assert not any(text_font.GLYPHS[at + 1 + width_px : at + 8])


def test_big_digits_are_whole_and_distinct() -> None:
    for font, width_px in (
        (digits_font.WIDE, digits_font.WIDE_PX),
        (digits_font.NARROW, digits_font.NARROW_PX),
    ):
        size = width_px * 4
        assert len(font) == 11 * size
        assert len({font[at : at + size] for at in range(0, len(font), size)}) == 11


def test_digits_are_all_of_one_width_so_that_counting_does_not_move_text() -> None:
    assert {text_width_px(digit) for digit in "0123456789"} == {5}


@pytest.mark.parametrize("code", range(0x100, 0x180))
def test_extended_letters_are_shown_as_their_base_letter(code: int) -> None:
    base = unicodedata.normalize("NFD", chr(code))[0]
    if base < "\x7f":
        assert glyph_number(chr(code)) == glyph_number(base)
    else:  # no decomposition: at least a letter
        assert chr(glyph_number(chr(code))).isalpha()


@pytest.mark.parametrize(("char", "shown"), [("’", "'"), ("“", '"'), ("–", "-"), ("\u00a0", " ")])
def test_typographic_characters_have_stand_ins(char: str, shown: str) -> None:
    assert glyph_number(char) == glyph_number(shown)


@pytest.mark.parametrize("char", ["世", "😀", "\x00", "\x7f", "\x80", "¿", "α", "ﬁ"])
def test_unknown_characters_are_a_box(char: str) -> None:
    assert glyph_number(char) == BOX


@given(st.text(max_size=70))
def test_width_is_that_of_the_bitmap(text: str) -> None:
    assert len(columns(text)) == text_width_px(text)


def test_widths() -> None:
    assert text_width_px("") == 0
    assert text_width_px("0") == 5
    assert text_width_px("00") == 11


def test_name_overflow() -> None:
    fits = "0" * 21
    assert text_width_px(fits) == 125
    assert name_overflow_px(fits) == 0
    assert name_overflow_px("") == 0
    assert name_overflow_px(fits + "0") == 131 + NAME_GAP_PX
    assert name_overflow_px(fits[:-1] + "@") == 127 + NAME_GAP_PX


@given(st.text(max_size=60), st.integers(20, LINE_PX))
def test_fit_fits_and_cuts_only_what_it_must(text: str, room_px: int) -> None:
    shown = fit(text, room_px)
    assert text_width_px(shown) <= room_px
    if text_width_px(text) <= room_px:
        assert shown == text
    else:
        assert shown.endswith("…")
        assert text.startswith(shown[:-1])
        one_more = text[: len(shown)]
        assert one_more[-1].isspace() or text_width_px(one_more + "…") > room_px


@given(st.text(st.sampled_from("abc iM\nü…"), max_size=120), st.integers(20, LINE_PX))
def test_wrap_keeps_every_character_and_every_line_fits(text: str, room_px: int) -> None:
    lines = wrap(text, room_px, 1000)
    assert all(text_width_px(line) <= room_px for line in lines)
    kept = "".join(lines).replace(" ", "")
    assert kept == text.replace(" ", "").replace("\n", "")


def test_wrap() -> None:
    assert wrap("one two") == ("one two",)
    assert wrap("") == ("",)
    assert wrap("a\nb") == ("a", "b")
    assert wrap("0000000000 0000000000 00") == ("0000000000 0000000000", "00")
    assert wrap("0" * 50) == ("0" * 21, "0" * 21, "0" * 8)


def test_wrap_cuts_what_does_not_fit_the_lines() -> None:
    lines = wrap("word " * 60, LINE_PX, 4)
    assert len(lines) == 4
    assert lines[3].endswith("…")
    assert text_width_px(lines[3]) <= LINE_PX
