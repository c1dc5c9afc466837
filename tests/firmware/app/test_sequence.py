"""In which order clicks go through the accounts, and how names are compared for that."""

import unicodedata
from types import SimpleNamespace

import pytest

from picototp.app.sequence import KEY_BYTES, by_name, key, label, wanted
from picototp.screens.text import MARK
from picototp.vault.settings_file import BY_NAME, RECENT


class Names:
    """The accounts of a vault: their names alone."""

    def __init__(self, *names):
        self._names = [("", name, "", "") for name in names]

    def __len__(self):
        return len(self._names)

    def each_names(self, visit):
        for names in self._names:
            if not visit(names):
                return


@pytest.mark.parametrize(
    ("recent", "order"),
    [
        ([], [0, 1, 2, 3]),
        ([0], [0, 1, 2, 3]),
        ([3], [3, 0, 1, 2]),
        ([2, 0, 3, 1], [2, 0, 3, 1]),
        ([4, 2, 254], [2, 0, 1, 3]),  # there were more accounts
    ],
)
def test_what_was_shown_last_comes_first_and_the_rest_as_it_is_in_the_list(recent, order):
    chosen = SimpleNamespace(order=RECENT, recent=bytes(recent).ljust(16, b"\xff"))
    assert list(wanted(Names(*"dbca"), chosen)) == order


def test_by_name_it_does_not_matter_what_was_shown():
    chosen = SimpleNamespace(order=BY_NAME, recent=bytes([2]).ljust(16, b"\xff"))
    assert list(wanted(Names(*"dbca"), chosen)) == [3, 1, 2, 0]


@pytest.mark.parametrize(
    ("names", "order", "shared"),
    [
        ((), [], []),
        (("only",), [0], [0]),
        (("same", "same"), [0, 1], [0, 4]),
        (("ab", "a", "abc"), [1, 0, 2], [0, 1, 2]),  # what is shorter comes first
        (("a!", "a", "a~"), [1, 0, 2], [0, 1, 1]),
        (("x", "Same", "sAME", "y"), [1, 2, 0, 3], [0, 4, 0, 0]),
    ],
)
def test_the_order_and_what_neighbours_have_in_common(names, order, shared):
    assert [list(each) for each in by_name(Names(*names))] == [order, shared]


@pytest.mark.parametrize(
    ("differ_at", "order", "shared"),
    [(KEY_BYTES - 1, [1, 0], KEY_BYTES - 1), (KEY_BYTES, [0, 1], KEY_BYTES)],
)
def test_so_much_of_a_name_is_compared(differ_at, order, shared):
    names = ("n" * differ_at + "b", "n" * differ_at + "a")
    assert [list(each) for each in by_name(Names(*names))] == [order, [0, shared]]


@pytest.mark.parametrize(
    ("names", "line"),
    [
        (("Example", "alice", "", ""), "Example: alice"),
        (("", "alice", "", ""), "alice"),
        (("Exāmple\u200b", "\u0e2d", "Example", "o"), f"{MARK}Example: {MARK}o"),
        (("", "\u0e2d", "", ""), f"{MARK}\u0e2d"),
    ],
)
def test_an_account_is_shown_in_a_line_as_on_its_own_page(names, line):
    assert label(names) == line


def compared_as(char):
    """What a character counts as, by Python's tables."""
    point = ord(char)
    if 0x391 <= point <= 0x3A9 or 0x400 <= point <= 0x42F:
        return char.lower() if char.lower() != char else chr(point + 0x20)  # U+03A2 is nothing
    return char


def folded(name):
    """The key of a name, without the mark of those that the font does not have whole."""
    return key(("", name, "", "")).removeprefix(MARK.encode())


@pytest.mark.parametrize("around", [("", ""), ("x", ""), ("", "x"), ("中", "é"), ("я", "🔑")])
def test_letters_of_two_bytes_are_compared_as_they_should(around):
    before, after = around
    for point in [*range(0x80, 0xC0), *range(0x180, 0x800)]:
        counts_as = folded(before) + compared_as(chr(point)).encode() + folded(after)
        assert folded(before + chr(point) + after) == counts_as, hex(point)


def test_letters_with_accents_are_compared_as_those_without():
    found = 0
    for point in range(0xC0, 0x180):
        base = unicodedata.normalize("NFD", chr(point))[0]
        counts_as = folded(chr(point))
        assert len(counts_as) == 1
        if base.isascii():
            found += 1
            assert counts_as == base.lower().encode(), chr(point)
    assert found > 160
    others = [folded(letter) for letter in "ÆßøÐþĦŁœ÷×"]
    assert b"".join(others) == b"asodthlo/x"


@pytest.mark.parametrize("name", ["中国", "日本é", "🔑x", "x🔑Я", "กข", "\u07ff\u0800"])
def test_longer_characters_stay_as_they_are(name):
    lower = name.replace("é", "e").replace("Я", "я")
    assert folded(name) == lower.encode()


def test_only_capitals_of_ascii_become_small():
    text = "".join(map(chr, range(0x21, 0x7F)))
    assert folded(text) == text.lower().encode()


def test_no_name_at_all_is_no_key():
    assert key(("", "", "", "")) == b""
