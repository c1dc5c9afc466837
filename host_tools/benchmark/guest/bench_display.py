"""For the emulated Pico: how long the display's driver takes. Results are microseconds."""

import time

import machine

from picototp.board import config, display

_i2c = machine.I2C(
    config.I2C_ID,
    sda=machine.Pin(config.PIN_SDA),
    scl=machine.Pin(config.PIN_SCL),
    freq=config.I2C_FREQUENCY_HZ,
)
_driver = display.Display(_i2c, *display.detect(_i2c, config.DISPLAY_ADDRESSES))
_driver.init()
_driver.on()
_picture = bytearray(1024)


def whole():
    """Time to send the whole picture."""
    _driver.invalidate()
    return _show()


def smallest():
    """Time to send a change of one pixel."""
    _picture[0] ^= 1
    return _show()


def _show():
    start = time.ticks_us()
    _driver.show(_picture)
    return time.ticks_diff(time.ticks_us(), start)
