"""Measuring, cutting and wrapping of text, and the glyphs behind it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from picototp.screens import (
    cyrillic_font,
    digits_font,
    greek_font,
    latin1_font,
    latin_a_font,
    text_font,
)
from picototp.screens.text import (
    LINE_PX,
    MARK,
    NAME_GAP_PX,
    columns,
    fit,
    is_exact,
    name_overflow_px,
    text_width_px,
    wrap,
)

ASCII = "".join(map(chr, range(0x20, 0x7F)))
LATIN1 = "".join(map(chr, range(0xC0, 0x100)))
LATIN_A = "".join(chr(code) for code in range(0x100, 0x180) if chr(code) not in "ĲĳĸĿŀŉſ")
GREEK = "ΆΈΉΊΌΎΏΐ" + "".join(chr(code) for code in range(0x391, 0x3CF) if code != 0x3A2)
CYRILLIC = "".join(map(chr, range(0x400, 0x460))) + "ҐґҒғҚқҢңҮүҰұҺһӘәӨө"
PUNCTUATION = "±…°←→▲¡¿«»£¥§·€–—‘’“”„•ȘșȚț"
BOX = columns("\u4e16")
# Where two scripts have one shape, the display has it too.
TWINS = """
    AΑА BΒВ CС EΕЕ HΗН IΙІ JЈ KΚК MΜМ NΝ OΟО PΡР SЅ TΤТ XΧХ YΥҮ ZΖ aа cс eе hһ iі jј oοо pр sѕ xх yу
    ÁΆ ÈЀ ÉΈ ËЁ ÍΊ ÏΪЇ ÐĐ ÓΌ ÝΎ èѐ ëё ïї óό ŸΫ 3З ΓГ ΘӨ ΠП ΦФ κк
"""


@pytest.mark.parametrize("chars", [ASCII, LATIN1, LATIN_A, GREEK, CYRILLIC, PUNCTUATION])
def test_every_promised_character_has_a_glyph_of_its_own(chars: str) -> None:
    assert len({columns(char) for char in chars}) == len(chars)
    assert BOX not in {columns(char) for char in chars}
    assert all(is_exact(char) for char in chars if char != " ")


def test_only_letters_of_the_same_shape_are_drawn_alike() -> None:
    of_shape: dict[bytes, str] = {}
    for char in dict.fromkeys(ASCII + LATIN1 + LATIN_A + GREEK + CYRILLIC + PUNCTUATION):
        of_shape[columns(char)] = of_shape.get(columns(char), "") + char
    assert sorted(chars for chars in of_shape.values() if len(chars) > 1) == sorted(TWINS.split())


def test_glyph_tables_are_whole() -> None:
    fonts = (latin1_font, latin_a_font, greek_font, cyrillic_font)
    assert len(text_font.GLYPHS) == (0x7F - 0x20 + len(text_font.EXTRAS) + 1) * 8
    for glyphs in (text_font.GLYPHS, *(font.GLYPHS for font in fonts)):
        assert len(glyphs) % 8 == 0
        for at in range(0, len(glyphs), 8):
            width_px = glyphs[at]
            assert width_px <= 7
            assert not any(glyphs[at + 1 + width_px : at + 8])
    assert all(text_font.GLYPHS[::8])


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


SHOWN_AS = [("\u2010", "-"), ("\u00a0", " "), ("\u3000", " "), ("\u201a", ","), ("ſ", "s")]


@pytest.mark.parametrize(("char", "shown"), SHOWN_AS)
def test_what_is_shown_as_something_else_is_not_exact(char: str, shown: str) -> None:
    assert columns(char) == columns(shown)
    assert not is_exact(f"a{char}b")


@pytest.mark.parametrize("char", ["世", "😀", "\x00", "\x7f", "\x80", "¼", "ﬁ", "ạ", "\u200b", "Ԩ"])
def test_unknown_characters_are_a_box(char: str) -> None:
    assert columns(char) == BOX
    assert not is_exact(f"a{char}b")


@pytest.mark.parametrize("name", [" bob", "bob ", "b  ob", f"{MARK}bob", "bo\u0301b", "\u00a0bob"])
def test_a_name_with_what_cannot_be_seen_is_not_exact(name: str) -> None:
    assert not is_exact(name)


@given(st.text(max_size=70))
def test_an_exact_text_has_no_box(text: str) -> None:
    if is_exact(text):
        assert all(columns(char) != BOX for char in text)


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
