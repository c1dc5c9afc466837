"""The main loop: what is drawn, when, and that nothing is forgotten."""

from itertools import pairwise

import pyotp
import pytest

from picototp.codes import base32
from picototp.protocol import frames
from picototp.screens.values import BLANK, CodeScreen, ConfirmScreen, MessageScreen
from wired_token import DRAWING_US, READ_S, SESSION, WiredToken, an_account

DRAW_NS = 25_000_000  # a whole picture at 400 kHz
DRAWING_S = DRAWING_US / 1e6


@pytest.fixture
def token():
    token = WiredToken([an_account("alice"), an_account("bob", period_s=60)])
    token.run(3)
    return token


def judge(token, name, unix_s):
    account = token.vault.account(["alice", "bob"].index(name))
    totp = pyotp.TOTP(base32.encode(account.secret), interval=account.period_s)
    return totp.at(int(unix_s)).encode()


def down(token):
    """Press, and return when that was."""
    token.button.down = True
    return token.clock.now_ns()


def test_a_press_is_answered_within_one_turn(token):
    pressed_ns = down(token)
    token.turn()
    ((shown_ns, screen),) = token.panel.shown
    assert shown_ns - pressed_ns < 10_000_000  # what the loop adds to drawing and waiting
    assert screen.code == judge(token, "alice", token.true_unix_ns() / 1e9)


def test_the_dark_draws_nothing(token):
    token.run(60)
    token.send(b"noise\n\xff\xfe\n")
    token.hello()
    token.request("status")
    token.run(60)
    assert all(screen is BLANK for _, screen in token.panel.shown)
    assert len(token.panel.shown) <= 1


def test_going_dark_is_drawn_once(token):
    token.click()
    token.run(40)
    assert token.screen is BLANK
    count = len(token.panel.shown)
    token.run(10)
    assert len(token.panel.shown) == count


def test_a_screen_that_stands_still_is_drawn_once_a_second(token):
    token.click()
    before = len(token.panel.shown)
    token.run(20)
    assert 19 <= len(token.panel.shown) - before <= 21
    for (_, earlier), (_, later) in pairwise(token.panel.shown[before:]):
        assert earlier != later


def test_a_name_that_scrolls_is_drawn_as_it_moves():
    token = WiredToken([an_account("a very long name of an account@example.com")])
    token.run(3)
    token.click()
    before = len(token.panel.shown)
    token.run(10)
    frames_per_s = (len(token.panel.shown) - before) / 10
    assert 10 < frames_per_s < 20


@pytest.mark.parametrize("draw_ns", [0, DRAW_NS])
@pytest.mark.parametrize("counter_ppm", [-50, 50])
def test_every_screen_shows_the_code_of_its_moment(draw_ns, counter_ppm):
    """The code on the display changes when the RTC's period does, and no screen is ever wrong."""
    token = WiredToken([an_account("alice"), an_account("bob")], counter_ppm=counter_ppm)
    token.panel.draw_ns = draw_ns
    token.run(3)
    token.click()
    changes = []
    last = None
    for _ in range(10):
        token.run(12)
        token.press(100, pause_ms=100)
        token.press(100, pause_ms=100)
        token.press(100, pause_ms=800)
    for shown_ns, screen in token.panel.shown:
        if not isinstance(screen, CodeScreen) or screen.name != "alice":
            continue
        # It is for the moment at which a drawing is finished, most of which take so long.
        begun_ns = shown_ns - draw_ns
        unix_s = (token.true_unix_ns() - token.clock.now_ns() + begun_ns) / 1e9 + DRAWING_S
        if screen.code:
            # It may have been decided on a turn before it was drawn.
            assert screen.code in (
                judge(token, "alice", unix_s - 0.02),
                judge(token, "alice", unix_s + 0.004),  # the counter is off by 50 ppm of a minute
            )
        if last is not None and screen.code != last:
            changes.append(unix_s % 30)
        last = screen.code
    assert len(changes) >= 3


