"""Both sides of every limit of the timekeeper, with a counter and an RTC that are moved by hand."""

import pytest

from picototp.clock.record import ClockRecord
from picototp.clock.states import MISSING, MOVED_BACK, NOT_SET, OK, ClockError
from picototp.clock.timekeeper import is_sure_of_period
from tests.firmware.clock.by_hand import SECOND_US, START_US, ByHand, known
from workbench import BUILT_UNIX_S, NOW_UNIX_S

DAY_S = 86_400
COARSE_US = 40_000


def idle_us(hands, us):
    return hands.keeper.idle_us(START_US + us)


def told_us(hands):
    """Microseconds after the second that was the first one."""
    return hands.keeper.unix_us(hands.us) - NOW_UNIX_S * SECOND_US


def test_before_the_first_look_nothing_is_known():
    hands = ByHand()
    keeper = hands.keeper
    assert (keeper.state, keeper.uncertainty_us, keeper.rollovers_seen) == (MISSING, 0, 0)
    assert keeper.carried_unix_s(hands.us) is None
    assert not keeper.hears_square_wave(0) and not keeper.suspended
    keeper.poll(SECOND_US - 1)
    assert hands.looks == 0
    keeper.poll(SECOND_US)
    assert hands.looks == 1


def test_where_a_second_begins():
    keeper = known(began_us=-250_000).keeper
    assert keeper.next_edge_us(START_US) == START_US + 750_000
    assert keeper.next_edge_us(START_US + 749_999) == START_US + 750_000
    assert keeper.next_edge_us(START_US + 750_000) == START_US + 1_750_000
    assert keeper.unix_us(START_US + 5) == NOW_UNIX_S * SECOND_US + 250_005
    assert keeper.carried_unix_s(START_US + 749_999) == NOW_UNIX_S
    assert keeper.carried_unix_s(START_US + 750_000) == NOW_UNIX_S + 1


def test_one_look_knows_the_time_to_half_a_second():
    hands = ByHand()
    hands.keeper.start()
    assert (hands.keeper.state, hands.keeper.uncertainty_us) == (OK, 500_000)
    assert told_us(hands) == 500_000


def test_at_the_limit_of_coarse_no_period_is_sure_by_itself():
    assert not is_sure_of_period(0, 30 * SECOND_US, COARSE_US)
    assert is_sure_of_period(COARSE_US, 30 * SECOND_US, COARSE_US)


def test_a_trim_that_is_there_is_not_written_again():
    hands = ByHand()
    hands.record.aging = -5
    hands.keeper.start()
    hands.keeper.start()
    assert hands.trimmed == [-5]


# --- when it looks -------------------------------------------------------------------------------


def test_a_lost_clock_is_looked_at_once_a_second():
    hands = known()
    hands.fails()
    hands.at(300_000, hands.tells)
    hands.keeper.check()
    assert hands.keeper.state == MISSING
    assert idle_us(hands, 300_000) == SECOND_US
    assert hands.turn(1_299_999) == 0
    assert hands.turn(1_300_000) == 1
    assert hands.keeper.state == OK


def test_a_known_clock_is_looked_at_once_a_second():
    hands = known()
    assert [hands.turn(us) for us in (999_999, 1_000_000, 1_000_001)] == [0, 1, 0]
    assert idle_us(hands, 1_000_000) == SECOND_US
    assert idle_us(hands, 1_400_000) == 600_000
    assert idle_us(hands, 2_000_000) == idle_us(hands, 2_500_000) == 0


def test_one_look_is_the_first_of_its_second():
    hands = ByHand()
    hands.keeper.start()
    hands.at(10_000, ClockError(MISSING, "nothing answers"))
    hands.keeper.check()
    hands.turn(1_010_000)
    assert hands.keeper.state == OK
    hands.keeper.anchor_at(NOW_UNIX_S + 1, START_US + SECOND_US, 500)
    assert idle_us(hands, 1_010_000) == SECOND_US


def test_nothing_is_read_while_it_is_being_set():
    hands = known(wired=True)
    hands.keeper.suspended = True
    hands.falls = [START_US + SECOND_US, START_US + 2 * SECOND_US]
    assert hands.turn(1_000_100) == hands.turn(2_000_100) == 0
    hands.keeper.check()
    assert hands.looks == 1 and not hands.falls
    assert not hands.keeper.hears_square_wave(hands.us)


@pytest.mark.parametrize(
    ("uncertainty_us", "expected_us"),
    [
        (2_000, SECOND_US),
        (2_001, SECOND_US - 2_001 - 20_000),
        (COARSE_US - 1, SECOND_US - (COARSE_US - 1) - 20_000),
        (COARSE_US, 0),
    ],
)
def test_how_long_it_may_sleep(uncertainty_us, expected_us):
    assert idle_us(known(uncertainty_us), 0) == expected_us


