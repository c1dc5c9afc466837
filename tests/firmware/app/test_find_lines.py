"""The pages of Find by themselves: what their lines say, how they run by, what is told."""

import pytest

from picototp.app import find_page
from picototp.app.find_page import (
    BACK,
    CAPACITY,
    LINES,
    MOST_PRESSES,
    RUN_AFTER_MS,
    RUN_EVERY_MS,
    FindPage,
    shared_out,
)
from picototp.vault.errors import VaultError

OPENED_MS = 1_000


class Names:
    """The accounts of a vault: their names alone. With `broken`, flash fails."""

    def __init__(self, names):
        self._names = [("", name, "", "") for name in names]
        self.broken = None

    def names(self, index):
        if self.broken is not None:
            raise self.broken
        return self._names[index]

    def each_names(self, visit):
        for index in range(len(self._names)):
            visit(self.names(index))


class Interface:
    """What it was told."""

    def __init__(self):
        self.told = []

    def show(self, now_ms, index):
        self.told.append(("show", now_ms, index))

    def notice(self, message, now_ms):
        self.told.append((message[0], " ".join(message[1]), message[2], now_ms))

    def open_menu(self):
        self.told.append("menu")


@pytest.fixture
def interface():
    return Interface()


def page_of(names, interface=None):
    return FindPage(interface, Names(names), OPENED_MS)


@pytest.fixture
def page(interface):
    """Of 30 accounts: more than fit on it."""
    return page_of([*(a + b for a in "ab" for b in "abcdefghijklmn"), "c", "d"], interface)


def looks(page):
    screen = page.screen(0)
    return screen.title, screen.items


# --- how the accounts are shared out -----------------------------------------------------------


@pytest.mark.parametrize("presses", range(1, MOST_PRESSES + 1))
def test_a_page_that_is_full_has_all_that_each_line_may_have(presses):
    lines = shared_out(0, CAPACITY[presses], presses, bytes(500))
    sizes = [end - first for first, end, _ in lines]
    assert sizes == [CAPACITY[presses - number - 1] for number in range(min(LINES, presses))]


@pytest.mark.parametrize("count", range(1, CAPACITY[MOST_PRESSES] + 1, 3))
def test_no_line_has_more_than_its_presses_tell_apart_and_none_has_nothing(count):
    at = 7
    for first, end, presses in shared_out(7, 7 + count, MOST_PRESSES, bytes(500)):
        assert first == at
        assert 1 <= end - first <= CAPACITY[presses]
        at = end
    assert at == 7 + count


@pytest.mark.parametrize(
    ("count", "presses", "lines"),
    [
        (4, 5, [(0, 1, 0), (1, 2, 0), (2, 3, 0), (3, 4, 0)]),
        (6, 10, [(0, 2, 4), (2, 3, 3), (3, 4, 2), (4, 5, 1), (5, 6, 0)]),
    ],
)
def test_few_accounts_take_no_more_presses_than_they_need(count, presses, lines):
    assert list(shared_out(0, count, presses, bytes(20))) == lines


@pytest.mark.parametrize(
    ("count", "early", "size"),
    [
        (34, (), 17),  # of 61 that fit on the page, the first line may have 31
        (34, (18,), 18),
        (34, (10,), 10),
        (34, (9,), 17),  # less than three fifths of 17
        (34, (26,), 26),
        (34, (27,), 17),  # more than half as much again, and one
        (34, (16, 18), 16),
        (34, (15, 18), 18),
        (50, (), 25),
        (50, (20,), 20),
        (50, (19,), 25),  # the others would not fit on the other lines
        (50, (31,), 31),
        (50, (32,), 25),  # more than the line may have
    ],
)
def test_a_line_ends_where_the_names_differ_early_if_that_is_near(count, early, size):
    shared = bytearray(b"\5" * 60)
    for place in early:
        shared[3 + place] = 4
    lines = shared_out(3, 3 + count, 7, shared)
    assert lines[0] == (3, 3 + size, 6)


def test_a_line_leaves_an_account_for_each_one_after_it_and_no_more():
    """Of eight: the first line may have four, the second, as the first has two, three."""
    shared = bytearray(b"\5" * 20)
    shared[3 + 2] = shared[3 + 5] = 4
    lines = shared_out(3, 3 + 8, 10, shared)
    assert [end - first for first, end, _ in lines] == [2, 3, 1, 1, 1]


def test_what_differs_earlier_goes_before_what_is_nearer():
    shared = bytearray(b"\5" * 35)
    shared[17], shared[12], shared[24] = 2, 1, 1
    assert shared_out(0, 34, 7, shared)[0] == (0, 12, 6)


# --- what a page says --------------------------------------------------------------------------


def test_an_account_alone_is_its_line():
    assert looks(page_of(["alice"])) == ("Find", ("alice", BACK))


@pytest.mark.parametrize(
    ("names", "first"),
    [
        ("abcdef", "a - b (2)"),
        (["Aa", "ab", *"cdef"], "a (2)"),  # both begin with what the line says
        (["aa", "ab", "ac", *"def"], "a - ab (2)"),  # not "a", as the next one is another line's
        (["äa", "áb", "àc", *"def"], "ä - áb (2)"),
        (["中a", "丁b", "七c", *"def"], "d - e (2)"),
    ],
)
def test_a_line_of_several_says_as_much_as_tells_them_from_their_neighbours(names, first):
    title, items = looks(page_of(names))
    assert (title, items[0], len(items)) == ("Find", first, LINES + 1)


