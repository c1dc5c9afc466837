"""What a hand does with one bouncing button, and what several clicks mean."""

from hypothesis import given
from hypothesis import strategies as st

from host_tools.simulator.clock import ManualClock
from host_tools.simulator.devices.button import Button
from picototp.app.gestures import (
    CLICK,
    DEBOUNCE_MS,
    DOUBLE_MS,
    HOLD,
    HOLD_MS,
    PRESS,
    STALL_MS,
    Gestures,
    Series,
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
        self.series = Series()
        self.place = 0  # in a list that the clicks go through
        self.places = []  # each that was shown

    @property
    def now_ms(self):
        return self.clock.now_ns() // 1_000_000

    def sample(self):
        steps = [self.series.pause(self.now_ms)]
        for gesture in self.gestures.update(not self.button.level(), self.now_ms):
            self.seen.append(gesture)
            if gesture == HOLD:
                self.series.forget()
            else:
                act = self.series.press if gesture == PRESS else self.series.click
                steps.append(act(self.now_ms))
        for step in filter(None, steps):
            self.place += step
            self.places.append(self.place)

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


def test_a_click_and_then_a_hold():
    hand = Hand()
    assert hand.press(60, 60) + hand.press(1000, 60) == [PRESS, CLICK, PRESS, HOLD]
    assert hand.press(60) == [PRESS, CLICK]


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


def test_an_edge_counts_from_the_end_of_the_bouncing_of_the_one_before():
    gestures = Gestures()
    assert gestures.update(True, 0) == (PRESS,)  # also in the first moment of all
    assert gestures.update(False, DEBOUNCE_MS - 1) == ()
    assert gestures.is_down
    assert gestures.update(False, DEBOUNCE_MS) == (CLICK,)
    assert gestures.update(True, 2 * DEBOUNCE_MS - 1) == ()
    assert gestures.update(True, 2 * DEBOUNCE_MS) == (PRESS,)


def test_samples_count_as_one_hold_up_to_the_time_of_a_stall():
    gestures = Gestures()
    gestures.update(True, 1000)
    gestures.update(True, 1000 + STALL_MS)
    assert gestures.held_ms(1000 + STALL_MS) == STALL_MS
    gestures.update(True, 1000 + 2 * STALL_MS + 1)
    assert gestures.held_ms(1000 + 2 * STALL_MS + 1) == 0


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
    assert set(seen[1::2]) <= {CLICK, HOLD}
    assert gestures.update(True, now_ms + 1000) == (PRESS,)
    assert gestures.update(False, now_ms + 1100) == (CLICK,)


# --- several clicks ----------------------------------------------------------------------------

# What neither a person nor the token can tell apart lies between these: two clicks, or a pair.
SURELY_QUICK_MS, SURELY_SLOW_MS = DOUBLE_MS - 40, DOUBLE_MS + 40
fractions = st.floats(0.35, 0.65)


def clicks(hand, down_ms, gaps_ms):
    """One click more than there are gaps; then the hand rests. Where that led."""
    for gap_ms in gaps_ms:
        hand.press(down_ms, gap_ms)
    hand.press(down_ms, 1500)
    return hand.place


@given(st.integers(60, 600), fractions, bounces, seeds, loops, st.integers(1, 12))
def test_clicks_at_every_pace_go_on_by_their_number_and_two_go_back(
    pace_ms, fraction, bounce_ms, seed, loop_ms, count
):
    hand = Hand(bounce_ms, seed, loop_ms)
    down_ms = max(30, round(pace_ms * fraction))
    gap_ms = pace_ms - down_ms if pace_ms - down_ms >= 30 else 30
    place = clicks(hand, down_ms, [gap_ms] * (count - 1))
    if count != 2:
        assert place == count
    elif gap_ms <= SURELY_QUICK_MS:
        assert place == -1
    elif gap_ms >= SURELY_SLOW_MS:
        assert place == 2
    else:
        assert place in (-1, 2)
    assert hand.places[0] == 1  # the first click goes on at once
    if count != 2:
        assert hand.places == sorted(hand.places)  # and nothing else comes up on the way


@given(
    st.lists(st.floats(0.85, 1.15), min_size=2, max_size=11),
    st.integers(60, 500),
    bounces,
    seeds,
)
def test_an_uneven_hand_goes_on_by_the_number_of_its_clicks(unevenness, gap_ms, bounce_ms, seed):
    hand = Hand(bounce_ms, seed)
    gaps_ms = [round(gap_ms * each) for each in unevenness]
    assert clicks(hand, 60, gaps_ms) == len(gaps_ms) + 1
    assert hand.places == sorted(hand.places)


@given(st.integers(40, SURELY_QUICK_MS), st.integers(1, 5), bounces, seeds)
def test_pairs_with_pauses_between_go_back_by_their_number(gap_ms, pairs, bounce_ms, seed):
    hand = Hand(bounce_ms, seed)
    for _ in range(pairs):
        hand.press(60, gap_ms)
        hand.press(60, max(DOUBLE_MS, gap_ms * 3 // 2) + 60)
    assert hand.place == -pairs


def test_who_went_too_far_goes_back_by_a_pair():
    hand = Hand()
    assert clicks(hand, 60, [90, 90, 90, 600, 90]) == 3
    assert clicks(hand, 60, [600, 600, 90]) == 3 + 2 - 1


def test_after_two_clicks_nothing_moves_until_it_is_known_what_they_meant():
    hand = Hand()
    hand.press(60, 90)
    hand.press(60, DOUBLE_MS - 20)
    assert hand.places == [1]
    hand.wait(60)
    assert hand.places == [1, -1]


def test_a_third_press_says_that_the_two_went_on():
    hand = Hand()
    hand.press(60, 90)
    hand.press(60, 90)
    hand.button.down = True
    hand.wait(60)
    assert hand.places == [1, 2]
    hand.wait(HOLD_MS)
    assert hand.taken()[-1] == HOLD
    hand.button.down = False
    hand.wait(1000)
    assert hand.places == [1, 2]


def test_two_slow_clicks_go_on_by_two():
    assert clicks(Hand(), 60, [SURELY_SLOW_MS]) == 2


def test_a_stall_between_two_clicks_and_the_next_press_ends_the_pair():
    series = Series()
    assert (series.press(0), series.click(60)) == (0, 1)
    assert (series.press(150), series.click(210)) == (0, 0)
    assert (series.press(2000), series.click(2060)) == (-2, 1)
