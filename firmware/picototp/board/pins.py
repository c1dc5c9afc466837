"""What is on the pins, as config.py says: the button, and the I2C block."""

import machine

from picototp.board import config


def open_i2c():
    """The I2C block on its pins; there is one, so whoever had it before has the same."""
    return machine.I2C(
        config.I2C_ID,
        sda=machine.Pin(config.PIN_SDA),
        scl=machine.Pin(config.PIN_SCL),
        freq=config.I2C_FREQUENCY_HZ,
    )


class Button:
    """The push button to ground, with the chip's own pull-up."""

    def __init__(self):
        self._pin = machine.Pin(config.PIN_BUTTON, machine.Pin.IN, machine.Pin.PULL_UP)

    def is_down(self) -> bool:
        """Whether the contact is closed now; it may bounce."""
        return not self._pin.value()

    def on_press(self, handler) -> None:
        """Have `handler(pin)` called, soon after, whenever the contact closes."""
        self._pin.irq(handler, machine.Pin.IRQ_FALLING)
