"""Fixtures: emulated Picos, blank or with the firmware, on an official MicroPython image.

PICOTOTP_CHIP=must makes the want of an image or of Node a failure, and with PICOTOTP_CHIP=all the
chip starts after every power cut, and not only after a sample of them.
"""

from pathlib import Path

import pytest

from host_tools.client.ports import PATIENCE_VARIABLE
from host_tools.pico import board_files, micropython_image
from host_tools.pico.littlefs_image import file_system
from host_tools.pico.uf2 import Image
from host_tools.simulator.board import VirtualBoard
from host_tools.simulator.virtual_token import VirtualToken
from tests.chip.chip_bench import ALL, PATIENCE_OF_TOOLS, Bench

HERE = Path(__file__).parent
_HOURS_S = 4 * 3600


def pytest_collection_modifyitems(items):
    """With PICOTOTP_CHIP=all a test may have hundreds of starts."""
    for item in items if ALL else ():
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.timeout(_HOURS_S))


@pytest.fixture(scope="module", autouse=True)
def patient_tools():
    """The tools wait for a chip on a busy computer; here a hang ends otherwise."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(PATIENCE_VARIABLE, str(PATIENCE_OF_TOOLS))
        yield


@pytest.fixture(scope="session")
def image() -> Image:
    """The image of the cache. Tests that may do without are not even collected then."""
    if micropython_image.cached_image() is None:
        pytest.fail("no MicroPython image: picototp simulate --engine rp2040 --headless gets it")
    return micropython_image.find_image(None)


@pytest.fixture(scope="session")
def firmware(image) -> bytes:
    """The file system of a token that was just installed."""
    return file_system(board_files.collect())


@pytest.fixture(scope="module")
def plug_in(image):
    """Gives power to a board; it loses it when the module's tests are done."""
    tokens = []

    def plug(board: VirtualBoard, image: Image = image) -> VirtualToken:
        token = VirtualToken(board, image=image)
        tokens.append(token)
        return token.__enter__()

    yield plug
    for token in tokens:
        token.close()


@pytest.fixture(scope="module")
def bench(plug_in) -> Bench:
    """A blank Pico at MicroPython's prompt, with all its devices."""
    return Bench(plug_in(VirtualBoard()))
