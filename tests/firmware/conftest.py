"""The fixtures that run firmware tests on both interpreters, and some on an emulated chip.

Every file has a MicroPython of its own: its heap is as small as a Pico's, and what the tests of
others have left there would decide whether one passes.
"""

import pytest

from chip_interpreter import OnChip
from host_tools.pico import micropython_image
from interpreters import InProcess, Worker


@pytest.fixture(scope="session")
def cpython():
    """CPython alone, as the other side of a comparison."""
    with InProcess() as here:
        yield here


@pytest.fixture(scope="module")
def micropython():
    """MicroPython alone, for what only it can run (viper)."""
    with Worker() as worker:
        yield worker


@pytest.fixture(scope="module")
def rp2040():
    """MicroPython on an emulated RP2040. Tests that may do without are not even collected then."""
    if micropython_image.cached_image() is None:
        pytest.fail("no MicroPython image: picototp simulate --engine rp2040 --headless gets it")
    with OnChip(micropython_image.find_image(None)) as chip:
        yield chip


@pytest.fixture(scope="module", params=["cpython", "micropython"])
def interpreter(request):
    """`call(module, function, *args)` and `get(module, constant)` on either interpreter."""
    return request.getfixturevalue(request.param)
