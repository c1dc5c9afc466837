"""A token whose firmware runs on whatever this computer has: the unix port, else the chip.

MicroPython's unix port has packages for Linux on x86-64 and macOS on ARM. Elsewhere the emulated
chip runs the firmware, which it then finds in its flash.
"""

from host_tools.errors import ToolError
from host_tools.pico import board_files, littlefs_image
from host_tools.pico.micropython_image import cached_image, find_image
from host_tools.pico.uf2 import Image
from host_tools.simulator.board import VirtualBoard
from host_tools.simulator.rp2040.boot_rom import boot_rom
from host_tools.simulator.rp2040.javascript import node
from host_tools.simulator.unix_engine import find_interpreter


def image_in_place_of_unix_port() -> Image | None:
    """What the emulated chip has to run here; None where the unix port can run the firmware.

    ToolError says what is missing if neither can.
    """
    if find_interpreter() is not None:
        return None
    try:
        node()
        boot_rom()
    except ToolError as error:
        raise ToolError(f"MicroPython has no package for this computer; {error.message}") from error
    if cached_image() is None:
        raise ToolError(
            "MicroPython has no package for this computer, and the emulated chip needs an image of "
            "it: picototp simulate --engine rp2040 fetches it once"
        )
    return find_image(None)


def install_on_blank(board: VirtualBoard) -> None:
    """Put the firmware into the flash, as an installation would, unless something is there."""
    if board.flash.blank:
        board.flash.fill(littlefs_image.file_system(board_files.collect()))
