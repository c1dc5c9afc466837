"""Sleep in slices: when it ends, and where there is none."""

import importlib
import sys
from types import ModuleType

import pytest

SLICE_MS = 40


class Button:
    def __init__(self):
        self.down = False
        self.handlers = []

    def is_down(self):
        return self.down

    def on_press(self, handler):
        self.handlers.append(handler)


class SquareWave:
    taken = 0

    def take(self):
        self.taken += 1


class Rig:
    """A board whose `vbus` is 0 or 1; `slept` are the slices, and `meanwhile` is called in each."""

    def __init__(self, monkeypatch):
        self.vbus = 0
        self.slept = []
        self.meanwhile = lambda: None
        self.button, self.square_wave = Button(), SquareWave()
        machine = ModuleType("machine")
        machine.lightsleep = self.lightsleep
        monkeypatch.setitem(sys.modules, "machine", machine)
        self.module = importlib.import_module("picototp.board.sleeper")
        monkeypatch.setattr(self.module, "machine", machine)

    def lightsleep(self, milliseconds):
        self.slept.append(milliseconds)
        self.meanwhile()

    def sleeper(self):
        return self.module.Sleeper(self.button, self.square_wave, lambda: not self.vbus)


@pytest.fixture
def rig(monkeypatch):
    return Rig(monkeypatch)


def test_it_sleeps_in_slices_for_as_long_as_it_is_told(rig):
    rig.sleeper().sleep(3 * SLICE_MS + 5)
    assert rig.slept == [SLICE_MS, SLICE_MS, SLICE_MS, 5]


def test_a_slice_ends_before_a_host_speaks_to_a_new_device(rig):
    assert rig.module.SLICE_MS < 100  # ms, USB 2.0, 7.1.7.3


@pytest.mark.parametrize("what", ["vbus", "button"])
def test_what_happens_in_a_slice_ends_the_sleep(rig, what):
    def happens():
        if len(rig.slept) == 2:
            rig.vbus, rig.button.down = what == "vbus", what == "button"

    rig.meanwhile = happens
    rig.sleeper().sleep(1000)
    assert len(rig.slept) == 2


def test_where_something_feeds_the_socket_it_does_not_sleep(rig):
    rig.vbus = 1
    sleeper = rig.sleeper()
    sleeper.sleep(1000)
    assert rig.slept == []


def test_a_contact_that_closed_and_bounced_open_ends_the_sleep(rig):
    sleeper = rig.sleeper()
    (handler,) = rig.button.handlers
    rig.meanwhile = lambda: handler(None)
    sleeper.sleep(1000)
    assert rig.slept == [SLICE_MS]
    rig.meanwhile()  # between two sleeps
    sleeper.sleep(1000)
    assert rig.slept == [SLICE_MS]
    sleeper.sleep(1000)
    assert rig.slept == [SLICE_MS, SLICE_MS]


def test_a_fall_of_the_square_wave_while_asleep_is_forgotten(rig):
    """The interrupt is served when the clocks are back: a millisecond late."""
    rig.sleeper().sleep(SLICE_MS)
    assert rig.square_wave.taken == 1
