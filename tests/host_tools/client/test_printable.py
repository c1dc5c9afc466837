"""Which characters of strangers a terminal gets to see, up to the bounds of each range."""

import pytest

from host_tools.client.printable import printable


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (0x034F, 0x034F),
        (0x115F, 0x1160),
        (0x17B4, 0x17B5),
        (0x180B, 0x180F),
        (0x2800, 0x2800),
        (0x3164, 0x3164),
        (0xFE00, 0xFE0F),
        (0xFFA0, 0xFFA0),
    ],
)
def test_a_range_of_what_is_not_drawn_is_written_out_and_its_neighbours_are_not(first, last):
    for point in (first, last):
        assert printable(f"a{chr(point)}b") == f"a\\u{point:04x}b"
    for point in (first - 1, last + 1):
        if chr(point).isprintable():
            assert printable(chr(point)) == chr(point)


def test_a_character_beyond_the_first_plane_has_eight_digits():
    assert printable("\uffff") == "\\uffff"
    assert printable("\U0001ffff") == "\\U0001ffff"
    for point in (0xE0100, 0xE01EF):
        assert printable(chr(point)) == f"\\U{point:08x}"
    assert printable("\U0001f511\U00010000") == "\U0001f511\U00010000"


@pytest.mark.parametrize("text", ["\n", "\t", "a\n\tb", "\u00fc\n"])
def test_lines_and_tabs_stay_where_there_may_be_lines(text):
    assert printable(text, lines=True) == text
    escaped = text.replace("\n", "\\u000a").replace("\t", "\\u0009")
    assert printable(text) == escaped


@pytest.mark.parametrize("text", ["\r", "\x0b", "\x1b", "\u2028", "\x85"])
def test_other_ends_of_lines_are_always_written_out(text):
    assert printable(text, lines=True) == printable(text) == f"\\u{ord(text):04x}"


def test_plain_text_is_left_alone():
    assert printable("") == ""
    assert printable(" ~") == " ~"
    assert printable("\x7f") == "\\u007f"