def test_it_sleeps_until_the_rollover_that_somebody_wants():
    hands = known()
    hands.keeper.want_rollover()
    assert idle_us(hands, 0) == SECOND_US - 500 - 20_000
    hands.keeper.check()
    hands.at(SECOND_US - 500 - 3_999)  # too late for this one
    hands.keeper.check()
    assert idle_us(hands, SECOND_US - 500 - 3_999) == SECOND_US + 3_999 - 20_000


# --- checks --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("into_us", "told_s", "agrees"),
    [
        (5_499, -1, True),
        (5_500, -1, False),
        (994_499, 1, False),
        (994_500, 1, True),
        (500_000, 0, True),
    ],
)
def test_how_far_clock_and_counter_may_be_apart(into_us, told_s, agrees):
    hands = known()
    hands.at(into_us, NOW_UNIX_S + told_s)
    hands.keeper.check()
    assert hands.keeper.uncertainty_us == (500 if agrees else 500_000)
    assert told_us(hands) == (into_us if agrees else told_s * SECOND_US + 500_000)


def test_a_check_may_find_a_lost_clock_again():
    hands = known()
    hands.fails()
    hands.keeper.check()
    hands.at(500_000)
    hands.keeper.check()
    assert (hands.keeper.state, hands.keeper.uncertainty_us) == (OK, 500_000)


@pytest.mark.parametrize(("early_s", "state"), [(0, OK), (1, NOT_SET)])
def test_no_time_from_before_the_firmware(early_s, state):
    hands = ByHand()
    hands.tells = BUILT_UNIX_S - early_s
    hands.keeper.start()
    assert hands.keeper.state == state


@pytest.mark.parametrize(("back_s", "state"), [(10, OK), (11, MOVED_BACK)])
def test_how_far_below_its_floor_a_clock_may_be(back_s, state):
    hands = known()
    hands.tells = NOW_UNIX_S - back_s
    hands.keeper.check()
    assert hands.keeper.state == state


# --- a clock that was moved behind the token's back ----------------------------------------------


@pytest.mark.parametrize("way", [1, -1])
def test_a_clock_that_moved_by_a_day_is_not_followed(way):
    for moved_s, state in ((DAY_S - 1, OK), (DAY_S, NOT_SET)):
        hands = known()
        hands.record.floor_unix_s -= 2 * DAY_S
        hands.tells = NOW_UNIX_S + way * moved_s
        hands.keeper.check()
        assert hands.keeper.state == state
        assert not hands.record.interrupted


def doubt(hands, times):
    for _ in range(times):
        hands.at(0, NOW_UNIX_S + 2 * DAY_S)
        hands.keeper.check()
        assert hands.keeper.state == NOT_SET
    hands.at(0)


def test_three_looks_in_a_row_are_believed():
    hands = known()
    doubt(hands, 2)
    assert not ClockRecord(hands.storage).interrupted
    doubt(hands, 1)
    assert ClockRecord(hands.storage).interrupted
    hands.keeper.check()
    assert hands.keeper.state == NOT_SET


@pytest.mark.parametrize("by", ["a look", "a setting"])
def test_what_was_right_in_between_starts_the_count_anew(by):
    hands = known()
    doubt(hands, 2)
    if by == "a look":
        hands.keeper.check()
    else:
        hands.keeper.anchor_at(NOW_UNIX_S, START_US, 500)
    doubt(hands, 2)
    assert not hands.record.interrupted
    doubt(hands, 1)
    assert hands.record.interrupted


# --- the floor -----------------------------------------------------------------------------------


@pytest.mark.parametrize("uncertainty_us", [500, COARSE_US - 1, COARSE_US])
def test_the_floor_follows_after_a_day(uncertainty_us):
    hands = known(uncertainty_us)
    hands.turn((DAY_S - 1) * SECOND_US + 100_000)
    assert hands.record.floor_unix_s == NOW_UNIX_S
    hands.turn(DAY_S * SECOND_US + 100_000)
    raised = uncertainty_us < COARSE_US  # else it might rest on one look, which was misread
    for record in (hands.record, ClockRecord(hands.storage)):
        assert record.floor_unix_s == NOW_UNIX_S + raised * DAY_S


def test_the_floor_follows_after_a_day_also_when_the_user_has_moved_the_clock_back():
    hands = known()
    hands.turn(DAY_S * SECOND_US + 100_000)
    assert hands.record.floor_unix_s == NOW_UNIX_S + DAY_S
    back_s = NOW_UNIX_S - 20 * DAY_S
    hands.record.note_setting(back_s, 1000, 0, True)
    hands.keeper.anchor_at(back_s, hands.us, 500)
    hands.turn(2 * DAY_S * SECOND_US + 200_000, back_s + DAY_S)
    assert hands.record.floor_unix_s == back_s + DAY_S


def test_a_floor_that_cannot_be_written_is_tried_once_a_day():
    hands = known()
    hands.storage.broken = True
    hands.turn(DAY_S * SECOND_US + 100_000)
    assert hands.record.floor_unix_s == NOW_UNIX_S + DAY_S
    hands.storage.broken = False
    hands.turn((DAY_S + 2) * SECOND_US + 100_000)
    assert ClockRecord(hands.storage).floor_unix_s == NOW_UNIX_S
