"""Model of the AT24C32 EEPROM that most DS3231 modules carry (Atmel data sheet 0336).

4,096 bytes behind a two-byte address, written in pages of 32 within which the address wraps. A
write takes no time here, so the chip is never too busy to answer. The token does not use it.
"""

from host_tools.simulator.devices.i2c import I2CDevice

SIZE = 4096
_PAGE = 32
_ADDRESS_BYTES = 2


class AT24C32(I2CDevice):
    """The chip with its three address pins high, as modules have it."""

    name = "at24c32"
    address = 0x57
    acknowledges_all = True

    def __init__(self) -> None:
        self.data = bytearray(b"\xff" * SIZE)
        self._pointer = 0
        self._address_left = 0

    def _begin(self, writing: bool) -> None:
        self._address_left = _ADDRESS_BYTES if writing else 0

    def write_byte(self, value: int) -> bool:
        """The two bytes of the address first, then data."""
        if self._address_left:
            self._address_left -= 1
            self._pointer = (self._pointer << 8 | value) % SIZE
        else:
            self.data[self._pointer] = value
            page = self._pointer - self._pointer % _PAGE
            self._pointer = page + (self._pointer + 1) % _PAGE
        return True

    def read_byte(self) -> int:
        """The byte at the address, which then moves on by one."""
        value = self.data[self._pointer]
        self._pointer = (self._pointer + 1) % SIZE
        return value