def test_the_code_changes_with_the_period():
    token = WiredToken([an_account("alice")])
    token.run(26 - token.true_unix_ns() / 1e9 % 30)
    token.click()
    token.run(6)
    change_ns = next(ns for ns, screen in token.panel.shown if screen.seconds_left == 30)
    zero_ns = token.true_unix_ns() - token.clock.now_ns()
    assert 0 <= ((change_ns + zero_ns) / 1e9 + DRAWING_S) % 30 < 0.02
    codes = [screen.code for _, screen in token.panel.shown]
    edge_s = (change_ns + zero_ns) / 1e9 + DRAWING_S
    assert sorted(set(codes), key=codes.index) == [
        judge(token, "alice", edge_s - 1),
        judge(token, "alice", edge_s),
    ]


@pytest.mark.parametrize("jump_s", [1, 29, 60, 3600, 86_400 * 365])
def test_no_code_of_a_time_that_has_gone_when_the_rtc_jumped_in_the_dark(token, jump_s):
    token.run(5)
    token.chip.advance(jump_s)
    down(token)
    token.turn()
    assert isinstance(token.screen, CodeScreen)
    assert token.screen.code in (b"", judge(token, "alice", token.chip.unix_ns() / 1e9))
    token.button.down = False
    token.run(2)
    assert token.screen.code == judge(token, "alice", token.chip.unix_ns() / 1e9)


def test_a_clock_that_was_lost_in_the_dark_shows_no_code(token):
    token.chip.osf = True
    down(token)
    token.turn()
    assert token.screen.title == "Clock not set"


def test_a_clock_that_is_lost_while_a_code_is_shown(token):
    token.click()
    token.bus.set_fault("ds3231", "nack")
    token.run(1.2)
    assert token.screen.title == "RTC not found"
    token.bus.set_fault("ds3231", "ok")
    token.run(1.2)
    assert isinstance(token.screen, CodeScreen)


def test_the_first_press_after_power_up_shows_no_neighbours_code():
    for into_s in (29.7, 0.2):
        token = WiredToken([an_account("alice")])
        token.clock.elapse((into_s - token.true_unix_ns() / 1e9) % 30)
        token.restart()
        down(token)
        for _ in range(300):
            token.turn()
            token.button.down = False
            right = judge(token, "alice", token.true_unix_ns() / 1e9)
            assert token.screen.code in (b"", right)
        assert token.screen.code == right


def test_the_watchdog_is_fed_ten_times_a_second(token):
    token.click()
    token.run(60)
    fed_ns = token.watchdog.fed_ns
    gaps_ms = [(b - a) / 1e6 for a, b in pairwise(fed_ns)]
    assert max(gaps_ms) < 160
    assert len(gaps_ms) < 60 * 11


def test_a_display_that_comes_back_gets_the_screen_again(token):
    token.chip.osf = True
    token.click()
    token.run(3)
    count = len(token.panel.shown)
    token.run(3)
    assert len(token.panel.shown) == count  # it stands still
    token.panel.stale = True
    token.run(1.1)
    assert token.panel.shown[count:][0][1] == token.panel.shown[count - 1][1]
    token.panel.stale = False
    count = len(token.panel.shown)
    token.run(3)
    assert len(token.panel.shown) == count


def test_a_question_is_shown_in_the_turn_in_which_it_came(token):
    token.hello()
    token.port.incoming += frames.encode(frames.REQUEST_MARK, {"id": 1, "s": SESSION, "op": "wipe"})
    token.turn()
    assert isinstance(token.screen, ConfirmScreen)
    token.run(READ_S)
    down(token)
    before = len(token.panel.shown)
    token.run(0.75)
    held = [screen.held_px for _, screen in token.panel.shown[before:]]
    assert len(held) >= 7
    assert held == sorted(held)
    token.run(0.2)
    assert isinstance(token.screen, MessageScreen)
    assert token.screen.title == "No accounts yet"


@pytest.mark.parametrize("before_edge_ms", [60, 40, 20, 8, 4])
def test_a_press_does_not_wait_for_a_rollover(token, before_edge_ms):
    second_ns = 1_000_000_000
    token.run((second_ns - token.true_unix_ns() % second_ns) / 1e9 - 0.2)
    edge_ns = token.clock.now_ns() + second_ns - token.true_unix_ns() % second_ns
    pressed_ns = edge_ns - before_edge_ms * 1_000_000
    seen = token.keeper.rollovers_seen
    token.keeper.want_rollover()
    token.button.is_down = lambda: token.clock.now_ns() >= pressed_ns
    while not token.panel.shown:
        token.turn(wait_ms=5)
    shown_ns, _ = token.panel.shown[0]
    assert shown_ns - pressed_ns < 10_000_000
    assert token.keeper.rollovers_seen == seen
    token.keeper.want_rollover()
    token.run(1.2)  # with the button still held
    assert token.keeper.rollovers_seen == seen + 1


