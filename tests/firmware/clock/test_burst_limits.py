"""How a rollover is caught: both sides of every limit of a burst, and of the looks before it."""

import itertools

import pytest

from picototp.clock.states import MISSING, ClockError
from tests.firmware.clock.by_hand import SECOND_US, START_US, ByHand, known
from workbench import NOW_UNIX_S

MINUTE_US = 60 * SECOND_US
COARSE_US = 40_000


# --- bursts --------------------------------------------------------------------------------------


def burst_begins(hands, us):
    hands.quick = iter([(1, ClockError(MISSING, "a burst began"))])
    hands.turn(us)
    return hands.quick_looks == 1


@pytest.mark.parametrize(
    ("ahead_us", "begins"), [(3_999, False), (4_000, True), (70_000, True), (70_001, False)]
)
def test_a_burst_that_is_wanted_begins_shortly_before_the_rollover(ahead_us, begins):
    hands = known()
    hands.keeper.want_rollover()
    assert burst_begins(hands, SECOND_US - 500 - ahead_us) == begins


@pytest.mark.parametrize(
    ("ahead_us", "begins"), [(3_999, False), (4_000, True), (20_000, True), (20_001, False)]
)
def test_a_burst_that_renews_does_not_hold_the_loop_up_as_long(ahead_us, begins):
    hands = known()
    assert burst_begins(hands, MINUTE_US + SECOND_US - 500 - ahead_us) == begins


@pytest.mark.parametrize(("since_us", "begins"), [(MINUTE_US - 1, False), (MINUTE_US, True)])
def test_a_burst_renews_after_a_minute(since_us, begins):
    assert burst_begins(known(began_us=-990_000), since_us) == begins


def in_burst(looks, second=0, wanted=True):
    """A burst that begins 10 ms before second `second` + 1 at the earliest, with these looks."""
    hands = known()
    hands.at(0, NOW_UNIX_S - NOW_UNIX_S % 60 + second)
    hands.keeper.anchor_at(hands.tells, START_US, 500)
    if wanted:
        hands.keeper.want_rollover()
    hands.quick = iter(looks)
    hands.turn(SECOND_US - 500 - 10_000, hands.tells)
    return hands


def test_the_rollover_is_in_the_middle_between_two_looks():
    hands = in_burst([(101, 0), (101, 0), (101, 0), (103, 1)])
    began_us = SECOND_US - 10_500
    assert hands.keeper.rollovers_seen == 1
    assert hands.keeper.uncertainty_us == (101 + 103) // 2 + 1
    edge_us = START_US + began_us + (202 + 406) // 2
    assert hands.keeper.next_edge_us(hands.us) == edge_us + SECOND_US
    assert hands.keeper.unix_us(edge_us) == (NOW_UNIX_S - NOW_UNIX_S % 60 + 1) * SECOND_US


def test_a_rollover_that_was_caught_is_wanted_no_longer():
    hands = in_burst([(101, 0), (102, 1)])
    assert hands.keeper.uncertainty_us == 203 // 2 + 1
    hands.at(1_200_000, hands.tells + 1)
    hands.keeper.check()
    assert hands.keeper.idle_us(hands.us) == SECOND_US


@pytest.mark.parametrize(
    ("second", "before", "after"),
    [(0, 0x00, 0x01), (8, 0x08, 0x09), (9, 0x09, 0x10), (58, 0x58, 0x59), (59, 0x59, 0x00)],
)
def test_the_register_counts_in_decimal_digits(second, before, after):
    hands = in_burst([(100, before), (100, after)], second)
    assert hands.keeper.rollovers_seen == 1
    hands = in_burst([(100, before), (100, after ^ 0x10)], second)
    assert hands.keeper.rollovers_seen == 0
    assert hands.keeper.uncertainty_us == 500_000  # it starts over


@pytest.mark.parametrize(("change", "caught"), [(3, True), (4, False)])
def test_a_burst_ends_8_ms_after_the_last_moment_at_which_the_rollover_may_come(change, caught):
    """That is 19 ms after its beginning here: the third look begins in that microsecond."""
    looks = [(18_999, 0), (1, 0), (1, 0), (1, 0)]
    looks[change - 1 :] = [(1, 1)]
    hands = in_burst(looks)
    assert hands.keeper.rollovers_seen == caught
    assert hands.keeper.uncertainty_us == (2 if caught else 500_000)
    assert hands.quick_looks == 3


def test_what_is_urgent_ends_a_burst_which_begins_again():
    hands = known()
    hands.keeper.want_rollover()
    urgent = [True]
    hands.keeper.yield_to(lambda: urgent[0])
    hands.quick = itertools.repeat((100, 0))
    hands.turn(SECOND_US - 20_000)
    assert hands.quick_looks == 2
    assert (hands.keeper.uncertainty_us, hands.keeper.rollovers_seen) == (500, 0)
    urgent[0] = False
    hands.quick = iter([(100, 0x09), (100, 0x10)])
    hands.turn(SECOND_US - 10_000)
    assert hands.keeper.rollovers_seen == 1


def test_a_clock_that_is_lost_in_a_burst_is_looked_at_a_second_later():
    hands = in_burst([(100, 0), (100, ClockError(MISSING, "nothing answers"))])
    began_us = SECOND_US - 10_500
    assert hands.keeper.state == MISSING
    assert hands.turn(began_us + SECOND_US - 1) == 0
    assert hands.turn(began_us + SECOND_US + 200) == 1


# --- narrowing down ------------------------------------------------------------------------------


def narrowing():
    """After one look, and one more in the main loop."""
    hands = ByHand()
    hands.keeper.start()
    hands.look_us = 500
    assert hands.turn(0) == 1
    return hands


def test_two_looks_with_a_rollover_between_them():
    hands = narrowing()
    hands.turn(10_001, NOW_UNIX_S + 1)
    assert hands.keeper.uncertainty_us == 10_501 // 2 + 1
    assert hands.keeper.unix_us(START_US + 10_501 // 2) == (NOW_UNIX_S + 1) * SECOND_US


def test_a_loop_that_was_held_up_keeps_looking():
    hands = narrowing()
    hands.turn(100_000, NOW_UNIX_S + 1)
    assert hands.keeper.uncertainty_us == 50_251
    hands.turn(110_000, NOW_UNIX_S + 2)  # from the look that was the later one before
    assert hands.keeper.uncertainty_us == 5_251


@pytest.mark.parametrize(("other_s", "uncertainty_us"), [(0, 500_000), (1, 5_251), (2, 500_000)])
def test_looks_that_do_not_follow_each_other_start_over(other_s, uncertainty_us):
    hands = narrowing()
    hands.turn(10_000, NOW_UNIX_S + other_s)
    assert hands.keeper.uncertainty_us == uncertainty_us
    if other_s == 2:
        assert hands.keeper.unix_us(hands.us) == NOW_UNIX_S * SECOND_US + 2_500_000
        hands.turn(20_000, NOW_UNIX_S + 3)  # what was seen before does not count
        assert hands.keeper.uncertainty_us == 500_000
        hands.turn(30_000, NOW_UNIX_S + 4)
        assert hands.keeper.uncertainty_us == 5_251


@pytest.mark.parametrize(("held_up_us", "coarse"), [(79_497, False), (79_498, True)])
def test_what_is_fine_enough_for_a_burst(held_up_us, coarse):
    hands = narrowing()
    hands.turn(held_up_us, NOW_UNIX_S + 1)
    assert hands.keeper.uncertainty_us == (COARSE_US if coarse else COARSE_US - 1)
    assert hands.turn(held_up_us + 600, NOW_UNIX_S + 1) == coarse
