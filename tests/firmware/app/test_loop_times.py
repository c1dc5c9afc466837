"""The main loop to the millisecond, between parts that only note what it asks of them; test_loop.py
has the whole token."""

import pytest

from picototp.app import messages
from picototp.app.gestures import CLICK, HOLD, HOLD_MS, PRESS
from picototp.clock.states import NOT_SET, OK
from picototp.screens.values import BLANK
from tests.firmware.app.loop_rig import SHOWN, Rig, loop

ANIMATION_MS, FEED_MS, LONG_MS = loop.ANIMATION_MS, loop.FEED_MS, loop.LONG_MS
QUIET_MS, TRACES_MS, IDLE_MS = loop.QUIET_MS, loop.TRACES_MS, loop.IDLE_MS
COLLECT_TURNS, TURNS_OF_A_REQUEST = loop.COLLECT_TURNS, loop.TURNS_OF_A_REQUEST
SECOND_US, DRAWING_US = loop.SECOND_US, loop.DRAWING_US


@pytest.fixture
def rig():
    return Rig()


def test_the_watchdog_is_fed_from_the_first_turn_on(rig):
    assert rig.did("feed", 0)
    assert not rig.did("feed", FEED_MS - 1)
    assert rig.did("feed", FEED_MS)
    assert not rig.did("feed", 2 * FEED_MS - 1)
    assert rig.did("feed", 2 * FEED_MS)