def test_two_clicks_while_the_loop_is_held_up_are_no_yes(token):
    token.hello()
    assert token.request("wipe")["wait"] == "button"
    token.button.down = True
    token.turn()
    token.clock.elapse(1)  # he let go, and pressed again
    token.run(0.1)
    token.button.down = False
    assert token.answered()["error"]["code"] == "refused"


def test_no_hold_waits_for_a_rollover(token):
    token.keeper.uncertainty_us = 10_000  # then it is awaited for the longest
    token.panel.draw_ns = 37_000_000
    rollovers = token.keeper.rollovers_seen
    second_ns = 1_000_000_000
    token.run((second_ns - token.true_unix_ns() % second_ns) / 1e9 - 0.5)
    pressed_ns = down(token)
    while not token.loop._gestures.held:
        token.turn(wait_ms=5)
    assert token.clock.now_ns() - pressed_ns < 900_000_000
    assert token.keeper.rollovers_seen == rollovers


def test_no_press_waits_until_all_accounts_have_been_read(token):
    """A few in each turn, and none in the turn that draws the code."""
    for number in range(20):
        token.vault.add(an_account(f"more {number}", period_s=60 - 2 * number))
    looks = []
    shortest = token.vault.shortest_period_s

    def looking(first, count):
        looks.append((token.clock.now_ns(), first, count))
        return shortest(first, count)

    token.vault.shortest_period_s = looking
    token.keeper.record.set_unix_s = token.true_unix_ns() // 10**9 - 5
    token.keeper.record.set_uncertainty_us = 8_000_000  # above a third of 22 s, below one of 30 s
    down(token)
    token.turn()
    assert not looks
    assert token.screen.code and "ago" in token.screen.clock_line
    token.button.down = False
    token.run(1.5)
    assert [look[1:] for look in looks] == [(first, 8) for first in range(0, len(token.vault), 8)]
    assert len({look[0] for look in looks}) == len(looks)
    assert token.screen.clock_line.startswith("sync me")


def test_it_runs_until_the_board_wants_to_restart(token):
    turns = 0

    def is_down():
        nonlocal turns
        turns += 1
        token.restart_wanted = turns == 100
        return False

    token.button.is_down = is_down
    began_ns = token.clock.now_ns()
    token.loop.run()
    assert turns == 100
    assert token.clock.now_ns() - began_ns > 99 * 5_000_000


def slow_flash(token, pieces=20, piece_s=0.4):
    """Have the next removal take so long, with one look around after each piece."""
    remove = token.vault.remove

    def slowly(index):
        for _ in range(pieces):
            token.clock.elapse_ns(round(piece_s * 1e9))
            token.storage.breathe(True)
        remove(index)

    token.vault.remove = slowly


ALICE = {"issuer": "Example", "name": "alice"}


def test_a_change_on_a_slow_flash_is_fed_and_told(token):
    """On the display, and to the host that waits for it."""
    token.hello()
    token.request("remove", **ALICE)
    slow_flash(token)
    token.watchdog.fed_ns.clear()
    token.button.down = True
    said = [token._mine(token.awaited()) for _ in range(1)]
    said += [token._mine(one) for one in token.answers()]
    assert token.panel.shown[-2][1].title == "Saving..."
    token.run(0.2)
    assert token.screen.name != "alice"
    gaps_s = [(b - a) / 1e9 for a, b in pairwise(token.watchdog.fed_ns)]
    assert 0.4 <= max(gaps_s) < 0.5
    assert said[0] == {"wait": "working", "timeout_ms": 10_000}


def test_the_host_hears_of_it_again_and_again_and_then_the_answer(token):
    token.hello()
    token.request("remove", **ALICE)
    slow_flash(token)
    token.button.down = True
    token.run(2)
    said = [token._mine(one) for one in token.answers()]
    assert [one.get("wait") for one in said] == ["working", "working", None]
    assert said[-1]["ok"] is True


