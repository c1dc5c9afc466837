"""Where a Pico's flash is, how large, and where MicroPython keeps its file system in it."""

from host_tools.pico.boards import PICO

SECTOR_SIZE = 4096


PAGE_SIZE = 256


FLASH_START = 0x1000_0000


# Of a Pico, which is what the simulator is; those of the other boards are in boards.py.
FLASH_SIZE = PICO.flash_size


FILE_SYSTEM_START = PICO.file_system_start


FILE_SYSTEM_SIZE = PICO.file_system_size