def test_garbage_is_collected_in_the_dark_after_so_many_turns(rig, monkeypatch):
    collected = []
    monkeypatch.setattr(loop.gc, "collect", lambda: collected.append(1))
    rig.turn(1)
    assert len(collected) == 1  # what the start left
    for _ in range(COLLECT_TURNS - 1):
        assert rig.did("rest")
    assert len(collected) == 1
    rig.turn()
    assert len(collected) == 2
    rig.served = True
    for _ in range(COLLECT_TURNS // TURNS_OF_A_REQUEST - 1):
        rig.turn()
    assert len(collected) == 2
    rig.lit = True
    rig.turn(), rig.turn()
    assert len(collected) == 2 and not rig.did("rest")
    rig.turn(lit=False)
    assert len(collected) == 3


# --- what happens in a turn --------------------------------------------------------------------


def test_the_link_and_the_clock_have_their_turn_and_the_interface_knows_the_button(rig):
    assert [one for one in rig.turn(20) if one[0] == "poll"] == [("poll", 20_000)] * 2
    rig.turn(30, is_down=True)
    assert not rig.button_down  # as it was before
    rig.turn(40)
    assert rig.button_down


def test_a_press_in_the_dark_has_the_clock_looked_at(rig):
    asked = rig.turn(100, is_down=True, wakes=True)
    assert asked.index(("check",)) < asked.index((PRESS, 100)) < asked.index(("show", 0, SHOWN))
    asked = rig.turn(200, is_down=False)
    assert (CLICK, 200) in asked and ("check",) not in asked


@pytest.mark.parametrize("asking", [False, True])
def test_what_a_hold_agrees_to_is_drawn_before(rig, asking):
    rig.lit = rig.is_down = True
    for at_ms in range(0, HOLD_MS, 50):
        rig.turn(at_ms)
    rig.turn(HOLD_MS, asking=asking, picture=1)
    assert (HOLD, HOLD_MS) in rig.asked
    before = [one[0] for one in rig.asked[: rig.asked.index((HOLD, HOLD_MS))]]
    assert ("show" in before) == asking


def test_an_answer_is_acted_on_in_the_turn_in_which_it_is_given(rig):
    rig.lit = rig.asking = True
    polls = rig.did("poll", 10)
    rig.tick = lambda now_ms: setattr(rig, "asking", False)
    assert rig.did("poll", 20) == polls + 1
    assert ("prepare",) not in rig.asked
    assert rig.did("poll", 30) == polls


def test_accounts_are_read_ahead_only_in_a_turn_in_which_nothing_happened(rig):
    assert rig.did("prepare", 10)
    assert not rig.did("prepare", 20, served=True)
    assert not rig.did("prepare", 30, served=False, ticks=True)
    assert not rig.did("prepare", 40, ticks=False, is_down=True)
    assert rig.did("prepare", 50)
    assert not rig.did("prepare", 5_000, is_down=False, traces=True)
    rig.turn(5_000 + TRACES_MS)
    assert ("overwrite",) in rig.asked and ("prepare",) not in rig.asked


# --- what waits for quiet ----------------------------------------------------------------------


@pytest.mark.parametrize("busy", [None, "request", "interface", "button"])
def test_flash_is_cleaned_and_memory_overwritten_after_quiet(rig, busy):
    """From power-up, or the last thing that happened."""
    began_ms = 0
    rig.uncleaned = 3
    if busy is not None:
        began_ms = 900
        rig.turn(began_ms, served=busy == "request", ticks=busy == "interface",
                 is_down=busy == "button")  # fmt: skip
        assert ("quiet", False) in rig.asked
        rig.served = rig.ticks = rig.is_down = False
    if busy == "button":
        began_ms = 1000
        rig.turn(began_ms)  # released
    rig.traces = True
    assert not rig.did("overwrite", began_ms + TRACES_MS - 1)
    assert rig.did("overwrite", began_ms + TRACES_MS)
    assert not rig.did("clean", began_ms + QUIET_MS - 1)
    for _ in range(3):  # a piece in a turn
        assert rig.did("clean", began_ms + QUIET_MS) == 1
    assert not rig.did("clean", began_ms + 2 * QUIET_MS)
    rig.turn(20_000, served=True)
    rig.turn(20_000 + QUIET_MS - 1, served=False)
    assert rig.did("clean", 20_000 + QUIET_MS)


def test_a_button_that_is_held_is_no_quiet(rig):
    rig.is_down = True
    for at_ms in range(0, 2 * QUIET_MS, 50):
        assert not rig.did("clean", at_ms)
        assert ("quiet", False) in rig.asked


# --- drawing -----------------------------------------------------------------------------------


def lit(rig, at_ms=1_010):
    rig.turn(at_ms, lit=True)
    return rig


def test_the_dark_asks_for_no_screen(rig):
    rig.turn(10)
    rig.turn(2_000)
    assert not rig.screens
    rig.turn(2_010, served=True)
    assert rig.screens


@pytest.mark.parametrize("state", [NOT_SET, OK])
def test_it_looks_for_another_screen_when_a_second_begins(rig, state):
    """That of the clock, as it will be when the drawing is done."""
    rig.state = state
    rig.zero_us = 1_795_442_709_300_000
    ends_ms = 2_000 if state == NOT_SET else (SECOND_US - 300_000 - DRAWING_US) // 1000 + 1_000
    lit(rig)
    rig.turn(ends_ms - 1)
    assert not rig.screens
    rig.turn(ends_ms)
    ((now_ms, _, clock),) = rig.screens
    assert now_ms == ends_ms
    unix_us = None if state == NOT_SET else 1_795_442_711 * SECOND_US
    assert clock == (state, unix_us, 7, "record")
    rig.turn(ends_ms + 1)
    assert not rig.screens


@pytest.mark.parametrize("moves", [False, True])
def test_what_moves_is_drawn_as_it_does(rig, moves):
    lit(rig).moves = moves
    rig.turn(1_010 + ANIMATION_MS - 1)
    assert not rig.screens
    rig.turn(1_010 + ANIMATION_MS)
    assert bool(rig.screens) is moves
    rig.turn(1_010 + 2 * ANIMATION_MS - 1)
    assert not rig.screens


@pytest.mark.parametrize("change", [{"served": True}, {"ticks": True}, {"is_down": True},
                                    {"lit": False}])  # fmt: skip
def test_it_looks_for_another_screen_when_something_happens(rig, change):
    lit(rig)
    if change == {"lit": False}:
        rig.tick = lambda now_ms: setattr(rig, "lit", False)
        change = {}
    rig.turn(1_020, **change)
    assert rig.screens


def test_the_same_screen_is_drawn_again_only_if_the_display_has_lost_it(rig):
    lit(rig)
    assert ("show", 0, SHOWN) in rig.asked and rig.shown == 0
    assert not rig.did("show", 2_010) and rig.screens
    rig.panel.stale = True
    assert rig.did("show", 3_010)
    rig.panel.stale = False
    assert rig.did("show", 4_010, picture=1)


@pytest.mark.parametrize("works", [False, True])
def test_what_a_display_shows_that_fails(rig, works):
    rig.panel.ok = works
    rig.turn(1_010, lit=True, picture="question", asking=True)
    assert rig.shown == ("question" if works else BLANK)
    assert ("question drawn", works, 1_010) in rig.asked
    assert not rig.did("question drawn", 2_010, picture="code", asking=False)


# --- long work ---------------------------------------------------------------------------------


@pytest.mark.parametrize("first", [False, True])
def test_long_work_is_told_from_its_time_on_and_once_on_the_display(rig, first):
    """Also before the first turn."""
    began_ms = 0 if first else 700
    rig.lit = True
    for _ in range(2):
        if not first:
            rig.turn(began_ms)
        rig.asked.clear()
        rig.now_ms = began_ms + LONG_MS - 1
        rig.storage.working(True)
        assert rig.asked == [("feed",)]
        rig.now_ms = began_ms + LONG_MS
        rig.storage.working(False)
        assert rig.asked[1:] == [("feed",), ("tell", began_ms + LONG_MS, False)]
        rig.storage.working(True)
        rig.storage.working(True)
        shown = [one[1] for one in rig.asked if one[0] == "show"]
        assert shown == [messages.message(messages.SAVING, 0)]
        assert rig.asked.count(("tell", began_ms + LONG_MS, True)) == 2
        if first:
            return
        began_ms += 1_000


def test_long_work_in_the_dark_lights_nothing(rig):
    rig.now_ms = LONG_MS
    rig.storage.working(True)
    assert rig.asked == [("feed",), ("tell", LONG_MS, True)]


def test_long_work_counts_as_a_feeding(rig):
    rig.turn(0)
    rig.now_ms = 50
    rig.storage.working(False)
    assert not rig.did("feed", 50 + FEED_MS - 1)
    assert rig.did("feed", 50 + FEED_MS)


# --- between two turns -------------------------------------------------------------------------


def clean(rig):
    rig.alone = True
    rig.turn(QUIET_MS)
    return rig


@pytest.mark.parametrize(("sleeps_us", "done"), [
    ((IDLE_MS + 1) * 1000 - 1, ("port wait", IDLE_MS)),
    ((IDLE_MS + 1) * 1000, ("sleep", IDLE_MS + 1)),
    (999_999, ("sleep", 999)),
])  # fmt: skip
def test_how_long_it_sleeps(rig, sleeps_us, done):
    clean(rig).sleeps_us = sleeps_us
    assert rig.at_rest() == [done]


@pytest.mark.parametrize("change", [{"lit": True}, {"idle": False}, {"alone": False}])
def test_what_keeps_it_awake(rig, change):
    clean(rig)
    assert rig.at_rest()[0][0] == "sleep"
    for name, value in change.items():
        setattr(rig, name, value)
    assert rig.at_rest() == [("port wait", IDLE_MS)]


def test_a_finger_and_what_is_to_be_cleaned_keep_it_awake(rig):
    rig.alone = True
    assert rig.at_rest() == [("port wait", IDLE_MS)]
    clean(rig).turn(QUIET_MS + 10, is_down=True)
    rig.loop._unclean = False
    assert rig.at_rest() == [("port wait", IDLE_MS)]


def test_it_does_not_rest_while_lines_wait(rig):
    turns = []
    rig.is_pressed = None

    def poll(now_us):
        turns.append(rig.asked.count(("port wait", IDLE_MS)))
        rig.behind = len(turns) < 5
        rig.restart_wanted = "maintenance" if len(turns) > 8 else ""
        return False

    rig.poll = poll
    rig.loop.run()
    assert rig.asked[0] == ("start",)
    assert max(turns) >= 1 and turns[:5] == [0] * 5


def test_the_clock_yields_to_a_finger_until_its_hold_is_known(rig):
    assert not rig.is_pressed()
    rig.is_down = True
    assert rig.is_pressed()  # before a turn has seen it
    for at_ms in range(0, HOLD_MS + 1, 50):
        assert rig.is_pressed()
        rig.turn(at_ms)
    assert not rig.is_pressed()
    rig.turn(HOLD_MS + 100, is_down=False)
    assert not rig.is_pressed()
