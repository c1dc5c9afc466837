"""The flash chip of an emulated Pico: its file system is the board's Flash, written through.

Also here, because they are answers of the flash chip: how long it takes to erase and program, and
the unique number of the board.
"""

from collections.abc import Callable

from rp2040py.peripherals.ssi import (
    CMD_BLOCK_ERASE,
    CMD_PAGE_PROGRAM,
    CMD_SECTOR_ERASE,
    FLASH_BLOCK_SIZE,
    FLASH_SECTOR_SIZE,
)
from rp2040py.rp2040 import RP2040

from host_tools.pico.flash_layout import FILE_SYSTEM_START, PAGE_SIZE
from host_tools.simulator.board import VirtualBoard
from host_tools.simulator.devices.flash import PowerCut

_CMD_READ_UNIQUE_ID = 0x4B
_UNIQUE_ID_AT = 5  # the command, four bytes that do not matter, then the number
# Typical times of a Pico's W25Q16JV (Winbond data sheet, AC electrical characteristics).
SECTOR_ERASE_NS = 45_000_000
BLOCK_ERASE_NS = 150_000_000
PAGE_PROGRAM_NS = 400_000


class FlashChip:
    """Puts itself between the emulator's flash interface and its memory.

    `on_cut` is called when the board's flash says that the power has failed.
    """

    def __init__(self, mcu: RP2040, board: VirtualBoard, on_cut: Callable[[], None]):
        self._ssi = mcu.ssi
        self._memory = mcu.flash
        self._clock = mcu.clock
        self._board = board
        self._on_cut = on_cut
        self._apply_by_emulator = self._ssi._apply_command
        self._shift_by_emulator = self._ssi._shift_byte
        self._ssi._apply_command = self._apply  # type: ignore[method-assign]
        self._ssi._shift_byte = self._shift  # type: ignore[method-assign]
        end = FILE_SYSTEM_START + board.flash.size
        content = board.flash.read(0, board.flash.size)
        if content.count(0xFF) == len(content):
            self._take_from_image(bytes(self._memory[FILE_SYSTEM_START:end]))
            content = board.flash.read(0, board.flash.size)
        self._memory[FILE_SYSTEM_START:end] = content

    def _take_from_image(self, content: bytes) -> None:
        """A blank board gets the file system that the image brings, if it brings one."""
        for offset in range(0, len(content), PAGE_SIZE):
            page = content[offset : offset + PAGE_SIZE]
            if page.count(0xFF) != len(page):
                self._board.flash.program(offset, page)

    def _apply(self) -> None:
        """A command is complete: let the emulator do it, do it in the model, and let it take time.

        The emulator's flash is instant, and forgotten at power-off: these are its gaps.
        """
        command = bytes(self._ssi._tx_buffer)
        enabled = self._ssi._write_enabled
        self._apply_by_emulator()
        if not enabled or len(command) < 4:
            return
        address = int.from_bytes(command[1:4], "big")
        if command[0] == CMD_SECTOR_ERASE:
            self._clock.tick(SECTOR_ERASE_NS)
            self._erase(address, FLASH_SECTOR_SIZE)
        elif command[0] == CMD_BLOCK_ERASE:
            self._clock.tick(BLOCK_ERASE_NS)
            self._erase(address, FLASH_BLOCK_SIZE)
        elif command[0] == CMD_PAGE_PROGRAM and len(command) > 4:
            self._clock.tick(PAGE_PROGRAM_NS)
            self._program(address, command[4:])

    def _erase(self, address: int, size: int) -> None:
        first = (address & -size) - FILE_SYSTEM_START
        with self._board.lock:
            for offset in range(first, first + size, FLASH_SECTOR_SIZE):
                if 0 <= offset < self._board.flash.size:
                    self._operate(self._board.flash.erase, offset // FLASH_SECTOR_SIZE)

    def _program(self, address: int, data: bytes) -> None:
        offset = address - FILE_SYSTEM_START
        if 0 <= offset < self._board.flash.size:
            with self._board.lock:
                self._operate(self._board.flash.program, offset, data)

    def _operate(self, operation: Callable[..., None], *arguments: int | bytes) -> None:
        try:
            operation(*arguments)
        except PowerCut:
            self._on_cut()

    def _shift(self, byte_out: int) -> int:
        """A byte goes to the flash chip and one comes back. The emulator knows no unique number."""
        at = len(self._ssi._tx_buffer) - _UNIQUE_ID_AT
        answer = self._shift_by_emulator(byte_out)
        if self._ssi._tx_buffer[0] == _CMD_READ_UNIQUE_ID and 0 <= at < 8:
            return self._board.unique_id[at]
        return answer
