"""The button: levels, bounce, edges."""

import itertools
import threading

import pytest

from host_tools.simulator.clock import ManualClock
from host_tools.simulator.devices.button import Button
from waiting import PATIENCE_S

MS = 1_000_000


def levels(button, clock, duration_ms, step_ns=20_000):
    """The pin sampled from now on."""
    start_ns = clock.now_ns()
    return [button.level(start_ns + t) for t in range(0, duration_ms * MS, step_ns)]


def changes(samples):
    return sum(a != b for a, b in itertools.pairwise(samples))


def test_without_bounce_the_pin_is_the_finger():
    clock = ManualClock()
    button = Button(clock, bounce_ms=0)
    assert button.level() and not button.down
    button.down = True
    assert not button.level() and button.down
    assert set(levels(button, clock, 50)) == {False}
    clock.elapse(1)
    button.down = False
    assert button.level()


@pytest.mark.parametrize("seed", range(20))
def test_each_edge_chatters_and_settles_within_the_bounce_time(seed):
    clock = ManualClock(10**15)
    button = Button(clock, bounce_ms=20, seed=seed)
    for down in (True, False, True):
        button.down = down
        samples = levels(button, clock, 40)
        assert changes(samples) >= 6
        assert samples[0] == (not down)
        assert set(samples[1000:]) == {not down}
        clock.elapse(0.1)
        assert button.level() == (not down)


def test_what_polling_firmware_follows():
    clock = ManualClock(10**15)
    button = Button(clock)
    assert not button.is_polled

    def look(count, step_ms):
        for _ in range(count):
            clock.elapse_ns(step_ms * MS)
            button.look()

    look(3, 10)
    button.down = True
    look(21, 50)
    assert button.is_polled and not button.look()
    assert button.followed_s() == 1.05
    button.down = False
    assert button.followed_s() == 0
    look(5, 40)
    look(2, 51)
    look(4, 40)
    assert button.followed_s() == 0.251
    look(4, 40)
    assert button.followed_s() == 0.32


def test_whether_the_firmware_looks():
    button = Button(ManualClock())
    assert not button.wait_for_looks(1, 0)
    enough = threading.Event()

    def firmware():
        while not enough.is_set():
            button.look()

    thread = threading.Thread(target=firmware)
    thread.start()
    assert button.wait_for_looks(2, PATIENCE_S)
    enough.set()
    thread.join()


def test_default_bounce_is_there_and_short():
    clock = ManualClock()
    button = Button(clock)
    button.down = True
    samples = levels(button, clock, 10)
    assert changes(samples) > 0
    assert set(samples[250:]) == {False}


def test_the_pattern_repeats_from_run_to_run_and_differs_between_edges():
    def run(seed):
        clock = ManualClock()
        button = Button(clock, seed=seed)
        patterns = []
        for down in (True, False, True, False):
            start_ns = clock.now_ns()
            button.down = down
            patterns.append([(t - start_ns, level) for t, level in button.edges()])
            clock.elapse(1)
        return patterns

    assert run(1) == run(1)
    assert run(1) != run(2)
    assert [t for t, _ in run(1)[0]] != [t for t, _ in run(1)[2]]


def test_edges_and_level_tell_the_same():
    clock = ManualClock(7)
    button = Button(clock, bounce_ms=10, seed=3)
    button.down = True
    edges = button.edges()
    assert edges[0] == (7, False)
    assert edges[-1][0] <= 7 + 10 * MS and edges[-1][1] is False
    for time_ns, level in edges:
        assert button.level(time_ns) == level
        assert button.level(time_ns - 1) != level


def test_setting_the_same_again_makes_no_edge():
    clock = ManualClock()
    button = Button(clock)
    button.down = True
    edges = button.edges()
    clock.elapse(1)
    button.down = True
    assert button.edges() == edges


def test_a_release_during_the_bounce_goes_on_from_the_level_of_the_moment():
    clock = ManualClock()
    button = Button(clock, bounce_ms=20, seed=5)
    button.down = True
    clock.elapse_ns(button.edges()[1][0])  # bounced back to high
    button.down = False
    assert button.level(clock.now_ns() - 1) is True
    assert button.level() is True


def test_negative_bounce_is_refused():
    with pytest.raises(ValueError):
        Button(ManualClock(), bounce_ms=-1)
