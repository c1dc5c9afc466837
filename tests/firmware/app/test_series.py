"""What several clicks mean, to the millisecond; test_gestures.py has them from a hand."""

import pytest

from picototp.app.gestures import DOUBLE_MS, Series

PACES = [(100, DOUBLE_MS), (200, DOUBLE_MS), (202, 303), (DOUBLE_MS, 450)]  # gap, and the pause


class Clicks:
    """Clicks that last no time, in a series; `step` is how far the last one led."""

    def __init__(self, *gaps_ms):
        self.series = Series()
        self.now_ms = 1000
        self.steps = []
        self.click()
        for gap_ms in gaps_ms:
            self.click(gap_ms)

    def click(self, gap_ms=0):
        """Where the press and the release lead, each."""
        self.now_ms += gap_ms
        step = self.series.press(self.now_ms), self.series.click(self.now_ms)
        self.steps.append(step)
        return step

    def after(self, pause_ms):
        return self.series.pause(self.now_ms + pause_ms)


@pytest.mark.parametrize(("gap_ms", "pause_ms"), PACES)
def test_a_pair_is_one_once_its_pause_has_passed(gap_ms, pause_ms):
    clicks = Clicks(gap_ms)
    assert clicks.steps == [(0, 1), (0, 0)]
    assert clicks.after(pause_ms) == 0
    assert clicks.after(pause_ms + 1) == -2
    assert clicks.after(pause_ms + 2) == 0


@pytest.mark.parametrize(("gap_ms", "pause_ms"), PACES)
def test_a_third_click_belongs_to_two_up_to_the_end_of_their_pause(gap_ms, pause_ms):
    assert Clicks(gap_ms).click(pause_ms) == (1, 1)
    assert Clicks(gap_ms).click(pause_ms + 1) == (-2, 1)


def test_a_gap_too_long_for_a_pair():
    clicks = Clicks(DOUBLE_MS + 1)
    assert clicks.steps == [(0, 1), (0, 1)]
    assert clicks.after(10_000) == 0


@pytest.mark.parametrize(("gap_ms", "pause_ms"), PACES)
def test_more_than_two_clicks_go_on_until_a_pause(gap_ms, pause_ms):
    """Two more clicks are no pair if the hand made no pause before them."""
    clicks = Clicks(gap_ms, gap_ms)
    assert clicks.click(pause_ms) == clicks.click(gap_ms) == clicks.click(gap_ms) == (0, 1)
    assert clicks.after(10_000) == 0
    clicks = Clicks(gap_ms, gap_ms)
    assert clicks.click(pause_ms + 1) == (0, 1)
    assert clicks.click(gap_ms) == (0, 0)
    assert clicks.after(10_000) == -2


def test_two_clicks_at_the_pace_of_the_one_before_them_are_no_pair():
    slow_ms = DOUBLE_MS + 1  # a pause for a gap of up to 200 ms
    assert Clicks(slow_ms).click(200) == (0, 0)
    assert Clicks(slow_ms).click(201) == (0, 1)


def test_a_gap_before_an_earlier_pair_says_nothing_of_a_later_one():
    clicks = Clicks(400, 90)
    assert clicks.after(1000) == -2
    clicks.now_ms += 2000
    assert (clicks.click(), clicks.click(280)) == ((0, 1), (0, 0))  # 400 is no pause at this pace


def test_a_pair_is_no_click_before_the_next_one():
    clicks = Clicks(90)
    assert clicks.click(DOUBLE_MS + 1) == (-2, 1)
    assert clicks.click(201) == (0, 0)


def test_the_first_click_goes_on_however_early_it_comes():
    series = Series()
    for now_ms in (100, 200):  # of which the second is the first again
        assert (series.press(now_ms), series.click(now_ms)) == (0, 1)
        series.forget()


def test_it_goes_on_from_the_third_press():
    clicks = Clicks()
    assert not clicks.series.goes_on
    clicks.click(90)
    assert not clicks.series.goes_on
    clicks.series.press(clicks.now_ms + 90)
    assert clicks.series.goes_on
    clicks.series.forget()
    assert not clicks.series.goes_on
