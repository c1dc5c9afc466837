"""The fixture that runs firmware tests on both interpreters."""

import pytest

from interpreters import InProcess, Worker


@pytest.fixture(scope="session")
def cpython():
    """CPython alone, as the other side of a comparison."""
    with InProcess() as here:
        yield here


@pytest.fixture(scope="session")
def micropython():
    """MicroPython alone, for what only it can run (viper)."""
    with Worker() as worker:
        yield worker


@pytest.fixture(scope="session", params=["cpython", "micropython"])
def interpreter(request):
    """`call(module, function, *args)` and `get(module, constant)` on either interpreter."""
    return request.getfixturevalue(request.param)
