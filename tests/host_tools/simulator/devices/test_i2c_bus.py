"""The bus: addressing, acknowledge, faults, scan."""

import pytest

from host_tools.simulator.devices.i2c import I2CBus, I2CDevice, Nack


class Recorder(I2CDevice):
    """Writes down all that happens, and refuses bytes from the `limit`-th of a transfer on."""

    def __init__(self, name, address, limit=100):
        self.name, self.address, self.limit = name, address, limit
        self.events = []
        self.count = 0

    def _begin(self, writing):
        self.events.append("W" if writing else "R")
        self.count = 0

    def write_byte(self, value):
        self.count += 1
        if self.count > self.limit:
            return False
        self.events.append(value)
        return True

    def read_byte(self):
        self.count += 1
        return self.count

    def stop(self):
        self.events.append("P")


@pytest.fixture
def bus_and_devices():
    bus, one, two = I2CBus(), Recorder("one", 0x10), Recorder("two", 0x20, limit=2)
    bus.attach(one)
    bus.attach(two)
    return bus, one, two


def test_transfers_reach_only_the_addressed_device(bus_and_devices):
    bus, one, two = bus_and_devices
    assert bus.write(0x10, b"\x01\x02") == 2
    assert bus.read(0x10, 3) == b"\x01\x02\x03"
    assert bus.write_then_read(0x10, b"\x09", 1) == b"\x01"
    assert one.events == ["W", 1, 2, "P", "R", "P", "W", 9, "R", "P"]
    assert two.events == []


def test_a_refused_byte_gives_a_short_count(bus_and_devices):
    bus, _, two = bus_and_devices
    assert bus.write(0x20, b"\x01\x02\x03\x04") == 2
    assert two.events == ["W", 1, 2, "P"]


@pytest.mark.parametrize("transfer", ["write", "read"])
def test_a_free_address_raises(bus_and_devices, transfer):
    bus = bus_and_devices[0]
    with pytest.raises(Nack, match="0x30") as caught:
        bus.write(0x30, b"\x00") if transfer == "write" else bus.read(0x30, 1)
    assert caught.value.address == 0x30


def test_an_unplugged_device_answers_no_address_and_comes_back(bus_and_devices):
    bus, one, _two = bus_and_devices
    bus.set_fault("one", "nack")
    assert bus.scan() == [0x20]
    with pytest.raises(Nack):
        bus.write_then_read(0x10, b"\x00", 1)
    assert one.events == []
    assert bus.write(0x20, b"\x01") == 1
    bus.set_fault("one", "ok")
    assert bus.scan() == [0x10, 0x20]


def test_unplugging_in_the_middle_of_a_transfer(bus_and_devices):
    bus, one, _ = bus_and_devices
    assert bus.start(0x10, True) and bus.write_byte(1)
    one.present = False
    assert not bus.write_byte(2)
    assert bus.read_byte() == 0xFF
    bus.stop()
    assert one.events == ["W", 1, "P"]


def test_nobody_is_selected_after_stop(bus_and_devices):
    bus, one, _ = bus_and_devices
    bus.write(0x10, b"\x01")
    assert not bus.write_byte(5)
    assert bus.read_byte() == 0xFF
    assert 5 not in one.events


def test_faults_need_a_known_name_and_kind(bus_and_devices):
    bus = bus_and_devices[0]
    with pytest.raises(ValueError, match="three"):
        bus.set_fault("three", "nack")
    with pytest.raises(ValueError, match="smoke"):
        bus.set_fault("one", "smoke")


def test_a_device_can_be_attached_under_another_name():
    bus = I2CBus()
    bus.attach(Recorder("clone", 0x10), name="original")
    bus.set_fault("original", "nack")
    assert bus.scan() == []


def test_addresses_and_names_are_unique(bus_and_devices):
    bus = bus_and_devices[0]
    with pytest.raises(ValueError):
        bus.attach(Recorder("three", 0x10))
    with pytest.raises(ValueError):
        bus.attach(Recorder("one", 0x30))
