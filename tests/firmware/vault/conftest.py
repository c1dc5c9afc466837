"""For the tests of the vault: PINs take milliseconds, unless a test asks for the real thing."""

import pytest

import quick_pbkdf2


@pytest.fixture(autouse=True)
def quick(request):
    """`@pytest.mark.usefixtures("slow_pins")` keeps the firmware's own PBKDF2."""
    if "slow_pins" in request.fixturenames:
        yield
        return
    with quick_pbkdf2.patched():
        yield


@pytest.fixture
def slow_pins():
    """The firmware's own PBKDF2."""
