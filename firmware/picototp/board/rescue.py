"""What the display says when neither slot has firmware that can run; the port is then MicroPython's
plain REPL, for installing.

Beside boot.py and not in a bundle, and of itself alone: config.py and memory.py are built into it.
"""

import framebuf
import machine

from picototp.board.config import DISPLAY_ADDRESSES, I2C_FREQUENCY_HZ, I2C_ID, PIN_SCL, PIN_SDA
from picototp.board.memory import overwrite

LINES = ("Maintenance mode", "No complete", "firmware. On the", "computer run:")
COMMAND = "picototp install"

_ROW_PX = 10
# SSD1306 data sheet, section 9: off, clock, rows, offset, first line, charge pump, columns and rows
# turned, pins, contrast, precharge, level, from memory, not inverted. An SH1106 takes them too.
_SETUP = b"\xae\xd5\x80\xa8\x3f\xd3\x00\x40\x8d\x14\xa1\xc8\xda\x12\x81\x7f\xd9\xf1\xdb\x40\xa4\xa6"


def say() -> None:
    """Show it, if there is a display, and leave nothing in memory that a token left there. Raises
    nothing."""
    overwrite()
    picture = bytearray(1024)
    canvas = framebuf.FrameBuffer(picture, 128, 64, framebuf.MONO_VLSB)
    for row, line in enumerate(LINES + ("", COMMAND)):
        canvas.text(line, 0, row * _ROW_PX)
    try:
        i2c = machine.I2C(
            I2C_ID, sda=machine.Pin(PIN_SDA), scl=machine.Pin(PIN_SCL), freq=I2C_FREQUENCY_HZ
        )
        for address in DISPLAY_ADDRESSES:
            if address in i2c.scan():
                _draw(i2c, address, picture)
    except OSError:
        pass


def _draw(i2c, address: int, picture) -> None:
    """By pages, from column 0: the one way of addressing that both controllers have."""
    i2c.writeto(address, b"\x00" + _SETUP + b"\x20\x02")
    for page in range(8):
        i2c.writeto(address, bytes((0x00, 0xB0 + page, 0x00, 0x10)))
        i2c.writeto(address, b"\x40" + picture[page * 128 : page * 128 + 128])
    i2c.writeto(address, b"\x00\xaf")
