"""The page of the accounts by itself: which account, what is read of it, when it is forgotten."""

import pytest

from picototp.app.code_page import (
    NEXT_CODE_S,
    PERIODS_AT_ONCE,
    REST_MS,
    USED_MS,
)
from picototp.clock.states import NOT_SET, OK
from picototp.screens.text import MARK, SCROLL_PAUSE_MS, SCROLL_STEP_MS, name_overflow_px
from picototp.screens.values import BAR_WIDTH_PX, CodeScreen
from picototp.vault.account import Account
from picototp.vault.errors import VaultError
from picototp.vault.settings_file import BY_NAME, FIXED, RECENT
from tests.firmware.app.code_page_rig import BEGIN_S, made, named, screen
from tests.firmware.app.interface_rig import account as account_of
from tests.firmware.app.interface_rig import hotp_judge, judge

# --- which account -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recent", "name"), [(255, "a"), (0, "a"), (1, "b"), (2, "c"), (3, "c"), (254, "c")]
)
def test_it_begins_with_the_one_that_was_shown_last(recent, name):
    assert screen(made(*named(*"abc"), recent=(recent,)).page).name == name


@pytest.mark.parametrize(("step", "name"), [(1, "b"), (2, "c"), (3, "a"), (-1, "c"), (-2, "b")])
@pytest.mark.parametrize("order", [FIXED, RECENT, BY_NAME])
def test_steps_go_around(order, step, name):
    it = made(*named(*"abc"), order=order, recent=(0,))
    it.page.step(step, 10)
    assert screen(it.page).name == name


def test_a_step_from_beyond_the_end_is_one_from_the_last():
    it = made(*named(*"abc"), recent=(9,))
    it.page.step(-1, 10)
    assert screen(it.page).name == "b"


@pytest.mark.parametrize(("shown_ms", "noted"), [(USED_MS - 1, []), (USED_MS, [1])])
def test_an_account_that_was_shown_for_three_seconds_was_used(shown_ms, noted):
    it = made(*named(*"abc"), recent=(1,))
    it.page.begin(500)
    it.page.step(1, 500 + shown_ms)
    assert it.settings.noted == noted
    it.page.step(1, 500 + shown_ms + USED_MS - 1)
    assert it.settings.noted == noted


def test_without_accounts_there_is_nothing_to_go_to_or_to_note():
    it = made()
    it.page.step(1, USED_MS)
    it.page.ends()
    assert it.settings.noted == []
    assert screen(it.page, state=OK).title == "No accounts yet"
    assert it.page.show_hotp_code() is False


def test_in_the_dark_the_account_counts_as_shown_however_short():
    it = made(*named(*"abc"), recent=(1,))
    it.page.ends()
    it.page.go_to(7)  # it was removed meanwhile
    it.page.ends()
    assert it.settings.noted == [1, 2]


def test_the_order_of_what_was_shown_last_stays_until_the_dark():
    it = made(*named(*"abcd"), order=RECENT, recent=(2,))
    for now_ms, name in ((USED_MS, "a"), (2 * USED_MS, "b"), (3 * USED_MS, "d")):
        it.page.step(1, now_ms)
        assert screen(it.page).name == name
    assert it.settings.noted == [2, 0, 1]
    it.page.ends()
    it.page.step(1, 3 * USED_MS)
    assert screen(it.page).name == "b"


def test_the_order_by_name_is_found_out_once_for_all_accounts_that_there_are():
    it = made(*named(*"bca"), order=BY_NAME, recent=(0,))
    for name in "cab":
        it.page.step(1, 10)
        assert screen(it.page).name == name
    it.page.ends()
    it.page.step(1, 10)
    assert it.vault.all_names_read == 1
    it.vault.generation += 1
    it.page.step(1, 10)
    assert it.vault.all_names_read == 2
    it.settings.order = RECENT
    it.page.step(1, 10)
    assert (it.vault.all_names_read, screen(it.page).name) == (2, "b")


def test_an_hotp_code_leaves_the_order_as_it_is():
    it = made(*named("b"), account_of("counter", kind="hotp", counter=7), order=BY_NAME)
    it.page.step(1, 10)
    assert it.page.show_hotp_code() is True
    it.page.step(1, 20)
    assert it.vault.all_names_read == 1
    it.settings.order = RECENT
    it.page.step(1, 30)
    assert it.page.show_hotp_code() is True
    it.settings.recent = bytes([0, 1]).ljust(16, b"\xff")
    it.page.step(1, 40)
    assert screen(it.page).name == "b"


# --- accounts that pass by ---------------------------------------------------------------------


