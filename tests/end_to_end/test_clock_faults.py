"""What goes wrong while the clock is set, and who may set it, on real MicroPython.

Afterwards the token shows the old time, the new one, or none: never a wrong time taken for right.
"""

import os
import random

import pytest

from host_tools.errors import ToolError
from host_tools.simulator.devices.flash import Tear

SEED = int(os.environ.get("PICOTOTP_TEST_SEED", random.randrange(1 << 32)))
DAY_US = 86_400_000_000
# A second's edge is so near, that nobody waits for it: the token needs some 20 ms before it.
PHASE_US = 940_000
AT_ONCE_NS = 200_000


class Clock:
    """A token's clock under test: `offset_ns` is how far the RTC is ahead of the board's time."""

    def __init__(self, hands) -> None:
        self.hands = hands
        self.board = hands.token.board
        self._zero_ns = self.offset_ns()

    def offset_ns(self) -> int:
        while True:
            with self.board.lock:
                before_ns = self.board.clock.now_ns()
                held_ns = self.board.rtc.unix_ns()
                after_ns = self.board.clock.now_ns()
            if after_ns - before_ns < AT_ONCE_NS:  # else this process was held up in between
                return held_ns - after_ns

    def move(self, client, step_us: int) -> dict:
        """Ask for a time about so far ahead of the token's, the next second of which is near."""
        now = client.request("time")
        told_us = now.get("unix_us", (self._zero_ns + self.board.clock.now_ns()) // 1000)
        wanted_us = told_us + step_us
        wanted_us += (PHASE_US - wanted_us) % 1_000_000 - 500_000
        wanted_us += (PHASE_US - wanted_us) % 1_000_000
        return client.request(
            "set_time", unix_us=wanted_us, ticks_us=now["ticks_us"], uncertainty_us=1000
        )

    def state(self) -> str:
        with self.hands.client() as client:
            return client.status().clock.state

    def restart(self) -> None:
        token = self.hands.token
        token.power(False)
        token.power(True)
        assert token.engine.ready.wait(20)


@pytest.fixture
def clock(hands) -> Clock:
    clock = Clock(hands)
    with hands.client() as client:
        clock.move(client, 0)
    return clock


def operations_of_a_setting(clock: Clock) -> int:
    flash = clock.board.flash
    before = flash.operations
    with clock.hands.client() as client:
        clock.move(client, 1_000_000)
    return flash.operations - before


@pytest.mark.parametrize("tear", [None, *Tear])
def test_a_power_cut_at_each_operation_of_the_flash(clock, tear):
    print(f"seed {SEED}")
    total = operations_of_a_setting(clock)
    assert total > 4
    states = []
    for number in range(1, total + 2):
        old_ns = clock.offset_ns()
        with clock.hands.client() as client:
            if client.request("time")["state"] != "ok":
                clock.move(client, 0)
                old_ns = clock.offset_ns()
            clock.board.flash.cut_after(number, tear, SEED + number)
            try:
                clock.move(client, 1_000_000)
                done = True
            except ToolError:
                done = False
        new_ns = clock.offset_ns()
        clock.restart()
        states.append(clock.state())
        moved_ns = clock.offset_ns() - old_ns
        assert abs(moved_ns - (new_ns - old_ns)) < 1_000_000
        assert states[-1] == "ok" if done else states[-1] in ("ok", "not-set")
        assert abs(moved_ns) < 1_000_000 or 300_000_000 < moved_ns < 3_000_000_000, moved_ns
    print(states)
    assert {"ok", "not-set"} == set(states)  # cuts before the mark and after it were among them


def test_the_rtc_loses_its_power_at_each_operation(clock):
    total = operations_of_a_setting(clock)
    states = []
    for number in range(1, total + 1):
        left = [number]

        def lose(offset: int, data: bytes, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] == 0:
                clock.board.rtc.lose_power()

        with clock.hands.client() as client:
            if client.request("time")["state"] != "ok":
                clock.move(client, 0)
            before_ns = clock.offset_ns()
            clock.board.flash.on_operation = lose
            try:
                clock.move(client, 1_000_000)
            except ToolError:
                pass  # it says what it found
            clock.board.flash.on_operation = lambda offset, data: None
        states.append(clock.state())
        if states[-1] == "ok":
            assert 300_000_000 < clock.offset_ns() - before_ns < 3_000_000_000
    print(states)
    assert "not-set" in states


def test_a_reset_before_the_write(clock):
    hands = clock.hands
    before_ns = clock.offset_ns()

    def agree_and_reset() -> None:
        hands.yes()
        hands.token.engine.reset()
        raise InterruptedError

    with hands.client(agree_and_reset) as client, pytest.raises(InterruptedError):
        clock.move(client, 10_000_000)
    assert hands.token.engine.ready.wait(20)
    moved_ns = clock.offset_ns() - before_ns
    state = clock.state()
    assert state == "not-set" or abs(moved_ns) < 10**6 or 9 * 10**9 < moved_ns < 12 * 10**9


def never_asked() -> None:
    raise AssertionError("the user was asked")


def test_a_time_traveller_without_the_button(clock):
    """Forward by a year in steps of any size: nowhere near it, and back is refused and logged."""
    hands, asked = clock.hands, []

    def refuse() -> None:
        asked.append(None)
        hands.no()

    before_ns = clock.offset_ns()
    with hands.client(refuse) as client:
        for step_us in (500_000, 1_000_000, 365 * DAY_US, DAY_US, 3_600_000_000, 60_000_000):
            try:
                clock.move(client, step_us)
            except ToolError as error:
                assert error.exit_code == 4
        assert asked
        moved_ns = clock.offset_ns() - before_ns
        assert moved_ns < 2_100_000_000
        status = client.status().clock
        assert status.refused == len(asked)
    with hands.client() as client:
        clock.move(client, DAY_US)  # a borrowed token: the traveller has the button for once ...
    with hands.client(refuse) as client:
        with pytest.raises(ToolError, match="no"):
            clock.move(client, -DAY_US)  # ... and does not get back without it
        log, total = [], 1
        while len(log) < total:
            answer = client.request("clock_log", **{"from": len(log)})
            log, total = log + answer["entries"], answer["total"]
        assert (log[-1]["kind"], log[-2]["kind"]) == ("refused", "confirmed")
        assert log[-1]["step_us"] == pytest.approx(-DAY_US, abs=2_000_000)
        assert client.status().clock.jump_s == pytest.approx(86_400, abs=2)
    hands.wake()
    hands.sees("No accounts yet")


def test_small_corrections_ask_nobody(clock):
    clock.hands.elapse(3)  # else it would be back past what it was just set to
    with clock.hands.client(never_asked) as client:
        answer = clock.move(client, -400_000)
    assert answer["confirmed"] is False
