"""Both sides of every limit of a setting, with a counter and an RTC that are moved by hand."""

import pytest

from picototp.clock.log import CONFIRMED, REFUSED, SMALL, TRIMMED, Entry
from picototp.clock.record import ClockRecord
from picototp.clock.states import MISSING, NOT_SET, OK, UNREADABLE, ClockError
from tests.firmware.clock.by_hand import (
    SECOND_US,
    START_US,
    ByHand,
    begin,
    known,
    poll_before,
    set_to,
)
from workbench import BUILT_UNIX_S, NOW_UNIX_S

NOW_US = NOW_UNIX_S * SECOND_US
LATENCY_US = ByHand.write_latency_us


def moved(hands, step_us, after_s=5, **options):
    """The clock is moved by so much, at a moment when it told `after_s` after NOW."""
    edge_us = START_US + after_s * SECOND_US - step_us % SECOND_US
    return set_to(hands, NOW_UNIX_S + after_s + step_us // SECOND_US, edge_us, **options)


# --- what can be set, and when it is done --------------------------------------------------------

LATEST_US = (4_102_444_800 - 86_400) * SECOND_US


@pytest.mark.parametrize(
    ("unix_us", "settable"),
    [
        (BUILT_UNIX_S * SECOND_US - 1, False),
        (BUILT_UNIX_S * SECOND_US, True),
        (LATEST_US - 1, True),
        (LATEST_US, False),
    ],
)
def test_the_first_and_the_last_moment_that_can_be_set(unix_us, settable):
    hands = known()
    if settable:
        begin(hands, unix_us)
    else:
        with pytest.raises(ClockError, match="before this firmware, or after 2099"):
            begin(hands, unix_us)
    assert hands.setter.setting == settable


def test_one_setting_at_a_time():
    hands = begin(known(), NOW_US)
    assert hands.prepared and hands.keeper.suspended
    with pytest.raises(ClockError) as caught:
        begin(hands, NOW_US + 5 * SECOND_US)
    assert caught.value.state == "busy"
    poll_before(hands, START_US + SECOND_US)
    assert [unix_s for unix_s, _ in hands.written] == [NOW_UNIX_S + 1]


@pytest.mark.parametrize(("into_us", "second"), [(979_999, 1), (980_000, 2)])
def test_the_main_loop_has_time_for_a_turn_before_the_write(into_us, second):
    hands = begin(known(), NOW_US + into_us)
    edge_us = START_US + second * SECOND_US - into_us
    poll_before(hands, edge_us)
    assert hands.written == [(NOW_UNIX_S + second, edge_us - LATENCY_US)]


def test_time_that_passed_since_it_was_asked_for_counts():
    hands = known()
    hands.at(4_000_000)
    begin(hands, NOW_US + 250_000, START_US, uncertainty_us=30)
    poll_before(hands, START_US + 4_750_000)
    assert hands.written == [(NOW_UNIX_S + 5, START_US + 4_750_000 - LATENCY_US)]
    assert hands.record.set_uncertainty_us == 30 + 4 * 50 + 200


@pytest.mark.parametrize(
    ("ahead_us", "written"), [(70_001, 0), (70_000, 1), (1, 1), (0, 1), (-1, 0)]
)
def test_it_is_written_within_the_last_70_ms(ahead_us, written):
    hands = begin(known(), NOW_US)
    poll_before(hands, START_US + SECOND_US, ahead_us)
    assert len(hands.written) == written
    assert hands.setter.setting != bool(written)


def test_a_second_that_was_missed_is_followed_by_the_next():
    hands = begin(known(), NOW_US, uncertainty_us=7)
    poll_before(hands, START_US + SECOND_US, -1)
    poll_before(hands, START_US + 2 * SECOND_US)
    assert hands.written == [(NOW_UNIX_S + 2, START_US + 2 * SECOND_US - LATENCY_US)]
    assert hands.record.set_uncertainty_us == 207


@pytest.mark.parametrize(("took_us", "again"), [(1_000, False), (1_001, True)])
def test_a_write_that_took_more_than_a_millisecond_is_made_again(took_us, again):
    hands = begin(known(), NOW_US)
    hands.write_us = [took_us, 300]
    poll_before(hands, START_US + SECOND_US)
    assert hands.setter.setting == again
    if again:
        poll_before(hands, START_US + 2 * SECOND_US)
    assert hands.record.set_unix_s == NOW_UNIX_S + 1 + again
    assert hands.record.set_uncertainty_us == 200


def test_the_fourth_write_counts_however_long_it_takes():
    hands = begin(known(), NOW_US)
    hands.write_us = [1_001]
    for second in range(1, 5):
        assert hands.setter.setting
        poll_before(hands, START_US + second * SECOND_US)
    assert not hands.setter.setting
    assert hands.record.set_uncertainty_us == 1_001


@pytest.mark.parametrize(("late_s", "state"), [(-1, UNREADABLE), (1, OK), (2, UNREADABLE)])
def test_the_rtc_must_hold_what_was_written_or_the_second_after(late_s, state):
    hands = known()
    plain = hands.write

    def write(unix_s, around):
        plain(unix_s, around)
        hands.tells = unix_s + late_s

    hands.write = write
    begin(hands, NOW_US)
    poll_before(hands, START_US + SECOND_US)
    assert hands.keeper.state == state
    assert hands.record.interrupted == (state != OK)
    assert not hands.setter.setting and not hands.keeper.suspended


def test_after_a_setting_the_clock_is_known_to_4_ms():
    hands = begin(known(wired=True), NOW_US + 123_456)
    edge_us = START_US + SECOND_US - 123_456
    poll_before(hands, edge_us)
    assert hands.keeper.uncertainty_us == 4_000
    assert hands.keeper.unix_us(edge_us) == NOW_US + SECOND_US
    assert hands.keeper.idle_us(hands.us) > 900_000  # it was looked at as well
    assert not hands.keeper.suspended and not ClockRecord(hands.storage).interrupted


def test_falls_from_before_a_setting_are_forgotten():
    hands = known(wired=True)
    hands.falls = [START_US + SECOND_US]
    hands.turn(1_000_100)
    hands.falls = [START_US + 2 * SECOND_US]
    hands.turn(2_000_100)
    assert hands.keeper.hears_square_wave(hands.us)
    moved(hands, 300_000)
    assert not hands.keeper.hears_square_wave(START_US + 2_000_100)


def test_a_lost_trim_is_written_again_after_the_time():
    hands = known()
    hands.record.aging = -9
    moved(hands, 0)
    assert hands.trimmed == [-9]


# --- what is noted -------------------------------------------------------------------------------


def test_the_step_and_its_doubt_are_noted():
    hands = moved(known(uncertainty_us=600), -1_250_001, confirmed=False)
    assert hands.setter.last_step_us == -1_250_001
    assert hands.record.moved_us == 1_250_601
    assert hands.setter.log.entries() == [Entry(SMALL, NOW_UNIX_S + 3, -1_250_001, 200, 0, 20.0)]


def test_a_setting_that_moves_nothing_adds_its_doubt():
    hands = moved(known(uncertainty_us=600), 0, confirmed=False)
    assert hands.setter.last_step_us == 0
    assert hands.record.moved_us == 600


def test_a_clock_that_told_no_time_made_no_step():
    hands = known()
    hands.keeper.state = NOT_SET
    moved(hands, 0)
    assert hands.setter.last_step_us is None
    assert hands.setter.log.entries()[0].step_us is None


@pytest.mark.parametrize("fault", ["both", "temperature"])
def test_an_entry_is_kept_without_what_the_rtc_does_not_tell(fault, monkeypatch):
    hands = known()
    error = ClockError(MISSING, "nothing answers")
    hands.temperature = error

    def missing():
        raise error

    if fault == "both":
        monkeypatch.setattr(hands, "aging", missing)
    moved(hands, 1)
    entry = hands.setter.log.entries()[0]
    assert (entry.kind, entry.aging, entry.temperature_c) == (CONFIRMED, 0, None)


@pytest.mark.parametrize("state", [OK, NOT_SET])
def test_what_was_refused_is_noted(state):
    hands = known()
    hands.keeper.state = state
    hands.setter.refuse(NOW_US + 1_999_999, START_US + 1, 77)
    step_us = 1_999_998 if state == OK else None
    assert hands.setter.log.entries() == [Entry(REFUSED, NOW_UNIX_S + 1, step_us, 77, 0, 20.0)]
    assert ClockRecord(hands.storage).refused == 1


def test_a_refusal_that_cannot_be_noted_is_one_all_the_same():
    hands = known()
    hands.storage.broken = True
    hands.setter.refuse(NOW_US, START_US, 0)
    assert hands.record.refused == 1


def test_a_trim_is_noted():
    hands = known()
    hands.at(10 * SECOND_US + 999_999)
    hands.setter.set_aging(-7)
    assert hands.setter.aging() == -7
    assert hands.setter.log.entries() == [Entry(TRIMMED, NOW_UNIX_S + 10, 0, 0, -7, 20.0)]
    assert ClockRecord(hands.storage).aging == -7


def test_a_trim_does_not_make_the_bound_smaller():
    hands = known()
    hands.setter.set_aging(-100)
    hands.at(1_000 * SECOND_US + 500_000)
    hands.setter.set_aging(0)
    # At 2 ppm and 100 steps of 0.12 for 1000 s, of which those at 2 ppm are counted again.
    assert hands.record.set_uncertainty_us == 1_000 + 12_000
    assert hands.record.bound_us(NOW_UNIX_S + 1_000) == 1_000 + 14_000


def test_a_trim_of_a_clock_that_tells_no_time_is_kept_alone():
    hands = known()
    hands.keeper.state = NOT_SET
    hands.setter.set_aging(5)
    assert hands.setter.log.entries() == []
    assert ClockRecord(hands.storage).aging == 5
    assert hands.record.set_uncertainty_us == 1_000


# --- the mark after a large step -----------------------------------------------------------------

# Two seconds, and 10 ppm of the five seconds since the last setting.
EXPLAINED_US = 2_000_050


@pytest.mark.parametrize(
    ("step_us", "jump_s"),
    [
        (EXPLAINED_US, 0),
        (EXPLAINED_US + 1, 2),
        (-EXPLAINED_US, 0),
        (-EXPLAINED_US - 1, -2),
        (10_499_999, 10),
        (10_500_000, 11),
        (-10_500_000, -10),
        (-10_500_001, -11),
    ],
)
def test_a_mark_tells_a_large_step_in_whole_seconds(step_us, jump_s):
    # The edge at which it is set lies up to a second before 5 s.
    hands = known()
    hands.record.set_unix_s = NOW_UNIX_S - (0 if step_us % SECOND_US == 0 else 1)
    moved(hands, step_us)
    assert hands.record.jump_s == jump_s
    assert hands.record.jump_unix_s == (hands.record.set_unix_s if jump_s else 0)


def test_a_mark_stays_without_a_yes():
    hands = moved(known(), 60 * SECOND_US)
    assert hands.record.jump_s == 60
    set_to(hands, NOW_UNIX_S + 70, START_US + 10 * SECOND_US, confirmed=False)
    assert hands.record.jump_s == 60
    set_to(hands, NOW_UNIX_S + 75, START_US + 15 * SECOND_US)
    assert (hands.record.jump_s, hands.record.jump_unix_s) == (0, 0)


def test_a_clock_without_a_time_is_moved_from_where_the_counter_has_carried_it():
    hands = known()
    hands.keeper.state = NOT_SET
    set_to(hands, NOW_UNIX_S + 65, START_US + 5 * SECOND_US)
    assert hands.record.jump_s == 60


def test_one_that_the_counter_has_not_carried_is_moved_from_its_floor():
    hands = ByHand()
    hands.record.note_setting(NOW_UNIX_S, 1000, 0, True)
    set_to(hands, NOW_UNIX_S + 65, START_US + 5 * SECOND_US)
    assert hands.record.jump_s == 65