def test_each_line_tells_how_many_it_leads_to():
    items = ("a - f (6)", "g - i (3)", "j", "k", "l", BACK)
    assert looks(page_of("abcdefghijkl")) == ("Find", items)


def test_the_last_account_of_all_has_no_neighbour_to_be_told_from():
    names = [*(a + b for a in "ab" for b in "abcdefghijklmn"), "c", "dx"]
    assert page_of(names).screen(0).items[-2:] == ("c - d (2)", BACK)


def test_a_line_of_several_says_at_least_a_letter_behind_what_is_in_the_title():
    """Though the first and the last of all accounts have no neighbour to be told from."""
    items = page_of([f"abcd{number}z" for number in range(1, 8)]).screen(0).items
    assert items[:2] == ("…1 - …3 (3)", "…4z")


def test_letters_that_begin_with_the_same_bytes_are_no_common_letters():
    """Those of the last letter differ only at its end. A mark counts as a letter."""
    assert looks(page_of(["ab中", "ab丮"]))[0] == "Find"
    assert looks(page_of(["abc中", "abc丮"]))[0] == "Find: ≈abc"


@pytest.mark.parametrize(
    ("prefix", "title", "begin"),
    [("abc", "Find", "abc"), ("abcd", "Find: abcd", "…"), ("äöüß", "Find: äöüß", "…")],
)
def test_what_all_names_begin_with_goes_into_the_title(prefix, title, begin):
    page = page_of([prefix + last for last in "123"])
    assert looks(page) == (title, (f"{begin}1", f"{begin}2", f"{begin}3", BACK))


def test_a_name_that_is_nothing_but_the_beginning_of_all_the_others():
    assert looks(page_of(["abcd", "abcde"])) == ("Find: abcd", ("…", "…e", BACK))


# --- running by --------------------------------------------------------------------------------


def test_lines_run_by_while_the_button_that_opened_the_page_stays_down(page):
    count = len(page.screen(0).items) - 1
    now_ms = OPENED_MS + RUN_AFTER_MS
    for number in [*range(1, count), 0, 1]:  # not the one that leads back
        assert page.run(True, now_ms - 1) is False
        assert page.run(True, now_ms) is True
        assert page.screen(0).selected == number
        now_ms += RUN_EVERY_MS


def test_letting_go_takes_the_line_that_is_reached_and_runs_no_more(page, interface):
    page.run(True, OPENED_MS + RUN_AFTER_MS)
    line = page.screen(0).items[1]
    assert page.run(False, 5_000) is True
    assert page.screen(0).items != line
    assert page.screen(0).selected == 0
    for now_ms in (5_000 + RUN_AFTER_MS, 9_000):
        assert page.run(True, now_ms) is False
    assert page.run(False, 9_001) is False
    assert page.screen(0).selected == 0
    assert interface.told == []


def test_a_button_that_was_up_since_the_page_opened_makes_nothing_run(page):
    assert page.run(False, OPENED_MS + 10) is False
    assert page.run(True, OPENED_MS + 5_000) is False
    assert page.screen(0).selected == 0


def test_a_page_that_opens_runs_as_late_as_the_first(page):
    page.hold(4_000)
    assert page.run(True, 4_000 + RUN_AFTER_MS - 1) is False
    assert page.run(True, 4_000 + RUN_AFTER_MS) is True


# --- what is taken -----------------------------------------------------------------------------


def test_an_account_is_shown_by_its_position_in_the_list(interface):
    page = page_of("dbca", interface)
    page.step(1)
    page.hold(77)
    assert interface.told == [("show", 77, 1)]
    page.step(1)
    page.hold(78)
    assert interface.told[1:] == [("show", 78, 2)]


def test_back_leads_to_the_page_before_and_then_to_the_menu(page, interface):
    first = looks(page)
    page.hold(2_000)
    assert looks(page) != first
    page.step(-1)
    page.hold(3_000)
    assert looks(page) == first
    assert page.screen(2).shift_px == 2
    page.step(-1)
    page.hold(4_000)
    assert interface.told == ["menu"]


def test_steps_go_around_with_the_line_back(page):
    count = len(page.screen(0).items)
    for step, selected in ((1, 1), (-2, count - 1), (1, 0), (count + 2, 2)):
        page.step(step)
        assert page.screen(0).selected == selected


def test_flash_that_fails_on_the_way_leads_to_the_account_and_is_told(interface):
    vault = Names([f"user {number}" for number in range(20)])
    page = FindPage(interface, vault, OPENED_MS)
    vault.broken = VaultError("storage", "the flash could not be read")
    page.hold(5)
    told = ("No code", "the flash could not be read", "click = back", 5)
    assert interface.told == [("show", 5, None), told]


@pytest.mark.parametrize(
    ("error", "title", "words"),
    [
        (VaultError("storage", "the flash is worn"), "No code", "the flash is worn"),
        (MemoryError(), "No memory", "Unplug the token and plug it in again."),
    ],
)
def test_a_page_that_cannot_be_made_is_told(interface, error, title, words):
    vault = Names("abcdef")
    vault.broken = error
    assert find_page.opened(interface, vault, 9) is None
    assert interface.told == [(title, words, "click = back", 9)]


def test_a_page_that_can_be_made_is_there(interface):
    assert find_page.opened(interface, Names("abcdef"), 9).screen(0).items[0] == "a - b (2)"
    assert interface.told == []
