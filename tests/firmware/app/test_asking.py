"""When a question of a host may come up, to the millisecond."""

import pytest

from picototp.app.asking import BUTTON_BUSY_MS, FIRST_PAUSE_MS, IN_USE, REFUSED, Asking


class User:
    """What the interface knows of whoever holds the token."""

    def __init__(self):
        self.used_ms = 0
        self.busy = False
        self.looked_ms = []

    def in_use(self, now_ms):
        self.looked_ms.append(now_ms)
        return self.busy


@pytest.fixture
def user():
    return User()


@pytest.fixture
def asking(user):
    return Asking(user)


@pytest.mark.parametrize("now_ms", [0, 1, 5_000])
def test_the_first_question_waits_for_nothing(asking, now_ms):
    assert asking.must_wait(now_ms) is None


def test_a_question_waits_while_the_user_is_at_something(asking, user):
    user.busy = True
    assert asking.must_wait(7) == (IN_USE, BUTTON_BUSY_MS)
    assert user.looked_ms == [7]


def test_each_pause_is_twice_as_long_up_to_a_minute_and_ends_on_time(asking):
    now_ms = 100
    for pause_ms in (5_000, 10_000, 20_000, 40_000, 60_000, 60_000):
        asking.ended(now_ms, False)
        assert asking.must_wait(now_ms) == (REFUSED, pause_ms)
        now_ms += pause_ms
        assert asking.must_wait(now_ms - 1) == (REFUSED, 1)
        assert asking.must_wait(now_ms) is None


def test_the_pause_goes_before_what_the_user_is_at(asking, user):
    user.busy = True
    asking.ended(100, False)
    assert asking.must_wait(101) == (REFUSED, FIRST_PAUSE_MS - 1)


def test_a_yes_ends_the_pauses(asking):
    asking.ended(100, False)
    asking.ended(6_000, True)
    assert asking.must_wait(6_000) is None
    asking.ended(7_000, False)
    assert asking.must_wait(7_000) == (REFUSED, FIRST_PAUSE_MS)


@pytest.mark.parametrize(
    ("used_ms", "answer"), [(99, (REFUSED, 4_950)), (100, (REFUSED, 4_950)), (101, None)]
)
def test_only_a_press_after_the_last_question_ends_the_pause(asking, user, used_ms, answer):
    asking.ended(100, False)
    user.used_ms = used_ms
    assert asking.must_wait(150) == answer


def test_a_press_while_the_next_question_is_coming_up_counts_as_well(asking, user):
    """Between the last look at the button and the end of the question."""
    asking.ended(100, False)
    user.used_ms = 5_100
    asking.ended(5_200, False)
    assert asking.must_wait(5_200) == (REFUSED, FIRST_PAUSE_MS)
