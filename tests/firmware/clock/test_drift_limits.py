"""When a drift that a host tells counts for the bound: both sides of every limit."""

import pytest

from picototp.clock.log import SMALL, TRIMMED, Entry
from picototp.clock.record import ClockRecord
from picototp.clock.states import NOT_SET
from tests.firmware.clock.by_hand import SECOND_US, START_US, ByHand, known, set_to
from workbench import NOW_UNIX_S


def corrected(step_us, seconds, doubt_us=0):
    """Set with the user's yes, and so much later corrected by that with another one."""
    hands = known()
    edge_us = START_US + seconds * SECOND_US - step_us
    return set_to(hands, NOW_UNIX_S + seconds, edge_us, uncertainty_us=doubt_us)


# Over 100,000 s: the user may have overlooked 0.1 s, and the write is known to 0.2 ms.
@pytest.mark.parametrize(
    ("step_us", "drift_ppb", "counts"),
    [
        (100_200, 0, True),
        (100_201, 0, False),
        (-100_200, 0, True),
        (-100_201, 0, False),
        (-200_200, 1_000, True),
        (-200_201, 1_000, False),
        (200_200, -1_000, True),
        (200_201, -1_000, False),
    ],
)
def test_a_drift_counts_if_it_explains_what_was_corrected(step_us, drift_ppb, counts):
    hands = corrected(step_us, 100_000)
    hands.setter.keep_drift(drift_ppb, 5)
    for record in (hands.record, ClockRecord(hands.storage)):
        assert (record.drift_ppb, record.drift_uncertainty_ppb) == (drift_ppb, 1_002)
        assert record.drift_counts == counts


def test_a_drift_is_no_better_known_than_the_host_says():
    hands = corrected(300_000, 100_000)
    hands.setter.keep_drift(0, 3_000)
    assert hands.record.drift_counts
    assert hands.record.rate_ppb() == 3_000


@pytest.mark.parametrize(("seconds", "counts"), [(50_074, False), (50_075, True)])
def test_a_drift_that_was_seen_for_too_short_a_time_does_not_count(seconds, counts):
    """Not unless the token saw it as well as the data sheet promises."""
    hands = corrected(0, seconds)
    hands.setter.keep_drift(0, 0)
    assert hands.record.drift_counts == counts


def test_what_was_corrected_without_a_yes_is_doubt():
    hands = known()
    hands.record.moved_us = 50_000
    set_to(hands, NOW_UNIX_S + 100_000, START_US + 100_000 * SECOND_US, uncertainty_us=800)
    hands.setter.keep_drift(0, 0)
    assert hands.record.drift_uncertainty_ppb == (50_000 + 800 + 200 + 100_000) // 100


def test_the_first_setting_tells_nothing_of_the_drift():
    hands = ByHand()
    hands.keeper.start()
    hands.at(SECOND_US)
    set_to(hands, NOW_UNIX_S + 5, START_US + 5 * SECOND_US)
    hands.setter.keep_drift(0, 5)
    assert not hands.record.drift_counts


def test_nor_does_a_setting_of_a_clock_that_told_no_time():
    hands = known()
    hands.keeper.state = NOT_SET
    set_to(hands, NOW_UNIX_S + 100_000, START_US + 100_000 * SECOND_US)
    hands.setter.keep_drift(0, 0)
    assert not hands.record.drift_counts


@pytest.mark.parametrize(("trimmed_s", "counts"), [(-1, True), (1, False)])
def test_nor_one_of_a_clock_that_was_trimmed_since(trimmed_s, counts):
    hands = known()
    hands.setter.log.append(Entry(TRIMMED, NOW_UNIX_S + trimmed_s, 0, 0, 3, None))
    hands.setter.log.append(Entry(SMALL, NOW_UNIX_S + 2, 0, 0, 3, None))
    set_to(hands, NOW_UNIX_S + 100_000, START_US + 100_000 * SECOND_US)
    hands.setter.keep_drift(0, 0)
    assert hands.record.drift_counts == counts


def test_a_drift_that_was_only_told_may_be_told_anew():
    hands = known()
    for drift_ppb in (300, 400):
        hands.setter.keep_drift(drift_ppb, 10)
        assert (hands.record.drift_ppb, hands.record.drift_counts) == (drift_ppb, False)
    hands.record.drift_counts = True
    hands.setter.keep_drift(500, 10)
    assert hands.record.drift_ppb == 400
