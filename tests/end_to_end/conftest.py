"""Fixtures: virtual tokens, with hands on them."""

import signal

import pytest

from host_tools.simulator.board import VirtualBoard
from host_tools.simulator.virtual_token import VirtualToken
from tests.end_to_end.hands import Hands
from tests.end_to_end.simulator_process import Simulator


@pytest.fixture
def boot():
    """Boot a token with `VirtualBoard`'s options; it loses power at the end of the test.

    `unix_s` is what its RTC holds, if not the present time.
    """
    tokens = []

    def boot_one(state=None, unix_s=None, **options) -> Hands:
        token = VirtualToken(VirtualBoard(state, **options))
        if unix_s is not None:
            token.board.rtc.set_unix_ns(int(unix_s * 1e9))
        hands = Hands(token)
        tokens.append(token.__enter__())
        return hands

    yield boot_one
    for token in tokens:
        token.close()


@pytest.fixture
def hands(boot) -> Hands:
    """Hands on a token that has just booted: its clock is set, and it holds no account."""
    return boot()


@pytest.fixture
def simulate(tmp_path):
    """Starts simulators that use the test's folder; one at a time."""
    running = []

    def start(*options) -> Simulator:
        running.append(Simulator(tmp_path, *options))
        return running[-1]

    yield start
    for simulator in running:
        if simulator.process.poll() is None:
            simulator.end(signal.SIGKILL)
