"""Times and time spans in words: what people read, and that it fits the display."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from picototp.app import messages
from picototp.clock import time_text
from picototp.screens.text import LINE_PX, text_width_px


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (119, "119 s"),
        (120, "2 min"),
        (7199, "119 min"),
        (7200, "2 h"),
        (172_799, "47 h"),
        (172_800, "2 d"),
        (86_400 * 400, "400 d"),
    ],
)
def test_age(seconds, text):
    assert time_text.age(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "±0.01 s"),
        (0.0149, "±0.02 s"),
        (0.98, "±0.99 s"),
        (0.989, "±0.99 s"),
        (0.99, "±1.0 s"),
        (1.04, "±1.1 s"),
        (9.89, "±9.9 s"),
        (9.95, "±10 s"),
        (62.4, "±63 s"),
    ],
)
def test_error_bound(seconds, text):
    assert time_text.error_bound(seconds) == text


@given(st.floats(0, 5000))
def test_an_error_bound_never_promises_too_much(seconds):
    said = Fraction(time_text.error_bound(seconds)[1:-2])
    assert Fraction(seconds) <= said <= Fraction(seconds) * Fraction(11, 10) + Fraction(11, 10)


@pytest.mark.parametrize(
    ("step_us", "text"),
    [
        (0, "moves 0 ms ahead"),
        (812_999, "moves 812 ms ahead"),
        (-812_999, "moves 812 ms back"),
        (9_999_999, "moves 9999 ms ahead"),
        (10_000_000, "moves 10 s ahead"),
        (-3 * 86_400_000_000, "moves 3 d back"),
    ],
)
def test_step(step_us, text):
    assert time_text.step(step_us) == text


def test_utc_and_minute():
    assert time_text.utc(1_795_442_709) == ("2026-11-23", "14:05:09")
    assert time_text.minute(1_795_442_709) == "2026-11-23 14:05"
    assert time_text.minute(946_684_800) == "2000-01-01 00:00"


def test_two_times_are_told_apart():
    first_s = 1_795_442_709
    midnight_s = 1_795_478_400
    assert time_text.change(first_s, first_s + 1) == ("14:05:09 UTC", "14:05:10 UTC")
    assert time_text.change(first_s, midnight_s - 1) == ("14:05:09 UTC", "23:59:59 UTC")
    assert time_text.change(first_s, midnight_s) == ("2026-11-23 14:05", "2026-11-24 00:00")
    assert time_text.change(first_s, first_s - 61) == ("14:05:09 UTC", "14:04:08 UTC")


class _Record:
    def __init__(self, bound_s, jump_s=0):
        self.set_unix_s = 0
        self.jump_unix_s = self.jump_s = jump_s
        self._bound_s = bound_s

    def error_bound_s(self, unix_s):
        return self._bound_s


@pytest.mark.parametrize("age_s", [119, 59 * 60, 119 * 60, 47 * 3600, 999 * 86_400, 9999 * 86_400])
@pytest.mark.parametrize("bound_s", [0.02, 0.98, 9.8, 88.0, 888.0])
def test_the_clock_line_fits_the_display(age_s, bound_s):
    assert text_width_px(messages.clock_line(_Record(bound_s), age_s, 30)) <= LINE_PX


def test_the_clock_line_without_a_record():
    assert messages.clock_line(_Record(None), 5, 30) == "set: unknown"


@pytest.mark.parametrize(
    ("step_s", "text"),
    [
        (1, "moved 1 s ahead"),
        (-1, "moved 1 s back"),
        (3 * 86_400, "moved 3 d ahead"),
        (-7200, "moved 2 h back"),
    ],
)
def test_moved(step_s, text):
    assert time_text.moved(step_s) == text


@pytest.mark.parametrize("jump_s", [3, -3, 119, 59 * 60, 47 * 3600, 27_000 * 86_400, -(2**31)])
def test_the_mark_of_a_jump_fits_the_display(jump_s):
    line = messages.clock_line(_Record(0.02, jump_s), 5, 30)
    assert line.startswith("! moved") and text_width_px(line) <= LINE_PX
