"""A MicroPython image that takes the emulated board for what it is: a Raspberry Pi Pico.

Whoever has an image for another board with the same chip, has one that names that board; the
firmware goes by the name where it looks for VBUS.
"""

import re
from dataclasses import replace

from host_tools.pico.uf2 import UF2_PAYLOAD, Image

NAME = b"Raspberry Pi Pico with RP2040"
_BANNER = re.compile(rb"; ([ -~]+ with RP2040)\0")  # what follows the version


def as_pico(image: Image) -> Image:
    """The image with the Pico's name in it. ValueError if it has no name, or no room for that."""
    content = bytearray(max(image.blocks) + UF2_PAYLOAD)
    for at, data in image.blocks.items():
        content[at : at + len(data)] = data
    banner = _BANNER.search(content)
    if banner is None or len(banner[1]) < len(NAME):
        raise ValueError(f"{image.path} is for no board whose name could be the Pico's")
    named = bytes(content).replace(banner[1], NAME.ljust(len(banner[1])))
    blocks = {at: named[at : at + len(data)] for at, data in image.blocks.items()}
    return replace(image, blocks=blocks)
