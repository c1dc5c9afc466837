"""Which falls of the square wave are believed: both sides of every limit."""

import pytest

from picototp.clock.states import MISSING, OK
from tests.firmware.clock.by_hand import SECOND_US, START_US, ByHand, known
from workbench import NOW_UNIX_S

DAY_S = 86_400


def hear(hands, fall_us, late_us=1_000, tells=None):
    """A fall, noted by a turn so much later; returns how many were believed by it."""
    hands.falls = [START_US + fall_us]
    seen = hands.keeper.rollovers_seen
    hands.turn(fall_us + late_us, tells)
    return hands.keeper.rollovers_seen - seen


def lose(hands, at_us):
    """The clock does not answer when it is looked at then."""
    hands.fails()
    hands.at(at_us, hands.tells)
    hands.keeper.check()


@pytest.mark.parametrize(
    ("apart_us", "believed"),
    [(999_699, False), (999_700, True), (1_000_300, True), (1_000_301, False)],
)
def test_two_falls_are_a_second_apart(apart_us, believed):
    hands = known(wired=True)
    assert not hear(hands, 1_000_000)
    assert hear(hands, 1_000_000 + apart_us, tells=NOW_UNIX_S + 2) == believed
    assert hands.keeper.uncertainty_us == (100 if believed else 500)
    if believed:
        edge_us = START_US + 1_000_000 + apart_us
        assert hands.keeper.unix_us(edge_us) == (NOW_UNIX_S + 2) * SECOND_US


@pytest.mark.parametrize(("late_us", "believed"), [(500_000, True), (500_001, False)])
def test_a_fall_that_is_heard_of_too_late_may_be_of_another_second(late_us, believed):
    hands = known(wired=True)
    hear(hands, 1_000_000)
    assert hear(hands, 2_000_000, late_us) == believed


@pytest.mark.parametrize(
    ("second", "off_us", "believed"),
    [
        (20, 1_800, True),
        (20, 1_801, False),
        (20, -1_799, True),
        (20, -1_800, False),
        (384, 20_001, True),
        (384, 20_002, False),
    ],
)
def test_a_fall_is_where_the_counter_expects_it(second, off_us, believed):
    """By 500 us of the anchor, 300 of the fall, and 50 ppm of the time since the anchor."""
    hands = known(wired=True)
    fall_us = second * SECOND_US + off_us
    hear(hands, fall_us - SECOND_US, 10_000)
    assert hear(hands, fall_us, 10_000) == believed


@pytest.mark.parametrize(("uncertainty_us", "believed"), [(39_999, False), (40_000, True)])
def test_a_clock_that_is_known_coarsely_expects_it_anywhere(uncertainty_us, believed):
    hands = known(uncertainty_us, wired=True)
    hear(hands, 300_000)
    assert hear(hands, 1_300_000) == believed


def test_a_lost_clock_expects_it_anywhere():
    hands = known(wired=True)
    hear(hands, 300_000)
    lose(hands, 800_000)
    assert hands.keeper.state == MISSING
    assert hear(hands, 1_300_000)
    assert (hands.keeper.state, hands.keeper.uncertainty_us) == (OK, 100)


def test_a_fall_is_the_look_of_its_second():
    hands = known(wired=True)
    hear(hands, 1_000_000)
    looks = hands.looks
    assert hear(hands, 2_000_000)
    assert hands.looks == looks + 1
    assert hands.keeper.idle_us(hands.us) == SECOND_US


def test_how_long_a_fall_makes_bursts_needless():
    hands = known(wired=True)
    hear(hands, 1_000_000)
    assert not hands.keeper.hears_square_wave(hands.us)
    hear(hands, 2_000_000)
    keeper, used_us = hands.keeper, START_US + 2_000_000
    assert keeper.hears_square_wave(used_us + 2_499_999)
    assert not keeper.hears_square_wave(used_us + 2_500_000)
    keeper.want_rollover()
    assert keeper.idle_us(hands.us) == SECOND_US
    keeper.forget_square_wave()
    assert not keeper.hears_square_wave(used_us)
    assert not hear(hands, 3_000_000), "nor does one that was heard before"


def raised(hands, off_us=0):
    """Whether a fall that is believed raises the floor, which is too low by days."""
    hands.record.floor_unix_s = floor_s = NOW_UNIX_S - 3 * DAY_S
    assert hear(hands, 1_000_000 + off_us)
    return hands.record.floor_unix_s != floor_s


@pytest.mark.parametrize(("uncertainty_us", "agrees"), [(39_999, True), (40_000, False)])
def test_a_fall_raises_the_floor_if_the_time_was_known_before(uncertainty_us, agrees):
    hands = known(uncertainty_us, wired=True)
    hear(hands, 0)
    assert raised(hands) == agrees


def test_a_fall_of_another_second_does_not_raise_the_floor():
    hands = known(wired=True)
    hear(hands, 0)
    hands.record.floor_unix_s = NOW_UNIX_S - 3 * DAY_S
    assert hear(hands, 1_000_000, tells=NOW_UNIX_S + 3_600)
    assert hands.record.floor_unix_s == NOW_UNIX_S - 3 * DAY_S


def test_nor_does_one_after_which_a_lost_clock_is_found_again():
    hands = known(wired=True)
    hear(hands, 0)
    lose(hands, 500_000)
    assert not raised(hands)


@pytest.mark.parametrize("off_us", [-400_000, 400_000])
def test_a_fall_begins_the_second_that_is_the_nearest(off_us):
    """After hours without a renewal the counter may be off by half a second."""
    hands = known(wired=True)
    hands.record.floor_unix_s = floor_s = NOW_UNIX_S - 3 * DAY_S
    for second in (10_000, 10_001):
        hands.at(second * SECOND_US + off_us - 500_000, NOW_UNIX_S + second - 1)
        hands.keeper.check()
        believed = hear(hands, second * SECOND_US + off_us, 100, NOW_UNIX_S + second)
    assert believed
    assert hands.record.floor_unix_s == floor_s + 3 * DAY_S + 10_001


def test_a_wired_clock_that_was_never_looked_at_takes_its_time_from_two_falls():
    hands = ByHand(wired=True)
    hands.keeper.start()
    hear(hands, 300_000)
    assert hear(hands, 1_300_000)
    assert hands.keeper.unix_us(START_US + 1_300_000) == (NOW_UNIX_S + 1) * SECOND_US
