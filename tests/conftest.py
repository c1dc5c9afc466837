"""For all tests: Ctrl-C reaches the programs that they start; the user's data stay as they are.

A shell starts what it puts in the background with SIGINT ignored, and children inherit that.

Without a MicroPython image, or without Node, what needs the emulated RP2040 is left out, and one
line says so. PICOTOTP_CHIP=must makes that a failure (tests/chip/conftest.py).
"""

import gc
import os
import signal

import hypothesis
import pytest

import idle_collector
from host_tools.clock.history import DATA_VARIABLE
from host_tools.errors import ToolError
from host_tools.pico import micropython_image
from host_tools.simulator.rp2040.javascript import emulator_command
from interpreters import Worker
from judges import needs_time_server, skip_without_judge
from time_server import running_time_server

NO_IMAGE = (
    "the tests on the emulated RP2040 were left out: no MicroPython image is in the cache; "
    "fetch it once: picototp simulate --engine rp2040 --headless"
)

idle_collector.install()
signal.signal(signal.SIGINT, signal.default_int_handler)
# A loaded machine is slow; that is no failure of what it runs.
hypothesis.settings.register_profile("picototp", deadline=None)
hypothesis.settings.load_profile("picototp")


@pytest.fixture(scope="session", autouse=True)
def data_folder(tmp_path_factory):
    """What the tools remember of the tests' tokens is no business of the user's own folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(DATA_VARIABLE, str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(scope="module")
def prober():
    """MicroPython for this computer with room for a whole flash, for the probes of power cuts: for
    twenty of them, as whatever looks like a pointer keeps one of 1.4 MB from being let go."""
    with Worker(heap_size="32m") as micropython:
        yield micropython


@pytest.fixture(scope="module")
def time_server():
    """HOST:PORT of a real NTP server that serves this computer's clock."""
    with running_time_server() as name:
        yield name


THOROUGH = "the longest tests were left out: make test-chip runs them"


def _why_not_on_the_chip() -> str | None:
    """What is missing for the tests on the emulated RP2040, if they may be left out then."""
    if os.environ.get("PICOTOTP_CHIP"):
        return None
    if micropython_image.cached_image() is None:
        return NO_IMAGE
    try:
        emulator_command()
    except ToolError as error:
        return f"the tests on the emulated RP2040 were left out: {error.message}"
    return None


def pytest_runtest_setup(item):
    skip_without_judge(item)


def pytest_itemcollected(item):
    """`-m judge` also finds the tests that use a judge through a fixture."""
    if "time_server" in item.fixturenames:
        item.add_marker(needs_time_server)


def pytest_collection_modifyitems(config, items):
    """One line for all that is left out, instead of one for each."""
    if os.environ.get("PICOTOTP_CHIP"):
        return
    marker = "chip" if _why_not_on_the_chip() else "thorough"
    left_out = [item for item in items if item.get_closest_marker(marker)]
    if left_out:
        items[:] = [item for item in items if item not in set(left_out)]
        config.hook.pytest_deselected(items=left_out)


def pytest_collection_finish():
    """The firmware collects garbage when it is idle, which must not take the longer the more tests
    there are: what is there by now is never looked at again."""
    gc.freeze()


def pytest_terminal_summary(terminalreporter):
    if reason := _why_not_on_the_chip():
        terminalreporter.write_line(f"SKIPPED {reason}")
    elif not os.environ.get("PICOTOTP_CHIP"):
        terminalreporter.write_line(f"SKIPPED {THOROUGH}")
