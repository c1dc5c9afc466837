"""What a hand does with one bouncing button."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host_tools.simulator.clock import ManualClock
from host_tools.simulator.devices.button import Button
from picototp.app.gestures import (
    CLICK,
    DEBOUNCE_MS,
    DOUBLE,
    DOUBLE_MS,
    HOLD,
    HOLD_MS,
    PRESS,
    STALL_MS,
    Gestures,
)

LOOP_MS = 10


class Hand:
    """Presses the button model, which bounces, while a loop samples it."""

    def __init__(self, bounce_ms=0, seed=0, loop_ms=LOOP_MS):
        self.clock = ManualClock()
        self.button = Button(self.clock, bounce_ms=bounce_ms, seed=seed)
        self.gestures = Gestures()
        self.loop_ms = loop_ms
        self.seen = []

    @property
    def now_ms(self):
        return self.clock.now_ns() // 1_000_000

    def sample(self):
        self.seen += self.gestures.update(not self.button.level(), self.now_ms)

    def wait(self, duration_ms):
        end_ms = self.now_ms + duration_ms
        while self.now_ms < end_ms:
            self.sample()
            self.clock.elapse_ns(self.loop_ms * 1_000_000)

    def press(self, duration_ms, pause_ms=1000):
        self.button.down = True
        self.wait(duration_ms)
        self.button.down = False
        self.wait(pause_ms)
        return self.taken()

    def taken(self):
        seen, self.seen = self.seen, []
        return seen


bounces = st.integers(0, 20)
seeds = st.integers(0, 10**6)
short = st.integers(40, HOLD_MS - 30)
long = st.integers(HOLD_MS + 30, 5000)
apart = st.integers(DOUBLE_MS + 40, 3000)
near = st.integers(50, DOUBLE_MS - 40)
loops = st.sampled_from([1, 5, LOOP_MS])


@given(bounces, seeds, loops, st.lists(st.tuples(short, apart), min_size=1, max_size=4))
def test_clicks(bounce_ms, seed, loop_ms, presses):
    hand = Hand(bounce_ms, seed, loop_ms)
    for duration_ms, pause_ms in presses:
        assert hand.press(duration_ms, pause_ms) == [PRESS, CLICK]


@given(bounces, seeds, loops, st.lists(st.tuples(long, near), min_size=1, max_size=3))
def test_holds(bounce_ms, seed, loop_ms, presses):
    hand = Hand(bounce_ms, seed, loop_ms)
    for duration_ms, pause_ms in presses:
        assert hand.press(duration_ms, pause_ms) == [PRESS, HOLD]


@given(bounces, seeds, loops, near, short, short)
def test_double_click(bounce_ms, seed, loop_ms, gap_ms, first_ms, second_ms):
    hand = Hand(bounce_ms, seed, loop_ms)
    assert hand.press(first_ms, gap_ms) == [PRESS, CLICK]
    assert hand.press(second_ms) == [PRESS, DOUBLE]
    assert hand.press(100) == [PRESS, CLICK]


def test_three_quick_clicks_are_a_double_and_a_click():
    hand = Hand()
    assert hand.press(60, 60) + hand.press(60, 60) == [PRESS, CLICK, PRESS, DOUBLE]
    assert hand.press(60, 60) == [PRESS, CLICK]
    assert hand.press(60) == [PRESS, DOUBLE]


def test_a_click_and_then_a_hold():
    hand = Hand()
    assert hand.press(60, 60) + hand.press(1000, 60) == [PRESS, CLICK, PRESS, HOLD]
    assert hand.press(60) == [PRESS, CLICK]


@pytest.mark.parametrize(("up_ms", "gesture"), [(DOUBLE_MS, DOUBLE), (DOUBLE_MS + LOOP_MS, CLICK)])
def test_how_quick_a_double_click_is(up_ms, gesture):
    hand = Hand()
    hand.press(100, up_ms)
    assert hand.press(100) == [PRESS, gesture]


def test_the_press_is_seen_at_once_and_the_hold_on_time():
    hand = Hand()
    hand.wait(500)
    hand.button.down = True
    hand.sample()
    assert hand.taken() == [PRESS]
    began_ms = hand.now_ms
    while HOLD not in hand.seen:
        hand.wait(LOOP_MS)
    assert hand.now_ms - LOOP_MS - began_ms == HOLD_MS


def test_for_how_long_it_has_been_held():
    hand = Hand()
    hand.wait(100)
    assert hand.gestures.held_ms(hand.now_ms) == 0
    hand.button.down = True
    hand.wait(300)
    assert hand.gestures.held_ms(hand.now_ms) == 300
    hand.wait(HOLD_MS - 300)
    assert hand.gestures.held_ms(hand.now_ms) == HOLD_MS
    hand.wait(LOOP_MS)
    assert hand.taken() == [PRESS, HOLD]
    assert hand.gestures.held_ms(hand.now_ms) == 0
    hand.button.down = False
    hand.wait(50)
    assert hand.gestures.held_ms(hand.now_ms) == 0
    assert hand.taken() == []


def test_what_a_stalled_loop_did_not_see_is_no_hold():
    gestures = Gestures()
    assert gestures.update(True, 1000) == (PRESS,)
    assert gestures.update(True, 2000) == ()
    assert gestures.held_ms(2000) == 0
    assert gestures.update(False, 2100) == (CLICK,)


def test_a_hold_begins_anew_after_each_stall():
    hand = Hand()
    hand.button.down = True
    hand.wait(600)
    hand.clock.elapse_ns(2 * STALL_MS * 1_000_000)
    hand.sample()
    assert hand.gestures.held_ms(hand.now_ms) == 0
    hand.wait(HOLD_MS)
    assert hand.taken() == [PRESS]
    hand.wait(LOOP_MS)
    assert hand.taken() == [HOLD]
    assert hand.gestures.held
    hand.button.down = False
    hand.wait(50)
    assert not hand.gestures.held


def test_a_slow_loop_sees_a_hold():
    assert Hand(loop_ms=STALL_MS).press(1000) == [PRESS, HOLD]


def test_a_glitch_leaves_nothing_behind():
    """A spike that is sampled looks like a short press; it must not stay down."""
    hand = Hand()
    hand.wait(100)
    hand.seen += hand.gestures.update(True, hand.now_ms)
    hand.wait(2000)
    assert hand.taken() == [PRESS, CLICK]
    assert hand.gestures.held_ms(hand.now_ms) == 0
    assert hand.press(1000) == [PRESS, HOLD]


def test_a_contact_that_opens_for_a_moment_breaks_a_hold():
    hand = Hand()
    hand.wait(100)
    hand.button.down = True
    hand.wait(600)
    hand.seen += hand.gestures.update(False, hand.now_ms)
    hand.wait(600)
    assert HOLD not in hand.seen
    hand.wait(400)
    assert hand.taken() == [PRESS, CLICK, PRESS, HOLD]


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 400)), max_size=60))
def test_any_noise_makes_sense_and_ends(samples):
    """Press and its one outcome take turns, and a button that is up is up in the end."""
    gestures = Gestures()
    now_ms = 0
    seen = []
    for down, step_ms in samples:
        now_ms += step_ms
        seen += gestures.update(down, now_ms)
        assert gestures.held_ms(now_ms) >= 0
    now_ms += DEBOUNCE_MS
    seen += gestures.update(False, now_ms)
    assert gestures.held_ms(now_ms) == 0
    assert seen[::2] == [PRESS] * len(seen[::2])
    assert len(seen) % 2 == 0
    assert set(seen[1::2]) <= {CLICK, DOUBLE, HOLD}
    assert gestures.update(True, now_ms + 1000) == (PRESS,)
    assert gestures.update(False, now_ms + 1100) == (CLICK,)
