"""`picototp image`: one UF2 file of MicroPython and the firmware, to be dragged onto a new Pico."""

from pathlib import Path

import click

import picototp
from host_tools.commands.command_line import command
from host_tools.commands.terminal import board_option, say
from host_tools.errors import ToolError
from host_tools.pico import board_files, littlefs_image, micropython_image, uf2
from host_tools.pico.boards import BOARDS, PICO, Board


@command(
    short_help="Make one UF2 file of MicroPython and the firmware.",
    epilog="""\b
Examples:
  picototp image -o token.uf2
  picototp image -o token.uf2 --image RPI_PICO-20260406-v1.28.0.uf2
  picototp image -o token.uf2 --board pico2 --image RPI_PICO2-20260406-v1.28.0.uf2
""",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="FILE",
    help="The file to write.",
)
@click.option(
    "--image",
    "micropython",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="This MicroPython (.uf2) instead of the official one.",
)
@board_option
def image(output: Path, micropython: Path | None, board_name: str | None) -> None:
    """Make one UF2 file of MicroPython and the firmware.

    Hold BOOTSEL while you plug a Pico in, copy the file onto the drive that appears, and the Pico
    is a token. Whatever was on it before is erased, accounts included.
    """
    board = BOARDS[board_name or PICO.name]
    base = micropython_image.find_image(micropython, say, board)
    data = token_uf2(base, board)
    try:
        output.write_bytes(data)
    except OSError as error:
        raise ToolError(f"cannot write {output}: {error.strerror}") from error
    say(f"{output}: MicroPython from {base.path.name} and firmware {picototp.__version__}")


def token_uf2(base: uf2.Image, board: Board = PICO) -> bytes:
    """MicroPython and a file system with the firmware as UF2. ToolError if they do not fit.

    The whole file system is in it, empty blocks too: half of an older one that stayed behind could
    be taken for the newer one, and old accounts would still be in the flash.
    """
    start = board.file_system_start
    if any(offset + len(content) > start for offset, content in base.blocks.items()):
        raise ToolError(f"{base.path} reaches into the file system; give a plain MicroPython image")
    blocks = dict(base.blocks)
    content = littlefs_image.file_system(board_files.collect(), board.file_system_size)
    for offset in range(0, len(content), uf2.UF2_PAYLOAD):
        blocks[start + offset] = content[offset : offset + uf2.UF2_PAYLOAD]
    return uf2.write_uf2(blocks, board, base.first)
