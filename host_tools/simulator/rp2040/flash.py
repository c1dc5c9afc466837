"""The flash chip of an emulated Pico: its file system is the board's Flash, written through.

Node has the chip's commands and its memory; here is what its operations do to the board, and how
long they take.
"""

from collections.abc import Callable

from host_tools.pico.flash_layout import FILE_SYSTEM_START, FLASH_SIZE, PAGE_SIZE, SECTOR_SIZE
from host_tools.pico.uf2 import Image
from host_tools.simulator.board import VirtualBoard
from host_tools.simulator.devices.flash import PowerCut


class FlashChip:
    """`on_cut` is called when the board's flash says that the power has failed."""

    def __init__(self, board: VirtualBoard, on_cut: Callable[[], None]) -> None:
        self._board = board
        self._on_cut = on_cut

    def content(self, image: Image) -> bytes:
        """All of the flash at power-up: the image, and the board's file system. A blank board gets
        the one that the image brings, if it brings one."""
        content = bytearray(b"\xff" * FLASH_SIZE)
        for offset, block in image.blocks.items():
            content[offset : offset + len(block)] = block
        flash = self._board.flash
        files = slice(FILE_SYSTEM_START, FILE_SYSTEM_START + flash.size)
        if _is_blank(flash.read(0, flash.size)):
            for offset in range(0, flash.size, PAGE_SIZE):
                page = bytes(content[files][offset : offset + PAGE_SIZE])
                if not _is_blank(page):
                    flash.program(offset, page)
        content[files] = flash.read(0, flash.size)
        return bytes(content)

    def erase_ns(self, size: int) -> int:
        """How long it takes to erase that much at once."""
        times = self._board.flash.times
        return times.sector_erase_ns if size == SECTOR_SIZE else times.block_erase_ns

    def program_ns(self) -> int:
        """How long it takes to program a page, or a part of one."""
        return self._board.flash.times.page_program_ns

    def erase(self, address: int, size: int) -> None:
        """Erase the part that is the file system's."""
        first = address - FILE_SYSTEM_START
        with self._board.lock:
            for offset in range(first, first + size, SECTOR_SIZE):
                if 0 <= offset < self._board.flash.size:
                    self._operate(self._board.flash.erase, offset // SECTOR_SIZE)

    def program(self, address: int, data: bytes) -> None:
        """Program the page, if it is the file system's."""
        offset = address - FILE_SYSTEM_START
        if 0 <= offset < self._board.flash.size:
            with self._board.lock:
                self._operate(self._board.flash.program, offset, data)

    def _operate(self, operation: Callable[..., None], *arguments: int | bytes) -> None:
        try:
            operation(*arguments)
        except PowerCut:
            self._on_cut()


def _is_blank(content: bytes) -> bool:
    return content.count(0xFF) == len(content)