def test_whoever_else_speaks_meanwhile_is_told_to_wait(token):
    token.hello()
    token.request("remove", **ALICE)
    slow_flash(token)
    hello = frames.encode(frames.REQUEST_MARK, {"id": 9, "s": "other", "op": "hello", "v": 1})
    breathe = token.storage.breathe

    def speak(saves):
        if token.clock.now_ns() - began_ns > 5e9 and not heard:
            heard.append(1)
            token.port.incoming += b"noise\n" + hello
        breathe(saves)

    heard, began_ns = [], token.clock.now_ns()
    token.storage.breathe = speak
    token.button.down = True
    token.run(2)
    busy = [one for one in token.answers() if one["s"] == "other"]
    assert [(one["id"], one["error"]["code"], one["error"]["wait_s"]) for one in busy] == [
        (9, "busy", 1)
    ]
    assert not token.vault.find("Example", "alice") >= 0


def test_quick_work_shows_nothing_and_a_dark_display_stays_dark(token):
    token.hello()
    shown = len(token.panel.shown)
    token.loop.turn()
    token.clock.elapse_ns(200_000_000)
    token.storage.breathe(True)
    assert len(token.panel.shown) == shown
    token.clock.elapse_ns(200_000_000)
    token.storage.breathe(True)
    assert len(token.panel.shown) == shown and not token.interface.lit


# --- on a battery ------------------------------------------------------------------------------

QUIET_S = 3


def rest(token, seconds):
    """The main loop as it runs by itself; the share of that time it slept."""
    token.slept_ms.clear()
    began_ns = token.clock.now_ns()
    while token.clock.now_ns() - began_ns < seconds * 1e9:
        token.loop.turn()
        token.loop.rest()
    return sum(token.slept_ms) * 1e6 / (token.clock.now_ns() - began_ns)


@pytest.fixture
def alone(token):
    """In the dark, with nothing at its USB socket, and nothing to be cleaned."""
    token.alone = True
    rest(token, QUIET_S + 2)
    return token


def test_in_the_dark_it_sleeps_and_feeds_the_watchdog(alone):
    before = len(alone.watchdog.fed_ns)
    assert rest(alone, 300) > 0.95
    fed_ns = alone.watchdog.fed_ns[before:]
    assert all(b - a < 2_000_000_000 for a, b in pairwise(fed_ns)) and len(fed_ns) > 200
    assert max(alone.slept_ms) <= 1000


def test_asleep_it_keeps_its_clock(alone):
    """A counter that runs 50 ppm wrong is off by 3 ms a minute, and the RTC is looked at closely
    once in each."""
    for _ in range(10):
        seen = alone.keeper.rollovers_seen
        rest(alone, 70)
        assert alone.keeper.rollovers_seen > seen
        assert abs(alone.error_us()) < 5_000
        assert alone.keeper.uncertainty_us < 5_000


def test_a_token_whose_clock_is_lost_looks_for_it_each_second(alone):
    alone.chip.lose_power()
    rest(alone, 5)
    assert alone.keeper.state != "ok"
    assert rest(alone, 60) > 0.95
    alone.chip.set_unix_ns(round(alone.true_unix_ns()))
    rest(alone, 5)
    assert alone.keeper.state == "ok"


def test_with_a_host_it_never_sleeps(token):
    assert rest(token, 60) == 0


def test_lit_it_does_not_sleep(alone):
    alone.click()
    assert rest(alone, 25) == 0


def test_while_flash_may_have_to_be_cleaned_it_does_not_sleep(alone):
    alone.click()
    rest(alone, 40)
    alone.loop._clean, alone.loop._unclean = lambda: True, True
    assert rest(alone, 10) == 0
    alone.loop._clean = lambda: False
    assert rest(alone, 10) > 0.9


def test_a_token_that_locks_does_so_in_its_sleep(alone):
    """What is timed in the main loop goes on, a second late at most."""
    alone.click()
    rest(alone, 29)
    assert alone.interface.lit
    rest(alone, 2)
    assert alone.screen is BLANK


def test_what_is_under_way_with_a_host_that_was_unplugged_is_ended_first(token):
    token.hello()
    token.request("wipe", reads=False)
    token.alone = True
    assert rest(token, 20) == 0
    rest(token, 15 + 30 + QUIET_S)
    assert rest(token, 60) > 0.95
