"""The I2C bus as its devices see it: START, bytes with ACK or NACK, STOP.

An engine that has bytes drives `I2CBus.start`, `write_byte`, `read_byte` and `stop`; one that has
whole transfers uses `write`, `read` and `write_then_read`. Addresses are 7 bits, without the
read/write bit (NXP UM10204 section 3.1.10). One engine thread drives a bus; faults may be set from
another.
"""

from collections.abc import Iterable

# UM10204 table 3: 0x00-0x07 and 0x78-0x7F are reserved, so a scan leaves them out.
SCAN_ADDRESSES = range(0x08, 0x78)
FAULT_KINDS = ("ok", "nack")
# What may be wrong with the two wires: exchanged, touching ground, or ending in the air.
WIRE_FAULTS = ("ok", "swapped", "sda-low", "scl-low", "sda-open", "scl-open")
PULL_UP, PULL_DOWN = 1, 2  # of the chip, as MicroPython's rp2 port numbers them


class Nack(Exception):
    """Nobody acknowledged `address` in a transfer."""

    def __init__(self, address: int):
        super().__init__(f"no device acknowledges I2C address 0x{address:02x}")
        self.address = address


class I2CDevice:
    """A device on the bus; models override `_begin`, `write_byte`, `read_byte` and perhaps `stop`.

    `present` is False while the device is unplugged: it acknowledges nothing then, and a read finds
    only the pull-ups. `acknowledges_all` is for models whose `write_byte` is True whatever comes:
    an engine need not ask them after each byte.
    """

    name = "device"
    address = 0x00
    present = True
    acknowledges_all = False

    def connect(self, writing: bool) -> bool:
        """A START or repeated START with our address went over the bus; returns our ACK."""
        if not self.present:
            return False
        self._begin(writing)
        return True

    def _begin(self, writing: bool) -> None:
        """The address matched and will be acknowledged; `writing` is the direction."""

    def write_byte(self, value: int) -> bool:
        """The master sent a byte; returns our ACK."""
        raise NotImplementedError

    def read_byte(self) -> int:
        """The master clocks a byte out of us, 0 to 255."""
        raise NotImplementedError

    def stop(self) -> None:
        """The master sent STOP."""


class I2CBus:
    """The devices on one pair of wires."""

    def __init__(self) -> None:
        self._by_address: dict[int, I2CDevice] = {}
        self._by_name: dict[str, I2CDevice] = {}
        self._selected: I2CDevice | None = None
        self._wires = "ok"

    def attach(self, device: I2CDevice, name: str | None = None) -> None:
        """Wires a device to the bus; `set_fault` finds it by `name` (default: the device's own).

        ValueError if the address or the name is taken.
        """
        name = device.name if name is None else name
        if device.address in self._by_address or name in self._by_name:
            raise ValueError(f"{name} at 0x{device.address:02x}: name or address already in use")
        self._by_address[device.address] = device
        self._by_name[name] = device

    def set_fault(self, name: str, kind: str) -> None:
        """Unplugs ("nack") or plugs in ("ok") a device; ValueError for an unknown name or kind.

        The name "bus" is for the wires themselves: WIRE_FAULTS.
        """
        if name == "bus":
            if kind not in WIRE_FAULTS:
                raise ValueError(
                    f"unknown fault {kind!r}, expected one of {', '.join(WIRE_FAULTS)}"
                )
            self._wires = kind
            return
        if kind not in FAULT_KINDS:
            raise ValueError(f"unknown fault {kind!r}, expected one of {', '.join(FAULT_KINDS)}")
        if name not in self._by_name:
            raise ValueError(f"no device named {name!r} on this bus")
        self._by_name[name].present = kind == "ok"

    def start(self, address: int, writing: bool) -> bool:
        """START or repeated START and the address byte; returns whether somebody acknowledged."""
        device = self._by_address.get(address) if self._wires == "ok" else None
        self._selected = device if device is not None and device.connect(writing) else None
        return self._selected is not None

    @property
    def acknowledges_all(self) -> bool:
        """Whether all that is written now will be acknowledged, as long as nobody unplugs it."""
        device = self._selected
        return device is not None and device.present and device.acknowledges_all

    def write_byte(self, value: int) -> bool:
        """One byte to the selected device; returns its ACK."""
        device = self._selected
        return device is not None and device.present and device.write_byte(value)

    def read_byte(self) -> int:
        """One byte from the selected device; 0xFF, the pull-ups, if there is none."""
        device = self._selected
        return device.read_byte() if device is not None and device.present else 0xFF

    def stop(self) -> None:
        """STOP: ends the transfer."""
        device, self._selected = self._selected, None
        if device is not None:
            device.stop()

    def write(self, address: int, data: Iterable[int], stop: bool = True) -> int:
        """Sends `data`; returns how many bytes were acknowledged, fewer than sent after a NACK.

        Raises Nack if nobody has this address. The bus is released after every NACK.
        """
        if not self.start(address, True):
            self.stop()
            raise Nack(address)
        acked = 0
        for value in data:
            if not self.write_byte(value):
                self.stop()
                return acked
            acked += 1
        if stop:
            self.stop()
        return acked

    def read(self, address: int, count: int) -> bytes:
        """Reads `count` bytes and sends STOP; raises Nack if nobody has this address."""
        if not self.start(address, False):
            self.stop()
            raise Nack(address)
        data = bytes(self.read_byte() for _ in range(count))
        self.stop()
        return data

    def write_then_read(self, address: int, out: Iterable[int], count: int) -> bytes:
        """Sends `out`, then reads after a repeated START; raises Nack as `write` and `read` do."""
        self.write(address, out, stop=False)
        return self.read(address, count)

    def scan(self, swapped: bool = False) -> list[int]:
        """The addresses that acknowledge an empty write; `swapped`: by a master that takes SDA for
        SCL and the other way round. A data line that is held low acknowledges everything."""
        if self._wires == ("scl-low" if swapped else "sda-low"):
            return list(SCAN_ADDRESSES)
        if self._wires != ("swapped" if swapped else "ok"):
            return []
        found = []
        for address, device in sorted(self._by_address.items()):
            if address in SCAN_ADDRESSES and device.connect(True):
                found.append(address)
                device.stop()
        return found

    def level(self, line: str, pull: int) -> bool:
        """Level of "sda" or "scl" at rest, with a pull of the chip: the modules have pull-ups."""
        if self._wires == f"{line}-low":
            return False
        plugged_in = any(device.present for device in self._by_address.values())
        if plugged_in and self._wires != f"{line}-open":
            return True
        return pull == PULL_UP