def test_what_passes_by_is_a_name_until_it_rests():
    it = made(*named("a"), account_of("alice"), *named("c"))
    it.page.step(1, 1_000, passing=True)
    passing = CodeScreen("Example", "alice", b"", b"", 0, -1, 2, 3, "", 0, 2)
    assert screen(it.page, shift_px=2) == passing
    assert it.vault.read == []
    assert it.page.comes_to_rest(1_000 + REST_MS - 1) is False
    assert screen(it.page, shift_px=2) == passing
    assert it.page.comes_to_rest(1_000 + REST_MS) is True
    assert it.page.comes_to_rest(1_000 + REST_MS) is False
    assert screen(it.page).code == judge("alice", BEGIN_S)


def test_what_does_not_pass_by_has_its_code_at_once_and_comes_to_no_rest():
    it = made(*named("a"), account_of("alice"))
    assert it.page.comes_to_rest(0) is False
    it.page.step(1, 1_000)
    assert screen(it.page).code == judge("alice", BEGIN_S)
    assert it.page.comes_to_rest(9_000) is False


@pytest.mark.parametrize("stop", [lambda page: page.forget(), lambda page: page.step(1, 1_010)])
def test_what_is_shown_instead_does_not_pass_by(stop):
    it = made(*named("a", "b"))
    it.page.step(1, 1_000, passing=True)
    stop(it.page)
    assert screen(it.page).code
    assert it.page.comes_to_rest(9_000) is False


# --- what is read and kept ---------------------------------------------------------------------


def test_an_account_is_read_once_and_its_secret_is_not_kept():
    it = made(account_of("alice"), *named("b"))
    for into_s in (0, 29, 31, 100):
        screen(it.page, into_us=into_s * 1_000_000)
    assert it.vault.read == [0]
    assert it.vault.given.secret == b""
    it.vault.generation += 1
    screen(it.page)
    assert it.vault.read == [0, 0]
    it.page.go_to(1)
    assert screen(it.page).name == "b"
    assert it.vault.read == [0, 0, 1]


@pytest.mark.parametrize("how", ["forget", "step", "another"])
def test_what_was_computed_of_it_is_wiped(how):
    it = made(account_of("alice"), *named("b"))
    screen(it.page)
    generator = it.page._generator
    assert any(generator.states) and it.page._codes
    if how == "another":
        it.vault.generation += 1
        it.vault.error = VaultError("storage", "flash")
        screen(it.page)
    else:
        it.page.forget() if how == "forget" else it.page.step(1, 10)
    assert not any(generator.states)
    assert (it.page._generator, it.page._codes, it.page._account) == (None, {}, None)


def test_no_more_than_two_codes_are_kept_and_each_is_computed_once(monkeypatch):
    it = made(account_of("alice"))
    screen(it.page)
    computed = []
    code = it.page._generator.code
    monkeypatch.setattr(
        it.page._generator, "code", lambda counter: computed.append(counter) or code(counter)
    )
    for into_s in [*range(30), *range(30, 120, 5)]:
        it_shows = screen(it.page, into_us=into_s * 1_000_000)
        assert it_shows.code == judge("alice", BEGIN_S + into_s)
        assert len(it.page._codes) <= 2
    assert computed == [BEGIN_S // 30 + number for number in range(1, 5)]


def test_names_that_the_font_has_not_are_shown_as_the_host_said():
    it = made(Account("\u0e2dx", "\u0e01y", b"k" * 20, issuer_ascii="Ox", name_ascii="Gy"))
    for passing in (True, False):
        it.page.step(1, 1_000, passing)
        assert screen(it.page)[:2] == (f"{MARK}Ox", f"{MARK}Gy")


def test_an_account_that_cannot_be_read_is_told():
    it = made(account_of("alice"))
    it.vault.error = VaultError("storage", "the flash is worn")
    shown = screen(it.page, shift_px=1)
    assert (shown.title, shown.lines, shown.hint) == (
        "No code",
        ("the flash is worn",),
        "hold = menu",
    )
    assert shown.shift_px == 1


# --- HOTP --------------------------------------------------------------------------------------


def test_an_hotp_code_is_shown_once_and_needs_no_clock():
    it = made(account_of("counter", kind="hotp", counter=7), *named("b"))
    waiting = screen(it.page, state=NOT_SET, shift_px=1)
    assert waiting == CodeScreen(
        "Example", "counter", b"", b"", 0, -1, 1, 2, "hold = new code", 0, 1
    )
    assert it.page.show_hotp_code() is True
    shown = screen(it.page, state=NOT_SET, shift_px=1)
    assert shown == waiting._replace(code=hotp_judge(7), clock_line="counter 7")
    assert it.page.show_hotp_code() is False
    assert screen(it.page) == shown._replace(shift_px=0)
    it.page.step(2, 10)
    assert screen(it.page).code == b""
    assert it.page.show_hotp_code() is True
    assert screen(it.page).code == hotp_judge(8)


def test_a_totp_account_has_no_code_to_wait_for():
    it = made(account_of("alice"))
    assert it.page.show_hotp_code() is False
    assert screen(it.page, state=NOT_SET).title == "Clock not set"


# --- TOTP --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("period_s", "into_us", "seconds_left", "has_next"),
    [
        (30, 0, 30, False),
        (30, 999_999, 30, False),
        (30, 1_000_000, 29, False),
        (30, 24_999_999, NEXT_CODE_S + 1, False),
        (30, 25_000_000, NEXT_CODE_S, True),
        (30, 29_999_999, 1, True),
        (60, 55_000_000, NEXT_CODE_S, True),
        (NEXT_CODE_S, 4_000_000, 1, False),
        (NEXT_CODE_S + 1, 5_000_000, 1, True),
    ],
)
def test_how_much_of_a_period_is_left(period_s, into_us, seconds_left, has_next):
    it = made(*named("a"), account_of("alice", period_s=period_s), recent=(1,))
    shown = screen(it.page, into_us=into_us, shift_px=2)
    assert shown.seconds_left == seconds_left
    assert shown.bar_px == BAR_WIDTH_PX * seconds_left // period_s
    assert (shown.position, shown.total, shown.shift_px) == (2, 2, 2)
    later = screen(it.page, into_us=into_us + period_s * 1_000_000)
    assert shown.next_code == (later.code if has_next else b"")
    assert shown.clock_line == "set 60 min ago ±0.03 s"


