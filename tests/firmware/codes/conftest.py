"""A MicroPython of its own for every test file here: NIST's messages would leave others no heap."""

import pytest

from interpreters import Worker


@pytest.fixture(scope="module")
def micropython():
    """MicroPython alone, for what only it can run (viper)."""
    with Worker() as worker:
        yield worker


@pytest.fixture(scope="module", params=["cpython", "micropython"])
def interpreter(request):
    """`call(module, function, *args)` and `get(module, constant)` on either interpreter."""
    return request.getfixturevalue(request.param)
