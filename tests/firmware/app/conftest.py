"""A token's interface in somebody's hands."""

import pytest

from tests.firmware.app.interface_rig import Hands


@pytest.fixture
def hands():
    return Hands()


@pytest.fixture
def awake(hands):
    hands.wake()
    return hands