# --- names that scroll -------------------------------------------------------------------------


def test_a_long_name_scrolls_from_when_it_appeared():
    name = "maria.magdalena@example.com"
    it = made(*named(name, "b"))
    assert it.page.animating is False
    it.page.begin(7_000)
    begins_ms = 7_000 + SCROLL_PAUSE_MS
    round_ms = name_overflow_px(name) * SCROLL_STEP_MS
    scrolls = {0: 0, SCROLL_STEP_MS - 1: 0, SCROLL_STEP_MS: 1, 600: 10, round_ms - 1: None}
    for after_ms, px in scrolls.items():
        px = name_overflow_px(name) - 1 if px is None else px
        assert screen(it.page, begins_ms + after_ms).scroll_px == px
    assert screen(it.page, begins_ms + round_ms).scroll_px == 0
    assert it.page.animating is True
    it.page.step(2, 20_000)
    assert it.page.animating is False  # it has not been read
    assert screen(it.page, 20_000 + SCROLL_PAUSE_MS + 600).scroll_px == 10
    it.page.step(1, 30_000)
    screen(it.page, 30_000)
    assert it.page.animating is False


# --- the shortest period -----------------------------------------------------------------------


def test_periods_are_looked_at_a_few_in_each_turn_and_once():
    it = made(*named(*map(str, range(2 * PERIODS_AT_ONCE + 1))))
    it.vault.periods = {0: 60, PERIODS_AT_ONCE: 30, 2 * PERIODS_AT_ONCE: 45}
    seen = []
    for _ in range(5):
        seen.append(it.page.shortest_period_s)
        it.page.prepare()
    assert seen == [None, 60, 30, 30, 30]
    firsts = (0, PERIODS_AT_ONCE, 2 * PERIODS_AT_ONCE)
    assert it.vault.asked == [(0, first, PERIODS_AT_ONCE) for first in firsts]


def test_accounts_that_fill_the_turns_are_looked_at_once():
    it = made(*named(*map(str, range(PERIODS_AT_ONCE))))
    it.page.prepare()
    it.page.prepare()
    assert len(it.vault.asked) == 1


def test_after_a_change_they_are_looked_at_anew():
    it = made(*named(*map(str, range(PERIODS_AT_ONCE + 1))))
    it.vault.periods = {0: 30, PERIODS_AT_ONCE: 60}
    it.page.prepare()
    it.vault.generation += 1
    it.vault.periods = {0: 90, PERIODS_AT_ONCE: 60}
    seen = []
    for _ in range(3):
        it.page.prepare()
        seen.append(it.page.shortest_period_s)
    assert seen == [90, 60, 60]
    firsts = [(0, 0), (1, 0), (1, PERIODS_AT_ONCE)]
    assert [each[:2] for each in it.vault.asked] == firsts


@pytest.mark.parametrize("nothing", [None, VaultError("storage", "the flash is worn")])
@pytest.mark.parametrize("place", [0, PERIODS_AT_ONCE])
def test_some_without_a_period_or_that_cannot_be_read_change_nothing(place, nothing):
    it = made(*named(*map(str, range(2 * PERIODS_AT_ONCE))))
    it.vault.periods = {0: 30, PERIODS_AT_ONCE: 30, place: nothing}
    for _ in range(3):
        it.page.prepare()
    assert it.page.shortest_period_s == 30
    assert len(it.vault.asked) == 2
