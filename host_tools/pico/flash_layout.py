"""Where a Pico's flash is, how large, and where MicroPython keeps its file system in it."""

SECTOR_SIZE = 4096


PAGE_SIZE = 256


FLASH_START = 0x1000_0000


FLASH_SIZE = 2 << 20


# Where the official image for the Pico keeps its file system: MicroPython, ports/rp2/boards.
FILE_SYSTEM_START = 0xA0000


FILE_SYSTEM_SIZE = FLASH_SIZE - FILE_SYSTEM_START
