"""A board as a MicroPython computer: REPL, files, UF2, littlefs, BOOTSEL, images."""
