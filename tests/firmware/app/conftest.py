"""A token's interface in somebody's hands."""

import pytest

from tests.firmware.app.finger_rig import AT_MS, Token
from tests.firmware.app.interface_rig import Hands


@pytest.fixture
def hands():
    return Hands()


@pytest.fixture
def awake(hands):
    hands.wake()
    return hands


@pytest.fixture
def dark():
    return Token(*"abcd")


@pytest.fixture
def lit(dark):
    """Since a click at AT_MS."""
    dark.click(AT_MS)
    return dark


@pytest.fixture
def pinned(dark):
    """It has a PIN, which was entered, and locks 5 s after the dark."""
    dark.vault.has_pin, dark.vault.lock_after_s = True, 5
    return dark


@pytest.fixture
def locked(pinned):
    pinned.vault.locked = True
    return pinned
