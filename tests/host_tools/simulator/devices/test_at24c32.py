"""The EEPROM of the clock modules."""

import pytest

from host_tools.simulator.devices.at24c32 import AT24C32
from host_tools.simulator.devices.i2c import I2CBus


@pytest.fixture
def bus():
    bus = I2CBus()
    bus.attach(AT24C32())
    return bus


def test_a_new_one_is_blank_and_at_its_address(bus):
    assert bus.scan() == [0x57]
    assert bus.write_then_read(0x57, b"\x00\x00", 4) == b"\xff" * 4


def test_what_is_written_is_read_back_and_reading_goes_on(bus):
    bus.write(0x57, b"\x01\x20hello")
    assert bus.write_then_read(0x57, b"\x01\x21", 3) == b"ell"
    assert bus.read(0x57, 2) == b"o\xff"


def test_a_write_wraps_within_its_page_and_a_read_at_the_end(bus):
    bus.write(0x57, b"\x00\x1eabc")
    assert bus.write_then_read(0x57, b"\x00\x1e", 2) == b"ab"
    assert bus.write_then_read(0x57, b"\x00\x00", 1) == b"c"
    bus.write(0x57, b"\x0f\xffz")
    assert bus.write_then_read(0x57, b"\x0f\xff", 2) == b"zc"
