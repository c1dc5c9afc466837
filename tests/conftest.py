"""For all tests: Ctrl-C reaches the programs that they start; the user's data stay as they are.

A shell starts what it puts in the background with SIGINT ignored, and children inherit that.
"""

import signal

import pytest

from host_tools.clock_history import DATA_VARIABLE

signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def data_folder(tmp_path_factory):
    """What the tools remember of the tests' tokens is no business of the user's own folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(DATA_VARIABLE, str(tmp_path_factory.mktemp("data")))
        yield
